"""The evidence of a match in words that a person can check against the texts."""

from collections.abc import Sequence

from dedup.records import EQUAL, Relation

__all__ = ["SAID", "reasons"]

SAID = (
    "n_passages", "in_passages", "longest", "n_tokens_left", "n_tokens_right", "spread_left", "spread_right",
    "in_order", "numbers_both", "numbers_left", "numbers_right", "names_both", "names_left", "names_right", "quoted",
    "furniture_left", "furniture_right", "stated_apart",
)  # fmt: skip
"""The measures that are spoken of."""


def reasons(relation: Relation, measures: Sequence[int]) -> tuple[str, ...]:
    """The evidence of a pair, most telling first; `measures` in the order of `SAID`."""
    if relation in EQUAL:
        return (EQUAL[relation],)
    (
        n_passages, in_passages, longest, n_tokens_left, n_tokens_right, spread_left, spread_right,
        in_order, numbers_both, numbers_left, numbers_right, names_both, names_left, names_right, quoted,
        furniture_left, furniture_right, stated_apart,
    ) = measures  # fmt: skip
    if n_passages == 0:
        return ("no passage in common",)
    said = (
        _extent(n_passages, in_passages, longest, min(n_tokens_left, n_tokens_right), min(spread_left, spread_right)),
        _order(in_order, n_passages - 1),
        _facts("numbers", numbers_both, min(numbers_left, numbers_right)),
        _facts("names", names_both, min(names_left, names_right)),
        _stated(stated_apart),
        _quotation(quoted, in_passages),
        _furniture(furniture_left + furniture_right),
    )
    return tuple(filter(None, said))


def _extent(n_passages: int, in_passages: int, longest: int, n_tokens: int, spread: int) -> str:
    passages = "1 shared passage" if n_passages == 1 else f"{n_passages} shared passages"
    held = round(100 * in_passages / n_tokens)
    words = f"{in_passages} words, the longest {longest}"
    return f"{passages} ({words}) over {spread} of 10 parts of both texts; {held} % of the shorter text"


def _order(in_order: int, steps: int) -> str:
    if steps < 2:
        return ""
    if in_order == steps:
        return "all in the same order"
    return f"{in_order} of {steps} follow one another as in the other text"


def _facts(what: str, agreeing: int, clashing: int) -> str:
    if agreeing + clashing == 0:
        return ""
    if clashing == 0:
        return f"{what} agree ({agreeing} of {agreeing})"
    return f"{what}: {agreeing} agree, at least {clashing} in each text are not in the other"


def _stated(days: int) -> str:
    return f"the days that they state at their beginning are {days} apart" if days else ""


def _quotation(quoted: int, in_passages: int) -> str:
    share = round(100 * quoted / max(in_passages, 1))
    return f"{share} % of what they share is quoted" if share >= 10 else ""


def _furniture(n_words: int) -> str:
    return f"{n_words} words of site furniture left out of account" if n_words else ""
