"""Stages 4a and 4b over chunks of candidate pairs: texts are tokenized again when they are wanted, and nothing is kept.

Recomputing the tokens of a text costs microseconds; keeping those of all texts would cost more memory than the texts.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Rows, Scores, offsets
from dedup.config import Config, ReportConfig
from dedup.described import Described, joined
from dedup.engines import local
from dedup.kernels.ordering import cut, near_one_another
from dedup.records import RELATIONS, Corpus, Keys, Match
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
]

CHUNK_BYTES = 1 << 21
BLOCK = 64
"""Texts whose pairs with as many others stand together."""
REUSE = ("exact", "same_text", "near", "syndicated", "rewrite", "excerpt")
"""Relations in which one text comes from the other, or both from a third."""
HOLDS = "the {} text holds several texts in full that have nothing to do with one another"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Texts to compare and what is known of them.

    Text n stands in row `rows[n]` of the corpus; of a pair, the text of the lesser `order` (n_texts,) is the left one.
    `date_trust` in 0..1 is how much their dates say.
    """

    corpus: Corpus
    rows: Rows
    order: Rows
    evidence: collection.Evidence
    date_trust: float = 1.0


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
