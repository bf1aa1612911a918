"""Sets of hashes with open addressing: values in the order in which they came, and a table that says where each is."""

import numpy as np

from dedup.kernels.compile import inner, kernel

__all__ = ["insert", "n_slots", "place"]

ONE, HALF = np.uint64(1), np.uint64(32)


@kernel
def n_slots(n):
    """Slots of a table for `n` values, of which half stay free: a power of two."""
    size = 16
    while size < 2 * n:
        size *= 2
    return size


@inner
def place(value, values, slots):
    """Where `value` is among `values` (uint64), -1 where it is not.

    `slots` uint32 (`n_slots`,) has for each value its place plus one, 0 where free.
    """
    mask = np.uint64(len(slots)) - ONE
    slot = (value ^ value >> HALF) & mask
    while slots[slot] != 0 and values[np.uint64(slots[slot]) - ONE] != value:
        slot = slot + ONE & mask
    return np.int64(slots[slot]) - 1


@inner
def insert(value, n, values, slots):
    """The place of `value` among the first `n` of `values`; where it is new it is put there, and its place is `n`."""
    mask = np.uint64(len(slots)) - ONE
    slot = (value ^ value >> HALF) & mask
    while slots[slot] != 0 and values[np.uint64(slots[slot]) - ONE] != value:
        slot = slot + ONE & mask
    if slots[slot] == 0:
        slots[slot] = n + 1
        values[n] = value
    return np.int64(slots[slot]) - 1
