"""Stage 2 begins: token hashes to shingle hashes, and to the 128 bits that stand for the whole text."""

import numpy as np

from dedup.kernels.compile import kernel
from dedup.kernels.text import mix

__all__ = ["shingle", "token_hash"]

STEP = np.uint64(0x9E3779B97F4A7C15)
KEY = np.uint64(0xD1B54A32D192ED03)
HALF = np.uint64(0xFFFFFFFF)


@kernel
def shingle(hashes, shingle_size, out):
    """Write the shingle hashes of one text into `out`; return how many there are.

    `hashes` uint64 (n_tokens,), `out` uint32 with room for n_tokens. A shingle is the exclusive or of its tokens'
    hashes, each turned by 11 bits more than the one before, so that their order counts; its low 32 bits are kept.
    A text with fewer tokens than a shingle is one shingle; a text with none has none.
    """
    n_tokens = len(hashes)
    size = min(shingle_size, n_tokens)
    if n_tokens == 0:
        return 0
    n_shingles = n_tokens - size + 1
    for i in range(n_shingles):
        out[i] = np.uint32(hashes[i] & HALF)
    for j in range(1, size):
        left = np.uint64(11 * j % 64)
        right = (np.uint64(64) - left) & np.uint64(63)
        for i in range(n_shingles):
            turned = hashes[i + j] << left | hashes[i + j] >> right
            out[i] ^= np.uint32(turned & HALF)
    return n_shingles


@kernel
def token_hash(hashes, out):
    """Write 128 bits over the token hashes of one text, in their order, into `out` uint64 (2,)."""
    low, high = np.uint64(0), np.uint64(0)
    n_tokens = len(hashes)
    for i in range(n_tokens):
        place = hashes[i] + STEP * np.uint64(i + 1)
        low += mix(place, KEY)
        high += mix(place ^ KEY, STEP)
    out[0] = mix(low ^ STEP, np.uint64(n_tokens) ^ KEY)
    out[1] = mix(high ^ KEY, np.uint64(n_tokens) ^ STEP)
