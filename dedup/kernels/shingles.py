"""Stage 2 begins: token hashes to shingle hashes, and to the 128 bits that stand for the whole text."""

import numpy as np

from dedup.kernels.compile import inner
from dedup.kernels.machine import load64, mix, store64
from dedup.kernels.vectors import WIDTH, spread_shingles, sum_lanes

__all__ = ["shingle", "token_hash"]

STEP = np.uint64(0x9E3779B97F4A7C15)
KEY = np.uint64(0xD1B54A32D192ED03)
ONE, EIGHT = np.uint64(1), np.uint64(8)


@inner
def shingle(hashes, n_tokens, shingle_size, out):
    """Write the shingle hashes of one text, ready for a signature, to address `out`; return how many there are.

    `hashes` is the address of `n_tokens` uint64 with room for `LANES` + shingle_size more, `out` of uint32 with room
    for n_tokens padded to `LANES`. A text with fewer tokens than a shingle is one shingle; a text with none has none.
    """
    size = min(shingle_size, n_tokens)
    n_shingles = n_tokens - size + min(n_tokens, ONE)
    spread_shingles(hashes, n_shingles, size, out)
    return n_shingles


@inner
def token_hash(hashes, n_tokens, room, out):
    """Write 128 bits over the token hashes of one text, in their order, to address `out`.

    `room` is the address of 2 * `WIDTH` uint64 to work in, for two polynomials in the hashes that are mixed at the end.
    """
    sum_lanes(hashes, n_tokens, room)
    low, high = n_tokens ^ STEP, n_tokens ^ KEY
    for i in range(WIDTH):
        at = room + np.uint64(8 * i)
        low = mix(low ^ load64(at), STEP)
        high = mix(high ^ load64(at + np.uint64(8 * WIDTH)), KEY)
    store64(out, mix(low ^ high, KEY))
    store64(out + EIGHT, mix(high ^ STEP, low ^ KEY))
