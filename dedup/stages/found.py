"""Between stages 4 and 5: verdicts and matches as columns, as they come from verification, part after part."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Bytes, Columns, Rows, Scores, offsets
from dedup.records import RELATIONS, SOURCES, Match, Passages
from dedup.sequences import Labels, pack

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

    def append(self, lists: Sequence[Sequence[str]]) -> None:
        values, sizes = pack(item for listed in lists for item in listed)
        self._values.append(values)
        self._sizes.append(sizes)
        self._lengths.append(np.array([len(listed) for listed in lists], np.int32))

    def finish(self) -> None:
        self.labels = Labels(self._values.array(), offsets(self._sizes.array()))
        self.offsets = offsets(self._lengths.array())

    def __getitem__(self, at: int) -> tuple[str, ...]:
        return tuple(self.labels[int(self.offsets[at]) : int(self.offsets[at + 1])])


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
        self._passages = columns.column("match_passages", np.int32, 6)
        self._n_passages = columns.column("match_n_passages", np.int32)
        self._reasons, self._quotes = _Lists(columns, "match_reasons"), _Lists(columns, "match_quotes")

    def add_pairs(self, left: Rows, right: Rows, relations: Bytes, confidence: Scores) -> None:
        """Add measured pairs of nodes, `left < right`."""
        self._pairs.append(np.stack([left, right], axis=1).astype(np.uint32))
        self._relations.append(relations)
        self._confidence.append(confidence)

    def add_matches(self, nodes: Sequence[tuple[int, int]], matches: Sequence[Match]) -> None:
        """Add matches of pairs of nodes, the lesser first."""
        codes = [(RELATIONS.index(m.relation), SOURCES.index(m.source)) for m in matches]
        scores = [(m.resemblance, m.left_in_right, m.right_in_left, m.confidence) for m in matches]
        rows = [m.passages.rows for m in matches if isinstance(m.passages, Passages)]
        self._nodes.append(np.array(nodes, np.uint32).reshape(-1, 2))
        self._codes.append(np.array(codes, np.uint8).reshape(-1, 2))
        self._scores.append(np.array(scores, np.float64).reshape(-1, 4))
        self._passages.append(np.concatenate([np.empty((0, 6), np.int32), *rows]))
        self._n_passages.append(np.array([len(part) for part in rows], np.int32))
        self._reasons.append([m.reasons for m in matches])
        self._quotes.append([m.quotes for m in matches])

    def finish(self) -> None:
        """Nothing more will come, until the next call."""
        self.nodes, self.codes = self._nodes.array().astype(np.int64), self._codes.array()
        self.scores, self.passages = self._scores.array(), self._passages.array()
        self.passage_offsets = offsets(self._n_passages.array())
        self._reasons.finish()
        self._quotes.finish()
        keys = self.nodes[:, 0] << 32 | self.nodes[:, 1]
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def __len__(self) -> int:
        """How many matches."""
        return len(self.nodes)

    def pairs(self) -> Pairs:
        """All measured pairs in their order."""
        nodes = self._pairs.array().astype(np.int64)
        order = np.lexsort((nodes[:, 1], nodes[:, 0]))
        left, right = nodes[order, 0], nodes[order, 1]
        return Pairs(left, right, self._relations.array()[order], self._confidence.array()[order])

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

    def match(self, at: int, left: str, right: str) -> Match:
        """One match, whose texts are called `left` and `right`."""
        relation, source = self.codes[at].tolist()
        resemblance, left_in_right, right_in_left, confidence = self.scores[at].tolist()
        return Match(
            left=left, right=right, relation=RELATIONS[relation], resemblance=resemblance,
            left_in_right=left_in_right, right_in_left=right_in_left, coverage=max(left_in_right, right_in_left),
            confidence=confidence, source=SOURCES[source],
            passages=Passages(self.passages[self.passage_offsets[at] : self.passage_offsets[at + 1]]),
            reasons=self._reasons[at], quotes=self._quotes[at],
        )  # fmt: skip
