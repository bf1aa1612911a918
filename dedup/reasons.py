"""The evidence of a match in words that a person can check against the texts."""

from collections.abc import Mapping, Sequence

from dedup.records import EQUAL, Relation

__all__ = ["SAID", "reasons"]

SAID = (
    "n_passages", "in_passages", "longest", "n_tokens_left", "n_tokens_right", "spread_left", "spread_right",
    "in_order", "numbers_both", "numbers_left", "numbers_right", "names_both", "names_left", "names_right", "quoted",
    "furniture_left", "furniture_right",
)  # fmt: skip
"""The measures that are spoken of."""


def reasons(relation: Relation, measures: Sequence[int]) -> tuple[str, ...]:
    """The evidence of a pair, most telling first; `measures` in the order of `SAID`."""
    if relation in EQUAL:
        return (EQUAL[relation],)
    score = dict(zip(SAID, measures, strict=True))
    if score["n_passages"] == 0:
        return ("no passage in common",)
    said = (_extent(score), _order(score), _facts(score, "numbers"), _facts(score, "names"), _quotation(score))
    return tuple(reason for reason in (*said, _furniture(score)) if reason)


def _extent(score: Mapping[str, int]) -> str:
    passages = "1 shared passage" if score["n_passages"] == 1 else f"{score['n_passages']} shared passages"
    held = round(100 * score["in_passages"] / min(score["n_tokens_left"], score["n_tokens_right"]))
    spread = min(score["spread_left"], score["spread_right"])
    words = f"{score['in_passages']} words, the longest {score['longest']}"
    return f"{passages} ({words}) over {spread} of 10 parts of both texts; {held} % of the shorter text"


def _order(score: Mapping[str, int]) -> str:
    steps = score["n_passages"] - 1
    if steps < 2:
        return ""
    if score["in_order"] == steps:
        return "all in the same order"
    return f"{score['in_order']} of {steps} follow one another as in the other text"


def _facts(score: Mapping[str, int], what: str) -> str:
    agreeing = score[f"{what}_both"]
    clashing = min(score[f"{what}_left"], score[f"{what}_right"])
    if agreeing + clashing == 0:
        return ""
    if clashing == 0:
        return f"{what} agree ({agreeing} of {agreeing})"
    return f"{what}: {agreeing} agree, at least {clashing} in each text are not in the other"


def _quotation(score: Mapping[str, int]) -> str:
    share = round(100 * score["quoted"] / max(score["in_passages"], 1))
    return f"{share} % of what they share is quoted" if share >= 10 else ""


def _furniture(score: Mapping[str, int]) -> str:
    n_words = score["furniture_left"] + score["furniture_right"]
    return f"{n_words} words of site furniture left out of account" if n_words else ""
