"""What the measures of pairs say in counts and shares, of all pairs at once; it decides nothing."""

from collections.abc import Mapping

import numpy as np

from dedup.arrays import Scores

__all__ = [
    "Columns", "bodies", "clashing", "facts", "filled", "gaps", "held", "jaccard", "log_odds", "longer", "share",
    "shorter", "typical_pair",
]  # fmt: skip

Columns = Mapping[str, Scores]
"""The columns of `kernels.measures` and what the stages add, each (n_pairs,)."""


def gaps(scores: Columns) -> list[Scores]:
    """Of each text, the share that its longest run without the other takes."""
    return [share(scores[f"gap_{side}"], scores[f"n_tokens_{side}"]) for side in ("left", "right")]


def longer(scores: Columns) -> Scores:
    """Tokens of the longer text."""
    return np.asarray(np.maximum(scores["n_tokens_left"], scores["n_tokens_right"]))


def shorter(scores: Columns) -> Scores:
    """Tokens of the shorter text."""
    return np.asarray(np.minimum(scores["n_tokens_left"], scores["n_tokens_right"]))


def held(scores: Columns) -> Scores:
    """Share of the shorter text that stands in passages."""
    return share(scores["in_passages"], shorter(scores))


def clashing(scores: Columns, what: str) -> Scores:
    """How much of a kind each text has that the other has not."""
    return np.minimum(scores[f"{what}_left"], scores[f"{what}_right"])


def facts(scores: Columns, where: str) -> Scores:
    """How much clashes in the `inner` or the `outer` gaps of passages, a number as much as two names."""
    return scores[f"{where}_names"] + 2 * scores[f"{where}_numbers"]


def bodies(scores: Columns) -> list[Scores]:
    """Of each text, the tokens that are no furniture."""
    return [scores[f"n_tokens_{side}"] - scores[f"furniture_{side}"] for side in ("left", "right")]


def filled(scores: Columns) -> Scores:
    """Share of the shorter text, without furniture, that stands in passages."""
    return np.asarray(np.clip(share(scores["in_passages"], np.minimum(*bodies(scores))), 0, 1))


def log_odds(part: Scores) -> Scores:
    """Of a share in 0..1, drawn in from its ends so that they are finite: -3.9 to 3.9."""
    return np.asarray(np.log((part + 0.02) / (1.02 - part)), np.float64)


def share(part: Scores, whole: Scores) -> Scores:
    """What `part` is of `whole`, which counts as 1 where it is less."""
    return part / np.maximum(whole, 1.0)


def jaccard(scores: Columns, what: str) -> Scores:
    """What both hold of all that either does."""
    both = scores[f"{what}_both"]
    return share(both, scores[f"{what}_left"] + scores[f"{what}_right"] + both)


def typical_pair(scores: Columns) -> Scores:
    """What a pair of neighbors weighs on average in both texts: of characters, as in Chinese, less than of words."""
    weights = scores["pairs_left"] + scores["pairs_right"] + 2 * scores["pairs_both"]
    return share(weights, scores["n_tokens_left"] + scores["n_tokens_right"])
