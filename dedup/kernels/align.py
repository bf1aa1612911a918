"""Verification as a loop: what two tokenized texts share, how rare it is and where it lies.

Everything is counted in whole numbers, and a pair is worked in one orientation however it is given, so that
swapping the two texts swaps the result and nothing else. The slow twin is `tests/naive.py`.
"""

from typing import NamedTuple

import numpy as np

from dedup.kernels.compile import kernel
from dedup.kernels.measures import (
    MEASURES,
    NAMES,
    NUMBERS,
    PAIRS,
    RARE,
    SHINGLES,
    SIDED,
    WORDS,
    has_flags,
    measure_passages,
    measure_texts,
)
from dedup.kernels.rarity import FURNITURE
from dedup.kernels.slots import clear, find, n_slots
from dedup.kernels.text import CAPITAL, NUMBER, SENTENCE_START

__all__ = ["MEASURES", "Scratch", "Words", "compare", "list_words", "scratch"]

LONG = 64
"""Tokens of a run that is not looked into again, which bounds the work on texts that repeat themselves."""
MAX_OCCURRENCES = 16
ON_LEFT, ON_RIGHT, NAME, NUMERIC, WEIGHT_SHIFT = 1, 2, 4, 8, 4
"""State of a word: which texts hold it, whether one has it as a name, whether it is a number where it stands first,
and above these what it weighs on the left."""


class Scratch(NamedTuple):
    """Room for one pair at a time, made once by `scratch`; `runs` are left start, right start, length and weight."""

    keys: np.ndarray
    states: np.ndarray
    slots: np.ndarray
    following: np.ndarray
    reached: np.ndarray
    runs: np.ndarray
    order: np.ndarray
    owner: np.ndarray
    owned: np.ndarray


class Words(NamedTuple):
    """The different words of some texts: text n has `counts[n]` of them from its first token's place on.

    `firsts` int32 (n_tokens,) are the tokens where they stand first, `kinds` uint8 whether one is a name anywhere, or a
    number there; `counts` int32 (n_texts,).
    """

    firsts: np.ndarray
    kinds: np.ndarray
    counts: np.ndarray


def scratch(longest: int) -> Scratch:
    """Room for pairs of texts of at most `longest` tokens."""
    size = 1 << (4 * longest + 15).bit_length()
    n_runs = 2 * longest + 64
    return Scratch(
        keys=np.empty(size, np.uint64), states=np.empty(size, np.int32),
        slots=np.empty(2 * longest + 2, np.int32), following=np.empty(longest + 1, np.int32),
        reached=np.empty(2 * longest + 2, np.int32), runs=np.empty((n_runs, 4), np.int32),
        order=np.empty(n_runs, np.int32), owner=np.empty(longest + 1, np.int32), owned=np.empty(longest + 1, np.int32),
    )  # fmt: skip


@kernel
def compare(weighed, words, text_offsets, left, right, limits, room, first, scores, passages, offsets):
    """Measure pairs from `first` on until `passages` is full; return how many pairs are done in all.

    `left`, `right` int64 (n_pairs,) are places in `text_offsets` int64 (n_texts + 1,); `limits` int64 (3,) the least
    weight of a seed, of a passage and of a rare word; `scores` int64 (n_pairs, len(MEASURES)), zero; `passages` int32
    (n, 4) of token positions; `offsets` int64 (n_pairs + 1,). Cost is near linear in the length of the two texts.
    """
    span, texts = np.empty(4, np.int64), np.empty(2, np.int64)
    for k in range(first, len(left)):
        i, j = left[k], right[k]
        texts[0], texts[1] = i, j
        span[0], span[1] = text_offsets[i], text_offsets[i + 1]
        span[2], span[3] = text_offsets[j], text_offsets[j + 1]
        n_left, n_right = span[1] - span[0], span[3] - span[2]
        if offsets[k] + min(n_left, n_right) // 2 + 1 > len(passages):
            return k
        if _is_turned(weighed.hashes, span):
            span[0], span[1], span[2], span[3] = span[2], span[3], span[0], span[1]
            texts[0], texts[1] = j, i
            _align(weighed, words, texts, span, limits, room, scores[k])
            _turn(scores[k])
            offsets[k + 1] = offsets[k] + _write_passages(n_left, room.owned, passages[offsets[k] :])
        else:
            _align(weighed, words, texts, span, limits, room, scores[k])
            offsets[k + 1] = offsets[k] + _write_passages(n_left, room.owner, passages[offsets[k] :])
    return len(left)


@kernel
def _is_turned(hashes, span):
    """Whether the two are worked the other way round: the shorter first, then the one whose hashes are less."""
    n_left, n_right = span[1] - span[0], span[3] - span[2]
    if n_left != n_right:
        return n_left > n_right
    for i in range(n_left):
        if hashes[span[0] + i] != hashes[span[2] + i]:
            return hashes[span[0] + i] > hashes[span[2] + i]
    return False


@kernel
def _turn(out):
    """Swap the sides of all columns."""
    for column in SIDED:
        out[column], out[column + 1] = out[column + 1], out[column]


@kernel
def _align(weighed, words, texts, span, limits, room, out):
    """Measure one pair in its own orientation."""
    _overlap(weighed.shingles, weighed.ones, span, room, out[SHINGLES:])
    _overlap(weighed.pairs, weighed.pair_weights, span, room, out[PAIRS:])
    n_runs = _find_runs(weighed, span, limits, room)
    _sort(n_runs, room.runs, room.order)
    _place(n_runs, room.runs, room.order, weighed.sums, span, limits[1], room.owner, room.owned)
    _measure_words(weighed, words, texts, span, limits[2], room, out[WORDS:])
    measure_texts(weighed.marks, span, room, out)
    measure_passages(weighed, span, room, out)


@kernel
def _overlap(values, weights, span, room, out):
    """Write the weight of the distinct values that only the left holds, only the right, and both into `out` (3,).

    Values of weight 0 do not count; one that both sides hold weighs the lesser of its two weights. `room.slots` gets
    where each value of the left, then of the right, stands in the table; -1 for 0.
    """
    keys, states, slots = room.keys, room.states, room.slots
    mask = clear(span[1] - span[0] + span[3] - span[2], keys, states)
    at, own_left, own_right, both = 0, 0, 0, 0
    for i in range(span[0], span[1]):
        slot = np.int64(-1)
        if values[i] != 0:
            slot = find(values[i], mask, keys)
            keys[slot] = values[i]
            if states[slot] == 0:
                states[slot] = weights[i]
                own_left += np.int64(weights[i])
        slots[at] = slot
        at += 1
    for i in range(span[2], span[3]):
        slot = np.int64(-1)
        if values[i] != 0:
            slot = find(values[i], mask, keys)
            keys[slot] = values[i]
            state, weight = np.int64(states[slot]), np.int64(weights[i])
            if weight != 0 and state > 0:
                own_left -= state
                both += min(state, weight)
                states[slot] = -1
            elif weight != 0 and state == 0:
                own_right += weight
                states[slot] = -1
        slots[at] = slot
        at += 1
    out[0], out[1], out[2] = own_left, own_right, both


@kernel
def list_words(hashes, marks, text_offsets, room, words):
    """Fill `words`, a `Words`, for all texts; furniture is not looked at."""
    for text in range(len(text_offsets) - 1):
        begin, end = text_offsets[text], text_offsets[text + 1]
        mask, n = clear(end - begin, room.keys, room.states), 0
        for i in range(begin, end):
            if marks[i] & FURNITURE:
                continue
            slot = find(hashes[i], mask, room.keys)
            if room.states[slot] == 0:
                room.keys[slot] = hashes[i]
                words.firsts[begin + n], words.kinds[begin + n] = i, NUMERIC if marks[i] & NUMBER else 0
                n += 1
                room.states[slot] = n
            if has_flags(marks[i], CAPITAL, NUMBER | SENTENCE_START):
                words.kinds[begin + room.states[slot] - 1] |= NAME
        words.counts[text] = n


@kernel
def _measure_words(weighed, words, texts, span, rare_weight, room, out):
    """Fill the columns that speak of words wherever they stand: `out` (12,) from words to names, zero.

    A word weighs what it weighs where a text has it first, of two weights the lesser; furniture is not looked at.
    `texts` (2,) are the numbers of the two; `room.slots` gets where their names and numbers stand in the table.
    """
    keys, states = room.keys, room.states
    mask = clear(words.counts[texts[0]] + words.counts[texts[1]], keys, states)
    for side in range(2):
        for at in range(span[2 * side], span[2 * side] + words.counts[texts[side]]):
            i = words.firsts[at]
            slot = find(weighed.hashes[i], mask, keys)
            keys[slot] = weighed.hashes[i]
            state, weight = np.int64(states[slot]), np.int64(weighed.token_weights[i])
            if state & ON_LEFT and side == 1:
                _add_word(-1, 0, state >> WEIGHT_SHIFT, rare_weight, state, out)
                state |= words.kinds[at] & NAME
                _add_word(1, 2, min(weight, state >> WEIGHT_SHIFT), rare_weight, state, out)
            else:
                state = np.int64(words.kinds[at])
                _add_word(1, side, weight, rare_weight, state, out)
            states[slot] = state | 1 << side | (weight << WEIGHT_SHIFT if side == 0 else 0)
    _find_facts(weighed, span, mask, room)


@kernel
def _find_facts(weighed, span, mask, room):
    """Write into `room.slots` where the names and numbers of both texts stand in the table."""
    at = 0
    for side in range(2):
        for i in range(span[2 * side], span[2 * side + 1]):
            if has_flags(weighed.marks[i], NUMBER | CAPITAL, FURNITURE):
                room.slots[at] = find(weighed.hashes[i], mask, room.keys)
            at += 1


@kernel
def _add_word(n, column, weight, rare_weight, state, out):
    """Add (1) or take away (-1) a word in one column of each kind."""
    out[column] += n * weight
    if weight >= rare_weight:
        out[RARE - WORDS + column] += n * weight
    if state & NUMERIC:
        out[NUMBERS - WORDS + column] += n
    if state & NAME:
        out[NAMES - WORDS + column] += n


@kernel
def _extend(hashes, span, i, j):
    """How far the run through `i` of the left and `j` of the right and their next goes back, and ahead."""
    back, ahead = 0, 2
    while back < LONG and i > back and j > back and hashes[span[0] + i - back - 1] == hashes[span[2] + j - back - 1]:
        back += 1
    most = min(span[1] - span[0] - i, span[3] - span[2] - j)
    while ahead < most and hashes[span[0] + i + ahead] == hashes[span[2] + j + ahead]:
        ahead += 1
    return back, ahead


@kernel
def _list_seeds(seeds, span, seed_weight, room):
    """For each slot of the table of pairs, the first place on the right plus one; `room.following` has the next."""
    n_left, n_right = span[1] - span[0], span[3] - span[2]
    for slot in range(n_slots(n_left + n_right)):
        room.states[slot] = 0
    for j in range(n_right - 2, -1, -1):
        if seeds[span[2] + j] >= seed_weight:
            slot = room.slots[n_left + j]
            room.following[j] = room.states[slot] - 1
            room.states[slot] = j + 1


@kernel
def _find_runs(weighed, span, limits, room):
    """Write the maximal common runs of at least `limits[1]` weight into `room.runs`; return how many.

    A run is found by a pair of neighbors that weighs at least `limits[0]`, and grows both ways by any word;
    `room.slots` says where each pair stands in the table.
    """
    seeds, reached, runs, slots = weighed.seeds, room.reached, room.runs, room.slots
    n_left, n_right = span[1] - span[0], span[3] - span[2]
    _list_seeds(seeds, span, limits[0], room)
    for i in range(n_left + n_right):
        reached[i] = 0
    n_runs, i, last = 0, 0, np.int64(0)
    while i < n_left - 1:
        skip, visits = i + 1, 0
        j = np.int64(room.states[slots[i]]) - 1 if seeds[span[0] + i] >= limits[0] else np.int64(-1)
        while j >= 0 and n_runs < len(runs):
            if visits == MAX_OCCURRENCES:
                # Too many: go on only where the last run lay, or two copies of a repetitive text would not align.
                j = i + last
                if j < 0 or j >= n_right - 1 or slots[n_left + j] != slots[i]:
                    break
            if reached[j - i + n_left] <= i:
                back, ahead = _extend(weighed.hashes, span, i, j)
                reached[j - i + n_left] = i + ahead
                weight = weighed.sums[span[0] + i + ahead] - weighed.sums[span[0] + i - back]
                if weight >= limits[1]:
                    runs[n_runs, 0], runs[n_runs, 1] = i - back, j - back
                    runs[n_runs, 2], runs[n_runs, 3] = back + ahead, weight
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
def _before(a, b, runs):
    """Whether run `a` is placed before run `b`: heavier first, then by place."""
    if runs[a, 3] != runs[b, 3]:
        return runs[a, 3] > runs[b, 3]
    if runs[a, 0] != runs[b, 0]:
        return runs[a, 0] < runs[b, 0]
    return runs[a, 1] < runs[b, 1]


@kernel
def _sort(n, runs, order):
    """Order the first `n` runs for placing: heapsort, as runs can be a million where a text repeats itself."""
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
            if child + 1 < end and _before(order[child], order[child + 1], runs):
                child += 1
            if not _before(order[root], order[child], runs):
                break
            order[root], order[child] = order[child], order[root]
            root = child


@kernel
def _place(n_runs, runs, order, sums, span, floor, owner, owned):
    """Give each token to at most one passage, heaviest run first.

    `owner` gets for each token of the left where it stands on the right, plus one; `owned` the reverse.
    """
    for i in range(span[1] - span[0]):
        owner[i] = 0
    for j in range(span[3] - span[2]):
        owned[j] = 0
    for rank in range(n_runs):
        i, j, n = runs[order[rank], 0], runs[order[rank], 1], runs[order[rank], 2]
        begin = 0
        while begin < n:
            while begin < n and (owner[i + begin] != 0 or owned[j + begin] != 0):
                begin += 1
            end = begin
            while end < n and owner[i + end] == 0 and owned[j + end] == 0:
                end += 1
            if end - begin >= 2 and sums[span[0] + i + end] - sums[span[0] + i + begin] >= floor:
                for k in range(begin, end):
                    owner[i + k] = j + k + 1
                    owned[j + k] = i + k + 1
            begin = end


@kernel
def _write_passages(n_left, owner, out):
    """Write left start, left end, right start, right end of each passage; return how many."""
    n, i = 0, 0
    while i < n_left:
        if owner[i] == 0:
            i += 1
            continue
        begin, j = i, owner[i] - 1
        while i < n_left and owner[i] == j + i - begin + 1:
            i += 1
        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = begin, i, j, j + i - begin
        n += 1
    return n
