"""A table of hashes with open addressing: where each stands, in room that is given."""

import numpy as np

from dedup.kernels.compile import kernel

__all__ = ["clear", "find", "n_slots"]


@kernel
def n_slots(n):
    """Slots of a table for `n` keys."""
    size = 16
    while size < 2 * n:
        size *= 2
    return size


@kernel
def clear(n, keys, states):
    """Empty a table for `n` keys; return its size less one."""
    size = n_slots(n)
    for i in range(size):
        keys[i] = 0
        states[i] = 0
    return np.uint64(size - 1)


@kernel
def find(key, mask, keys):
    """Slot where `key` (not 0) stands or belongs."""
    slot = (key ^ (key >> np.uint64(32))) & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot)
