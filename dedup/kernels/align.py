"""Verification as a loop: what two tokenized texts share, how rare it is and where it lies.

Everything is counted in whole numbers, and a pair is worked in one orientation however it is given, so that
swapping the two texts swaps the result and nothing else. The slow twin is `tests/naive.py`.
"""

from typing import NamedTuple

import numpy as np

from dedup.kernels.compile import kernel
from dedup.kernels.rarity import FURNITURE, part
from dedup.kernels.text import CAPITAL, NUMBER, QUOTED, SENTENCE_START

__all__ = ["MEASURES", "Scratch", "compare", "scratch"]

MEASURES = (
    "n_tokens_left", "n_tokens_right", "shingles_left", "shingles_right", "shingles_both",
    "words_left", "words_right", "words_both", "pairs_left", "pairs_right", "pairs_both",
    "rare_left", "rare_right", "rare_both", "rest_left", "rest_right", "rest_both",
    "numbers_left", "numbers_right", "numbers_both", "names_left", "names_right", "names_both",
    "weight_left", "weight_right", "furniture_left", "furniture_right", "spread_left", "spread_right",
    "same_tokens", "n_passages", "longest", "in_passages", "passage_weight", "quoted", "in_order",
    "swapped_numbers", "swapped_names", "kept_numbers", "kept_names",
)  # fmt: skip
"""What is measured of a pair, in the order of the columns.

`words`, `pairs`, `rare` (words of at least the rare weight), `rest` (words outside passages) and `weight` are weights
in `rarity.UNITS`, a word counted once but for `weight`; all else is counted in tokens. Where there is a `_both`,
`_left` and `_right` are what only one of the texts holds.
"""
N_TOKENS, SHINGLES, WORDS, PAIRS, RARE, REST, NUMBERS, NAMES, WEIGHT, FURNITURE_TOKENS, SPREAD_LEFT, SPREAD_RIGHT = (
    0, 2, 5, 8, 11, 14, 17, 20, 23, 25, 27, 28,
)  # fmt: skip
SAME_TOKENS, N_PASSAGES, LONGEST, IN_PASSAGES, PASSAGE_WEIGHT, QUOTED_TOKENS, IN_ORDER = range(29, 36)
SWAPPED_NUMBERS, SWAPPED_NAMES, KEPT_NUMBERS, KEPT_NAMES = range(36, 40)
SIDED = (N_TOKENS, SHINGLES, WORDS, PAIRS, RARE, REST, NUMBERS, NAMES, WEIGHT, FURNITURE_TOKENS, SPREAD_LEFT)
"""Columns whose next is the same of the right text."""

LONG = 64
"""Tokens of a run that is not looked into again, which bounds the work on texts that repeat themselves."""
MAX_OCCURRENCES = 16
PARTS = 10
BOTH, NAME, COUNTED = 3, 4, 8
"""States of a word: left 1 and right 2 hold it; one has it as a name; it was counted on the left, or (16) the right."""
GAP = 6
"""Most tokens between two passages that still stand against one another, word for word."""


class Scratch(NamedTuple):
    """Room for one pair at a time, made once by `scratch`."""

    keys: np.ndarray
    heads: np.ndarray
    weights: np.ndarray
    following: np.ndarray
    reached: np.ndarray
    runs: np.ndarray
    run_weights: np.ndarray
    order: np.ndarray
    owner: np.ndarray
    taken: np.ndarray


def scratch(longest: int) -> Scratch:
    """Room for pairs of texts of at most `longest` tokens."""
    size = 1 << (4 * longest + 15).bit_length()
    return Scratch(
        keys=np.empty(size, np.uint64), heads=np.empty(size, np.int32),
        weights=np.empty(size, np.uint8), following=np.empty(longest + 1, np.int32),
        reached=np.empty(2 * longest + 2, np.int32), runs=np.empty((2 * longest + 64, 3), np.int32),
        run_weights=np.empty(2 * longest + 64, np.int64), order=np.empty(2 * longest + 64, np.int32),
        owner=np.empty(longest + 1, np.int32), taken=np.empty(longest + 1, np.uint8),
    )  # fmt: skip


@kernel
def _clear(room, n):
    """Empty a table for `n` keys; return its size less one."""
    size = 16
    while size < 2 * n:
        size *= 2
    for i in range(size):
        room.keys[i] = 0
        room.heads[i] = 0
    return np.uint64(size - 1)


@kernel
def _find(key, mask, keys):
    """Slot where `key` (not 0) stands or belongs."""
    slot = (key ^ (key >> np.uint64(32))) & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot)


@kernel
def _is(flags, wanted, without):
    return flags & wanted != 0 and flags & without == 0


@kernel
def _overlap(left, left_weights, right, right_weights, room, out):
    """Write the weight of the distinct keys that only the left holds, only the right, and both into `out` (3,).

    Keys of weight 0 do not count; one that both sides hold weighs the lesser of its two weights.
    """
    mask = _clear(room, len(left) + len(right))
    out[:3] = 0
    for i in range(len(left)):
        if left_weights[i] != 0 and left[i] != 0:
            slot = _find(left[i], mask, room.keys)
            if room.keys[slot] == 0:
                room.keys[slot] = left[i]
                room.heads[slot] = left_weights[i]
                out[0] += left_weights[i]
    for i in range(len(right)):
        if right_weights[i] != 0 and right[i] != 0:
            slot = _find(right[i], mask, room.keys)
            if room.keys[slot] == 0:
                out[1] += right_weights[i]
                room.keys[slot] = right[i]
            elif room.heads[slot] > 0:
                lesser = min(np.int64(room.heads[slot]), np.int64(right_weights[i]))
                out[0] -= room.heads[slot]
                out[2] += lesser
            room.heads[slot] = -1


@kernel
def _note_words(text, side, mask, room):
    """Enter the words of one text into the table: that it holds them, and whether as a name."""
    for i in range(len(text.hashes)):
        slot = _find(text.hashes[i], mask, room.keys)
        room.keys[slot] = text.hashes[i]
        room.heads[slot] |= side
        if _is(text.marks[i], CAPITAL, NUMBER | SENTENCE_START | FURNITURE):
            room.heads[slot] |= NAME


@kernel
def _count_words(text, side, mask, rare_weight, room, out):
    """Add the distinct words of one text, left (1) before right (2): their weight, and the numbers and names."""
    for i in range(len(text.hashes)):
        slot = _find(text.hashes[i], mask, room.keys)
        state = np.int64(room.heads[slot])
        if state & COUNTED * side:
            continue
        room.heads[slot] |= COUNTED * side
        weight, column = np.int64(text.token_weights[i]), side - 1
        if state & BOTH == BOTH:
            if side == 1:
                room.weights[slot] = weight
                continue
            weight, column = min(weight, np.int64(room.weights[slot])), 2
        rare = weight if weight >= rare_weight else 0
        out[WORDS + column] += weight
        out[RARE + column] += rare
        if text.marks[i] & FURNITURE == 0:
            out[NUMBERS + column] += text.marks[i] & NUMBER != 0
            out[NAMES + column] += state & NAME != 0


@kernel
def _measure_words(left, right, rare_weight, room, out):
    """Fill the columns that speak of words wherever they stand."""
    mask = _clear(room, len(left.hashes) + len(right.hashes))
    _note_words(left, 1, mask, room)
    _note_words(right, 2, mask, room)
    _count_words(left, 1, mask, rare_weight, room, out)
    _count_words(right, 2, mask, rare_weight, room, out)


@kernel
def _measure_rest(left, right, room, out):
    """Fill the columns of what lies outside passages."""
    left_rest, right_rest = left.token_weights.copy(), right.token_weights.copy()
    for i in range(len(left_rest)):
        if room.owner[i] != 0:
            left_rest[i] = 0
            right_rest[room.owner[i] - 1] = 0
    _overlap(left.hashes, left_rest, right.hashes, right_rest, room, out[REST:])


@kernel
def _extend(left, right, i, j):
    """How far the run through `left[i]` and `right[j]` and their next goes back and ahead."""
    back, ahead = 0, 2
    while back < LONG and i > back and j > back and left[i - back - 1] == right[j - back - 1]:
        back += 1
    while i + ahead < len(left) and j + ahead < len(right) and left[i + ahead] == right[j + ahead]:
        ahead += 1
    return back, ahead


@kernel
def _find_runs(left, right, seed_weight, floor, room):
    """Write the maximal common runs of at least `floor` weight into `room.runs`; return how many.

    A run is found by a pair of neighbors that weighs at least `seed_weight`, and grows both ways by any word.
    """
    n_left, n_right = len(left.hashes), len(right.hashes)
    mask = _clear(room, n_right)
    for j in range(n_right - 2, -1, -1):
        if right.seeds[j] >= seed_weight:
            slot = _find(right.pairs[j], mask, room.keys)
            room.following[j] = room.heads[slot] - 1 if room.keys[slot] != 0 else -1
            room.keys[slot] = right.pairs[j]
            room.heads[slot] = j + 1
    room.reached[: n_left + n_right] = 0
    n_runs, i, last = 0, 0, np.int64(0)
    while i < n_left - 1:
        skip = i + 1
        if left.seeds[i] >= seed_weight:
            slot = _find(left.pairs[i], mask, room.keys)
            j = np.int64(room.heads[slot]) - 1
            visits = 0
            while j >= 0 and n_runs < len(room.runs):
                if visits == MAX_OCCURRENCES:
                    # Too many: go on only where the last run lay, or two copies of a repetitive text would not align.
                    j = i + last
                    if j < 0 or j >= n_right - 1 or right.pairs[j] != left.pairs[i]:
                        break
                if room.reached[j - i + n_left] <= i:
                    back, ahead = _extend(left.hashes, right.hashes, i, j)
                    room.reached[j - i + n_left] = i + ahead
                    weight = left.sums[i + ahead] - left.sums[i - back]
                    if weight >= floor:
                        room.runs[n_runs, 0], room.runs[n_runs, 1] = i - back, j - back
                        room.runs[n_runs, 2] = back + ahead
                        room.run_weights[n_runs] = weight
                        n_runs += 1
                        last = j - i
                    if ahead >= LONG:
                        skip = max(skip, i + ahead - 1)
                if visits == MAX_OCCURRENCES:
                    break
                visits += 1
                j = np.int64(room.following[j])
        i = skip
    return n_runs


@kernel
def _before(a, b, room):
    """Whether run `a` is placed before run `b`: heavier first, then by place."""
    if room.run_weights[a] != room.run_weights[b]:
        return room.run_weights[a] > room.run_weights[b]
    if room.runs[a, 0] != room.runs[b, 0]:
        return room.runs[a, 0] < room.runs[b, 0]
    return room.runs[a, 1] < room.runs[b, 1]


@kernel
def _sort(n, room):
    """Order the first `n` runs for placing: heapsort, as runs can be a million where a text repeats itself."""
    order = room.order
    for i in range(n):
        order[i] = i
    for step in range(n + n // 2 - 1, 0, -1):
        if step >= n:
            root, end = step - n, n
        else:
            root, end = 0, step
            order[0], order[step] = order[step], order[0]
        while 2 * root + 1 < end:
            child = 2 * root + 1
            if child + 1 < end and _before(order[child], order[child + 1], room):
                child += 1
            if not _before(order[root], order[child], room):
                break
            order[root], order[child] = order[child], order[root]
            root = child


@kernel
def _place(left, right, n_runs, floor, room):
    """Give each token to at most one passage, heaviest run first; `room.owner` gets where on the right, plus one."""
    n_left, n_right = len(left.hashes), len(right.hashes)
    room.owner[:n_left] = 0
    room.taken[:n_right] = 0
    for rank in range(n_runs):
        run = room.order[rank]
        i, j, n = room.runs[run, 0], room.runs[run, 1], room.runs[run, 2]
        begin = 0
        while begin < n:
            while begin < n and (room.owner[i + begin] != 0 or room.taken[j + begin] != 0):
                begin += 1
            end = begin
            while end < n and room.owner[i + end] == 0 and room.taken[j + end] == 0:
                end += 1
            if end - begin >= 2 and left.sums[i + end] - left.sums[i + begin] >= floor:
                for k in range(begin, end):
                    room.owner[i + k] = j + k + 1
                    room.taken[j + k] = 1
            begin = end


@kernel
def _count_swaps(left, right, i, j, n_left, n_right, wanted, without):
    """Marked tokens of a gap of the left at `i` that the gap of the right at `j` replaces by others."""
    own_left, own_right = 0, 0
    for k in range(n_left + n_right):
        if k < n_left:
            own, other, begin, end = left, right, j, j + n_right
            at = i + k
        else:
            own, other, begin, end = right, left, i, i + n_left
            at = j + k - n_left
        if not _is(own.marks[at], wanted, without):
            continue
        is_own = True
        for m in range(begin, end):
            if other.hashes[m] == own.hashes[at]:
                is_own = False
        if is_own and k < n_left:
            own_left += 1
        elif is_own:
            own_right += 1
    return min(own_left, own_right)


@kernel
def _measure_gaps(left, right, i, j, to_i, to_j, out):
    """Add what stands against one another in the gap between two passages that follow each other in both texts."""
    n_left, n_right = to_i - i, to_j - j
    if 0 < n_left <= GAP and 0 < n_right <= GAP:
        out[SWAPPED_NUMBERS] += _count_swaps(left, right, i, j, n_left, n_right, NUMBER, FURNITURE)
        out[SWAPPED_NAMES] += _count_swaps(
            left, right, i, j, n_left, n_right, CAPITAL, NUMBER | SENTENCE_START | FURNITURE
        )


@kernel
def _measure_passages(left, right, room, out):
    """Fill the columns that speak of passages: how many, how much, how rare, how quoted, where, in which order."""
    n_left, n_right = len(left.hashes), len(right.hashes)
    parts_left, parts_right = 0, 0
    i, to_i, to_j = 0, 0, 0
    while i < n_left:
        if room.owner[i] == 0:
            i += 1
            continue
        begin, j = i, room.owner[i] - 1
        if out[N_PASSAGES] > 0 and j >= to_j:
            out[IN_ORDER] += 1
            _measure_gaps(left, right, to_i, to_j, i, j, out)
        while i < n_left and room.owner[i] == j + i - begin + 1:
            at = j + i - begin
            out[PASSAGE_WEIGHT] += min(left.token_weights[i], right.token_weights[at])
            out[QUOTED_TOKENS] += (left.marks[i] | right.marks[at]) & QUOTED != 0
            out[KEPT_NUMBERS] += _is(left.marks[i], NUMBER, 0)
            out[KEPT_NAMES] += _is(left.marks[i], CAPITAL, NUMBER | SENTENCE_START)
            parts_left |= 1 << (i * PARTS // n_left)
            parts_right |= 1 << (at * PARTS // n_right)
            i += 1
        to_i, to_j = i, j + i - begin
        out[N_PASSAGES] += 1
        out[IN_PASSAGES] += i - begin
        out[LONGEST] = max(out[LONGEST], i - begin)
    for place in range(PARTS):
        out[SPREAD_LEFT] += parts_left >> place & 1
        out[SPREAD_RIGHT] += parts_right >> place & 1


@kernel
def _measure_text(text, out, side):
    """Fill the columns of one side that the other does not touch."""
    n_tokens = len(text.hashes)
    out[N_TOKENS + side] = n_tokens
    for i in range(n_tokens):
        out[WEIGHT + side] += text.token_weights[i]
        out[FURNITURE_TOKENS + side] += text.marks[i] & FURNITURE != 0


@kernel
def _is_turned(left, right):
    """Whether the two are worked the other way round: the shorter first, then the one whose hashes are less."""
    if len(left) != len(right):
        return len(left) > len(right)
    for i in range(len(left)):
        if left[i] != right[i]:
            return left[i] > right[i]
    return False


@kernel
def _same(left, right):
    if len(left) != len(right):
        return False
    for i in range(len(left)):  # noqa: SIM110 - a kernel has no generators
        if left[i] != right[i]:
            return False
    return True


@kernel
def _turn(n_left, n_right, room, out):
    """Swap the sides of all columns and of `room.owner`."""
    for column in SIDED:
        out[column], out[column + 1] = out[column + 1], out[column]
    inverse = room.reached
    inverse[:n_right] = 0
    for i in range(n_left):
        if room.owner[i] != 0:
            inverse[room.owner[i] - 1] = i + 1
    room.owner[:n_right] = inverse[:n_right]


@kernel
def _align(left, right, limits, room, out):
    """Measure one pair in its own orientation."""
    out[:] = 0
    _overlap(left.shingles, left.ones, right.shingles, right.ones, room, out[SHINGLES:])
    _overlap(left.pairs, left.pair_weights, right.pairs, right.pair_weights, room, out[PAIRS:])
    _measure_words(left, right, limits[2], room, out)
    n_runs = _find_runs(left, right, limits[0], limits[1], room)
    _sort(n_runs, room)
    _place(left, right, n_runs, limits[1], room)
    _measure_rest(left, right, room, out)
    _measure_text(left, out, 0)
    _measure_text(right, out, 1)
    out[SAME_TOKENS] = _same(left.hashes, right.hashes)
    _measure_passages(left, right, room, out)


@kernel
def _write_passages(n_left, room, out):
    """Write left start, left end, right start, right end of each passage; return how many."""
    n, i = 0, 0
    while i < n_left:
        if room.owner[i] == 0:
            i += 1
            continue
        begin, j = i, room.owner[i] - 1
        while i < n_left and room.owner[i] == j + i - begin + 1:
            i += 1
        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = begin, i, j, j + i - begin
        n += 1
    return n


@kernel
def compare(weighed, text_offsets, left, right, limits, room, first, scores, passages, offsets):
    """Measure pairs from `first` on until `passages` is full; return how many pairs are done in all.

    `left`, `right` int64 (n_pairs,) are places in `text_offsets` int64 (n_texts + 1,); `limits` int64 (3,) the least
    weight of a seed, of a passage and of a rare word; `scores` int64 (n_pairs, len(MEASURES)); `passages` int32 (n, 4)
    of token positions; `offsets` int64 (n_pairs + 1,). Cost is near linear in the length of the two texts.
    """
    for k in range(first, len(left)):
        i, j = left[k], right[k]
        a = part(weighed, text_offsets[i], text_offsets[i + 1])
        b = part(weighed, text_offsets[j], text_offsets[j + 1])
        n_left, n_right = len(a.hashes), len(b.hashes)
        if offsets[k] + min(n_left, n_right) // 2 + 1 > len(passages):
            return k
        if _is_turned(a.hashes, b.hashes):
            _align(b, a, limits, room, scores[k])
            _turn(n_right, n_left, room, scores[k])
        else:
            _align(a, b, limits, room, scores[k])
        offsets[k + 1] = offsets[k] + _write_passages(n_left, room, passages[offsets[k] :])
    return len(left)
