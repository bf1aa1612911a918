"""The first 32 bits of SHA-1 [FIPS 180-4] of many short messages: what datasketch hashes items with by default."""

import numpy as np

from dedup.kernels.compile import inner, kernel

__all__ = ["sha1_all"]

WORDS, ROUNDS, BLOCK_BYTES = 16, 80, 64
START = np.array([0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0], np.uint64)
LOW = np.uint64(0xFFFFFFFF)


@inner
def _turned(value, n):
    """A word of 32 bits, turned left."""
    return (value << np.uint64(n) | value >> np.uint64(32 - n)) & LOW


@inner
def _mixed(which, b, c, d):
    """The function and constant of a quarter of the rounds, summed."""
    if which == 0:
        return (b & c | (b ^ LOW) & d) + np.uint64(0x5A827999)
    if which == 2:
        return (b & c | b & d | c & d) + np.uint64(0x8F1BBCDC)
    return (b ^ c ^ d) + np.uint64(0x6ED9EBA1 if which == 1 else 0xCA62C1D6)


@kernel
def _add_block(state, words):
    """Take in a block of 16 `words` of `words` uint64 (80,)."""
    for t in range(WORDS, ROUNDS):
        words[t] = _turned(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1)
    a, b, c, d, e = state[0], state[1], state[2], state[3], state[4]
    for t in range(ROUNDS):
        following = (_turned(a, 5) + _mixed(t // 20, b, c, d) + e + words[t]) & LOW
        a, b, c, d, e = following, a, _turned(b, 30), c, d
    state[0] = (state[0] + a) & LOW
    state[1] = (state[1] + b) & LOW
    state[2] = (state[2] + c) & LOW
    state[3] = (state[3] + d) & LOW
    state[4] = (state[4] + e) & LOW


@kernel
def sha1_all(data, offsets, state, words, out):
    """Write the first four bytes of each digest, little-endian, to `out` uint64 (n,).

    `data` uint8 holds the messages end to end, `offsets` int64 (n + 1,); `state` uint64 (5,) and `words` uint64 (80,)
    are room to work in.
    """
    for i in range(len(out)):
        begin, end = offsets[i], offsets[i + 1]
        n_blocks = (end - begin + 8) // BLOCK_BYTES + 1
        state[:] = START
        for block in range(n_blocks):
            for w in range(WORDS):
                word = np.uint64(0)
                for k in range(4):
                    at = begin + block * BLOCK_BYTES + 4 * w + k
                    byte = np.uint64(data[at]) if at < end else np.uint64(0x80 if at == end else 0)
                    word = word << np.uint64(8) | byte
                words[w] = word
            if block == n_blocks - 1:
                n_bits = np.uint64(8 * (end - begin))
                words[14], words[15] = n_bits >> np.uint64(32), n_bits & LOW
            _add_block(state, words)
        first = state[0]
        swapped = first >> np.uint64(24) | first >> np.uint64(8) & np.uint64(0xFF00)
        out[i] = swapped | (first & np.uint64(0xFF00)) << np.uint64(8) | (first & np.uint64(0xFF)) << np.uint64(24)
