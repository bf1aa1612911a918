"""Verification as a loop: what two tokenized texts share, how rare it is and where it lies.

Everything is counted in whole numbers, and a pair is worked in one orientation however it is given, so that
swapping the two texts swaps the result and nothing else. The slow twin is `tests/naive.py`.
"""

from typing import NamedTuple

import numpy as np

from dedup.kernels.compile import inner, kernel
from dedup.kernels.measures import (
    MEASURES,
    PAIRS,
    SHINGLES,
    SIDED,
    WORDS,
    measure_passages,
    measure_subjects,
    measure_texts,
    share_written_otherwise,
)
from dedup.kernels.profiles import ALL_PAIRS, ALL_WORDS, IS_NAME, IS_NUMBER, profile
from dedup.kernels.slots import list_likely, place_all
from dedup.kernels.sort import RADIX, sort_upper

__all__ = ["MEASURES", "Scratch", "compare", "scratch"]

LONG = 64
"""Tokens of a run that is not looked into again, which bounds the work on texts that repeat themselves."""
MAX_OCCURRENCES = 16
MORE_RUNS = 1 << 16
"""Runs of a pair beyond two for each token of its shorter text, or beyond six more where that is less."""
OWN, OTHERS, BOTH = range(3)
"""Columns of what only the left text holds, only the right, and both."""
N_KINDS = 4
"""Words are counted four times: all, rare ones, numbers and names, in the order of `profiles.TOTALS`."""


class Scratch(NamedTuple):
    """Room for one pair at a time, made once by `scratch`; `runs` are left start, right start, length and weight.

    `likely` int32 gets the places of values that the other text may hold, and `found` int32 theirs there; `matches`
    int32 where each pair of the left first stands as a seed on the right, -1 for nowhere; `seeds` int32 the places on
    the left where one begins that both texts have; `shared_left` and `shared_right` bool, which words of each the other
    holds; `owner` and `owned` as `_place` says; `keys`, `spare` and `counts` are for sorting, `gap` int64 (4,) for
    `measures`.
    """

    likely: np.ndarray
    found: np.ndarray
    matches: np.ndarray
    seeds: np.ndarray
    shared_left: np.ndarray
    shared_right: np.ndarray
    reached: np.ndarray
    runs: np.ndarray
    order: np.ndarray
    keys: np.ndarray
    spare: np.ndarray
    counts: np.ndarray
    owner: np.ndarray
    owned: np.ndarray
    gap: np.ndarray


def scratch(longest: int) -> Scratch:
    """Room for pairs of texts of at most `longest` tokens."""
    n_runs = most_runs(longest)
    return Scratch(
        likely=np.empty(longest + 1, np.int32), found=np.empty(longest + 1, np.int32),
        matches=np.empty(longest, np.int32), seeds=np.empty(longest, np.int32),
        shared_left=np.empty(longest, np.bool_),
        shared_right=np.empty(longest, np.bool_), reached=np.empty(2 * longest, np.int32),
        runs=np.empty((n_runs, 4), np.int32), order=np.empty(n_runs, np.int32),
        keys=np.empty(n_runs, np.uint64), spare=np.empty(n_runs, np.uint64), counts=np.empty(RADIX, np.int64),
        owner=np.empty(longest, np.int32), owned=np.empty(longest, np.int32),
        gap=np.empty(4, np.int64),
    )  # fmt: skip


@inner
def most_runs(n_tokens):
    """How many runs are looked at in a pair whose shorter text has so many tokens, whatever it is compared beside."""
    return 2 * n_tokens + min(6 * n_tokens, MORE_RUNS) + 64


@kernel
def compare(weighed, profiles, left, right, limits, room, first, scores, passages, offsets):
    """Measure pairs from `first` on until `passages` is full; return how many pairs are done in all.

    `left`, `right` int64 (n_pairs,) are texts of `profiles`; `limits` int64 (3,) the least weight of a seed, of a
    passage and of a rare word; `scores` int64 (n_pairs, len(MEASURES)), zero; `passages` int32 (n, 4) of token
    positions; `offsets` int64 (n_pairs + 1,). Cost is near linear in the length of the two texts.
    """
    for k in range(first, len(left)):
        one, other = profile(weighed, profiles, left[k]), profile(weighed, profiles, right[k])
        n_left, n_right = len(one.hashes), len(other.hashes)
        if offsets[k] + min(n_left, n_right) // 2 + 1 > len(passages):
            return k
        if _is_turned(one.hashes, other.hashes):
            _align(other, one, limits, room, scores[k])
            _turn(scores[k])
            offsets[k + 1] = offsets[k] + _write_passages(n_left, room.owned, passages[offsets[k] :])
        else:
            _align(one, other, limits, room, scores[k])
            offsets[k + 1] = offsets[k] + _write_passages(n_left, room.owner, passages[offsets[k] :])
    return len(left)


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
def _turn(out):
    """Swap the sides of all columns."""
    for column in SIDED:
        out[column], out[column + 1] = out[column + 1], out[column]


@kernel
def _align(left, right, limits, room, out):
    """Measure one pair in its own orientation."""
    _match_shingles(left.shingles, right.shingles, room, out[SHINGLES:])
    _match_pairs(left, right, room, out[PAIRS:])
    n_runs = _find_runs(left, right, limits, room)
    _sort(n_runs, room)
    _place(n_runs, room.runs, room.order, left.sums, limits[1], room.owner[: len(left.hashes)],
           room.owned[: len(right.hashes)])  # fmt: skip
    _match_words(left, right, limits[2], room, out[WORDS:])
    measure_subjects(left, right, room, out)
    share_written_otherwise(left, right, room, out)
    measure_texts(left, right, room, out)
    measure_passages(left, right, room, out)


@kernel
def _find_places(left, right, room):
    """Write where those values of the left that `room.likely` gets are on the right into `room.found`, -1 for nowhere.

    Returns how many values those are: all that the right holds, and few others.
    """
    n = list_likely(left.values, right.bloom, room.likely)
    place_all(left.values, room.likely[:n], right.values, right.slots, room.found)
    return n


@kernel
def _match_shingles(left, right, room, out):
    """Write how many shingles only the left holds, only the right, and both into `out` (3,)."""
    n = 0
    for k in range(_find_places(left, right, room)):
        n += room.found[k] >= 0
    out[OWN], out[OTHERS], out[BOTH] = len(left.values) - n, len(right.values) - n, n


@kernel
def _match_pairs(left, right, room, out):
    """Fill `room.matches`, and write what pairs only the left holds, only the right, and both weigh into `out` (3,).

    One that both hold weighs the lesser of its two weights; to which one text gives none does not count for it.
    """
    own, others, both = left.totals[ALL_PAIRS], right.totals[ALL_PAIRS], np.int64(0)
    room.matches[: len(left.pairs.values)] = -1
    for k in range(_find_places(left.pairs, right.pairs, room)):
        i, at = np.int64(room.likely[k]), np.int64(room.found[k])
        if at >= 0:
            room.matches[i] = right.heads[at]
            here, there = np.int64(left.pair_weights[i]), np.int64(right.pair_weights[at])
            if here > 0 and there > 0:
                own -= here
                others -= there
                both += min(here, there)
    out[OWN], out[OTHERS], out[BOTH] = own, others, both


@kernel
def _match_words(left, right, rare_weight, room, out):
    """Fill which words are shared, and the columns that speak of words wherever they stand: `out` (12,), zero.

    A word that both hold weighs the lesser of its two weights, and is a name where either has it as one.
    """
    for kind in range(N_KINDS):
        out[3 * kind + OWN], out[3 * kind + OTHERS] = left.totals[ALL_WORDS + kind], right.totals[ALL_WORDS + kind]
    room.shared_left[: len(left.kinds)], room.shared_right[: len(right.kinds)] = False, False
    for k in range(_find_places(left.words, right.words, room)):
        i, at = np.int64(room.likely[k]), np.int64(room.found[k])
        if at >= 0:
            room.shared_left[i], room.shared_right[at] = True, True
            here, there = np.int64(left.word_weights[i]), np.int64(right.word_weights[at])
            is_number = left.kinds[i] & IS_NUMBER
            _add_word(-1, OWN, here, rare_weight, left.kinds[i], out)
            _add_word(-1, OTHERS, there, rare_weight, right.kinds[at], out)
            kind = is_number | (left.kinds[i] | right.kinds[at]) & IS_NAME
            _add_word(1, BOTH, min(here, there), rare_weight, kind, out)


@inner
def _add_word(n, column, weight, rare_weight, kind, out):
    """Add (1) or take away (-1) a word in one column of each kind."""
    out[column] += n * weight
    if weight >= rare_weight:
        out[3 + column] += n * weight
    if kind & IS_NUMBER:
        out[6 + column] += n
    if kind & IS_NAME:
        out[9 + column] += n


@inner
def _extend(left, right, i, j):
    """How far the run through `i` of the left and `j` of the right and their next goes back, and ahead."""
    back, ahead = 0, 2
    while back < LONG and i > back and j > back and left[i - back - 1] == right[j - back - 1]:
        back += 1
    most = min(len(left) - i, len(right) - j)
    while ahead < most and left[i + ahead] == right[j + ahead]:
        ahead += 1
    return back, ahead


@kernel
def _list_seeds(left, limit, room):
    """Write the places of seeds that both texts have into `room.seeds`; return how many. No branch to be guessed."""
    n = 0
    for i in range(len(left.hashes) - 1):
        room.seeds[n] = i
        n += (left.seeds[i] >= limit) & (left.pair_of[i] >= 0) & (room.matches[left.pair_of[i]] >= 0)
    return n


@kernel
def _find_runs(left, right, limits, room):
    """Write the maximal common runs of at least `limits[1]` weight into `room.runs`; return how many. Left is shorter.

    A run is found by a pair of neighbors that weighs at least `limits[0]` in both texts, and grows both ways by any
    word; `room.matches` says where the right has each pair.
    """
    reached, runs, sums = room.reached, room.runs, left.sums
    n_left, n_right = len(left.hashes), len(right.hashes)
    most = most_runs(n_left)
    reached[: n_left + n_right] = 0
    n_runs, next_i, last = 0, 0, np.int64(0)
    for place_of_seed in range(_list_seeds(left, limits[0], room)):
        i = np.int64(room.seeds[place_of_seed])
        if i < next_i:
            continue
        first = np.int64(room.matches[left.pair_of[i]])
        visits, j = 0, first
        while j >= 0 and n_runs < most:
            if visits == MAX_OCCURRENCES:
                # Too many: go on only where the last run lay, or two copies of a repetitive text would not align.
                j = i + last
                if j < 0 or j >= n_right - 1 or right.pair_of[j] != right.pair_of[first]:
                    break
            if reached[j - i + n_left] <= i:
                back, ahead = _extend(left.hashes, right.hashes, i, j)
                reached[j - i + n_left] = i + ahead
                weight = sums[i + ahead] - sums[i - back]
                if weight >= limits[1]:
                    runs[n_runs, 0], runs[n_runs, 1] = i - back, j - back
                    runs[n_runs, 2], runs[n_runs, 3] = back + ahead, weight
                    n_runs += 1
                    last = j - i
                if ahead >= LONG:
                    next_i = max(next_i, i + ahead - 1)
            if visits == MAX_OCCURRENCES:
                break
            visits += 1
            j = np.int64(right.following[j])
    return n_runs


@kernel
def _sort(n, room):
    """Write into `room.order` the places of the first `n` runs, heaviest first, then by where they stand."""
    runs, keys, order, most = room.runs, room.keys, room.order, np.int64(0)
    for i in range(n):
        most = max(most, np.int64(runs[i, 3]))
    for i in range(n):
        keys[i] = np.uint64(most - runs[i, 3]) << np.uint64(32) | np.uint64(i)
    sort_upper(keys, n, room.spare, room.counts)
    for i in range(n):
        # Runs are found nearly in the order of where they stand.
        run, at = np.int64(keys[i] & np.uint64(0xFFFFFFFF)), i
        while at > 0 and _is_before(run, order[at - 1], runs):
            order[at] = order[at - 1]
            at -= 1
        order[at] = run


@inner
def _is_before(a, b, runs):
    """Whether run `a` stands before run `b`, which weighs the same."""
    if runs[a, 3] != runs[b, 3]:
        return False
    return runs[a, 0] < runs[b, 0] or (runs[a, 0] == runs[b, 0] and runs[a, 1] < runs[b, 1])


@kernel
def _place(n_runs, runs, order, sums, floor, owner, owned):
    """Give each token to at most one passage, heaviest run first.

    `owner` (n_left,) gets for each token of the left where it stands on the right, plus one; `owned` (n_right,) the
    reverse.
    """
    owner[:], owned[:] = 0, 0
    for rank in range(n_runs):
        i, j, n = runs[order[rank], 0], runs[order[rank], 1], runs[order[rank], 2]
        begin = 0
        while begin < n:
            while begin < n and (owner[i + begin] != 0 or owned[j + begin] != 0):
                begin += 1
            end = begin
            while end < n and owner[i + end] == 0 and owned[j + end] == 0:
                end += 1
            if end - begin >= 2 and sums[i + end] - sums[i + begin] >= floor:
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
