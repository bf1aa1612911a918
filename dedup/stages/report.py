"""After stage 5: groups of nodes to clusters and decisions by id, in an order that the input does not decide."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from dedup.arrays import Bytes, Rows
from dedup.records import (
    EQUAL,
    Cluster,
    Corpus,
    Cut,
    Decision,
    Grouping,
    Match,
    Member,
    Nodes,
    Passage,
    Relation,
    Span,
    Texts,
)  # fmt: skip

__all__ = ["against_representatives", "clusters", "copies", "counts", "decisions", "quoted"]

Matches = Mapping[tuple[int, int], Match]
"""By node, the lesser first."""


def quoted(match: Match, left_text: str, n_quotes: int) -> tuple[str, ...]:
    """The longest shared passages in the words of the left text, in its order."""
    longest = sorted(match.passages, key=lambda passage: (-passage.n_tokens, passage.left.start))[:n_quotes]
    spans = sorted((passage.left.start, passage.left.end) for passage in longest)
    return tuple(left_text[start:end] for start, end in spans)


def against_representatives(
    groupings: Sequence[Grouping], matches: Matches, joining: Collection[str]
) -> tuple[Rows, Rows]:
    """The pairs of a member node and its representative, the lesser first, that have no joining match yet."""
    pairs = {_pair(g.representative, m) for g in groupings for m in g.members if m != g.representative}
    missing = np.array(
        sorted(pair for pair in pairs if pair not in matches or matches[pair].relation not in joining), np.int64
    ).reshape(-1, 2)
    return missing[:, 0], missing[:, 1]


def copies(corpus: Corpus, nodes: Nodes) -> list[Match]:
    """Matches of the rows that a node has beside its first, each with the first."""
    found = []
    for node in np.flatnonzero(np.diff(nodes.offsets) > 1).tolist():
        first, *others = nodes.of(node).tolist()
        found += [_copy(corpus, first, other, int(nodes.n_tokens[node])) for other in others]
    return found


def _copy(corpus: Corpus, first: int, other: int, n_tokens: int) -> Match:
    left, right = sorted((first, other), key=lambda row: corpus.ids[row])
    relation = _same(corpus.texts, left, right)
    spans = [Span(start=0, end=_n_characters(corpus.texts, row)) for row in (left, right)]
    return Match(
        left=corpus.ids[left], right=corpus.ids[right], relation=relation, resemblance=1.0, left_in_right=1.0,
        right_in_left=1.0, coverage=1.0, confidence=1.0, reasons=(EQUAL[relation],),
        passages=(Passage(left=spans[0], right=spans[1], n_tokens=n_tokens),),
    )  # fmt: skip


def _same(texts: Texts, left: int, right: int) -> Relation:
    """Two rows of one node: equal in their characters or only in their tokens."""
    return "exact" if np.array_equal(_bytes(texts, left), _bytes(texts, right)) else "same_text"


def _bytes(texts: Texts, row: int) -> Bytes:
    return texts.values[texts.offsets[row] : texts.offsets[row + 1]]


def _n_characters(texts: Texts, row: int) -> int:
    """Bytes that do not go on with a character."""
    return int(np.count_nonzero((_bytes(texts, row) & 0xC0) != 0x80))


def clusters(corpus: Corpus, nodes: Nodes, groupings: Sequence[Grouping], matches: Matches) -> list[Cluster]:
    """Clusters by their least id. `matches` has every member node against its representative."""
    grouped = {node for grouping in groupings for node in grouping.members}
    repeated = set(np.flatnonzero(np.diff(nodes.offsets) > 1).tolist()) - grouped
    alone = [Grouping(representative=node, members=(node,), weakest=1.0) for node in repeated]
    found = [_cluster(corpus, nodes, grouping, matches) for grouping in [*groupings, *alone]]
    return sorted(found, key=lambda cluster: cluster.members[0].id)


def _cluster(corpus: Corpus, nodes: Nodes, grouping: Grouping, matches: Matches) -> Cluster:
    kept = int(nodes.of(grouping.representative)[0])
    members = list[Member]()
    for node in grouping.members:
        match = matches.get(_pair(node, grouping.representative))
        for row in nodes.of(node).tolist():
            relation = match.relation if match else _same(corpus.texts, kept, row)
            members.append(
                Member(id=corpus.ids[row], relation=relation, resemblance=match.resemblance if match else 1.0)
            )
    members.sort(key=lambda member: member.id)
    return Cluster(
        id=_name(members[0].id), representative=corpus.ids[kept], weakest=grouping.weakest, members=tuple(members)
    )


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _name(least_id: str) -> str:
    """A cluster's own id: it changes only when its least member does."""
    return "c" + hashlib.blake2b(least_id.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def decisions(corpus: Corpus, found: Sequence[Cluster]) -> list[Decision]:
    """One for every document, by id: a document is kept unless it is a cluster's and does not represent it."""
    made = {name: Decision(id=name, keep=True) for name in corpus.ids}
    for cluster in found:
        for member in cluster.members:
            kept = member.id == cluster.representative
            made[member.id] = Decision(
                id=member.id, keep=kept, cluster=cluster.id, representative=cluster.representative,
                relation=None if kept else member.relation,
            )  # fmt: skip
    return [made[name] for name in sorted(made)]


def counts(
    corpus: Corpus, n_candidates: int, matches: Sequence[Match], found: Sequence[Cluster], cuts: Sequence[Cut]
) -> dict[str, object]:
    """The numbers of `summary.json`."""
    n_members = sum(len(cluster.members) for cluster in found)
    return {
        "documents": len(corpus),
        "text_bytes": int(corpus.texts.offsets[-1]),
        "candidates": n_candidates,
        "matches": dict(sorted(Counter(match.relation for match in matches).items())),
        "clusters": len(found),
        "clustered_documents": n_members,
        "kept": len(corpus) - n_members + len(found),
        "removed": n_members - len(found),
        "cut": [{"bound": c.bound, "times": c.n_times, "left_out": c.n_left_out} for c in cuts],
    }
