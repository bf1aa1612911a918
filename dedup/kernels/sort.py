"""Sorting inside kernels. NumPy's sort would do, but takes seconds to compile wherever it is used."""

import numpy as np

from dedup.kernels.compile import kernel

__all__ = ["RADIX", "sort", "sort_upper"]

RADIX = 256
FEW = 12
LOW, WIDTH, BYTE = np.uint64(32), np.uint64(8), np.uint64(RADIX - 1)


@kernel
def sort(values, n):
    """Sort the first `n` values in place, by insertion over shrinking gaps [Shell 1959; gaps near Tokuda's of 1992]."""
    gap = 1
    while gap < n // 2:
        gap = gap * 9 // 4 + 1
    while gap > 0:
        for i in range(gap, n):
            value = values[i]
            at = i
            while at >= gap and values[at - gap] > value:
                values[at] = values[at - gap]
                at -= gap
            values[at] = value
        gap = max(1, (gap - 1) * 4 // 9) if gap > 1 else 0


@kernel
def sort_upper(keys, n, spare, counts):
    """Bring the first `n` keys, uint64, into the order of their upper halves; equal ones stay in the order they are in.

    `spare` uint64, of room for them, and `counts` int64 (`RADIX`,) are to work in. Byte by byte, the least one first
    [Knuth, TAOCP 3, 5.2.5], as far as the largest has any: comparing 200 keys, each a guess for the processor, took
    six times as long.
    """
    most = np.uint64(0)
    for i in range(n):
        most = max(most, keys[i] >> LOW)
    if n <= FEW:
        _insert_upper(keys, n)
        return
    shift = LOW
    while most != 0:
        counts[:] = 0
        for i in range(n):
            counts[keys[i] >> shift & BYTE] += 1
        at = 0
        for digit in range(RADIX):
            counts[digit], at = at, at + counts[digit]
        for i in range(n):
            digit = keys[i] >> shift & BYTE
            spare[counts[digit]] = keys[i]
            counts[digit] += 1
        for i in range(n):
            keys[i] = spare[i]
        shift += WIDTH
        most >>= WIDTH


@kernel
def _insert_upper(keys, n):
    for i in range(1, n):
        key, at = keys[i], i
        while at > 0 and keys[at - 1] >> LOW > key >> LOW:
            keys[at] = keys[at - 1]
            at -= 1
        keys[at] = key
