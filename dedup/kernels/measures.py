"""What alignment measures of a pair: the columns of its result, and those that passages and lengths fill."""

import numpy as np

from dedup.kernels.compile import kernel
from dedup.kernels.rarity import FURNITURE
from dedup.kernels.text import CAPITAL, NUMBER, QUOTED, SENTENCE_START

__all__ = ["MEASURES", "has_flags", "measure_passages", "measure_texts"]

MEASURES = (
    "n_tokens_left", "n_tokens_right", "shingles_left", "shingles_right", "shingles_both",
    "words_left", "words_right", "words_both", "rare_left", "rare_right", "rare_both",
    "numbers_left", "numbers_right", "numbers_both", "names_left", "names_right", "names_both",
    "pairs_left", "pairs_right", "pairs_both", "furniture_left", "furniture_right", "spread_left", "spread_right",
    "gap_left", "gap_right", "same_tokens", "n_passages", "longest", "in_passages", "passage_weight", "quoted",
    "in_order", "inner_numbers", "inner_names", "outer_numbers", "outer_names",
    "longest_unquoted", "unquoted_weight",
)  # fmt: skip
"""What is measured of a pair, in the order of the columns.

`words`, `pairs` of neighbors, `rare` (words of at least the rare weight) and `passage_weight` are weights in
`rarity.UNITS`, a word counted once in the first three; all else is counted in tokens, `gap` being the most of them in a
row that no passage touches and that are no furniture. Where there is a `_both`, `_left` and `_right` are what only one
of the texts holds. `inner` numbers and names stand against one another between two passages, each unknown to the other
text; `outer` ones stand before the first passage or behind the last, where copies differ too. `longest_unquoted` is
the longest run within a passage that neither text quotes, `unquoted_weight` what the pairs in all such runs weigh.
"""
N_TOKENS, SHINGLES, WORDS, RARE, NUMBERS, NAMES, PAIRS, FURNITURE_TOKENS, SPREAD = 0, 2, 5, 8, 11, 14, 17, 20, 22
GAPS, SAME_TOKENS, N_PASSAGES, LONGEST, IN_PASSAGES, PASSAGE_WEIGHT, QUOTED_TOKENS, IN_ORDER = 24, *range(26, 33)
INNER, OUTER = 33, 35
"""Numbers, and names in the next column."""
LONGEST_UNQUOTED, UNQUOTED_WEIGHT = 37, 38
SIDED = (N_TOKENS, SHINGLES, WORDS, RARE, NUMBERS, NAMES, PAIRS, FURNITURE_TOKENS, SPREAD, GAPS)
"""Columns whose next is the same of the right text."""

PARTS = 10
BOTH = 3
"""State of a word that both texts hold."""


@kernel
def has_flags(flags, wanted, without):
    """Whether a token has any of the flags that are wanted, and none of those it must be without."""
    return flags & wanted != 0 and flags & without == 0


@kernel
def measure_texts(marks, span, room, out):
    """Fill the columns of one side: its length, its furniture, and its longest stretch without a passage."""
    for side in range(2):
        owner = room.owner if side == 0 else room.owned
        out[N_TOKENS + side] = span[2 * side + 1] - span[2 * side]
        gap = 0
        for i in range(span[2 * side + 1] - span[2 * side]):
            is_furniture = marks[span[2 * side] + i] & FURNITURE != 0
            out[FURNITURE_TOKENS + side] += is_furniture
            gap = 0 if owner[i] != 0 else gap + (not is_furniture)
            out[GAPS + side] = max(out[GAPS + side], gap)


@kernel
def _count_own(marks, span, side, begin, end, room):
    """Numbers, and names, between two positions of tokens that the other text does not hold; no furniture."""
    first = span[0] if side == 0 else span[2] - (span[1] - span[0])
    n_numbers, n_names = 0, 0
    for i in range(begin, end):
        if not has_flags(marks[i], NUMBER | CAPITAL, FURNITURE):
            continue
        if room.states[room.slots[i - first]] & BOTH != BOTH:
            n_numbers += marks[i] & NUMBER != 0
            n_names += has_flags(marks[i], CAPITAL, NUMBER | SENTENCE_START)
    return n_numbers, n_names


@kernel
def _count_clashes(marks, span, gap, room, out):
    """Add to `out` (2,) the numbers and names that each side of a gap has and the other text has not.

    `gap` (4,) has the gap's begin and end on the left, then on the right, as positions of tokens.
    """
    if gap[0] < gap[1] and gap[2] < gap[3]:
        left = _count_own(marks, span, 0, gap[0], gap[1], room)
        right = _count_own(marks, span, 1, gap[2], gap[3], room)
        out[0] += min(left[0], right[0])
        out[1] += min(left[1], right[1])


@kernel
def _measure_ends(marks, span, gap, room, out):
    """Count into `out` (2,) what clashes before the first passage and behind the last, if any; `gap` is room for it."""
    n_left, n_right = span[1] - span[0], span[3] - span[2]
    i, j = 0, 0
    while i < n_left and room.owner[i] == 0:
        i += 1
    while j < n_right and room.owned[j] == 0:
        j += 1
    gap[0], gap[1], gap[2], gap[3] = span[0], span[0] + i, span[2], span[2] + j
    _count_clashes(marks, span, gap, room, out)
    if i == n_left:
        return
    i, j = n_left, n_right
    while room.owner[i - 1] == 0:
        i -= 1
    while room.owned[j - 1] == 0:
        j -= 1
    gap[0], gap[1], gap[2], gap[3] = span[0] + i, span[1], span[2] + j, span[3]
    _count_clashes(marks, span, gap, room, out)


@kernel
def _measure_passage(weighed, i, j, n, out):
    """Add a passage of `n` tokens to its columns; `i` on the left and `j` on the right are positions of tokens."""
    marks, weights, seeds = weighed.marks, weighed.token_weights, weighed.seeds
    weight, unquoted_weight = np.int64(0), np.int64(0)
    n_quoted, n_unquoted, longest = 0, 0, out[LONGEST_UNQUOTED]
    for k in range(n):
        weight += min(np.int64(weights[i + k]), np.int64(weights[j + k]))
        if (marks[i + k] | marks[j + k]) & QUOTED:
            n_quoted += 1
            n_unquoted = 0
            continue
        n_unquoted += 1
        longest = max(longest, n_unquoted)
        if k + 1 < n:
            unquoted_weight += min(np.int64(seeds[i + k]), np.int64(seeds[j + k]))
    out[PASSAGE_WEIGHT] += weight
    out[QUOTED_TOKENS] += n_quoted
    out[LONGEST_UNQUOTED], out[UNQUOTED_WEIGHT] = longest, out[UNQUOTED_WEIGHT] + unquoted_weight
    out[N_PASSAGES] += 1
    out[IN_PASSAGES] += n
    out[LONGEST] = max(out[LONGEST], n)


@kernel
def _parts(begin, end, n_tokens):
    """Which of `PARTS` equal parts of a text tokens `begin` to `end` lie in, as bits."""
    if n_tokens >= PARTS:
        return (2 << (end - 1) * PARTS // n_tokens) - (1 << begin * PARTS // n_tokens)
    # In so short a text some parts have no token.
    parts = 0
    for at in range(begin, end):
        parts |= 1 << at * PARTS // n_tokens
    return parts


@kernel
def _n_bits(parts):
    n = 0
    for place in range(PARTS):
        n += parts >> place & 1
    return n


@kernel
def measure_passages(weighed, span, room, out):
    """Fill the columns that speak of passages: how many, how much, how rare, how quoted, where, in which order.

    `room.slots` says where the words of both texts stand in the table of `room.states`.
    """
    hashes, marks, owner = weighed.hashes, weighed.marks, room.owner
    n_left, n_right = span[1] - span[0], span[3] - span[2]
    gap = np.empty(4, np.int64)
    i, to_j, parts_left, parts_right = 0, 0, 0, 0
    while i < n_left:
        if owner[i] == 0:
            i += 1
            continue
        begin, j = i, np.int64(owner[i]) - 1
        while i < n_left and owner[i] == j + i - begin + 1:
            i += 1
        if out[N_PASSAGES] > 0 and j >= to_j:
            out[IN_ORDER] += 1
            gap[1], gap[3] = span[0] + begin, span[2] + j
            _count_clashes(marks, span, gap, room, out[INNER:])
        _measure_passage(weighed, span[0] + begin, span[2] + j, i - begin, out)
        to_j = j + i - begin
        parts_left |= _parts(begin, i, n_left)
        parts_right |= _parts(j, to_j, n_right)
        gap[0], gap[2] = span[0] + i, span[2] + to_j
    _measure_ends(marks, span, gap, room, out[OUTER:])
    out[SPREAD], out[SPREAD + 1] = _n_bits(parts_left), _n_bits(parts_right)
    is_same = n_left == n_right
    for k in range(n_left if is_same else 0):
        is_same = is_same and hashes[span[0] + k] == hashes[span[2] + k]
    out[SAME_TOKENS] = is_same
