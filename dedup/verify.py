"""Stages 4a and 4b over chunks of candidate pairs: texts are tokenized again when they are wanted, and nothing is kept.

Recomputing the tokens of a text costs microseconds; keeping those of all texts would cost more memory than the texts.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Hashes, Rows, Scores, offsets
from dedup.config import Config, ReportConfig
from dedup.described import Described, joined
from dedup.engines import local
from dedup.kernels.ordering import cut, near_one_another
from dedup.records import RELATIONS, Candidates, Corpus, Keys, Match
from dedup.sequences import Lists
from dedup.stages import align, collection, credit, dateline, gather, relation, report, text

__all__ = [
    "Judged",
    "Known",
    "as_held",
    "as_member",
    "as_part",
    "codes",
    "confidences",
    "in_chunks",
    "judge",
    "judge_parts",
    "named",
    "related",
    "reworded",
]

CHUNK_BYTES = 1 << 21
BLOCK = 64
"""Texts whose pairs with as many others stand together."""
REUSE = ("exact", "same_text", "near", "syndicated", "rewrite", "excerpt")
"""Relations in which one text comes from the other, or both from a third."""
REWORDED = 0.5
"""Share of the texts of a site; of a newspaper or an office it is a tenth at most, of datasets of rewrites most."""
SAMPLED_SITES, SAMPLED_TEXTS, SAMPLED_PAIRS = 32, 32, 16
"""So many sites are looked at, at so many of their texts, at so many pairs of each."""
HOLDS = "the {} text holds several texts in full that have nothing to do with one another"


def _none() -> Hashes:
    return np.empty(0, np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Texts to compare and what is known of them.

    Text n stands in row `rows[n]` of the corpus; of a pair, the text of the lesser `order` (n_texts,) is the left one.
    `date_trust` in 0..1 is how much their dates say; `reworded` are the sites, ascending, whose texts are rewrites of
    one another as a rule, so that it is not held against two texts that both are of it. `lists` are the numbers of
    URLs, ascending, that are no pages and have been taken out of the corpus.
    """

    corpus: Corpus
    rows: Rows
    order: Rows
    evidence: collection.Evidence
    date_trust: float = 1.0
    reworded: Hashes = field(default_factory=_none)
    lists: Hashes = field(default_factory=_none)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Verdicts on pairs of texts, `left < right`, all (n_pairs,), and the matches of those that were wanted.

    The matches stand in any order; their `pairs` tell which they are.
    """

    left: Rows
    right: Rows
    verdicts: relation.Verdicts
    matches: Described


def judge(known: Known, pairs: tuple[Rows, Rows], wanted: Collection[str], config: Config) -> Judged:
    """Align and classify all pairs (left < right), in that order; describe those whose relation is in `wanted`."""
    parts = list(judge_parts(known, pairs, wanted, config))
    parts = parts or [_judge_chunk(known, codes(wanted), config, _fetched(known, pairs))]
    left, right = (np.concatenate(sides) for sides in ([p.left for p in parts], [p.right for p in parts]))
    # Parts hold them as their texts stand together.
    order = np.empty(len(left), np.int64)
    order[np.lexsort(pairs[::-1])] = np.lexsort((right, left))
    verdicts = relation.Verdicts(
        relations=np.concatenate([part.verdicts.relations for part in parts])[order],
        confidence=np.concatenate([part.verdicts.confidence for part in parts])[order],
    )
    matches = parts[0].matches if len(parts) == 1 else joined([part.matches for part in parts])
    return Judged(left=left[order], right=right[order], verdicts=verdicts, matches=matches)


def named(known: Known, matches: Described) -> dict[tuple[int, int], Match]:
    """The matches of a `Judged` by their texts."""
    found = {}
    for at, (a, b) in enumerate(matches.pairs.tolist()):
        left, right = (a, b) if known.order[a] <= known.order[b] else (b, a)
        found[a, b] = matches.match(at, known.corpus.ids[known.rows[left]], known.corpus.ids[known.rows[right]])
    return found


def judge_parts(
    known: Known, pairs: tuple[Rows, Rows], wanted: Collection[str], config: Config, n_done: int = 0
) -> Iterator[Judged]:
    """The same part by part, without the first `n_done` parts; each is of a few megabytes of texts."""
    left, right = pairs
    chunks = islice(in_chunks(known, left, right), n_done, None)
    # Texts may come from a disk, which others need not wait for.
    parts = ((left[chunk], right[chunk]) for chunk in chunks)
    fetched = local.ordered_map(partial(_fetched, known), parts, config.threads)
    yield from local.ordered_map(partial(_judge_chunk, known, codes(wanted), config), fetched, config.threads)


def in_chunks(known: Known, left: Rows, right: Rows) -> list[Rows]:
    """Places of the pairs, a chunk of about `CHUNK_BYTES` of texts at a time.

    Pairs of connected texts stand together, so that a text is tokenized once or twice and not once a pair.
    """
    used, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    first, second = np.split(places, 2)
    where, sizes = np.empty(len(used), np.int64), np.diff(known.corpus.texts.offsets)[known.rows[used]]
    if sizes.sum() <= CHUNK_BYTES:
        return [np.lexsort((right, left))] if len(left) else []
    near_one_another(first, second, where)
    low, high = np.minimum(where[first], where[second]), np.maximum(where[first], where[second])
    order = np.lexsort((high, low, high // BLOCK, low // BLOCK))
    cuts = np.empty(len(order), np.int64)
    n_cuts = cut(first[order], second[order], sizes, CHUNK_BYTES, np.full(len(used), -1, np.int64), cuts)
    return [chunk for chunk in np.split(order, cuts[:n_cuts]) if len(chunk)]


def as_member(config: Config) -> Config:
    """The settings by which a member is verified against its representative."""
    return replace(config, relation=replace(config.relation, cluster_confidence=config.cluster.member_floor))


def as_part(config: Config) -> Config:
    """The settings by which a text is compared with one that holds it among others: they are never one article."""
    never = replace(config.relation, cluster_confidence=1.0, part_gap=0.0, part_length=0.0)
    return replace(config, relation=never)


def as_held(known: Known, part: Judged) -> Judged:
    """Pairs of a roundup and what it holds, as they are judged, and with the reason that no confidence tells."""
    left, right = part.matches.pairs[:, 0], part.matches.pairs[:, 1]
    bounds = known.corpus.texts.offsets
    sizes = [bounds[rows + 1] - bounds[rows] for rows in (known.rows[left], known.rows[right])]
    is_left = (sizes[0] > sizes[1]) == (known.order[left] < known.order[right])
    said = [(HOLDS.format("left" if at else "right"), *part.matches.origins[k]) for k, at in enumerate(is_left)]
    return replace(part, matches=replace(part.matches, origins=Lists.packed(said)))


def confidences(known: Known, config: Config, left: Rows, right: Rows) -> Scores:
    """How sure it is that each pair belongs together; 0 where its relation does not join."""
    verdicts = judge(known, (left, right), (), as_member(config)).verdicts
    return np.where(np.isin(verdicts.relations, codes(config.cluster.joining)), verdicts.confidence, 0.0)


def related(known: Known, config: Config, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Whether each pair has to do with one another: the two may be members of one cluster, or one has of the other."""
    return np.isin(judge(known, (left, right), (), as_member(config)).verdicts.relations, codes(REUSE))


def reworded(known: Known, proposed: Candidates, config: Config) -> Hashes:
    """The sites, ascending, of whose texts `REWORDED` and more would be rewrites of one another, were they not of one.

    A site fills in its own forms more often than it re-words its own articles, which is held against two texts of one.
    But a dataset of rewrites that is named as their site is none. Told by a sample of the largest sites, the first
    texts of each in the order of their content and the first pairs of each text, so that the cost is bounded.
    """
    sites, pages = known.corpus.sites[known.rows], known.corpus.pages[known.rows]
    names, sizes = np.unique(sites[sites != 0], return_counts=True)
    largest = np.argsort(-sizes, kind="stable")[:SAMPLED_SITES]
    large = np.sort(names[largest[sizes[largest] >= config.evidence.site_pages]])
    asked = np.concatenate([np.empty(0, np.int64), *(np.flatnonzero(sites == name)[:SAMPLED_TEXTS] for name in large)])
    left, right = proposed.left, proposed.right
    inside = np.flatnonzero((sites[left] == sites[right]) & ((pages[left] != pages[right]) | (pages[left] == 0)))
    places = np.full(len(sites), -1, np.int64)
    places[asked] = np.arange(len(asked))
    first = [_first(places[side[inside]], SAMPLED_PAIRS) for side in (left, right)]
    chosen = inside[np.unique(np.concatenate(first))]
    pairs = left[chosen], right[chosen]
    found = judge(replace(known, reworded=large), pairs, (), config).verdicts.relations == RELATIONS.index("rewrite")
    has_rewrite = np.zeros(len(sites), np.bool_)
    for side in pairs:
        has_rewrite[side[found]] = True
    shares = [has_rewrite[asked][sites[asked] == name].mean() for name in large]
    return np.asarray(large[np.array(shares) >= REWORDED])


def _first(asks: Rows, most: int) -> Rows:
    """Where each number from 0 on stands in `asks` (n,), the first `most` times."""
    order = np.argsort(asks, kind="stable")
    order = order[asks[order] >= 0]
    held = asks[order]
    return np.asarray(order[np.arange(len(held)) - np.searchsorted(held, held) < most])


def codes(names: Collection[str]) -> Rows:
    """The places of some relations in `RELATIONS`."""
    return np.array([code for code, name in enumerate(RELATIONS) if name in names], np.int64)


class _Fetched(NamedTuple):
    """Pairs of texts, their `places` in a part of the corpus, of all left ones and then of all right ones; the part."""

    pairs: tuple[Rows, Rows]
    places: Rows
    part: Corpus


def _fetched(known: Known, pairs: tuple[Rows, Rows]) -> _Fetched:
    used, places = np.unique(np.concatenate(pairs), return_inverse=True)
    return _Fetched(pairs, places, gather.part(known.corpus, known.rows[used]))


def _judge_chunk(known: Known, wanted: Rows, config: Config, fetched: _Fetched) -> Judged:
    pairs, places, part = fetched
    first, second = places[: len(pairs[0])], places[len(pairs[0]) :]
    swap = known.order[pairs[0]] > known.order[pairs[1]]
    left, right = np.where(swap, second, first), np.where(swap, first, second)
    tokens = text.tokenize(part.texts)
    keys = Keys(sites=part.sites, pages=part.pages, days=part.days)
    alignments = align.compare(tokens, (left, right), keys, known.evidence, config.align)
    if len(known.reworded):
        alignments = align.elsewhere(alignments, np.isin(part.sites, known.reworded))
    if known.date_trust < 1:
        alignments = dateline.trusted(alignments, known.date_trust, config.relation.days_undoubted)
    alignments = dateline.measured(alignments, tokens, text.word_hashes)
    same = text.same(part.texts, left, right)
    verdicts = relation.classify(alignments, same, config.relation)
    chosen = np.flatnonzero(np.isin(verdicts.relations, wanted))
    matches = _with_words(relation.describe(alignments, verdicts, chosen, tokens), part, config.report)
    nodes = np.stack((pairs[0][chosen], pairs[1][chosen]), axis=1)
    return Judged(left=pairs[0], right=pairs[1], verdicts=verdicts, matches=replace(matches, pairs=nodes))


def _with_words(matches: Described, corpus: Corpus, config: ReportConfig) -> Described:
    """Add to matches of rows what only characters tell: the longest passages, and which text was there first."""
    said = matches.codes.copy()
    reused = np.flatnonzero(np.isin(said[:, 0], codes(REUSE)))
    found = credit.origins(corpus, matches.pairs[reused, 0], matches.pairs[reused, 1])
    said[reused, 1] = found.sources
    counts = np.zeros(len(matches), np.int32)
    counts[reused] = np.diff(found.reasons.offsets)
    quotes = report.quotes(corpus.texts, matches, config.n_quotes)
    return replace(matches, codes=said, origins=Lists(found.reasons.labels, offsets(counts)), quotes=quotes)
