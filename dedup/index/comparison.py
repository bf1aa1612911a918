"""Arriving documents and known ones side by side, and what each pair is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dedup.config import Config
from dedup.index.arrival import Step
from dedup.io.store.values import Store, StoredDocument
from dedup.records import RELATIONS, Corpus, Match, Relation, Texts
from dedup.stages import collection
from dedup.stages.collection import Evidence
from dedup.verify import Judged, Known, as_member, confidences, judge, named

__all__ = ["Comparison", "Found", "Pair"]

FEW_PAIRS = 64
"""So few pairs are compared before threads would have been started."""
Pair = tuple[int, int]
"""The number of a known or earlier arriving document, and the place of an arriving one."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a pair is: its relation and confidence, and its match where that is wanted."""

    relation: Relation
    confidence: float
    match: Match | None


class Comparison:
    """Compares the documents of one step with known ones, whose records it fetches once."""

    def __init__(self, store: Store, step: Step, evidence: Evidence, config: Config) -> None:
        self._store, self._step, self._evidence, self._config = store, step, evidence, config
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
        self.fetch(sorted({number for number, _ in pairs if number < self._step.first}))
        return self._compare([pair for pair in pairs if pair[0] >= self._step.first or pair[0] in self._stored])

    def members(self, pairs: Sequence[Pair]) -> dict[Pair, Found]:
        """The same by the lower bar for members, for pairs of a representative and a document."""
        config = as_member(self._config) if pairs else self._config
        found = self._compare(pairs, config)
        return {pair: one for pair, one in found.items() if one.confidence >= self._config.cluster.member_floor}

    def are_one(self, left: StoredDocument, right: StoredDocument) -> bool:
        """Whether two representatives are verified as members of one cluster."""
        both = np.arange(2)
        known = Known(corpus=_corpus([left, right]), rows=both, order=both, evidence=self._evidence)
        (confidence,) = confidences(known, replace(self._config, threads=1), both[:1], both[1:]).tolist()
        return bool(confidence >= self._config.cluster.member_floor)

    def _compare(self, pairs: Sequence[Pair], config: Config | None = None) -> dict[Pair, Found]:
        if not pairs:
            return {}
        numbers = sorted({number for number, _ in pairs if number < self._step.first})
        corpus = _beside(_corpus([self._stored[number] for number in numbers]), self._step.corpus)
        row_of = {number: row for row, number in enumerate(numbers)}
        rows = np.arange(len(corpus))
        known = Known(corpus=corpus, rows=rows, order=rows, evidence=self._evidence)
        left = np.array([self._row(number, row_of) for number, _ in pairs], np.int64)
        right = len(numbers) + self._step.arriving[np.array([place for _, place in pairs], np.int64)]
        settings = config or self._config
        if len(pairs) < FEW_PAIRS:
            settings = replace(settings, threads=1)
        found = _found(known, judge(known, (left, right), self._wanted, settings))
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
