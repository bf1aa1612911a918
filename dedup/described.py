"""Matches as columns: what travels from verification to the results. A `Match` is made when it is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Bytes, Positions, Rest, Rows, Scores, nothing, offsets, ranges
from dedup.kernels.sketch import lay_texts
from dedup.reasons import reasons
from dedup.records import RELATIONS, SOURCES, Match, Passages
from dedup.sequences import Labels, Lists

__all__ = ["Described", "joined", "part"]

AT_ONCE = 1 << 10
"""Matches of which a column is read between two rests: each touches 64 KB of a file."""

S = TypeVar("S", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Some matches, n of them.

    `pairs` (n, 2) are the numbers of the texts, whatever these count; `codes` uint8 (n, 2) places in `RELATIONS` and
    `SOURCES`; `scores` (n, 4) resemblance, left in right, right in left, confidence; `measures` int32 (n, len(SAID))
    what the reasons speak of. Match k has the rows `passage_offsets[k]` to `passage_offsets[k + 1]` of `passages`,
    which are those of `records.Passages`. `origins` are further reasons: which text was first, which holds others too.
    """

    pairs: Rows
    codes: Bytes
    scores: Scores
    measures: Positions
    passages: Positions
    passage_offsets: Rows
    origins: Lists
    quotes: Lists

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def n_bytes(self) -> int:
        """What the columns take."""
        lists = [
            column
            for own in (self.origins, self.quotes)
            for column in (own.labels.values, own.labels.offsets, own.offsets)
        ]
        columns = (self.pairs, self.codes, self.scores, self.measures, self.passages, self.passage_offsets, *lists)
        return sum(column.nbytes for column in columns)

    def reasons(self, at: int) -> tuple[str, ...]:
        """The reasons of one match in words."""
        relation = RELATIONS[self.codes[at, 0]]
        return (*reasons(relation, self.measures[at]), *self.origins[at])

    def match(self, at: int, left: str, right: str) -> Match:
        """One match, whose texts are called `left` and `right`."""
        relation, source = self.codes[at].tolist()
        resemblance, left_in_right, right_in_left, confidence = self.scores[at].tolist()
        return Match(
            left=left, right=right, relation=RELATIONS[relation], resemblance=resemblance,
            left_in_right=left_in_right, right_in_left=right_in_left, coverage=max(left_in_right, right_in_left),
            confidence=confidence, source=SOURCES[source],
            passages=Passages(self.passages[self.passage_offsets[at] : self.passage_offsets[at + 1]]),
            reasons=self.reasons(at), quotes=self.quotes[at],
        )  # fmt: skip


def joined(parts: Sequence[Described]) -> Described:
    """The matches of some parts, of which there is one at least, one behind the other."""
    sizes = np.concatenate([np.diff(part.passage_offsets) for part in parts])
    return Described(
        pairs=np.concatenate([part.pairs for part in parts]), codes=np.concatenate([part.codes for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
        measures=np.concatenate([part.measures for part in parts]),
        passages=np.concatenate([part.passages for part in parts]), passage_offsets=offsets(sizes),
        origins=_joined([part.origins for part in parts]), quotes=_joined([part.quotes for part in parts]),
    )  # fmt: skip


def _joined(parts: Sequence[Lists]) -> Lists:
    values = np.concatenate([part.labels.values for part in parts])
    sizes = np.concatenate([np.diff(part.labels.offsets) for part in parts])
    counts = np.concatenate([np.diff(part.offsets) for part in parts])
    return Lists(Labels(values, offsets(sizes)), offsets(counts))


def part(found: Described, places: Rows, rest: Rest = nothing) -> Described:
    """The matches of some places, ascending, in memory: columns, which may lie in files, are gone through in order."""

    def taken(column: NDArray[S]) -> NDArray[S]:
        out = np.empty((len(places), *column.shape[1:]), column.dtype)
        for first in range(0, len(places), AT_ONCE):
            out[first : first + AT_ONCE] = column[places[first : first + AT_ONCE]]
            rest()
        return out

    begins, ends = found.passage_offsets[places], found.passage_offsets[places + 1]
    bounds = offsets(ends - begins)
    passages = np.empty((bounds[-1], *found.passages.shape[1:]), found.passages.dtype)
    for first in range(0, len(places), AT_ONCE):
        own = slice(first, first + AT_ONCE)
        passages[bounds[first] : bounds[own][-1] + ends[own][-1] - begins[own][-1]] = found.passages[
            ranges(begins[own], ends[own])
        ]
        rest()
    return Described(
        pairs=taken(found.pairs), codes=taken(found.codes), scores=taken(found.scores), measures=taken(found.measures),
        passages=passages, passage_offsets=bounds, origins=_part(found.origins, places, rest),
        quotes=_part(found.quotes, places, rest),
    )  # fmt: skip


def _part(lists: Lists, places: Rows, rest: Rest) -> Lists:
    labels, begins, ends = lists.labels, lists.offsets[places], lists.offsets[places + 1]
    own = ranges(begins, ends)
    bounds = offsets(labels.offsets[own + 1] - labels.offsets[own])
    values, counts = np.empty(bounds[-1], np.uint8), offsets(ends - begins)
    at = np.append(bounds[counts[:-1]], bounds[-1])
    for first in range(0, len(places), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        lay_texts(labels.values, labels.offsets[begins[some]], values, at[first : first + AT_ONCE + 1])
        rest()
    return Lists(Labels(values, bounds), counts)
