"""Stage 4b: alignments to relations, with a confidence and reasons in words. Every threshold lives here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Rows, Scores
from dedup.config import RelationConfig
from dedup.kernels.text import QUOTED
from dedup.records import RELATIONS, Alignments, Match, Passage, Span, Tokens

__all__ = ["Verdicts", "classify", "describe"]

EXACT, SAME_TEXT, NEAR, SYNDICATED, REWRITE, EXCERPT, QUOTE, TEMPLATE, NONE = range(len(RELATIONS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What each pair is: `relations` uint8 (n_pairs,) are places in `RELATIONS`, `confidence` (n_pairs,) in 0..1."""

    relations: NDArray[np.uint8]
    confidence: Scores

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.relations)


def classify(alignments: Alignments, same_characters: NDArray[np.bool_], config: RelationConfig) -> Verdicts:
    """Decide each pair; `same_characters` (n_pairs,) says which texts are equal to the character."""
    scores = alignments.scores
    confidence = _confidence(alignments)
    same_tokens = scores["same_tokens"] > 0
    confidence[same_tokens | same_characters] = 1.0
    joined = confidence >= config.cluster_confidence
    held = _share(scores["passage_weight"], np.minimum(scores["weight_left"], scores["weight_right"]))
    resemblance = _resemblance(alignments)
    choices = (
        (same_characters, EXACT),
        (same_tokens, SAME_TEXT),
        (joined & (resemblance >= config.near_resemblance), NEAR),
        (joined & (held >= 0.7), SYNDICATED),
        (joined, REWRITE),
        (held >= 0.4, EXCERPT),
        (scores["longest"] >= 8, QUOTE),
    )
    relations = np.select([c for c, _ in choices], [np.uint8(r) for _, r in choices], np.uint8(NONE))
    return Verdicts(relations=relations.astype(np.uint8), confidence=confidence)


def describe(
    alignments: Alignments, verdicts: Verdicts, chosen: Rows, tokens: Tokens, ids: Sequence[str]
) -> list[Match]:
    """Matches for the pairs in `chosen`; `ids` (n_texts,) name the texts in `tokens`."""
    resemblance = _resemblance(alignments)
    return [_match(alignments, verdicts, int(k), tokens, ids, float(resemblance[k])) for k in chosen]


def _share(part: Scores, whole: Scores) -> Scores:
    return part / np.maximum(whole, 1.0)


def _jaccard(scores_left: Scores, scores_right: Scores, both: Scores) -> Scores:
    return both / np.maximum(scores_left + scores_right - both, 1.0)


def _resemblance(alignments: Alignments) -> Scores:
    scores = alignments.scores
    return _jaccard(scores["shingles_left"], scores["shingles_right"], scores["shingles_both"])


def _confidence(alignments: Alignments) -> Scores:
    """Probability that a pair is one article, from the rare pairs of words outside quotations that both hold."""
    scores = alignments.scores
    plain = np.maximum(scores["pairs_both"] - scores["quoted_pairs"], 0)
    shared = _jaccard(scores["pairs_left"], scores["pairs_right"], plain)
    exponent = 3.0 * np.log(np.maximum(shared, 1e-6) / 0.05)
    return np.asarray(1.0 / (1.0 + np.exp(-exponent)), np.float64)


def _match(
    alignments: Alignments, verdicts: Verdicts, k: int, tokens: Tokens, ids: Sequence[str], resemblance: float
) -> Match:
    score = {name: float(column[k]) for name, column in alignments.scores.items()}
    left_in_right = score["in_passages"] / max(score["n_tokens_left"], 1)
    right_in_left = score["in_passages"] / max(score["n_tokens_right"], 1)
    return Match(
        left=ids[int(alignments.left[k])],
        right=ids[int(alignments.right[k])],
        relation=RELATIONS[int(verdicts.relations[k])],
        resemblance=resemblance,
        left_in_right=left_in_right,
        right_in_left=right_in_left,
        coverage=max(left_in_right, right_in_left),
        confidence=float(verdicts.confidence[k]),
        passages=_passages(alignments, k, tokens),
        reasons=_reasons(score),
    )


def _passages(alignments: Alignments, k: int, tokens: Tokens) -> tuple[Passage, ...]:
    """Token runs to character spans of both originals."""
    first = int(tokens.offsets[alignments.left[k]]), int(tokens.offsets[alignments.right[k]])
    rows = alignments.passages[int(alignments.offsets[k]) : int(alignments.offsets[k + 1])].tolist()
    return tuple(_passage(row, first, tokens) for row in rows)


def _passage(row: list[int], first: tuple[int, int], tokens: Tokens) -> Passage:
    left, left_end, right, right_end = row[0] + first[0], row[1] + first[0], row[2] + first[1], row[3] + first[1]
    flags = tokens.flags[left:left_end] | tokens.flags[right:right_end]
    return Passage(
        left=Span(start=int(tokens.starts[left]), end=int(tokens.ends[left_end - 1])),
        right=Span(start=int(tokens.starts[right]), end=int(tokens.ends[right_end - 1])),
        n_tokens=left_end - left,
        quoted=bool(2 * np.count_nonzero(flags & QUOTED) >= len(flags)),
    )


def _reasons(score: dict[str, float]) -> tuple[str, ...]:
    spread = min(score["spread_left"], score["spread_right"])
    return (f"{score['n_passages']:.0f} shared passages over {spread:.0f} of 10 parts of both texts",)
