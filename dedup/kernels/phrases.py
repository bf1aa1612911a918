"""The evidence of matches in words, as JSON: which phrases hold for the measures of a pair, and with which numbers."""

import numpy as np

from dedup.kernels.compile import allocating, kernel
from dedup.kernels.snippets import COMMA, QUOTE, write_number

__all__ = ["GAP", "PHRASES", "SAID", "most_bytes", "write_reasons"]

SAID = (
    "n_passages", "in_passages", "longest", "n_tokens_left", "n_tokens_right", "spread_left", "spread_right",
    "in_order", "numbers_both", "numbers_left", "numbers_right", "names_both", "names_left", "names_right", "quoted",
    "furniture_left", "furniture_right", "stated_apart", "filled_gaps", "disputed_gaps", "subjects_left",
    "subjects_right", "met_left", "met_right",
)  # fmt: skip
"""The measures that are spoken of."""
(
    N_PASSAGES, IN_PASSAGES, LONGEST, N_TOKENS_LEFT, N_TOKENS_RIGHT, SPREAD_LEFT, SPREAD_RIGHT, IN_ORDER, NUMBERS_BOTH,
    NUMBERS_LEFT, NUMBERS_RIGHT, NAMES_BOTH, NAMES_LEFT, NAMES_RIGHT, QUOTED, FURNITURE_LEFT, FURNITURE_RIGHT,
    STATED_APART, FILLED_GAPS, DISPUTED_GAPS, SUBJECTS_LEFT, SUBJECTS_RIGHT, MET_LEFT, MET_RIGHT,
) = range(len(SAID))  # fmt: skip

GAP = "#"
PHRASES = (
    "no passage in common",
    "1 shared passage (# words, the longest #) over # of 10 parts of both texts; # % of the shorter text",
    "# shared passages (# words, the longest #) over # of 10 parts of both texts; # % of the shorter text",
    "all in the same order",
    "# of # follow one another as in the other text",
    "numbers agree (# of #)",
    "numbers: # agree, at least # in each text are not in the other",
    "names agree (# of #)",
    "names: # agree, at least # in each text are not in the other",
    "# of # gaps between passages that both texts fill differ in a number or a name",
    "words that come up most: the right text has # % of the left's as often, the left # % of the right's",
    "the days that they state at their beginning are # apart",
    "# % of what they share is quoted",
    "# words of site furniture left out of account",
)
"""What may be said of a pair, with a gap for each number."""
NOTHING, ONE, MORE, ALL_IN_ORDER, IN_ORDER_OF, NUMBERS, _, NAMES, _, DISPUTED, SUBJECTS, DAYS, IN_QUOTES, FURNITURE = (
    range(len(PHRASES))
)
LEAST_QUOTED = 10
"""Per cent that are spoken of."""
_GAP = ord(GAP)
_N_NUMBERS = 5
_DIGITS = 11


def most_bytes() -> int:
    """Room that the reasons of one match take at most."""
    return sum(len(phrase) + 3 + _DIGITS * phrase.count(GAP) for phrase in PHRASES) + 2


@kernel
def _percent(share, whole):
    """Rounded as Python does."""
    return np.int64(np.rint(100.0 * share / max(whole, 1)))


@kernel
def _say(which, numbers, phrases, starts, out, n):
    """Write a phrase in quotes, its gaps filled in with the first of `numbers`, behind a comma if another precedes."""
    if out[n - 1] == QUOTE:
        out[n] = COMMA
        n += 1
    out[n] = QUOTE
    n, k = n + 1, 0
    for at in range(starts[which], starts[which + 1]):
        if phrases[at] == _GAP:
            n = write_number(numbers[k], out, n)
            k += 1
        else:
            out[n] = phrases[at]
            n += 1
    out[n] = QUOTE
    return n + 1


@kernel
def _facts(agree, both, own, numbers, phrases, starts, out, n):
    """Say how many of two texts' numbers or names agree: with the phrase `agree`, or the one behind it."""
    numbers[0], numbers[1] = both, own
    if own > 0:
        return _say(agree + 1, numbers, phrases, starts, out, n)
    numbers[1] = both
    return _say(agree, numbers, phrases, starts, out, n) if both > 0 else n


@allocating
def write_reasons(measures, phrases, starts, out, sizes):
    """Write the reasons of some matches as lists of JSON that nothing ends yet, the most telling first.

    `measures` int32 (n, len(SAID)); `phrases` uint8 are `PHRASES` end to end and `starts` int64 where each begins and
    the last ends; `out` uint8 has room for `most_bytes` a match, and `sizes` int64 (n,) gets how many each takes.
    Returns how many they are in all.
    """
    n, numbers = 0, np.empty(_N_NUMBERS, np.int64)
    for i in range(len(measures)):
        own, before = measures[i], n
        out[n] = 0x5B
        n += 1
        if own[N_PASSAGES] == 0:
            n = _say(NOTHING, numbers, phrases, starts, out, n)
            sizes[i] = n - before
            continue
        shorter = min(own[N_TOKENS_LEFT], own[N_TOKENS_RIGHT])
        first = 0
        if own[N_PASSAGES] > 1:
            numbers[0], first = own[N_PASSAGES], 1
        numbers[first], numbers[first + 1] = own[IN_PASSAGES], own[LONGEST]
        numbers[first + 2] = min(own[SPREAD_LEFT], own[SPREAD_RIGHT])
        numbers[first + 3] = _percent(own[IN_PASSAGES], shorter)
        n = _say(ONE + first, numbers, phrases, starts, out, n)
        steps = own[N_PASSAGES] - 1
        if steps > 1:
            numbers[0], numbers[1] = own[IN_ORDER], steps
            n = _say(ALL_IN_ORDER if own[IN_ORDER] == steps else IN_ORDER_OF, numbers, phrases, starts, out, n)
        clashing = min(own[NUMBERS_LEFT], own[NUMBERS_RIGHT])
        n = _facts(NUMBERS, own[NUMBERS_BOTH], clashing, numbers, phrases, starts, out, n)
        clashing = min(own[NAMES_LEFT], own[NAMES_RIGHT])
        n = _facts(NAMES, own[NAMES_BOTH], clashing, numbers, phrases, starts, out, n)
        numbers[0], numbers[1] = own[DISPUTED_GAPS], own[FILLED_GAPS]
        if numbers[0] != 0:
            n = _say(DISPUTED, numbers, phrases, starts, out, n)
        if min(own[SUBJECTS_LEFT], own[SUBJECTS_RIGHT]) > 0:
            numbers[0] = _percent(own[MET_LEFT], own[SUBJECTS_LEFT])
            numbers[1] = _percent(own[MET_RIGHT], own[SUBJECTS_RIGHT])
            n = _say(SUBJECTS, numbers, phrases, starts, out, n)
        numbers[0] = own[STATED_APART]
        if numbers[0] != 0:
            n = _say(DAYS, numbers, phrases, starts, out, n)
        numbers[0] = _percent(own[QUOTED], own[IN_PASSAGES])
        if numbers[0] >= LEAST_QUOTED:
            n = _say(IN_QUOTES, numbers, phrases, starts, out, n)
        numbers[0] = np.int64(own[FURNITURE_LEFT]) + own[FURNITURE_RIGHT]
        if numbers[0] != 0:
            n = _say(FURNITURE, numbers, phrases, starts, out, n)
        sizes[i] = n - before
    return n
