"""MinHash signatures of shingle sets [Broder 1997], bit-identical to datasketch's scheme `affine32`."""

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compile import kernel
from dedup.kernels.shingles import shingle
from dedup.kernels.vectors import LANES, least_affine, padded

__all__ = ["affine32", "agreement", "permutations"]

Numbers = NDArray[np.uint32]


def permutations(n_hashes: int, seed: int) -> tuple[Numbers, Numbers]:
    """The multipliers (odd) and summands that datasketch draws for `seed`, both (n_hashes,) padded to `LANES`."""
    draw = np.random.RandomState(seed)
    multipliers, summands = np.ones(padded(n_hashes), np.uint32), np.zeros(padded(n_hashes), np.uint32)
    multipliers[:n_hashes] = draw.randint(0, 1 << 31, n_hashes, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    summands[:n_hashes] = draw.randint(0, 1 << 32, n_hashes, dtype=np.uint32)
    return multipliers, summands


@kernel
def affine32(hashes, offsets, shingle_size, multipliers, summands, shingles, row, signatures):
    """Write the MinHash signature of each text: `signatures` uint32 (n_texts, n_hashes).

    `hashes` uint64 are the texts' token hashes end to end with room behind, `offsets` int64 (n_texts + 1,) say where
    each begins; `shingles` uint32 is room for the shingles of the longest, `row` uint32 for a padded signature.
    Equal places of two signatures estimate resemblance J without bias, sd sqrt(J (1 - J) / n_hashes) [Broder 1997].
    """
    n_hashes = signatures.shape[1]
    to_row, to_shingles = np.uint64(row.ctypes.data), np.uint64(shingles.ctypes.data)
    to_multipliers, to_summands = np.uint64(multipliers.ctypes.data), np.uint64(summands.ctypes.data)
    for i in range(len(offsets) - 1):
        tokens = np.uint64(hashes.ctypes.data) + np.uint64(8 * offsets[i])
        n_tokens = np.uint64(offsets[i + 1] - offsets[i])
        n_shingles = shingle(tokens, n_tokens, np.uint64(shingle_size), to_shingles)
        for k in range(0, n_hashes, LANES):
            at = np.uint64(4 * k)
            least_affine(to_shingles, n_shingles, to_multipliers + at, to_summands + at, to_row + at)
        for k in range(n_hashes):
            signatures[i, k] = row[k]


@kernel
def agreement(signatures, left, right, out):
    """Write the share of equal places of `signatures[left]` and `signatures[right]` into `out` float64 (n_pairs,)."""
    n_hashes = signatures.shape[1]
    for i in range(len(left)):
        n_equal = 0
        for k in range(n_hashes):
            n_equal += signatures[left[i], k] == signatures[right[i], k]
        out[i] = n_equal / n_hashes
