"""After stage 5: nodes to matches, clusters and decisions by id, in an order that the input does not decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dedup import reported
from dedup.arrays import Bytes, Hashes, Rows, Scores, offsets
from dedup.described import Described
from dedup.kernels import describe as kernel
from dedup.records import RELATIONS, Corpus, Cut, Grouping, Nodes, Texts
from dedup.sequences import Labels, Lists, labels

__all__ = [
    "Clusters", "Matches", "Named", "against_representatives", "cluster", "counts", "matches", "quotes",
]  # fmt: skip


class Matches(Protocol):
    """Matches of nodes, as `found.Found` has them."""

    matches: Described

    def places(self, left: Rows, right: Rows) -> Rows:
        """Which match is that of each pair; -1 where there is none."""

    def latest(self) -> NDArray[np.bool_]:
        """Which matches count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Documents, the hashes of their characters, their nodes, and the places (n_rows,) of their ids in their order."""

    corpus: Corpus
    text_hashes: Hashes
    nodes: Nodes
    places: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Clusters in the order of their least ids: cluster c has the members `offsets[c]` to `offsets[c + 1]`.

    `kept` and `weakest` (n_clusters,): the representative's row, the lowest confidence of a member's match; `rows`,
    `relations` and `resemblance` (n_members,) by the order of ids in a cluster.
    """

    kept: Rows
    weakest: Scores
    offsets: Rows
    rows: Rows
    relations: Bytes
    resemblance: Scores

    def __len__(self) -> int:
        """How many clusters."""
        return len(self.kept)

    def named(self, corpus: Corpus) -> reported.Clusters:
        """The clusters as a report has them."""
        return reported.Clusters(reported.ClusterColumns(
            ids=labels(corpus.ids), kept=self.kept, weakest=self.weakest, offsets=self.offsets, rows=self.rows,
            relations=self.relations, resemblance=self.resemblance,
        ))  # fmt: skip

    def keeps(self, corpus: Corpus) -> NDArray[np.bool_]:
        """Whether each new row is kept: (n_new,)."""
        kept = np.ones(len(corpus), bool)
        kept[self.rows] = False
        kept[self.kept] = True
        return kept[: corpus.n_new]

    def decisions(self, corpus: Corpus, places: Rows) -> reported.Decisions:
        """One for every new document, by id: one is kept unless it is a cluster's and does not represent it."""
        by_place = np.empty(len(places), np.int64)
        by_place[places] = np.arange(len(places))
        by_place = by_place[by_place < corpus.n_new]
        clusters, relations = np.full(len(places), -1, np.int64), np.zeros(len(places), np.uint8)
        clusters[self.rows] = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        relations[self.rows] = self.relations
        keeps = clusters < 0
        keeps[self.kept] = True
        return reported.Decisions(reported.DecisionColumns(
            ids=labels(corpus.ids), rows=by_place, clusters=clusters[by_place], keeps=keeps[by_place],
            relations=relations[by_place], kept=self.kept, least=self.rows[self.offsets[:-1]],
        ))  # fmt: skip


def quotes(texts: Texts, found: Described, n_quotes: int) -> Lists:
    """The longest shared passages of matches of rows in the words of the left text, in its order."""
    spans = np.empty((len(found.passages), 2), np.int64)
    counts = np.empty(len(found), np.int32)
    rows, room = found.pairs[:, 0], (n_quotes, spans, counts)
    n = kernel.find_quotes(texts.values, texts.offsets, rows, found.passages, found.passage_offsets, *room)
    begins = offsets(spans[:n, 1] - spans[:n, 0])
    values = np.empty(int(begins[-1]), np.uint8)
    kernel.copy_spans(texts.values, spans[:n], values)
    return Lists(Labels(values, begins), offsets(counts))


def against_representatives(groupings: Sequence[Grouping], found: Matches, joining: Rows) -> tuple[Rows, Rows]:
    """The pairs of a member node and its representative, the lesser first, that have no match in `joining` yet."""
    pairs = np.array(
        [(g.representative, m) for g in groupings for m in g.members if m != g.representative], np.int64
    ).reshape(-1, 2)
    pairs.sort(axis=1)
    places = found.places(pairs[:, 0], pairs[:, 1])
    is_known = places >= 0
    is_known[is_known] = np.isin(found.matches.codes[places[is_known], 0], joining)
    missing = np.unique(pairs[~is_known], axis=0)
    return missing[:, 0], missing[:, 1]


def cluster(named: Named, groupings: Sequence[Grouping], found: Matches) -> Clusters:
    """All clusters; `found` has every member node against its representative."""
    nodes = named.nodes
    in_groups = np.zeros(len(nodes), bool)
    in_groups[[member for grouping in groupings for member in grouping.members]] = True
    alone = np.flatnonzero((np.diff(nodes.offsets) > 1) & ~in_groups & (nodes.last < named.corpus.n_new))
    heads = np.append(np.array([g.representative for g in groupings], np.int64), alone)
    weakest = np.append([g.weakest for g in groupings], np.ones(len(alone)))
    sizes = np.append(np.array([len(g.members) for g in groupings], np.int64), np.ones(len(alone), np.int64))
    member_nodes = np.append(np.array([m for g in groupings for m in g.members], np.int64), alone)
    n_rows = np.diff(nodes.offsets)[member_nodes]
    begins = np.append(0, np.cumsum(n_rows))
    rows = nodes.rows[np.repeat(nodes.offsets[member_nodes] - begins[:-1], n_rows) + np.arange(begins[-1])]
    own = np.repeat(np.repeat(np.arange(len(heads)), sizes), n_rows)
    kept = nodes.first[heads]
    relations, resemblance = _against(named, rows, kept[own], found, (np.repeat(member_nodes, n_rows), heads[own]))
    return _in_order(named.places, own, Clusters(
        kept=kept, weakest=weakest, offsets=offsets(np.bincount(own, minlength=len(heads)).astype(np.int32)), rows=rows,
        relations=relations, resemblance=resemblance,
    ))  # fmt: skip


def _against(
    named: Named, rows: Rows, kept: Rows, found: Matches, member_and_head: tuple[Rows, Rows]
) -> tuple[Bytes, Scores]:
    """Relation and resemblance of each row to the row that is kept."""
    same = (named.text_hashes[rows] == named.text_hashes[kept]).all(axis=1)
    relations = np.where(same, RELATIONS.index("exact"), RELATIONS.index("same_text")).astype(np.uint8)
    resemblance = np.ones(len(rows))
    members, heads = member_and_head
    others = np.flatnonzero(members != heads)
    places = found.places(members[others], heads[others])
    relations[others], resemblance[others] = found.matches.codes[places, 0], found.matches.scores[places, 0]
    return relations, resemblance


def _in_order(places: Rows, own: Rows, made: Clusters) -> Clusters:
    """Members by the places of their ids, clusters by their first member; `own` (n_members,) says whose each is."""
    least = np.full(len(made), len(places), np.int64)
    np.minimum.at(least, own, places[made.rows])
    order = np.lexsort((places[made.rows], least[own]))
    by_first = np.argsort(least)
    return Clusters(
        kept=made.kept[by_first], weakest=made.weakest[by_first],
        offsets=offsets(np.diff(made.offsets)[by_first].astype(np.int32)), rows=made.rows[order],
        relations=made.relations[order], resemblance=made.resemblance[order],
    )  # fmt: skip


def matches(named: Named, found: Matches, wanted: Rows) -> tuple[reported.Matches, Bytes]:
    """Matches of nodes and of the rows that a node has beside its first, by ids; and the relation of each.

    Those of nodes that were measured anew may be of other relations than are `wanted`, and are left out then.
    """
    nodes, places = named.nodes, named.places
    measured = np.flatnonzero(found.latest() & np.isin(found.matches.codes[:, 0], wanted))
    sizes = np.diff(nodes.offsets)
    others = np.ones(len(nodes.rows), bool)
    others[nodes.offsets[:-1]] = False
    owners, rows = np.repeat(np.arange(len(sizes)), sizes - 1), nodes.rows[others]
    firsts = nodes.first[owners]
    if named.corpus.n_old:
        is_new = (firsts < named.corpus.n_new) | (rows < named.corpus.n_new)
        owners, firsts, rows = owners[is_new], firsts[is_new], rows[is_new]
    both = np.concatenate([nodes.first[found.matches.pairs[measured]], np.stack([firsts, rows], axis=1)])
    both = np.where((places[both[:, 0]] > places[both[:, 1]])[:, None], both[:, ::-1], both)
    same = (named.text_hashes[firsts] == named.text_hashes[rows]).all(axis=1)
    copied = np.where(same, RELATIONS.index("exact"), RELATIONS.index("same_text")).astype(np.uint8)
    relations = np.concatenate([found.matches.codes[measured, 0], copied])
    order = np.lexsort((places[both[:, 1]], places[both[:, 0]]))
    columns = reported.MatchColumns(
        ids=labels(named.corpus.ids), texts=named.corpus.texts, rows=both[order], relations=relations[order],
        which=np.append(measured, np.full(len(rows), -1))[order],
        n_tokens=np.append(np.zeros(len(measured), np.int32), nodes.n_tokens[owners])[order], found=found.matches,
    )  # fmt: skip
    return reported.Matches(columns), relations


def counts(
    corpus: Corpus, n_candidates: int, relations: Bytes, found: Clusters, cuts: Sequence[Cut]
) -> dict[str, object]:
    """The numbers of `summary.json`, of new documents alone; `relations` are those of all matches."""
    by_relation = np.bincount(relations, minlength=len(RELATIONS)).tolist()
    n_kept = int(found.keeps(corpus).sum())
    return {
        "documents": corpus.n_new,
        **({"against": corpus.n_old} if corpus.n_old else {}),
        "text_bytes": int(corpus.texts.offsets[corpus.n_new]),
        "candidates": n_candidates,
        "matches": {name: n for name, n in sorted(zip(RELATIONS, by_relation, strict=True)) if n},
        "clusters": len(found),
        "clustered_documents": int((found.rows < corpus.n_new).sum()),
        "kept": n_kept,
        "removed": corpus.n_new - n_kept,
        "cut": [{"bound": c.bound, "times": c.n_times, "left_out": c.n_left_out} for c in cuts],
    }
