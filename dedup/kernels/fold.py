"""Stage 1 as a loop, first half: UTF-8 bytes to folded bytes, in which zeros part the tokens.

The folded bytes of a token are what its hash is over. Zeros stand for separators and around tokens of one character.
"""

import numpy as np

from dedup.kernels.blocks import BLOCK, code_points, fold_ascii, fold_cyrillic, follows, pairs, wide
from dedup.kernels.compile import inner, kernel
from dedup.kernels.machine import count_ones, leading_zeros, load8, load16, load64, store8, store64, trailing_zeros

__all__ = ["addresses", "fold", "room_bytes"]

SEPARATOR, WORD, CHARACTER, IGNORED = 0, 1, 2, 3
DENSE = 16
"""So many bytes of a block that are not ASCII and tables are faster than a branch for each."""
ZERO, ONE, BYTE = np.uint64(0), np.uint64(1), np.uint64(255)


def room_bytes(n_bytes: int) -> int:
    """Room that the folded bytes of a text can take: the longest folds make eight bytes of three."""
    return 3 * n_bytes + 8 * BLOCK


@inner
def addresses(block, kinds, folds, steps):
    """Where the tables of `unicode` stand, as `fold` takes them."""
    return (
        np.uint64(block.ctypes.data), np.uint64(kinds.ctypes.data), np.uint64(folds.ctypes.data),
        np.uint64(steps.ctypes.data),
    )  # fmt: skip


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
    block, kinds, folds, _ = tables
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


@inner
def fold_block(at, end, out, lone, steps):
    """Fold the whole characters of the block at `at`, up to one that is Cyrillic or of four bytes, without a branch.

    Returns how many bytes that was, where writing stands, and `lone` as for `fold_character`.
    """
    codes = out + np.uint64(4 * BLOCK)
    second = follows(at) >> ONE
    pair, triple = pairs(at) & second, code_points(at, codes) & second & second >> ONE
    starts = ~wide(at) | pair | triple
    n_whole = trailing_zeros(~(starts | (pair | triple) << ONE | triple << np.uint64(2)))
    n = min(n_whole, end - at)
    if n < n_whole and starts >> n & ONE == ZERO:
        # A character that the end cuts in two is none.
        n = np.uint64(BLOCK - 1) - leading_zeros(starts & (ONE << n) - ONE)
    store8(out, ZERO)
    i = ZERO
    while i < n:
        step = load64(steps + (load16(codes + (i << ONE)) << np.uint64(3)))
        if step == ZERO:
            return i, out, lone
        starts &= starts - ONE
        i = trailing_zeros(starts)
        out += step >> np.uint64(4) & lone
        store64(out, step >> np.uint64(8))
        out += step & np.uint64(7)
        lone = (step >> np.uint64(3) | step >> np.uint64(5) & lone) & ONE
    return n, out, lone


@kernel
def fold_few(at, end, out, tables):
    """Fold characters from `at` until one is ASCII; return where reading and writing stand."""
    lone = ZERO
    while at < end and load8(at) >= np.uint64(0x80):
        length, out, lone = fold_character(at, end, out, lone, tables)
        at += length
    store8(out, ZERO)
    return at, out + lone


@kernel
def fold_many(at, end, out, tables):
    """Fold characters from `at` until one is ASCII and so are most behind it; where reading and writing stand."""
    lone = ZERO
    while at < end:
        done = ZERO
        if count_ones(wide(at)) >= np.uint64(DENSE):
            if load8(at) & np.uint64(0xFE) == np.uint64(0xD0):
                store8(out, ZERO)
                done = fold_cyrillic_run(at, end, out + lone)
                out, lone = (out + lone + done, ZERO) if done > ZERO else (out, lone)
            else:
                done, out, lone = fold_block(at, end, out, lone, tables[3])
        elif load8(at) < np.uint64(0x80):
            break
        if done == ZERO:
            done, out, lone = fold_character(at, end, out, lone, tables)
        at += done
    store8(out, ZERO)
    return at, out + lone


@kernel
def fold(at, end, out, tables):
    """Fold the text at addresses `at` to `end` to `out`; return where writing ended, a block of zeros behind it.

    `tables` are the addresses of those of `unicode`.
    """
    while at < end:
        others = fold_ascii(at, out)
        # A branch that is guessed rightly: the next block need not wait for what was found in this one.
        while others == ZERO and end - at >= np.uint64(BLOCK):
            at += np.uint64(BLOCK)
            out += np.uint64(BLOCK)
            others = fold_ascii(at, out)
        n = min(trailing_zeros(others), end - at)
        at += n
        out += n
        if n < np.uint64(BLOCK) and at < end:
            if count_ones(others) < np.uint64(DENSE) and others >> np.uint64(BLOCK - 1) == ZERO:
                at, out = fold_few(at, end, out, tables)
            else:
                at, out = fold_many(at, end, out, tables)
    for i in range(BLOCK // 8):
        store64(out + np.uint64(8 * i), ZERO)
    return out
