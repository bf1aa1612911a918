"""Sets of hashes with open addressing: values in the order in which they came, and a table that says where each is."""

import numpy as np

from dedup.kernels.compile import inner, kernel

__all__ = ["SLOTS_A_WORD", "insert", "lay", "list_likely", "mark_all", "n_slots", "place", "place_all"]

ONE, HALF, THIRD = np.uint64(1), np.uint64(32), np.uint64(21)
WORD, BIT = np.uint64(6), np.uint64(63)
SLOTS_A_WORD = 8
"""Slots for which there is one word of 64 marks, so that one in eight at most is set."""


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


@kernel
def place_all(wanted, likely, values, slots, found):
    """Write into `found` int32 where each of `wanted`, at the places `likely`, is among `values`, -1 where it is not.

    A first loop does nothing but load, so that the waits for the table overlap.
    """
    mask = np.uint64(len(slots)) - ONE
    for k in range(len(likely)):
        value = wanted[likely[k]]
        found[k] = np.int64(slots[(value ^ value >> HALF) & mask]) - 1
    for k in range(len(likely)):
        value, at = wanted[likely[k]], found[k]
        if at >= 0 and values[at] != value:
            found[k] = place(value, values, slots)


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


@kernel
def lay(values, out, slots):
    """Put all values into a table that is empty; return how many differ."""
    n = 0
    for value in values:
        n += insert(value, n, out, slots) == n
    return n


@kernel
def mark_all(values, bloom):
    """Set the mark of each value, and no other [Bloom 1970, with one hash]; `bloom` uint64 (a power of two,)."""
    bloom[:] = 0
    for i in range(len(values)):
        at = values[i] ^ values[i] >> THIRD
        bloom[at >> WORD & np.uint64(len(bloom) - 1)] |= ONE << (at & BIT)


@kernel
def list_likely(values, bloom, likely):
    """Write the places of values whose mark is set into `likely` int32 (n_values + 1,); return how many they are.

    All values that were marked are among them, and few others. There is no branch to be guessed.
    """
    n = 0
    for i in range(len(values)):
        likely[n] = i
        at = values[i] ^ values[i] >> THIRD
        n += np.int64(bloom[at >> WORD & np.uint64(len(bloom) - 1)] >> (at & BIT) & ONE)
    return n
