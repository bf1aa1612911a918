"""Arriving documents and known ones side by side, and what each pair is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Rows, Scores
from dedup.config import Config
from dedup.index.arrival import Step, posted
from dedup.index.propose import propose
from dedup.io.store.tail import Tail
from dedup.io.store.values import Store, StoredDocument
from dedup.records import RELATIONS, Corpus, Match, Relation, Texts
from dedup.stages import collection, sketch
from dedup.stages.collection import Evidence
from dedup.verify import Judged, Known, as_held, as_member, as_part, confidences, judge, named, related

__all__ = ["Comparison", "Found", "Pair"]

FEW_PAIRS = 64
"""So few pairs are compared before threads would have been started."""
Pair = tuple[int, int]
"""The numbers of two documents, the earlier first; those of a step have the numbers that they will be known by."""
Told = Callable[[Known, Judged], Judged]
"""What is said of pairs beyond what they are judged to be."""
A = TypeVar("A")


def _as_it_is(_: Known, judged: Judged) -> Judged:
    return judged


@dataclass(frozen=True, slots=True)
class Found:
    """What a pair is: its relation and confidence, and its match where that is wanted."""

    relation: Relation
    confidence: float
    match: Match | None


class Comparison:
    """Compares the documents of one step with known ones, whose records it fetches once.

    `draft` has those of the step, if they come one after another.
    """

    def __init__(self, store: Store, step: Step, evidence: Evidence, config: Config, draft: Tail | None = None) -> None:
        self._store, self._step, self._evidence, self._config = store, step, evidence, config
        self._draft = draft
        self._stored = dict[int, StoredDocument]()
        self._wanted = {*config.report.relations, *config.cluster.joining}

    def stored(self, number: int) -> StoredDocument | None:
        """A document that was known before the step."""
        self.fetch([number])
        return self._stored.get(number)

    def fetch(self, numbers: Sequence[int]) -> None:
        """Fetch what will be asked for."""
        missing = [number for number in numbers if number not in self._stored]
        if missing:
            found = self._store.documents(missing)
            self._stored |= {stored.number: stored for stored in found if stored is not None}

    def pairs(self, pairs: Sequence[Pair]) -> dict[Pair, Found]:
        """What each pair is; pairs with documents that are no longer there are left out."""
        self.fetch(self._known(pairs))
        gone = {number for number in self._known(pairs) if number not in self._stored}
        return self._compare([pair for pair in pairs if gone.isdisjoint(pair)], self._config)

    def members(self, pairs: Sequence[Pair]) -> dict[Pair, Found]:
        """The same by the lower bar for members, for pairs of a representative and a document."""
        found = self._compare(pairs, as_member(self._config) if pairs else self._config)
        return {pair: one for pair, one in found.items() if one.confidence >= self._config.cluster.member_floor}

    def parts(self, pairs: Sequence[Pair]) -> dict[Pair, Found]:
        """The same where one of each pair holds the other among others."""
        return self._compare(pairs, as_part(self._config) if pairs else self._config, as_held)

    def confidences(self, left: Sequence[StoredDocument], right: Sequence[StoredDocument]) -> Scores:
        """How sure it is that each pair of documents, the earlier one left, belongs together as members do."""
        return self._asked(confidences, left, right)

    def related(self, left: Sequence[StoredDocument], right: Sequence[StoredDocument]) -> NDArray[np.bool_]:
        """Whether each pair of documents, the earlier one left, has to do with one another."""
        return self._asked(related, left, right)

    def _asked(
        self, question: Callable[[Known, Config, Rows, Rows], A], left: Sequence[StoredDocument],
        right: Sequence[StoredDocument],
    ) -> A:  # fmt: skip
        documents = sorted({one.number: one for one in (*left, *right)}.values(), key=lambda one: one.number)
        row_of, rows = {one.number: row for row, one in enumerate(documents)}, np.arange(len(documents))
        known = Known(corpus=_corpus(documents), rows=rows, order=rows, evidence=self._evidence)
        pairs = (np.array([row_of[one.number] for one in side], np.int64) for side in (left, right))
        return question(known, replace(self._config, threads=1), *pairs)

    def neighbors(self, texts: Sequence[StoredDocument], before: int) -> list[tuple[int, int]]:
        """What each of some texts would be compared with if it came again in the place of the document `before`.

        Numbers of a text and of such a one, whichever came first; some may no longer be there.
        """
        corpus, n_texts = _corpus(texts), len(texts)
        sketches = sketch.build(corpus.texts, self._config.sketch, self._config.passages, 1)
        asking = np.full(n_texts, before if self._draft is not None else self._step.first)
        owned, postings = posted(sketches, corpus.sites, asking, self._config)
        proposed = propose(self._store, self._draft, postings, owned, self._evidence, self._config)
        numbers = [texts[place].number for place in proposed.places.tolist()]
        return [pair for pair in zip(numbers, proposed.numbers.tolist(), strict=True) if pair[0] != pair[1]]

    def _known(self, pairs: Sequence[Pair]) -> list[int]:
        """Numbers of what was known before the step."""
        return sorted({number for pair in pairs for number in pair if number < self._step.first})

    def _compare(self, pairs: Sequence[Pair], config: Config, told: Told = _as_it_is) -> dict[Pair, Found]:
        if not pairs:
            return {}
        numbers = self._known(pairs)
        corpus = _beside(_corpus([self._stored[number] for number in numbers]), self._step.corpus)
        row_of = {number: row for row, number in enumerate(numbers)}
        rows = np.arange(len(corpus))
        known = Known(corpus=corpus, rows=rows, order=rows, evidence=self._evidence)
        left, right = (np.array([self._row(pair[side], row_of) for pair in pairs], np.int64) for side in (0, 1))
        if len(pairs) < FEW_PAIRS:
            config = replace(config, threads=1)
        found = _found(known, told(known, judge(known, (left, right), self._wanted, config)))
        places = zip(left.tolist(), right.tolist(), strict=True)
        return {pair: found[place] for pair, place in zip(pairs, places, strict=True)}

    def _row(self, number: int, row_of: Mapping[int, int]) -> int:
        if number < self._step.first:
            return row_of[number]
        return len(row_of) + int(self._step.arriving[number - self._step.first])


def _found(known: Known, judged: Judged) -> dict[tuple[int, int], Found]:
    """What each pair of rows is."""
    matches = named(known, judged.matches)
    columns = judged.left, judged.right, judged.verdicts.relations, judged.verdicts.confidence
    return {
        (left, right): Found(RELATIONS[relation], confidence, matches.get((left, right)))
        for left, right, relation, confidence in zip(*(column.tolist() for column in columns), strict=True)
    }


def _corpus(stored: Sequence[StoredDocument]) -> Corpus:
    """Stored documents side by side."""
    offsets = np.zeros(len(stored) + 1, np.int64)
    np.cumsum([len(document.text) for document in stored], out=offsets[1:])
    values = np.frombuffer(b"".join([document.text for document in stored]), np.uint8)
    sources, urls, dates = [d.source for d in stored], [d.url for d in stored], [d.date for d in stored]
    keys = collection.keys(sources, urls, dates)
    return Corpus(
        ids=[d.id for d in stored], texts=Texts(values=values, offsets=offsets), urls=urls, sources=sources,
        dates=dates, sites=keys.sites, pages=keys.pages, days=keys.days,
    )  # fmt: skip


def _beside(first: Corpus, second: Corpus) -> Corpus:
    """The documents of two corpora, one behind the other."""
    ends, own = first.texts.offsets, second.texts.offsets
    values = np.concatenate([first.texts.values[: ends[-1]], second.texts.values[own[0] : own[-1]]])
    return Corpus(
        ids=[*first.ids, *second.ids],
        texts=Texts(values=values, offsets=np.concatenate([ends, ends[-1] + own[1:] - own[0]])),
        urls=[*first.urls, *second.urls], sources=[*first.sources, *second.sources],
        dates=[*first.dates, *second.dates], sites=np.concatenate([first.sites, second.sites]),
        pages=np.concatenate([first.pages, second.pages]), days=np.concatenate([first.days, second.days]),
    )  # fmt: skip
