"""What a scan found as columns: a decision, a cluster or a match is made when it is looked at."""

import hashlib
from dataclasses import dataclass, replace
from heapq import nsmallest

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Bytes, Positions, Rest, Rows, Scores, nothing
from dedup.described import Described, part
from dedup.laid import n_characters
from dedup.records import EQUAL, RELATIONS, Cluster, Decision, Match, Member, Passage, Span, Texts
from dedup.sequences import Labels, Lazy

__all__ = [
    "ClusterColumns",
    "Clusters",
    "DecisionColumns",
    "Decisions",
    "MatchColumns",
    "Matches",
    "cluster_id",
    "in_memory",
    "largest",
    "within",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionColumns:
    """One row for each decision, all (n,): the document's row, its cluster or -1, whether it is kept, its relation.

    A document of no cluster is kept. `kept` and `least` (n_clusters,) are the rows of a cluster's representative and
    of its least id; `relations` are places in `RELATIONS`, of documents that are not kept.
    """

    ids: Labels
    rows: Rows
    clusters: Rows
    keeps: NDArray[np.bool_]
    relations: Bytes
    kept: Rows
    least: Rows


class Decisions(Lazy[Decision]):
    """Decisions in the order of their ids."""

    __slots__ = ("columns",)

    def __init__(self, columns: DecisionColumns) -> None:
        super().__init__(len(columns.rows), self._decision)
        self.columns = columns

    def _decision(self, at: int) -> Decision:
        columns, cluster = self.columns, int(self.columns.clusters[at])
        own_id, keep = columns.ids[int(columns.rows[at])], bool(columns.keeps[at])
        if cluster < 0:
            return Decision(id=own_id, keep=keep)
        return Decision(
            id=own_id, keep=keep, cluster=cluster_id(columns.ids[int(columns.least[cluster])]),
            representative=columns.ids[int(columns.kept[cluster])],
            relation=None if keep else RELATIONS[columns.relations[at]],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterColumns:
    """Clusters: cluster c has the members `offsets[c]` to `offsets[c + 1]`, in the order of their ids.

    `kept` and `weakest` (n_clusters,): the representative's row, the lowest confidence of a member's match; `rows`,
    `relations` and `resemblance` (n_members,).
    """

    ids: Labels
    kept: Rows
    weakest: Scores
    offsets: Rows
    rows: Rows
    relations: Bytes
    resemblance: Scores


class Clusters(Lazy[Cluster]):
    """Clusters in the order of their least ids."""

    __slots__ = ("columns",)

    def __init__(self, columns: ClusterColumns) -> None:
        super().__init__(len(columns.kept), self._cluster)
        self.columns = columns

    def _cluster(self, at: int) -> Cluster:
        columns = self.columns
        listed = slice(int(columns.offsets[at]), int(columns.offsets[at + 1]))
        own = columns.rows[listed].tolist(), columns.relations[listed].tolist(), columns.resemblance[listed].tolist()
        members = tuple(
            Member(id=columns.ids[row], relation=RELATIONS[relation], resemblance=resemblance)
            for row, relation, resemblance in zip(*own, strict=True)
        )
        return Cluster(
            id=cluster_id(members[0].id), representative=columns.ids[int(columns.kept[at])],
            weakest=float(columns.weakest[at]), members=members,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchColumns:
    """One row for each match: `rows` (n, 2) of both documents, `relations` (n,) places in `RELATIONS`.

    `which` (n,) is its place in `found`, -1 for copies that need no measure, of `n_tokens` int32 (n,) each.
    """

    ids: Labels
    texts: Texts
    rows: Rows
    relations: Bytes
    which: Rows
    n_tokens: Positions
    found: Described


class Matches(Lazy[Match]):
    """Matches in the order of their ids."""

    __slots__ = ("columns",)

    def __init__(self, columns: MatchColumns) -> None:
        super().__init__(len(columns.rows), self._match)
        self.columns = columns

    def _match(self, at: int) -> Match:
        columns, which = self.columns, int(self.columns.which[at])
        left, right = (columns.ids[row] for row in columns.rows[at].tolist())
        if which >= 0:
            return columns.found.match(which, left, right)
        relation, sizes = RELATIONS[columns.relations[at]], n_characters(columns.texts, columns.rows[at])
        spans = [Span(start=0, end=size) for size in sizes.tolist()]
        return Match(
            left=left, right=right, relation=relation, resemblance=1.0, left_in_right=1.0, right_in_left=1.0,
            coverage=1.0, confidence=1.0, reasons=(EQUAL[relation],),
            passages=(Passage(left=spans[0], right=spans[1], n_tokens=int(columns.n_tokens[at])),),
        )  # fmt: skip


def in_memory(matches: Matches, block: slice, rest: Rest = nothing) -> Matches:
    """Some of the matches, what was found of them in memory; `rest` is called between steps that touch few pages."""
    columns, which = matches.columns, matches.columns.which[block]
    places, at = np.unique(which[which >= 0], return_inverse=True)
    own = np.full(len(which), -1, np.int64)
    own[which >= 0] = at
    return Matches(
        replace(
            columns, rows=columns.rows[block], relations=columns.relations[block], which=own,
            n_tokens=columns.n_tokens[block], found=part(columns.found, places, rest),
        )
    )  # fmt: skip


def largest(clusters: Clusters, n: int) -> list[int]:
    """The places of the `n` clusters with the most members, of equal ones those of the least representatives."""
    sizes = np.diff(clusters.columns.offsets)
    least = np.sort(sizes)[-n:].min(initial=len(clusters.columns.rows)) if n else sizes.max(initial=0) + 1
    ids, kept = clusters.columns.ids, clusters.columns.kept
    found = [(-int(sizes[at]), ids[int(kept[at])], at) for at in np.flatnonzero(sizes >= least).tolist()]
    return [at for _, _, at in nsmallest(n, found)]


def within(matches: Matches, clusters: Clusters) -> Rows:
    """The place of the cluster that holds both texts of each match, (n_matches,); -1 where none does."""
    columns = clusters.columns
    n_rows = max(int(matches.columns.rows.max(initial=-1)), int(columns.rows.max(initial=-1))) + 1
    cluster_of = np.full(n_rows, -1, np.int64)
    cluster_of[columns.rows] = np.repeat(np.arange(len(clusters)), np.diff(columns.offsets))
    left, right = cluster_of[matches.columns.rows].T.reshape(2, -1)
    return np.where(left == right, left, -1)


def cluster_id(least_id: str) -> str:
    """A cluster's own id: it changes only when its least member does."""
    return "c" + hashlib.blake2b(least_id.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
