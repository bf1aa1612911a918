"""`Index`: documents that came before, in a directory; asked and told by the batch."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal

import numpy as np

from dedup.config import Config
from dedup.errors import InputError
from dedup.index import header
from dedup.index.learning import Learning, next_turn
from dedup.index.steps import Outcome, Step, answer, open_step
from dedup.io.store.embedded import EmbeddedStore
from dedup.io.store.values import Change, Fault, Merge, Store, StoredDocument
from dedup.records import Answer, Document

__all__ = ["Index"]

STEP_DOCUMENTS, STEP_CHARACTERS = 1_000, 1 << 22
REMOVED_AT_ONCE = 5_000


class Index:
    """What is known, in one directory: one writer, and any number of readers beside it.

    What `add` and `filter` have returned is durable. A reader sees whole steps: at most 1,000 documents that are
    remembered together or not at all.
    """

    def __init__(self, store: Store, config: Config, *, read_only: bool = False) -> None:
        self._store, self._config, self._read_only = store, config, read_only
        self._learning: Learning | None = None

    @classmethod
    def create(cls, path: str | Path, config: Config | None = None) -> "Index":
        """A new index in a directory that is new or empty, open for writing."""
        header.create(Path(path), config or Config())
        return cls.open(path, config)

    @classmethod
    def open(
        cls, path: str | Path, config: Config | None = None, *, read_only: bool = False, synced: bool = True
    ) -> "Index":
        """The index at `path`, with its own settings; StoreError when `config` differs from them.

        Without `synced` a power failure may cost the last seconds; a killed process never costs anything.
        """
        settings = header.settings_of(Path(path), config)
        length = max(settings.candidates.max_bucket, settings.passages.max_frequency)
        store = EmbeddedStore(Path(path), settings.sketch.n_hashes, length, read_only=read_only, synced=synced)
        return cls(store, settings, read_only=read_only)

    def check(self, documents: Iterable[Document]) -> list[Answer]:
        """What each document is to those that are known; nothing is remembered."""
        return [found for step in _steps(documents, STEP_DOCUMENTS) for found in self._check(step)]

    def add(self, documents: Iterable[Document], now_s: float | None = None) -> list[Answer]:
        """Remember documents without asking what they are copies of: all that are not known are new."""
        return self._take(documents, now_s, ask=False)

    def filter(self, documents: Iterable[Document], now_s: float | None = None) -> list[Answer]:
        """Say of each document what it is to those before it, these documents among them, and remember it.

        `now_s` is when they came, in seconds since 1970; now, when it is not given.
        """
        return self._take(documents, now_s, ask=True)

    def remove(self, ids: Iterable[str]) -> int:
        """Forget documents; how many were known."""
        names = self._store.names(list(ids))
        return self._forget([name.number for name in names if name is not None])

    def expire(self, older_than_s: float, by: Literal["seen", "date"] = "seen", now_s: float | None = None) -> int:
        """Forget documents that came, or are dated, more than `older_than_s` ago; how many there were."""
        now_s = time.time() if now_s is None else now_s
        return self._forget(self._store.older(now_s - older_than_s, by).tolist())

    def documents(self) -> Iterator[StoredDocument]:
        """All that is known, in the order of arrival."""
        return self._store.every_document()

    def merges(self) -> list[Merge]:
        """Clusters that later documents showed to be one, in the order of finding out."""
        return self._store.merges()

    def compact(self) -> None:
        """Give back the room of what was removed."""
        self._store.compact()

    def verify(self) -> list[Fault]:
        """Whatever is not as it was written; nothing when all is well."""
        return self._store.verify()

    def stats(self) -> dict[str, object]:
        """Numbers of documents and bytes, and the settings' digest."""
        sizes = self._store.sizes()
        n_documents = self._store.n_documents
        return {
            "documents": n_documents,
            "arrived": self._store.n_numbers,
            "merges": len(self._store.merges()),
            "bytes": sizes,
            "bytes_per_document": round(sum(sizes.values()) / max(n_documents, 1), 1),
            "settings_digest": self._config.digest(),
        }

    def close(self) -> None:
        """Let others write."""
        self._store.close()

    def __enter__(self) -> "Index":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check(self, documents: Sequence[Document]) -> list[Answer]:
        self._store.refresh()
        step = open_step(self._store, documents, self._config, 0.0)
        evidence = self._learned().evidence
        return answer(self._store, step, evidence, self._config, 0.0, together=False, ask=True).answers

    def _take(self, documents: Iterable[Document], now_s: float | None, *, ask: bool) -> list[Answer]:
        answers, waiting = list[Answer](), list[Document]()
        now_s = time.time() if now_s is None else now_s
        for step in _steps(documents, STEP_DOCUMENTS):
            waiting = list(step)
            while waiting:
                with self._store.writing():
                    self._store.refresh()
                    n_until_turn = next_turn(self._store.n_numbers) - self._store.n_numbers
                    now, waiting = waiting[:n_until_turn], waiting[n_until_turn:]
                    answers += self._step(now, now_s, ask=ask)
        return answers

    def _step(self, documents: Sequence[Document], now_s: float, *, ask: bool) -> list[Answer]:
        learning = self._learned()
        step = open_step(self._store, documents, self._config, now_s)
        outcome = answer(self._store, step, learning.evidence, self._config, now_s, together=True, ask=ask)
        self._learning = None
        notes = self._learn(learning, step, outcome)
        self._store.commit(_change(step, outcome, notes))
        # Only now: a step that could not be written has taught nothing.
        self._learning = learning
        return outcome.answers

    def _learn(self, learning: Learning, step: Step, outcome: Outcome) -> dict[str, bytes]:
        learning.count(step.corpus.texts, np.array(outcome.learned, np.int64), step.sites)
        n_numbers = step.first + len(outcome.documents)
        return learning.turn(n_numbers) if n_numbers == next_turn(step.first) else {}

    def _learned(self) -> Learning:
        if self._learning is None or (self._read_only and self._learning.is_stale(self._store)):
            self._learning = Learning(self._store, self._config.evidence, counting=not self._read_only)
        return self._learning

    def _forget(self, numbers: Sequence[int]) -> int:
        before = self._store.n_documents
        for first in range(0, len(numbers), REMOVED_AT_ONCE):
            self._store.commit(Change(removed=numbers[first : first + REMOVED_AT_ONCE]))
        return before - self._store.n_documents


def _change(step: Step, outcome: Outcome, notes: dict[str, bytes]) -> Change:
    postings = step.postings
    searchable = np.array([stored.searchable for stored in outcome.documents], bool)
    counts = np.where(searchable, np.diff(postings.offsets), 0)
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    keys = postings.keys[np.repeat(searchable, np.diff(postings.offsets))]
    updated = {stored.id for stored in outcome.documents}
    replaced = [name.number for name, id_ in zip(step.names, step.corpus.ids, strict=True) if name and id_ in updated]
    return Change(
        documents=outcome.documents, postings=replace(postings, keys=keys, offsets=offsets) if len(counts) else None,
        removed=replaced, merges=outcome.merges, notes=notes,
    )  # fmt: skip


def _steps(documents: Iterable[Document], most: int) -> Iterator[list[Document]]:
    """Documents by the step: of different ids, and not so many that an answer would have to wait."""
    step, ids, n_characters = list[Document](), set[str](), 0
    for document in documents:
        if not isinstance(document, Document):
            raise InputError(f"an index takes documents, got {type(document).__name__}")
        if len(step) == most or n_characters >= STEP_CHARACTERS or document.id in ids:
            yield step
            step, ids, n_characters = [], set(), 0
        step.append(document)
        ids.add(document.id)
        n_characters += len(document.text)
    if step:
        yield step
