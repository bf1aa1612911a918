"""Stage 5: verified matches to clusters in which every member is verified against the representative.

First groups are linked, surest first, while all that was measured between two groups speaks for one on average
[Sokal and Michener 1958]; so copies find one another before a weak match can tear them apart. Within a group a cluster
grows around its center, the member with the most evidence, and not along chains: who is not verified against the
center leaves and may form a cluster of its own. Both bound what one wrong match can join.
Rows are numbered by the caller in an order that does not depend on the input's, so neither do clusters.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Rows, Scores
from dedup.config import ClusterConfig
from dedup.kernels import centers as kernel
from dedup.kernels.group import join, roots
from dedup.kernels.linkage import link
from dedup.records import Grouping

__all__ = ["at_most", "build"]

Verify = Callable[[Rows, Rows], Scores]
"""Confidence, in 0..1, that each pair of rows (left, right) belongs together; both (n_pairs,)."""


Pairs = tuple[Rows, Rows, Scores]
"""Left, right (left < right) and confidence, all (n_pairs,)."""

Graph = tuple[Rows, Rows, Scores]
"""Offsets, others, confidences: the matches of every row, by row and then by the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """Groups of rows: the center of each (n_groups,), and `members` (n_members,) group by group, whose is `own`."""

    centers: Rows
    members: Rows
    own: Rows

    def only(self, chosen: Rows) -> "_Groups":
        """Some of the groups."""
        places = np.full(len(self.centers), -1, np.int64)
        places[chosen] = np.arange(len(chosen))
        inside = places[self.own] >= 0
        return _Groups(centers=self.centers[chosen], members=self.members[inside], own=places[self.own[inside]])


class _Known:
    """Confidence of every pair verified so far; rows are numbered by their order among `rows`."""

    def __init__(self, rows: Rows, joining: Pairs, measured: Pairs, verify: Verify, config: ClusterConfig) -> None:
        self._keys, self._values = _by_key(joining)
        self._measured, self._likely = _by_key(measured)
        self._rows, self._verify, self._floor = rows, verify, config.unproposed_floor

    def confidence(self, left: Rows, right: Rows) -> Scores:
        """That of each pair, all of which are known; 1 of a row with itself."""
        if not len(left):
            return np.ones(0)
        found = self._values[np.searchsorted(self._keys, _keys(left, right)).clip(max=len(self._keys) - 1)]
        return np.where(left == right, 1.0, found)

    def learn(self, left: Rows, right: Rows) -> None:
        """Verify those pairs that are not known yet, in one batch."""
        keys = _keys(left, right)[left != right]
        missing = np.unique(keys[~_among(keys, self._keys)])
        if len(missing):
            found = self._verify(self._rows[missing >> 32], self._rows[missing & 0xFFFFFFFF])
            is_measured = _among(missing, self._measured)
            # What holds another text among others was measured as such, which cannot be seen in the two of them.
            likely = self._likely[np.searchsorted(self._measured, missing[is_measured])]
            found[is_measured] = np.minimum(found[is_measured], likely)
            found[~is_measured & (found < self._floor)] = 0.0
            places = np.searchsorted(self._keys, missing)
            self._keys = np.insert(self._keys, places, missing)
            self._values = np.insert(self._values, places, found)


def build(joining: Pairs, measured: Pairs, verify: Verify, rank: Rows, config: ClusterConfig) -> list[Grouping]:
    """Clusters of two rows and more, ordered by their first member.

    `joining` are the matches whose relation joins, `measured` all pairs that were measured, those among them; `rank`
    (n_rows,) orders rows by the policy for representatives, lowest first.
    """
    rows = np.unique(np.concatenate(joining[:2]))
    joining, measured = _within(rows, joining), _within(rows, measured)
    known = _Known(rows, joining, measured, verify, config)
    groups = np.empty(len(rows), np.int64)
    link(*measured, config.mean_floor, groups)
    inner = groups[joining[0]] == groups[joining[1]]
    edges = joining[0][inner], joining[1][inner], joining[2][inner]
    settled = _settled(edges, len(rows), known, config)
    clusters = _crowned(settled, known, rank[rows], config)
    return [
        Grouping(representative=int(rows[best]), members=tuple(rows[members].tolist()), weakest=weakest)
        for best, members, weakest in sorted(clusters, key=lambda found: int(found[1][0]))
    ]


def at_most(verify: Verify, measured: Pairs) -> Verify:
    """The same, but no more than was measured, as of what one text holds among others."""
    keys, likely = _by_key(measured)

    def told(left: Rows, right: Rows) -> Scores:
        found, own = verify(left, right), _keys(left, right)
        is_measured = _among(own, keys)
        found[is_measured] = np.minimum(
            found[is_measured], likely[np.searchsorted(keys, own[is_measured], "right") - 1]
        )
        return found

    return told


def _within(rows: Rows, pairs: Pairs) -> Pairs:
    """The pairs of which both are among `rows`, numbered by their place there, in order and each once, the last."""
    left, right, confidence = pairs
    chosen = np.flatnonzero(_among(left, rows) & _among(right, rows))
    left, right = np.searchsorted(rows, left[chosen]), np.searchsorted(rows, right[chosen])
    keys, confidence = _by_key((left, right, confidence[chosen]))
    last = np.ones(len(keys), bool)
    last[:-1] = keys[1:] != keys[:-1]
    return keys[last] >> 32, keys[last] & 0xFFFFFFFF, confidence[last]


def _keys(left: Rows, right: Rows) -> Rows:
    return np.minimum(left, right) << 32 | np.maximum(left, right)


def _by_key(pairs: Pairs) -> tuple[Rows, Scores]:
    keys = _keys(pairs[0], pairs[1])
    order = np.argsort(keys, kind="stable")
    return keys[order], pairs[2][order]


def _among(values: Rows, ordered: Rows) -> NDArray[np.bool_]:
    """Whether each value is among some that are in order."""
    found = np.zeros(len(values), bool)
    if len(ordered):
        found[:] = ordered[np.searchsorted(ordered, values).clip(max=len(ordered) - 1)] == values
    return found


def _graph(edges: Pairs, n_rows: int) -> Graph:
    left, right, confidence = edges
    own, others = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.lexsort((others, own))
    offsets = np.append(0, np.cumsum(np.bincount(own, minlength=n_rows)))
    return offsets, others[order], np.concatenate([confidence, confidence])[order]


def _settled(edges: Pairs, n_rows: int, known: _Known, config: ClusterConfig) -> _Groups:
    """Groups around centers: of each component, and again of what is left of it."""
    graph = _graph(edges, n_rows)
    left, right = edges[0], edges[1]
    parts = [_Groups(centers=np.empty(0, np.int64), members=np.empty(0, np.int64), own=np.empty(0, np.int64))]
    n_groups = 0
    while len(left):
        open_rows = np.unique(np.concatenate([left, right]))
        component = np.full(n_rows, -1, np.int64)
        component[open_rows] = _components(left, right, n_rows)[open_rows]
        found = _around(open_rows, component, graph, known, config)
        parts.append(_Groups(centers=found.centers, members=found.members, own=found.own + n_groups))
        n_groups += len(found.centers)
        component[found.members] = -1
        is_open = (component[left] >= 0) & (component[right] >= 0)
        left, right = left[is_open], right[is_open]
    return _Groups(
        centers=np.concatenate([part.centers for part in parts]),
        members=np.concatenate([part.members for part in parts]), own=np.concatenate([part.own for part in parts]),
    )  # fmt: skip


def _components(left: Rows, right: Rows, n_rows: int) -> Rows:
    parents = np.arange(n_rows)
    join(left, right, parents)
    roots(parents)
    return parents


def _around(rows: Rows, component: Rows, graph: Graph, known: _Known, config: ClusterConfig) -> _Groups:
    """The center of each component, and who is verified against it without more evidence with the others.

    The center is the row with the most evidence, the lowest on a tie. `rows` are those of all components.
    """
    weights = np.empty(len(rows), np.int64)
    kernel.evidence(rows, graph, component, weights)
    order = np.lexsort((rows, -weights, component[rows]))
    labels, begins = np.unique(component[rows[order]], return_index=True)
    centers = rows[order[begins]]
    own = np.searchsorted(labels, component[rows])
    known.learn(centers[own], rows)
    confidence = known.confidence(centers[own], rows)
    is_near = confidence >= config.member_floor
    standing = np.zeros(len(component), np.int8)
    standing[rows] = np.where(is_near, 1, -1)
    surplus = np.empty(len(rows), np.int64)
    kernel.loyalty(rows, graph, standing, centers[own], confidence, surplus)
    stays = (rows == centers[own]) | (is_near & (surplus >= 0))
    by_group = np.argsort(own[stays], kind="stable")
    return _Groups(centers=centers, members=rows[stays][by_group], own=own[stays][by_group])


def _crowned(settled: _Groups, known: _Known, rank: Rows, config: ClusterConfig) -> list[tuple[int, Rows, float]]:
    """Representative, members and the weakest of its pairs with them, of every group of two and more.

    Representatives are the best by policy against which every member is verified, else the center.
    """
    left = settled.only(np.flatnonzero(np.bincount(settled.own, minlength=len(settled.centers)) > 1))
    crowned = []
    # A group of n has n members to try.
    for attempt in range(min(config.n_representative_tries, int(np.bincount(left.own).max(initial=0)))):
        best = _best(left, rank, attempt)
        known.learn(best[left.own], left.members)
        weakest = _weakest(left, best, known)
        fits = weakest >= config.member_floor
        crowned += _listed(left, best, weakest, np.flatnonzero(fits))
        left = left.only(np.flatnonzero(~fits))
    return crowned + _listed(left, left.centers, _weakest(left, left.centers, known), np.arange(len(left.centers)))


def _best(groups: _Groups, rank: Rows, attempt: int) -> Rows:
    """The member of each group that is the best by policy but for `attempt` others, or the last."""
    order = np.lexsort((rank[groups.members], groups.own))
    sizes = np.bincount(groups.own, minlength=len(groups.centers))
    chosen = order[np.cumsum(sizes) - sizes + np.minimum(attempt, sizes - 1)]
    best: Rows = groups.members[chosen]
    return best


def _weakest(groups: _Groups, best: Rows, known: _Known) -> Scores:
    weakest = np.full(len(best), np.inf)
    others = best[groups.own] != groups.members
    confidence = known.confidence(best[groups.own[others]], groups.members[others])
    np.minimum.at(weakest, groups.own[others], confidence)
    return weakest


def _listed(groups: _Groups, best: Rows, weakest: Scores, chosen: Rows) -> list[tuple[int, Rows, float]]:
    begins = np.searchsorted(groups.own, np.arange(len(best) + 1))
    return [(int(best[c]), groups.members[begins[c] : begins[c + 1]], float(weakest[c])) for c in chosen.tolist()]
