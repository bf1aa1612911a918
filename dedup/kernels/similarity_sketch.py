"""Signatures by fast similarity sketching [Dahlgaard, Knudsen, Thorup 2017]: scheme `fss32`.

Every shingle is thrown into one of as many bins as the signature has places; the least rank in each bin is kept. What
is still empty is filled by further throws. A text of many shingles needs two or three throws where MinHash needs one
for every place, and the estimate's error is smaller: places are drawn without replacement.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compile import inner, kernel
from dedup.kernels.machine import load64, store64
from dedup.kernels.shingles import shingle
from dedup.kernels.vectors import throw

__all__ = ["fss32", "throws"]

ZERO, EIGHT, HALF = np.uint64(0), np.uint64(8), np.uint64(32)
EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
LOW = np.uint64(0xFFFFFFFF)


@cache
def throws(n_hashes: int, seed: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Multipliers (odd) and summands of each throw: `n_hashes` into all bins, then one into each single bin."""
    draw = np.random.RandomState(seed)
    multipliers = draw.randint(0, 1 << 63, 2 * n_hashes, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    return multipliers, draw.randint(0, 1 << 64, 2 * n_hashes, dtype=np.uint64)


@inner
def _land_first(thrown, count, bins):
    """Keep the least rank in every bin of the first throw."""
    for _ in range(count):
        landed = load64(thrown)
        at = bins + (landed >> HALF) * EIGHT
        store64(at, min(load64(at), landed & LOW))
        thrown += EIGHT


@inner
def _land_late(thrown, count, number, bins):
    """Keep the least rank of throw `number` in the bins that no earlier throw has reached; how many it reaches.

    Without a branch: few shingles of a long text land in an empty bin, but each that does would be guessed wrongly.
    """
    late, n_reached = number << HALF, ZERO
    for _ in range(count):
        landed = load64(thrown)
        at = bins + (landed >> HALF) * EIGHT
        before = load64(at)
        store64(at, min(before, late | landed & LOW))
        n_reached += before >> np.uint64(63)  # set in `EMPTY` alone
        thrown += EIGHT
    return n_reached


@kernel
def _fill(shingles, count, multipliers, summands, thrown, bins):
    """Fill `bins` uint64 with (throw, rank) from `count` shingles, at least one."""
    n_bins = len(bins)
    to_bins, to_thrown = np.uint64(bins.ctypes.data), np.uint64(thrown.ctypes.data)
    throw(shingles, count, multipliers[0], summands[0], np.uint64(n_bins), to_thrown)
    _land_first(to_thrown, count, to_bins)
    n_empty, number = 0, 1
    for k in range(n_bins):
        n_empty += bins[k] == EMPTY
    while n_empty > 0 and number < n_bins:
        throw(shingles, count, multipliers[number], summands[number], np.uint64(n_bins), to_thrown)
        n_empty -= np.int64(_land_late(to_thrown, count, np.uint64(number), to_bins))
        number += 1
    for k in range(n_bins):
        if bins[k] == EMPTY:
            throw(shingles, count, multipliers[n_bins + k], summands[n_bins + k], np.uint64(1), to_thrown)
            for i in range(count):
                bins[k] = min(bins[k], thrown[i])


@kernel
def fss32(hashes, offsets, shingle_size, multipliers, summands, shingles, thrown, bins, signatures):
    """Write the signature of each text: `signatures` uint32 (n_texts, n_hashes).

    `hashes`, `offsets` and `shingles` as for `minhash.affine32`; `thrown` uint64 is room for as many as `shingles`,
    `bins` uint64 for n_hashes.
    Equal places of two signatures estimate resemblance J without bias, sd at most sqrt(J (1 - J) / n_hashes).
    """
    to_shingles = np.uint64(shingles.ctypes.data)
    for i in range(len(offsets) - 1):
        tokens = np.uint64(hashes.ctypes.data) + np.uint64(8 * offsets[i])
        n_tokens = np.uint64(offsets[i + 1] - offsets[i])
        n_shingles = shingle(tokens, n_tokens, np.uint64(shingle_size), to_shingles)
        bins[:] = EMPTY
        if n_shingles > ZERO:
            _fill(to_shingles, n_shingles, multipliers, summands, thrown, bins)
        for k in range(len(bins)):
            signatures[i, k] = np.uint32(bins[k] & LOW)
