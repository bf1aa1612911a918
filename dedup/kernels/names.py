"""Which names have been given out: a table of their hashes, which says at once and exactly enough."""

import numpy as np

from dedup.kernels.compile import kernel

__all__ = ["EMPTY", "enter", "hash_names", "move"]

EMPTY = np.uint64(0)
FIRST, SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
THIRD = np.uint64(0xD6E8FEB86659FD93)
EIGHT, WORD = np.uint64(8), np.uint64(32)


@kernel
def hash_names(values, offsets, high, low):
    """Write 96 bits of hash of each string: `high` uint64, which is never 0, and `low` uint32, both (n,).

    Two of 100 million strings have the same 96 bits with a chance of 1e-13. Words of eight bytes go through two
    rounds of multiplication, each with keys of its own.
    """
    for i in range(len(offsets) - 1):
        size = offsets[i + 1] - offsets[i]
        one, two = np.uint64(size) * FIRST ^ THIRD, np.uint64(size) * SECOND ^ FIRST
        at = offsets[i]
        while at < offsets[i + 1]:
            word = np.uint64(0)
            for k in range(at, min(at + 8, offsets[i + 1])):
                word = word << EIGHT | np.uint64(values[k])
            one = (one ^ word) * SECOND
            one ^= one >> WORD
            one *= FIRST
            one ^= one >> np.uint64(29)
            two = (two ^ word) * THIRD
            two ^= two >> WORD
            two *= SECOND
            two ^= two >> np.uint64(31)
            at += 8
        one = (one ^ one >> WORD) * THIRD
        high[i] = max(one ^ one >> np.uint64(29), np.uint64(1))
        low[i] = np.uint32(two >> WORD)


@kernel
def _place(high, n_slots):
    """Where a hash is looked for first: its upper half, scaled."""
    return np.int64((high >> WORD) * np.uint64(n_slots) >> WORD)


@kernel
def enter(high, low, begin, highs, lows):
    """Enter hashes from `begin` on into a table until one is met that is there; return its place, else how many.

    The table is `highs` uint64, `EMPTY` where free, and `lows` uint32; it has room for all.
    """
    n_slots = len(highs)
    for i in range(begin, len(high)):
        at = _place(high[i], n_slots)
        while highs[at] != EMPTY:
            if highs[at] == high[i] and lows[at] == low[i]:
                return i
            at = at + 1 if at + 1 < n_slots else 0
        highs[at], lows[at] = high[i], low[i]
    return len(high)


@kernel
def move(highs, lows, new_highs, new_lows):
    """Enter all of one table into another, which is free."""
    n_slots = len(new_highs)
    for i in range(len(highs)):
        if highs[i] != EMPTY:
            at = _place(highs[i], n_slots)
            while new_highs[at] != EMPTY:
                at = at + 1 if at + 1 < n_slots else 0
            new_highs[at], new_lows[at] = highs[i], lows[i]
