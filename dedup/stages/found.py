"""Between stages 4 and 5: verdicts and matches as columns, as they come from verification, part after part."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Bytes, Columns, Rows, Scores, offsets
from dedup.described import Described
from dedup.reasons import SAID
from dedup.sequences import Labels, Lists

__all__ = ["Found", "Pairs"]


class Pairs(NamedTuple):
    """Measured pairs of nodes, `left < right`, in that order, all (n_pairs,); relations are places in `RELATIONS`."""

    left: Rows
    right: Rows
    relations: Bytes
    confidence: Scores


class _Lists:
    """Lists of strings that are appended bit by bit."""

    def __init__(self, columns: Columns, name: str) -> None:
        self._values, self._sizes = columns.column(name, np.uint8), columns.column(f"{name}_sizes", np.int32)
        self._lengths = columns.column(f"{name}_lengths", np.int32)

    def append(self, lists: Lists) -> None:
        self._values.append(lists.labels.values)
        self._sizes.append(np.diff(lists.labels.offsets).astype(np.int32))
        self._lengths.append(np.diff(lists.offsets).astype(np.int32))

    def lists(self) -> Lists:
        labels = Labels(self._values.array(), offsets(self._sizes.array()))
        return Lists(labels, offsets(self._lengths.array()))


class Found:
    """Verdicts on pairs of nodes and the matches among them; to be looked at once `finish` was called."""

    def __init__(self, columns: Columns) -> None:
        self._pairs = columns.column("pair_nodes", np.uint32, 2)
        self._relations = columns.column("pair_relations", np.uint8)
        self._confidence = columns.column("pair_confidence", np.float64)
        self._nodes, self._codes = (
            columns.column("match_nodes", np.uint32, 2),
            columns.column("match_codes", np.uint8, 2),
        )
        self._scores = columns.column("match_scores", np.float64, 4)
        self._measures = columns.column("match_measures", np.int32, len(SAID))
        self._passages = columns.column("match_passages", np.int32, 6)
        self._n_passages = columns.column("match_n_passages", np.int32)
        self._origins, self._quotes = _Lists(columns, "match_origins"), _Lists(columns, "match_quotes")

    def add_pairs(self, left: Rows, right: Rows, relations: Bytes, confidence: Scores) -> None:
        """Add measured pairs of nodes, `left < right`."""
        self._pairs.append(np.stack([left, right], axis=1).astype(np.uint32))
        self._relations.append(relations)
        self._confidence.append(confidence)

    def add_matches(self, matches: Described) -> None:
        """Add matches of pairs of nodes, the lesser first."""
        self._nodes.append(matches.pairs.astype(np.uint32))
        self._codes.append(matches.codes)
        self._scores.append(matches.scores)
        self._measures.append(matches.measures)
        self._passages.append(matches.passages)
        self._n_passages.append(np.diff(matches.passage_offsets).astype(np.int32))
        self._origins.append(matches.origins)
        self._quotes.append(matches.quotes)

    def finish(self) -> None:
        """Nothing more will come, until the next call."""
        self.matches = Described(
            pairs=self._nodes.array().astype(np.int64), codes=self._codes.array(), scores=self._scores.array(),
            measures=self._measures.array(), passages=self._passages.array(),
            passage_offsets=offsets(self._n_passages.array()), origins=self._origins.lists(),
            quotes=self._quotes.lists(),
        )  # fmt: skip
        keys = self.matches.pairs[:, 0] << 32 | self.matches.pairs[:, 1]
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def __len__(self) -> int:
        """How many matches."""
        return len(self.matches)

    def pairs(self) -> Pairs:
        """All measured pairs in their order, of one that was measured anew the latest verdict."""
        nodes = self._pairs.array()
        keys = nodes[:, 0].astype(np.int64) << 32 | nodes[:, 1]
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        last = np.ones(len(keys), bool)
        last[:-1] = keys[1:] != keys[:-1]
        keys, order = keys[last], order[last]
        return Pairs(keys >> 32, keys & 0xFFFFFFFF, self._relations.array()[order], self._confidence.array()[order])

    def places(self, left: Rows, right: Rows) -> Rows:
        """Which match is that of each pair, the latest where there are several; -1 where there is none."""
        keys = np.minimum(left, right) << 32 | np.maximum(left, right)
        at = np.searchsorted(self._keys, keys, side="right") - 1
        if not len(self._keys):
            return np.full(len(keys), -1, np.int64)
        return np.where((at >= 0) & (self._keys[at] == keys), self._order[at], -1)

    def latest(self) -> NDArray[np.bool_]:
        """Which matches (n_matches,) have not been measured anew."""
        last = np.ones(len(self._keys), bool)
        last[:-1] = self._keys[1:] != self._keys[:-1]
        found = np.empty(len(self._keys), bool)
        found[self._order] = last
        return found
