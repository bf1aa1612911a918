"""MinHash signatures of shingle sets [Broder 1997], bit-identical to datasketch's scheme `affine32`."""

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compile import kernel

__all__ = ["affine32", "agreement", "permutations"]

EMPTY = np.uint32(0xFFFFFFFF)


def permutations(n_hashes: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The multipliers (odd) and summands that datasketch draws for `seed`, both (n_hashes,)."""
    draw = np.random.RandomState(seed)
    multipliers = draw.randint(0, 1 << 31, n_hashes, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return multipliers, draw.randint(0, 1 << 32, n_hashes, dtype=np.uint32)


@kernel
def spread(value):
    """MurmurHash3's finalizer of a uint32, a bijection [Appleby]."""
    value ^= value >> np.uint32(16)
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value ^= value >> np.uint32(13)
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return value ^ value >> np.uint32(16)


@kernel
def affine32(shingles, multipliers, summands, out):
    """Write the MinHash signature of one text into `out`.

    `shingles`, `multipliers`, `summands` and `out` uint32; the last three (n_hashes,).
    Equal places of two signatures estimate resemblance J without bias, sd sqrt(J (1 - J) / n_hashes) [Broder 1997].
    """
    out[:] = EMPTY
    for i in range(len(shingles)):
        value = spread(shingles[i])
        for k in range(len(out)):
            out[k] = min(out[k], np.uint32(multipliers[k] * value + summands[k]))


@kernel
def agreement(signatures, left, right, out):
    """Write the share of equal places of `signatures[left]` and `signatures[right]` into `out` float64 (n_pairs,)."""
    n_hashes = signatures.shape[1]
    for i in range(len(left)):
        n_equal = 0
        for k in range(n_hashes):
            n_equal += signatures[left[i], k] == signatures[right[i], k]
        out[i] = n_equal / n_hashes
