"""Stages 4a and 4b over chunks of candidate pairs: texts are tokenized again when they are wanted, and nothing is kept.

Recomputing the tokens of a text costs microseconds; keeping those of all texts would cost more memory than the texts.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Rows, Scores
from dedup.config import Config
from dedup.engines import local
from dedup.records import RELATIONS, Corpus, Document, Match
from dedup.stages import align, collection, credit, gather, relation, report, text, unique

__all__ = ["Judged", "Known", "as_member", "codes", "confidences", "in_chunks", "judge", "judge_parts"]

CHUNK_BYTES = 1 << 22
REUSE = ("exact", "same_text", "near", "syndicated", "rewrite", "excerpt")
"""Relations in which one text comes from the other, or both from a third."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Texts to compare and what is known of them.

    Text n stands in row `rows[n]` of the corpus; of a pair, the text of the lesser `order` (n_texts,) is the left one.
    """

    corpus: Corpus
    rows: Rows
    order: Rows
    evidence: collection.Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Verdicts on pairs of texts, `left < right`, all (n_pairs,), and the matches of those that were wanted."""

    left: Rows
    right: Rows
    verdicts: relation.Verdicts
    matches: dict[tuple[int, int], Match]

    def joining(self, names: Collection[str]) -> tuple[Rows, Rows, Scores]:
        """Left, right and confidence of the pairs whose relation is among `names`."""
        joins = np.isin(self.verdicts.relations, codes(names))
        return self.left[joins], self.right[joins], self.verdicts.confidence[joins]


def judge(known: Known, pairs: tuple[Rows, Rows], wanted: Collection[str], config: Config) -> Judged:
    """Align and classify all pairs (left < right); describe those whose relation is in `wanted`."""
    parts = list(judge_parts(known, pairs, wanted, config))
    left, right = (
        np.concatenate([np.empty(0, np.int64), *(getattr(p, side) for p in parts)]) for side in ("left", "right")
    )
    order = np.lexsort((right, left))
    verdicts = relation.Verdicts(
        relations=np.concatenate([np.empty(0, np.uint8), *(p.verdicts.relations for p in parts)])[order],
        confidence=np.concatenate([np.empty(0), *(p.verdicts.confidence for p in parts)])[order],
    )
    matches = {pair: match for part in parts for pair, match in part.matches.items()}
    return Judged(left=left[order], right=right[order], verdicts=verdicts, matches=matches)


def judge_parts(
    known: Known, pairs: tuple[Rows, Rows], wanted: Collection[str], config: Config, n_done: int = 0
) -> Iterator[Judged]:
    """The same part by part, without the first `n_done` parts; each is of a few megabytes of texts."""
    left, right = pairs
    work = partial(_judge_chunk, known, codes(wanted), config)
    chunks = islice(in_chunks(known, left, right), n_done, None)
    yield from local.ordered_map(work, ((left[chunk], right[chunk]) for chunk in chunks), config.threads)


def in_chunks(known: Known, left: Rows, right: Rows) -> list[Rows]:
    """Places of the pairs, a chunk of about `CHUNK_BYTES` of texts at a time.

    Pairs of connected texts stand together, so that a text is tokenized once or twice and not once a pair.
    """
    used, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    first, second = np.split(places, 2)
    order = np.lexsort((right, left, unique.components(first, second, len(used))[first]))
    rows, offsets = known.rows[used], known.corpus.texts.offsets
    n_bytes = offsets[rows + 1] - offsets[rows]
    sizes = n_bytes[first[order]] + n_bytes[second[order]] + 1
    cuts = np.flatnonzero(np.diff(np.cumsum(sizes) // CHUNK_BYTES)) + 1
    return [chunk for chunk in np.split(order, cuts) if len(chunk)]


def as_member(config: Config) -> Config:
    """The settings by which a member is verified against its representative."""
    return replace(config, relation=replace(config.relation, cluster_confidence=config.cluster.member_floor))


def confidences(known: Known, config: Config, left: Rows, right: Rows) -> Scores:
    """How sure it is that each pair belongs together; 0 where its relation does not join."""
    verdicts = judge(known, (left, right), (), as_member(config)).verdicts
    return np.where(np.isin(verdicts.relations, codes(config.cluster.joining)), verdicts.confidence, 0.0)


def codes(names: Collection[str]) -> Rows:
    """The places of some relations in `RELATIONS`."""
    return np.array([code for code, name in enumerate(RELATIONS) if name in names], np.int64)


def _judge_chunk(known: Known, wanted: Rows, config: Config, pairs: tuple[Rows, Rows]) -> Judged:
    used, places = np.unique(np.concatenate(pairs), return_inverse=True)
    rows = known.rows[used]
    first, second = np.split(places, 2)
    swap = known.order[pairs[0]] > known.order[pairs[1]]
    left, right = np.where(swap, second, first), np.where(swap, first, second)
    tokens = text.tokenize(known.corpus.texts, rows)
    alignments = align.compare(tokens, (left, right), known.corpus.sites[rows], known.evidence, config.align)
    same = _same_characters(known.corpus, rows[left], rows[right])
    verdicts = relation.classify(alignments, same, config.relation)
    chosen = np.flatnonzero(np.isin(verdicts.relations, wanted))
    ids = gather.take(known.corpus.ids, rows)
    described = relation.describe(alignments, verdicts, chosen, tokens, ids)
    matches = {
        (int(pairs[0][k]), int(pairs[1][k])): _with_words(
            match, known, (int(rows[left[k]]), int(rows[right[k]])), config
        )
        for k, match in zip(chosen.tolist(), described, strict=True)
    }
    return Judged(left=pairs[0], right=pairs[1], verdicts=verdicts, matches=matches)


def _same_characters(corpus: Corpus, left: Rows, right: Rows) -> NDArray[np.bool_]:
    offsets, values = corpus.texts.offsets, corpus.texts.values
    same: NDArray[np.bool_] = offsets[left + 1] - offsets[left] == offsets[right + 1] - offsets[right]
    for k in np.flatnonzero(same).tolist():
        a, b = int(left[k]), int(right[k])
        same[k] = np.array_equal(values[offsets[a] : offsets[a + 1]], values[offsets[b] : offsets[b + 1]])
    return same


def _with_words(match: Match, known: Known, rows: tuple[int, int], config: Config) -> Match:
    """Add what only the characters tell: the longest passages in words, and which text was there first."""
    left, right = (_document(known.corpus, row) for row in rows)
    quotes = report.quoted(match, left.text, config.report.n_quotes)
    if match.relation not in REUSE:
        return replace(match, quotes=quotes)
    origin = credit.origin(left, right)
    return replace(match, quotes=quotes, source=origin.source, reasons=(*match.reasons, *origin.reasons))


def _document(corpus: Corpus, row: int) -> Document:
    return Document(
        id=corpus.ids[row], text=gather.text_of(corpus.texts, row), url=corpus.urls[row], source=corpus.sources[row],
        date=corpus.dates[row],
    )  # fmt: skip
