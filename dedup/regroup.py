"""Clusters anew from the matches that a scan kept, by other relations or a higher bar; no text is read again.

What the scan did not report is not there: pairs that it compared and found unrelated count as never compared.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from dedup.arrays import Rows, Scores
from dedup.config import ClusterConfig
from dedup.records import EQUAL, RELATIONS, Cluster, Decision, Grouping, Member, Relation
from dedup.reported import cluster_id
from dedup.stages import cluster, keep

__all__ = ["Link", "decide", "regroup"]

COMPARED = 1e-7
"""Less than the confidence of a match that is written, of which there are six digits, and more than that of none."""
Columns = tuple[Rows, Rows, Scores]


class Link(NamedTuple):
    """A match without its passages."""

    left: str
    right: str
    relation: Relation
    confidence: float
    resemblance: float


@dataclass(slots=True, kw_only=True)
class _Graph:
    """Documents as nodes: those of the same text are one, the first by id among them named by `node_of`.

    `exact` are of each document those that were found to be the same to the character.
    """

    ids: Sequence[str]
    node_of: list[int]
    exact: dict[int, set[int]] = field(default_factory=dict)
    links: dict[tuple[int, int], Link] = field(default_factory=dict)

    def members(self) -> dict[int, list[int]]:
        """The documents of each node, ascending."""
        found: dict[int, list[int]] = {}
        for row, node in enumerate(self.node_of):
            found.setdefault(node, []).append(row)
        return found


def regroup(
    ids: Sequence[str], kept: Collection[str], links: Iterable[Link], config: ClusterConfig, least: float = 0.0
) -> list[Cluster]:
    """Clusters of the documents `ids`, sorted; of each the representative is one of `kept` where it can be.

    Links of a confidence below `least` join nothing, but tell what is apart. What else links name was there before:
    such documents are all kept, and they represent the clusters that hold one.
    """
    # A bar of 0 would let in as members texts that were never compared with the representative.
    config = replace(config, member_floor=max(config.member_floor, COMPARED))
    found = list(links)
    old = {name for link in found for name in (link.left, link.right)}.difference(ids)
    first = old.intersection(kept), old, kept
    graph = _graph(sorted({*ids, *old}), found, config)
    nodes = graph.members()
    rank = np.array([_rank(graph, nodes.get(row, []), first) for row in range(len(graph.ids))], np.int64)
    joining, measured = _columns(graph, config.joining, least), _columns(graph, RELATIONS, 0.0)
    verify = _verifier(graph, config)
    is_old = np.array([any(graph.ids[at] in old for at in nodes.get(row, ())) for row in range(len(graph.ids))], bool)
    made_of_all = cluster.build(joining, measured, verify, rank, config)
    groupings = keep.old_first(made_of_all, is_old, rank, verify, config.member_floor)
    grouped = {node for grouping in groupings for node in grouping.members}
    alone = [
        Grouping(representative=node, members=(node,), weakest=1.0)
        for node, rows in nodes.items()
        if len(rows) > 1 and node not in grouped
    ]
    made = [_cluster(graph, nodes, grouping, first) for grouping in [*groupings, *alone]]
    return sorted(made, key=lambda one: one.members[0].id)


def decide(ids: Iterable[str], clusters: Iterable[Cluster]) -> list[Decision]:
    """One decision a document, by id: it is kept unless it is a cluster's and does not represent it."""
    made = {name: Decision(id=name, keep=True) for name in ids}
    for found in clusters:
        for member in found.members:
            if member.id not in made:
                # It was there before, and is not decided of.
                continue
            is_kept = member.id == found.representative
            made[member.id] = Decision(
                id=member.id, keep=is_kept, cluster=found.id, representative=found.representative,
                relation=None if is_kept else member.relation,
            )  # fmt: skip
    return [made[name] for name in sorted(made)]


def _graph(ids: list[str], links: Iterable[Link], config: ClusterConfig) -> _Graph:
    rows = {name: row for row, name in enumerate(ids)}
    equal, others = list[Link](), list[Link]()
    for link in links:
        (equal if link.relation in EQUAL and link.relation in config.joining else others).append(link)
    parents = list(range(len(ids)))
    for link in equal:
        a, b = sorted((_root(parents, rows[link.left]), _root(parents, rows[link.right])))
        parents[b] = a
    graph = _Graph(ids=ids, node_of=[_root(parents, row) for row in range(len(ids))])
    for link in equal:
        if link.relation == "exact":
            graph.exact.setdefault(rows[link.left], set()).add(rows[link.right])
            graph.exact.setdefault(rows[link.right], set()).add(rows[link.left])
    for link in others:
        pair = _pair(graph.node_of[rows[link.left]], graph.node_of[rows[link.right]])
        if pair[0] != pair[1] and (pair not in graph.links or graph.links[pair].confidence < link.confidence):
            graph.links[pair] = link
    return graph


def _root(parents: list[int], row: int) -> int:
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return row


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _rank(graph: _Graph, rows: Sequence[int], first: Sequence[Collection[str]]) -> int:
    """The place of a node: that of the first of some collections of which it holds a document, then the others."""
    turn = next((n for n, some in enumerate(first) if any(graph.ids[row] in some for row in rows)), len(first))
    return turn * len(graph.ids) + (rows[0] if rows else 0)


def _columns(graph: _Graph, relations: Collection[str], least: float) -> Columns:
    links = graph.links.items()
    chosen = sorted((pair, link.confidence) for pair, link in links if link.relation in relations)
    chosen = [(pair, confidence) for pair, confidence in chosen if confidence >= least]
    both = np.array([pair for pair, _ in chosen], np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1], np.array([confidence for _, confidence in chosen])


def _verifier(graph: _Graph, config: ClusterConfig) -> Callable[[Rows, Rows], Scores]:
    """What is known of a pair; nothing of one that the scan did not report."""

    def verify(left: Rows, right: Rows) -> Scores:
        links = [graph.links.get(_pair(a, b)) for a, b in zip(left.tolist(), right.tolist(), strict=True)]
        return np.array([link.confidence if link and link.relation in config.joining else 0.0 for link in links])

    return verify


def _cluster(
    graph: _Graph, nodes: dict[int, list[int]], grouping: Grouping, first: Sequence[Collection[str]]
) -> Cluster:
    own = nodes[grouping.representative]
    representative = next((row for some in first for row in own if graph.ids[row] in some), own[0])
    members = list[Member]()
    for node in grouping.members:
        link = graph.links.get(_pair(node, grouping.representative))
        for row in nodes[node]:
            relation = link.relation if link else _same(graph, representative, row)
            resemblance = link.resemblance if link else 1.0
            members.append(Member(id=graph.ids[row], relation=relation, resemblance=resemblance))
    members.sort(key=lambda member: member.id)
    return Cluster(
        id=cluster_id(members[0].id), representative=graph.ids[representative], weakest=grouping.weakest,
        members=tuple(members),
    )  # fmt: skip


def _same(graph: _Graph, a: int, b: int) -> Relation:
    """Two documents of one node. Copies were compared with one of them only, so two may both equal a third."""
    of_a, of_b = (graph.exact.get(row, set()) for row in (a, b))
    return "exact" if a == b or b in of_a or not of_a.isdisjoint(of_b) else "same_text"
