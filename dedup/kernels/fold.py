"""Stage 1 as a loop, first half: UTF-8 bytes to folded bytes, in which zeros part the tokens.

The folded bytes of a token are what its hash is over. Zeros stand for separators and around tokens of one character.
"""

import numpy as np

from dedup.kernels.blocks import BLOCK, fold_ascii, fold_cyrillic
from dedup.kernels.compile import inner, kernel
from dedup.kernels.machine import leading_zeros, load8, load16, load64, store8, store64, trailing_zeros

__all__ = ["fold", "room_bytes"]

SEPARATOR, WORD, CHARACTER, IGNORED = 0, 1, 2, 3
ZERO, ONE, BYTE = np.uint64(0), np.uint64(1), np.uint64(255)


def room_bytes(n_bytes: int) -> int:
    """Room that the folded bytes of a text can take: the longest folds make eight bytes of three."""
    return 3 * n_bytes + 4 * BLOCK


@inner
def decode(address, n_left):
    """Code point and length of the character at `address`; a byte that begins no whole character is a separator."""
    word = load64(address)
    if word & np.uint64(0x80) == ZERO:
        return word & BYTE, ONE
    second = word >> np.uint64(8) & np.uint64(0x3F)
    if word & np.uint64(0xC0E0) == np.uint64(0x80C0) and n_left > ONE:
        return (word & np.uint64(0x1F)) << np.uint64(6) | second, np.uint64(2)
    third = word >> np.uint64(16) & np.uint64(0x3F)
    if word & np.uint64(0xC0C0F0) == np.uint64(0x8080E0) and n_left > np.uint64(2):
        return (word & np.uint64(0x0F)) << np.uint64(12) | second << np.uint64(6) | third, np.uint64(3)
    if word & np.uint64(0xC0C0C0F8) == np.uint64(0x808080F0) and n_left > np.uint64(3):
        fourth = word >> np.uint64(24) & np.uint64(0x3F)
        code = (word & np.uint64(0x07)) << np.uint64(18) | second << np.uint64(12) | third << np.uint64(6) | fourth
        return min(code, np.uint64(0x10FFFF)), np.uint64(4)
    return ZERO, ONE


@kernel
def fold_cyrillic_run(at, end, out):
    """Fold as many characters from `at` as are ASCII or plain Cyrillic letters; return how many bytes that was."""
    done, n = ZERO, np.uint64(BLOCK)
    while n >= np.uint64(BLOCK - 1) and at + done < end:
        n = min(trailing_zeros(fold_cyrillic(at + done, out + done)), end - at - done)
        if n == end - at - done and n > ZERO and load8(end - ONE) & np.uint64(0xFE) == np.uint64(0xD0):
            n -= ONE  # a letter cut in two by the end is none
        done += n
    return done


@inner
def fold_character(at, end, out, lone, tables):
    """Fold one character; return its length, where writing stands, and whether it is a token by itself (0 or 1).

    `lone` tells the same of the character before it: a mark goes on with that token, a letter does not.
    """
    block, kinds, folds = tables
    code, length = decode(at, end - at)
    entry = load16(block + (code >> np.uint64(8)) * np.uint64(2)) << np.uint64(8) | code & BYTE
    kind = load8(kinds + entry) & np.uint64(7)
    if kind == np.uint64(SEPARATOR):
        store8(out, ZERO)
        return length, out + ONE, ZERO
    if kind == np.uint64(IGNORED):
        return length, out, lone
    if kind == np.uint64(CHARACTER) or (kind == np.uint64(WORD) and lone == ONE):
        store8(out, ZERO)
        out += ONE
        lone = ONE if kind == np.uint64(CHARACTER) else ZERO
    folded = load64(folds + entry * np.uint64(8))
    if folded == ZERO:
        folded = load64(at) & (ONE << length * np.uint64(8)) - ONE
    store64(out, folded)
    return length, out + np.uint64(8) - (leading_zeros(folded) >> np.uint64(3)), lone


@kernel
def fold_wide(at, end, out, tables):
    """Fold characters from `at` until one is ASCII; return where reading and writing stand."""
    lone = ZERO
    while at < end:
        first = load8(at)
        if first < np.uint64(0x80):
            break
        if first & np.uint64(0xFE) == np.uint64(0xD0):
            store8(out, ZERO)
            done = fold_cyrillic_run(at, end, out + lone)
            if done > ZERO:
                at, out, lone = at + done, out + lone + done, ZERO
                continue
        length, out, lone = fold_character(at, end, out, lone, tables)
        at += length
    store8(out, ZERO)
    return at, out + lone


@kernel
def fold(at, end, out, tables):
    """Fold the text at addresses `at` to `end` to `out`; return where writing ended, a block of zeros behind it.

    `tables` are the addresses of `block`, `kinds` and `folds` in `dedup/data/unicode.npz`.
    """
    while at < end:
        wide = fold_ascii(at, out)
        n = min(trailing_zeros(wide), end - at)
        at += n
        out += n
        if n < np.uint64(BLOCK) and at < end:
            at, out = fold_wide(at, end, out, tables)
    for i in range(BLOCK // 8):
        store64(out + np.uint64(8 * i), ZERO)
    return out
