"""The character tables of `dedup/data/unicode.npz`, read once."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tables", "tables"]

SEPARATOR, WORD, CHARACTER, IGNORED, MARK = range(5)
ALONE, STARTS, GOES_ON = 8, 16, 32
"""Flags of a step: a token by itself; begins a token behind such; goes on with the token before it, whatever it is."""


class Tables(NamedTuple):
    """`block` uint16 (4352,), `kinds` uint8 (n, 256), `folds` uint64 (n, 256); see `dedup/data/make_unicode.py`.

    `steps` uint64 (65536,) says at once what a character up to U+FFFF adds to the folded bytes: in its upper seven
    bytes what is written, a zero before a token by itself, in the lowest byte how many of them and three flags.
    A step of 0 does not fit.
    """

    block: NDArray[np.uint16]
    kinds: NDArray[np.uint8]
    folds: NDArray[np.uint64]
    steps: NDArray[np.uint64]


@cache
def tables() -> Tables:
    """The tables, read-only."""
    with files("dedup.data").joinpath("unicode.npz").open("rb") as file, np.load(file) as stored:
        block, kinds, folds = stored["block"], stored["kinds"], stored["folds"]
    return Tables(block, kinds, folds, _steps(block, kinds, folds))


def _steps(block: NDArray[np.uint16], kinds: NDArray[np.uint8], folds: NDArray[np.uint64]) -> NDArray[np.uint64]:
    codes = np.arange(1 << 16)
    rows = block[codes >> 8], codes & 255
    kind, folded = kinds[rows] & 7, folds[rows]
    folded = np.where(folded == 0, _utf8(codes), folded)
    n_bytes = np.zeros(len(codes), np.uint64)
    for i in range(8):
        n_bytes += folded >> np.uint64(8 * i) != 0
    alone = (kind == CHARACTER).astype(np.uint64)
    folded, n_bytes = folded << np.uint64(8) * alone, n_bytes + alone
    folded[(kind == SEPARATOR) | (kind == IGNORED)] = 0
    n_bytes[kind == SEPARATOR], n_bytes[kind == IGNORED] = 1, 0
    flags = np.array([0, STARTS, ALONE, GOES_ON, GOES_ON], np.uint64)[kind]
    steps: NDArray[np.uint64] = np.where(n_bytes < 8, folded << np.uint64(8) | flags | n_bytes, 0)
    return steps


def _utf8(codes: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Code points up to U+FFFF as UTF-8, the first byte lowest."""
    first, last = codes >> 12, 0x80 | codes & 0x3F
    second = 0x80 | codes >> 6 & 0x3F
    two = 0xC0 | codes >> 6 | last << 8
    three = 0xE0 | first | second << 8 | last << 16
    return np.where(codes < 0x80, codes, np.where(codes < 0x800, two, three)).astype(np.uint64)
