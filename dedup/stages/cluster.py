"""Stage 5: verified matches to clusters in which every member is verified against the representative.

First groups are linked, surest first, while all that was measured between two groups speaks for one on average
[Sokal and Michener 1958]; so copies find one another before a weak match can tear them apart. Within a group a cluster
grows around its center, the member with the most evidence, and not along chains: who is not verified against the
center leaves and may form a cluster of its own. Both bound what one wrong match can join.
Rows are numbered by the caller in an order that does not depend on the input's, so neither do clusters.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from heapq import heapify, heappop, heappush

import numpy as np

from dedup.arrays import Rows, Scores
from dedup.config import ClusterConfig
from dedup.records import Grouping

__all__ = ["build"]

Verify = Callable[[Rows, Rows], Scores]
"""Confidence, in 0..1, that each pair of rows (left, right) belongs together; both (n_pairs,)."""


Pairs = tuple[Rows, Rows, Scores]
"""Left, right (left < right) and confidence, all (n_pairs,)."""


_Link = tuple[float, int]
"""Sum of the confidences of pairs between two groups, and how many pairs."""


class _Edges:
    """Confidence of every pair verified so far, and the neighbors of each row by clustering matches.

    `measured` has, for each row that joins any, the confidence of all its measured pairs, joining or not.
    """

    def __init__(self, joining: Pairs, measured: Pairs, verify: Verify, config: ClusterConfig) -> None:
        left, right, confidence = joining
        self.known = {
            (int(a), int(b)): float(c)
            for a, b, c in zip(left.tolist(), right.tolist(), confidence.tolist(), strict=True)
        }
        self.measured = _by_row(measured, {row for pair in self.known for row in pair})
        groups = _linked(self.measured, config.mean_floor)
        self.neighbors: dict[int, list[int]] = {}
        for a, b in self.known:
            if groups[a] == groups[b]:
                self.neighbors.setdefault(a, []).append(b)
                self.neighbors.setdefault(b, []).append(a)
        self._verify = verify
        self._unproposed_floor = config.unproposed_floor

    def confidence(self, a: int, b: int) -> float:
        return self.known[(a, b) if a < b else (b, a)]

    def learn(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Verify those pairs that are not known yet, in one batch."""
        ordered = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
        missing = sorted(pair for pair in ordered if pair not in self.known)
        if missing:
            both = np.array(missing, np.int64)
            for (a, b), confidence in zip(missing, self._verify(both[:, 0], both[:, 1]).tolist(), strict=True):
                proposed = b in self.measured.get(a, {})
                self.known[a, b] = confidence if proposed or confidence >= self._unproposed_floor else 0.0


def build(joining: Pairs, measured: Pairs, verify: Verify, rank: Rows, config: ClusterConfig) -> list[Grouping]:
    """Clusters of two rows and more, ordered by their first member.

    `joining` are the matches whose relation joins, `measured` all pairs that were measured, those among them; `rank`
    (n_rows,) orders rows by the policy for representatives, lowest first.
    """
    edges = _Edges(joining, measured, verify, config)
    open_components = _components(set(edges.neighbors), edges)
    settled: list[tuple[int, list[int]]] = []
    while open_components:
        centers = [_center(component, edges) for component in open_components]
        edges.learn((c, m) for c, component in zip(centers, open_components, strict=True) for m in component)
        rest: list[list[int]] = []
        for center, component in zip(centers, open_components, strict=True):
            members = _members(center, component, edges, config)
            settled.append((center, members))
            rest.extend(_components(set(component) - set(members), edges))
        open_components = rest
    clusters = _crowned([cluster for cluster in settled if len(cluster[1]) > 1], edges, rank, config)
    return sorted(clusters, key=lambda cluster: cluster.members)


def _by_row(measured: Pairs, rows: Collection[int]) -> dict[int, dict[int, float]]:
    found: dict[int, dict[int, float]] = {row: {} for row in rows}
    for a, b, confidence in zip(*(column.tolist() for column in measured), strict=True):
        if a in found and b in found:
            found[a][b] = found[b][a] = confidence
    return found


def _linked(measured: dict[int, dict[int, float]], floor: float) -> dict[int, int]:
    """The group of each row, by its least row: average linkage over measured pairs down to a mean of `floor`."""
    links = {row: {other: (c, 1) for other, c in found.items()} for row, found in measured.items()}
    group = {row: [row] for row in links}
    queue = [(-_mean(link), a, b) for a, found in links.items() for b, link in found.items() if a < b]
    queue = [entry for entry in queue if -entry[0] >= floor]
    heapify(queue)
    while queue:
        negative, a, b = heappop(queue)
        if a not in group or b not in links[a] or _mean(links[a][b]) != -negative:
            continue
        group[a] += group.pop(b)
        del links[a][b]
        for other, link in links.pop(b).items():
            if other != a:
                del links[other][b]
                links[a][other] = links[other][a] = _added(links[a].get(other), link)
                if _mean(links[a][other]) >= floor:
                    heappush(queue, (-_mean(links[a][other]), min(a, other), max(a, other)))
    return {row: name for name, rows in group.items() for row in rows}


def _mean(link: _Link) -> float:
    return round(link[0] / link[1], 9)


def _added(link: _Link | None, other: _Link) -> _Link:
    return (link[0] + other[0], link[1] + other[1]) if link else other


def _components(rows: set[int], edges: _Edges) -> list[list[int]]:
    """Connected components of two rows and more within `rows`."""
    components, seen = [], set[int]()
    for first in sorted(rows):
        if first in seen:
            continue
        seen.add(first)
        component = [first]
        for row in component:
            for other in edges.neighbors.get(row, ()):
                if other in rows and other not in seen:
                    seen.add(other)
                    component.append(other)
        if len(component) > 1:
            components.append(sorted(component))
    return components


def _center(component: list[int], edges: _Edges) -> int:
    """The row with the most evidence: the sum of its matches' confidences; the lowest row on a tie."""
    inside = set(component)

    def evidence(row: int) -> float:
        return round(sum(edges.confidence(row, o) for o in sorted(edges.neighbors[row]) if o in inside), 9)

    return max(component, key=lambda row: (evidence(row), -row))


def _members(center: int, component: list[int], edges: _Edges, config: ClusterConfig) -> list[int]:
    """The center and who is verified against it, less those who have more evidence with the rest than with these."""
    near = {row for row in component if row == center or edges.confidence(center, row) >= config.member_floor}
    far = set(component) - near

    def is_loyal(row: int) -> bool:
        others = [other for other in edges.neighbors[row] if other != center]
        inside = sum(edges.confidence(row, other) for other in others if other in near)
        outside = sum(edges.confidence(row, other) for other in others if other in far)
        return round(inside + edges.confidence(center, row) - outside, 9) >= 0

    return sorted(row for row in near if row == center or is_loyal(row))


def _crowned(
    settled: Sequence[tuple[int, list[int]]], edges: _Edges, rank: Rows, config: ClusterConfig
) -> list[Grouping]:
    """Choose representatives: the best by policy against which every member is verified, else the center."""
    crowned, open_clusters = list[Grouping](), list(settled)
    for attempt in range(config.n_representative_tries):
        tried = [
            (center, members, sorted(members, key=lambda row: int(rank[row]))[min(attempt, len(members) - 1)])
            for center, members in open_clusters
        ]
        edges.learn((best, member) for _, members, best in tried for member in members)
        found = [(_grouping(best, members, edges), (center, members)) for center, members, best in tried]
        crowned += [grouping for grouping, _ in found if grouping.weakest >= config.member_floor]
        open_clusters = [own for grouping, own in found if grouping.weakest < config.member_floor]
    return crowned + [_grouping(center, members, edges) for center, members in open_clusters]


def _grouping(representative: int, members: Sequence[int], edges: _Edges) -> Grouping:
    weakest = min(edges.confidence(representative, member) for member in members if member != representative)
    return Grouping(representative=representative, members=tuple(members), weakest=weakest)
