"""Stage 1 as a loop, second half: folded bytes to token hashes."""

import numpy as np

from dedup.kernels.blocks import BLOCK, nonzero, places
from dedup.kernels.compile import inner, kernel
from dedup.kernels.machine import count_ones, has, load8, load64, mix_part, store64, trailing_zeros

__all__ = ["EDGES", "hash_characters", "hash_token", "hash_tokens"]

KEY_LOW = np.uint64(0x9E3779B97F4A7C15)
KEY_HIGH = np.uint64(0xD1B54A32D192ED03)
BATCH = 8
STRETCH_BYTES = 1024
EDGES = STRETCH_BYTES + 2 * BLOCK
ZERO, ONE, EIGHT, SIXTEEN = np.uint64(0), np.uint64(1), np.uint64(8), np.uint64(16)


@inner
def hash_token(start, end):
    """Hash of the folded bytes at addresses `start` to `end`, at least one, 16 bytes at a time."""
    value = KEY_HIGH
    while end - start > SIXTEEN:
        value = KEY_HIGH ^ mix_part(start, SIXTEEN, KEY_LOW, value)
        start += SIXTEEN
    return mix_part(start, end - start, KEY_LOW, value)


@inner
def places_by_loop(bits, first, out):
    """What `blocks.places` does, bit by bit.

    They are written by the batch, beyond the last too, since a branch for each would be guessed wrongly once a block.
    """
    n = count_ones(bits)
    at = out
    for _ in range(0, n, BATCH):
        for _ in range(BATCH):
            store64(at, first + trailing_zeros(bits))
            bits &= bits - ONE
            at += EIGHT
    return out + n * EIGHT


note_edges = places if has("avx512vbmi2") else places_by_loop


@kernel
def hash_tokens(folded, end, edges, out):
    """Write the hash of every token between addresses `folded` and `end` to `out`; return where writing ended.

    `edges` is the address of `EDGES` uint64 to work in: where tokens begin and end, of one stretch after another.
    """
    is_open, last = ZERO, edges
    while folded < end + ONE:
        stretch = min(end + ONE, folded + np.uint64(STRETCH_BYTES))
        while folded < stretch:
            inside = nonzero(folded)
            last = note_edges(inside ^ (inside << ONE | is_open), folded, last)
            is_open = inside >> np.uint64(63)
            folded += np.uint64(BLOCK)
        edge = edges
        while last - edge > EIGHT:
            store64(out, hash_token(load64(edge), load64(edge + EIGHT)))
            out += EIGHT
            edge += SIXTEEN
        # A token that is still open begins the next stretch.
        store64(edges, load64(edge))
        last -= edge - edges
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
