"""Matches as columns: what travels from verification to the results. A `Match` is made when it is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dedup.arrays import Bytes, Positions, Rows, Scores, offsets
from dedup.reasons import reasons
from dedup.records import RELATIONS, SOURCES, Match, Passages
from dedup.sequences import Labels, Lists

__all__ = ["Described", "joined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Some matches, n of them.

    `pairs` (n, 2) are the numbers of the texts, whatever these count; `codes` uint8 (n, 2) places in `RELATIONS` and
    `SOURCES`; `scores` (n, 4) resemblance, left in right, right in left, confidence; `measures` int32 (n, len(SAID))
    what the reasons speak of. Match k has the rows `passage_offsets[k]` to `passage_offsets[k + 1]` of `passages`,
    which are those of `records.Passages`. `origins` are further reasons, of which text was there first.
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
