"""`Index`: documents that came before, in a directory; asked and told by the batch."""

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from numbers import Real
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import numpy as np

from dedup import dates
from dedup.batches import checked, iterated
from dedup.config import Config, given
from dedup.errors import ConfigError, InputError, StoreError
from dedup.index import header
from dedup.index.answers import Outcome, answered, followed, restored, taken
from dedup.index.arrival import Step, open_step, unpacked
from dedup.index.learning import NOTES, Learning, next_turn, turn
from dedup.io.store import places
from dedup.io.store.values import Change, Fault, Merge, Note, Store, StoredDocument
from dedup.records import Answer, Document

__all__ = ["Index"]

STEP_DOCUMENTS, STEP_CHARACTERS = 1_000, 1 << 22
REMOVED_AT_ONCE = 5_000
MOST_SECONDS = 1 << 53
T = TypeVar("T")
BeforeStep: TypeAlias = Callable[[list[Answer]], Mapping[str, bytes] | None]


def _nothing(_: list[Answer]) -> None:
    pass


class Index:
    """What is known, in one directory: one writer, and any number of readers beside it; or on a server, of many.

    What `add` and `filter` have returned is durable. A reader sees whole steps: at most 1,000 documents that are
    remembered together or not at all.
    """

    def __init__(self, store: Store, config: Config) -> None:
        self._opened: Store | None = store
        self._config = config
        self._learning: Learning | None = None
        self._reading = threading.Lock()

    @classmethod
    def create(cls, path: str | Path, config: Config | None = None) -> "Index":
        """A new index in a directory that is new or empty, or at the URL of a server, open for writing."""
        header.create(path, given(config, Config))
        return cls.open(path, config)

    @classmethod
    def ensured(cls, path: str | Path) -> "Index":
        """The index at `path`, made if there is none, open for writing."""
        if not header.exists(path):
            try:
                header.create(path, Config())
            except StoreError:
                # Another may have been quicker.
                if not header.exists(path):
                    raise
        return cls.open(path)

    @classmethod
    def open(
        cls, path: str | Path, config: Config | None = None, *, read_only: bool = False, synced: bool = True
    ) -> "Index":
        """The index at `path`, with its own settings; StoreError when `config` differs from them.

        Without `synced` a power failure may cost the last seconds; a killed process never costs anything.
        """
        settings = header.settings_of(path, config)
        length = settings.passages.max_frequency
        store = places.open_store(path, settings.sketch.n_hashes, length, read_only=read_only, synced=synced)
        return cls(store, settings)

    def check(self, documents: Iterable[Document]) -> list[Answer]:
        """What each document is to those that are known; nothing is remembered."""
        return [answer for step in self.check_steps(documents) for answer in step]

    def check_steps(self, documents: Iterable[Document]) -> Iterator[list[Answer]]:
        """As `check`, the answers of up to 1,000 documents at a time."""
        return (self._check(step) for step in _steps(documents, STEP_DOCUMENTS))

    def add(self, documents: Iterable[Document], now_s: float | None = None) -> list[Answer]:
        """Remember documents without asking what they are copies of: all that are not known are new."""
        return [answer for step in self.add_steps(documents, now_s) for answer in step]

    def add_steps(self, documents: Iterable[Document], now_s: float | None = None) -> Iterator[list[Answer]]:
        """As `add`, with the answers of each step when it is durable."""
        return self._take(documents, now_s, _nothing, ask=False)

    def filter(self, documents: Iterable[Document], now_s: float | None = None) -> list[Answer]:
        """Say of each document what it is to those before it, these documents among them, and remember it.

        `now_s` is when they came, in seconds since 1970; now, when it is not given.
        """
        return [answer for step in self.filter_steps(documents, now_s) for answer in step]

    def filter_steps(
        self, documents: Iterable[Document], now_s: float | None = None, before: BeforeStep | None = None
    ) -> Iterator[list[Answer]]:
        """As `filter`, with the answers of each step when it is durable.

        `before` is told the answers of a step before it is remembered, and may give notes to keep with it, all or none.
        """
        if before is not None and not callable(before):
            raise ConfigError(f"before must be a function that takes answers, got {before!r:.80}")
        return self._take(documents, now_s, before or _nothing, ask=True)

    def restore(self, documents: Sequence[StoredDocument], number_of: dict[int, int]) -> None:
        """Remember documents as another index did; `number_of` has their numbers there and here, and is added to."""
        with self._store.writing():
            self._store.refresh()
            digests = [stored.digest for stored in documents]
            step = open_step(self._store, [unpacked(stored) for stored in documents], self._config, 0.0, digests)
            known = self._store.documents([name.number for name in step.names if name is not None])
            step, outcome = restored(step, documents, [one for one in known if one is not None], number_of)
            self._commit(step, outcome, _nothing)

    def restore_merges(self, merges: Sequence[Merge]) -> None:
        """Remember that clusters are one, as another index did, where they are not yet."""
        with self._store.writing():
            self._store.refresh()
            into, new = dict[str, str](), list[Merge]()
            for merge in merges:
                cluster, home = (followed(one, into) for one in self._store.merged(merge[:2]))
                if cluster != home:
                    into[cluster] = home
                    new.append(merge._replace(cluster=cluster, into=home))
            if new:
                self._store.commit(Change(merges=new))

    def restore_notes(self, notes: Sequence[Note]) -> None:
        """Keep notes of another index where there is none of the name yet; InputError for those that no index gives."""
        with self._store.writing():
            self._store.refresh()
            new = {note.name: note.content for note in notes if self._store.note(note.name) is None}
            if new:
                self._store.commit(Change(notes=_notes(new)))

    def note(self, name: str) -> bytes | None:
        """The latest of the notes of that name that were kept with a step."""
        if not isinstance(name, str):
            raise InputError(f"the name of a note must be a string, got {name!r:.80}")
        return self._store.note(name)

    def remove(self, ids: Iterable[str]) -> int:
        """Forget documents; how many were known. InputError for what is no list of ids, which are strings."""
        if isinstance(ids, str) or not isinstance(ids, Iterable):
            raise InputError(f"remove takes a list of ids, got {ids!r}")
        wanted = list(ids)
        for id_ in wanted:
            if not isinstance(id_, str):
                raise InputError(f"an id must be a string, got {id_!r}")
        self._store.refresh()
        names = {id_: name for id_, name in zip(wanted, self._store.names(wanted), strict=True) if name is not None}
        return self._forget(sorted(names, key=lambda id_: -names[id_].number), self._numbers)

    def expire(self, older_than_s: float, by: Literal["seen", "date"] = "seen", now_s: float | None = None) -> int:
        """Forget documents that came, or are dated, more than `older_than_s` ago; how many there were."""
        if by not in ("seen", "date"):
            raise ConfigError(f"by must be seen or date, got {by!r}")
        if _seconds("older_than_s", older_than_s) < 0:
            raise ConfigError(f"older_than_s must not be negative, got {older_than_s!r}")
        before_s = _moment(now_s) - older_than_s
        self._store.refresh()
        return self._forget(sorted(self._older(before_s, by), reverse=True), list)

    @property
    def n_documents(self) -> int:
        """How many documents are known."""
        return self._store.n_documents

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
        self._store.refresh()
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
        """Let others write; twice is as good as once."""
        if self._opened is not None:
            self._opened.close()
        self._opened = None

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _store(self) -> Store:
        if self._opened is None:
            raise StoreError("the index is closed; open it again to use it")
        return self._opened

    def _check(self, documents: Sequence[Document]) -> list[Answer]:
        self._store.refresh()
        step = open_step(self._store, documents, self._config, 0.0)
        return answered(self._store, step, self._learned().evidence, self._config, together=False).answers

    def _take(
        self, documents: Iterable[Document], now_s: float | None, before: BeforeStep, *, ask: bool
    ) -> Iterator[list[Answer]]:
        for step in _steps(documents, STEP_DOCUMENTS):
            rest, most = step, len(step)
            while rest:
                with self._store.writing():
                    self._store.refresh()
                    answers = self._step(rest[:most], _moment(now_s), before, ask=ask)
                yield answers
                # Where steps end early one after another, no document is looked at more often than a few times.
                rest, most = rest[len(answers) :], 2 * len(answers)

    def _step(self, documents: Sequence[Document], now_s: float, before: BeforeStep, *, ask: bool) -> list[Answer]:
        """Remember the first of some documents, as a rule all of them."""
        evidence = self._learned().evidence
        step = open_step(self._store, documents, self._config, now_s)
        if ask:
            outcome = answered(self._store, step, evidence, self._config, now_s, together=True)
        else:
            outcome = taken(self._store, step, evidence, self._config, now_s)
        if len(outcome.answers) < len(documents):
            return self._step(documents[: len(outcome.answers)], now_s, before, ask=ask)
        self._commit(step, outcome, before)
        return outcome.answers

    def _commit(self, step: Step, outcome: Outcome, before: BeforeStep) -> None:
        told = _notes(before(outcome.answers))
        if self._store.n_numbers != step.first:
            raise InputError("a function that is told of a step must not write to the index")
        n_numbers = step.first + len(outcome.documents)
        if n_numbers >= next_turn(step.first):
            told = {**told, **turn(self._store, outcome.documents, n_numbers, self._config.evidence)}
        self._store.commit(_change(step, outcome, told))

    def _learned(self) -> Learning:
        # Of several threads that ask at once one reads it for all.
        with self._reading:
            if self._learning is None or self._learning.is_stale(self._store):
                self._learning = Learning(self._store, self._config.evidence)
            return self._learning

    def _forget(self, wanted: Sequence[T], numbers_of: Callable[[Sequence[T]], list[int]]) -> int:
        """Forget documents, the latest first, or copies would take the places of those that go before them."""
        n_forgotten = 0
        for first in range(0, len(wanted), REMOVED_AT_ONCE):
            with self._store.writing():
                self._store.refresh()
                before = self._store.n_documents
                self._store.commit(Change(removed=numbers_of(wanted[first : first + REMOVED_AT_ONCE])))
                n_forgotten += before - self._store.n_documents
        return n_forgotten

    def _numbers(self, ids: Sequence[str]) -> list[int]:
        return [name.number for name in self._store.names(ids) if name is not None]

    def _older(self, than_s: float, by: Literal["seen", "date"]) -> set[int]:
        """Numbers of all documents that came, or are dated, before.

        What is said by the second of heirs, and of documents of that very second, is asked of the documents themselves.
        """
        older = {*self._store.older(than_s, by).tolist()}
        unsure = {*self._store.inherited(), *older - {*self._store.older(math.floor(than_s), by).tolist()}}
        older -= unsure
        numbers = iter(unsure)
        while some := list(islice(numbers, REMOVED_AT_ONCE)):
            for stored in filter(None, self._store.documents(some)):
                moment = stored.seen_s if by == "seen" else dates.seconds(stored.date)
                if moment is not None and moment < than_s:
                    older.add(stored.number)
        return older


def _moment(now_s: float | None) -> float:
    return time.time() if now_s is None else _seconds("now_s", now_s)


def _seconds(name: str, value: float) -> float:
    if not isinstance(value, Real) or not abs(value) <= MOST_SECONDS:
        raise ConfigError(f"{name} must be a number of seconds, got {value!r}")
    return value


def _notes(found: Mapping[str, bytes] | None) -> Mapping[str, bytes]:
    """What a function that was told of a step wants kept; InputError where that cannot be."""
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise InputError(f"notes must be bytes by their names, got {found!r:.80}")
    for name, content in found.items():
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise InputError(f"notes must be bytes by their names, got {content!r:.80} by {name!r:.80}")
        if name in NOTES:
            raise InputError(f"a note cannot be named {name!r}: what the index has learned is")
    return found


def _change(step: Step, outcome: Outcome, notes: Mapping[str, bytes]) -> Change:
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
        removed=list(dict.fromkeys(replaced)), merges=outcome.merges, notes=notes,
    )  # fmt: skip


def _steps(documents: Iterable[Document], most: int) -> Iterator[list[Document]]:
    """Documents by the step: of different ids, and not so many that an answer would have to wait."""
    step, ids, n_characters = list[Document](), set[str](), 0
    for document in map(checked, iterated(documents)):
        if len(step) == most or n_characters >= STEP_CHARACTERS or document.id in ids:
            yield step
            step, ids, n_characters = [], set(), 0
        step.append(document)
        ids.add(document.id)
        n_characters += len(document.text)
    if step:
        yield step
