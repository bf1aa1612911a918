"""Stage 1 as a loop, second half: folded bytes to token hashes."""

import numpy as np

from dedup.kernels.blocks import BLOCK, nonzero
from dedup.kernels.compile import inner, kernel
from dedup.kernels.machine import count_ones, load8, mix_part, store64, trailing_zeros

__all__ = ["hash_characters", "hash_token", "hash_tokens"]

KEY_LOW = np.uint64(0x9E3779B97F4A7C15)
KEY_HIGH = np.uint64(0xD1B54A32D192ED03)
ZERO, ONE, EIGHT, SIXTEEN = np.uint64(0), np.uint64(1), np.uint64(8), np.uint64(16)


@inner
def hash_token(start, end):
    """Hash of the folded bytes at addresses `start` to `end`, at least one, 16 bytes at a time."""
    value = KEY_HIGH
    while end - start > SIXTEEN:
        value = KEY_HIGH ^ mix_part(start, SIXTEEN, KEY_LOW, value)
        start += SIXTEEN
    return mix_part(start, end - start, KEY_LOW, value)


@kernel
def hash_tokens(folded, end, out):
    """Write the hash of every token between addresses `folded` and `end` to `out`; return where writing ended."""
    open_start, is_open = folded, ZERO
    while folded < end + ONE:
        inside = nonzero(folded)
        before = inside << ONE | is_open
        starts, ends = inside & ~before, before & ~inside
        start = open_start
        if is_open == ZERO:
            start = folded + trailing_zeros(starts)
            starts &= starts - ONE
        for _ in range(count_ones(ends)):
            store64(out, hash_token(start, folded + trailing_zeros(ends)))
            out += EIGHT
            ends &= ends - ONE
            start = folded + trailing_zeros(starts)
            starts &= starts - ONE
        open_start = start
        is_open = inside >> np.uint64(63)
        folded += np.uint64(BLOCK)
    return out


@kernel
def hash_characters(folded, end, out):
    """Write the hash of every character of the tokens between addresses `folded` and `end`; where writing ended."""
    while folded < end:
        first = load8(folded)
        if first == ZERO:
            folded += ONE
            continue
        # A short form is 0xFF and a number; all else is UTF-8.
        length = ONE if first < np.uint64(0x80) else np.uint64(2)
        if np.uint64(0xE0) <= first < np.uint64(0xFF):
            length = np.uint64(3) if first < np.uint64(0xF0) else np.uint64(4)
        store64(out, hash_token(folded, folded + length))
        out += EIGHT
        folded += length
    return out
