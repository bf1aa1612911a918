"""Hashes of tokens that follow one another, and their places in tables."""

import numpy as np

from dedup.kernels.compile import inner, kernel

__all__ = ["FIRST", "list_shingles", "pair_hash", "rolled", "shingle", "slot"]

FIRST = np.uint64(0x9E3779B97F4A7C15)
SECOND = np.uint64(0xC2B2AE3D27D4EB4F)


@inner
def slot(value, size):
    """Place of a hash in a table of `size`, a power of two: its highest bits, of which background tables keep 32."""
    return np.int64((value >> np.uint64(32)) & np.uint64(size - 1))


@inner
def pair_hash(first, second):
    """Hash of two neighboring tokens, in their order."""
    value = (first * FIRST) ^ (second + SECOND)
    value = (value ^ (value >> np.uint64(29))) * SECOND
    return value ^ (value >> np.uint64(32))


@inner
def _turned(token, n):
    """A hash turned left by `n` of its 64 bits."""
    turn = np.uint64(n % 64)
    return token << turn | token >> (np.uint64(64) - turn & np.uint64(63))


@inner
def shingle(hashes, at, size):
    """Hash of `size` tokens from one on, in their order."""
    value = np.uint64(0)
    for k in range(size):
        value ^= _turned(hashes[at + k], 11 * k)
    return value


@inner
def rolled(value, first, following, size):
    """The shingle of `size` tokens one further on than `value`, without its `first` and with the `following` token."""
    return _turned(value ^ first, 64 - 11) ^ _turned(following, 11 * (size - 1))


@kernel
def list_shingles(hashes, size, out):
    """Write the hash of the `size` tokens from each on, 0 where fewer are left: from that of the one before."""
    value = shingle(hashes, 0, size)
    for at in range(len(hashes) - size):
        out[at] = value
        value = rolled(value, hashes[at], hashes[at + size], size)
    for at in range(max(len(hashes) - size, 0), len(hashes)):
        out[at] = np.uint64(0)
    if len(hashes) > 0:
        out[len(hashes) - size] = value
