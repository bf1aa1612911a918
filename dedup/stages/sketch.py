"""Stage 2: texts to all that is kept of them: signature, sampled fingerprints, content hashes."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dedup.arrays import Bytes, Hashes, Positions, Rows, Signatures
from dedup.background import background
from dedup.config import PassageConfig, SketchConfig
from dedup.digests import text_hashes
from dedup.kernels import minhash, similarity_sketch
from dedup.kernels.blocks import BLOCK
from dedup.kernels.fingerprints import BIN_BITS, COMMON_BITS, deal_out, fingerprint_all
from dedup.kernels.fold import room_bytes
from dedup.kernels.sketch import character_texts, hash_texts
from dedup.kernels.tokens import EDGES
from dedup.kernels.unicode import tables
from dedup.kernels.vectors import LANES, padded
from dedup.records import Texts
from dedup.sketched import Fingerprints, Sketches

__all__ = ["LEAST_BYTES_IN_BLOCK", "MOST_IN_BLOCK", "build", "common_words", "deal"]

CHUNK_BYTES = 1 << 20
"""Texts are worked on by this much at a time: with 256 KB two threads were 1.3 times as fast as one, with 1 MB 1.7."""
MOST_IN_BLOCK = 1 << BIN_BITS
"""Texts that as many bits can number as a fingerprint's bin spares."""
LEAST_BYTES_IN_BLOCK = 1 << 20
"""Texts of which the fingerprints, some 150 KB, are worth the 32 KB of a block's counts."""
COMMON_RARITY = 168
"""Words that are as rare as one in 36,000 running words, in sixteenths of a nat, are not common."""
MOST_COMMON_NUMBER = 3000
"""Numbers below are common, as years are, and days and hours: texts of one kind share them by chance."""
MOST_KEPT = 64
"""Rooms to work in that are kept for the next call, one for each thread that worked at the same time."""


class Chunk(NamedTuple):
    """Rows `first` to `last`, half-open."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What the threads fill, each its own rows; fingerprints by chunk."""

    signatures: Signatures
    n_tokens: Positions
    text_hashes: Hashes
    token_hashes: Hashes
    n_fingerprints: Rows
    fingerprints: dict[int, Hashes]


class _Scratch:
    """Room for one chunk's work, of one thread; first touches of memory cost more than the work itself."""

    def __init__(self, n_bytes: int, longest: int) -> None:
        n_tokens = padded(n_bytes // 2 + 1) + 2 * LANES
        self.hashes = np.zeros(n_tokens, np.uint64)
        self.fingerprints = np.zeros(2 * n_tokens, np.uint64)
        self.folded = np.zeros(room_bytes(longest), np.uint8)
        self.tokens = self.folded, np.zeros(EDGES, np.uint64), self.hashes
        self.shingles = np.zeros(padded(longest) + LANES, np.uint32)
        self.thrown = np.zeros(padded(longest) + LANES, np.uint64)


_idle: deque[_Scratch] = deque(maxlen=MOST_KEPT)


def _room() -> _Scratch:
    """One that an earlier call has left, if no other thread has taken it."""
    try:
        return _idle.pop()
    except IndexError:
        return _Scratch(0, 0)


def build(texts: Texts, config: SketchConfig, passages: PassageConfig, n_threads: int | None = None) -> Sketches:
    """Sketch every text, on all processors unless told otherwise; the result does not depend on how many."""
    n_texts = len(texts)
    result = _Result(
        signatures=np.empty((n_texts, config.n_hashes), np.uint32), n_tokens=np.empty(n_texts, np.int32),
        text_hashes=np.empty((n_texts, 2), np.uint64), token_hashes=np.empty((n_texts, 2), np.uint64),
        n_fingerprints=np.zeros(n_texts + 1, np.int64), fingerprints={},
    )  # fmt: skip
    chunks = _chunks(texts.offsets)
    todo = iter(chunks)
    n_workers = min(n_threads or len(os.sched_getaffinity(0)), len(chunks))
    if n_workers <= 1:
        _work(texts, todo, config, passages, result)
    else:
        with ThreadPoolExecutor(n_workers) as pool:
            running = [pool.submit(_work, texts, todo, config, passages, result) for _ in range(n_workers)]
            for worker in running:
                worker.result()
    kept = [result.fingerprints[chunk.first] for chunk in chunks]
    return Sketches(
        scheme=config.scheme, signatures=result.signatures, n_tokens=result.n_tokens,
        text_hashes=result.text_hashes, token_hashes=result.token_hashes,
        fingerprints=np.concatenate([np.empty(0, np.uint64), *kept]),
        fingerprint_offsets=np.cumsum(result.n_fingerprints),
    )  # fmt: skip


def deal(parts: Sequence[Sketches]) -> Fingerprints:
    """The fingerprints by their values: all texts' of one range of them are then found where few pages are touched."""
    held = np.concatenate([np.empty(0, np.uint64), *(part.fingerprints for part in parts)])
    counts = np.concatenate([np.empty(0, np.int64), *(np.diff(part.fingerprint_offsets) for part in parts)])
    bounds, marks = np.append(0, np.cumsum(counts)), np.append(np.arange(0, len(counts), MOST_IN_BLOCK), len(counts))
    values, bins = np.empty_like(held), np.zeros((len(marks) - 1, 1 << BIN_BITS), np.uint32)
    for own, (first, last) in zip(bins, pairwise(marks), strict=True):
        deal_out(held, bounds[first : last + 1], values, own)
    sizes = np.diff(marks).astype(np.int32)
    return Fingerprints(values=values, bins=bins, counts=counts.astype(np.int32), sizes=sizes)


@cache
def common_words() -> Bytes:
    """A table of bits, by the upper bits of token hashes: set for common words of any language, and small numbers.

    One in thirty other words has its bit set too.
    """
    known = background()
    numbers = " ".join([*map(str, range(MOST_COMMON_NUMBER)), *(f"0{digit}" for digit in range(10))]).encode()
    whole = Texts(values=np.frombuffer(numbers, np.uint8), offsets=np.array([0, len(numbers)]))
    values, bounds = _padded(whole, Chunk(0, 1))
    scratch, ends = _with_room(_room(), bounds, len(numbers)), np.zeros(2, np.int64)
    hash_texts(values, bounds, *tables(), *scratch.tokens, ends, np.empty((1, 2), np.uint64))
    slots = np.zeros(1 << COMMON_BITS, np.uint8)
    slots[known.tokens[known.rarity < COMMON_RARITY] >> np.uint64(32 - COMMON_BITS)] = 1
    slots[scratch.hashes[: ends[-1]] >> np.uint64(64 - COMMON_BITS)] = 1
    return np.packbits(slots, bitorder="little")


def _chunks(offsets: Rows) -> list[Chunk]:
    """Runs of rows that hold about `CHUNK_BYTES` each."""
    marks = np.arange(offsets[0], offsets[-1] + 1, CHUNK_BYTES)
    bounds = [0, *np.unique(np.searchsorted(offsets, marks[1:])).tolist(), len(offsets) - 1]
    return [Chunk(first, last) for first, last in pairwise(bounds) if first < last]


def _work(texts: Texts, todo: Iterator[Chunk], config: SketchConfig, passages: PassageConfig, result: _Result) -> None:
    """Sketch chunks until none is left; several threads may take from `todo`."""
    sign = _signer(config)
    scratch = _room()
    for chunk in todo:
        rows = slice(chunk.first, chunk.last)
        values, bounds = _padded(texts, chunk)
        scratch = _with_room(scratch, bounds, min(CHUNK_BYTES, int(texts.offsets[-1] - texts.offsets[0])))
        offsets = np.zeros(len(bounds), np.int64)
        hash_texts(values, bounds, *tables(), *scratch.tokens, offsets, result.token_hashes[rows])
        if config.shingle_unit == "character":
            hashes, places = _characters(values, bounds, scratch)
            sign(scratch, hashes, places, result.signatures[rows])
        else:
            sign(scratch, scratch.hashes, offsets, result.signatures[rows])
        result.n_tokens[rows] = np.diff(offsets)
        result.text_hashes[rows] = text_hashes(values, bounds)
        ends = np.zeros_like(offsets)
        hashes = scratch.hashes[: offsets[-1]]
        if passages.sampled:
            sampling = passages.shingle_size, passages.window, passages.n_least, common_words(), passages.n_per_word
            fingerprint_all(hashes, offsets, *sampling, scratch.fingerprints, ends)
        result.n_fingerprints[chunk.first + 1 : chunk.last + 1] = np.diff(ends)
        result.fingerprints[chunk.first] = scratch.fingerprints[: ends[-1]].copy()
    if len(scratch.hashes) <= padded(CHUNK_BYTES) and len(scratch.folded) <= room_bytes(CHUNK_BYTES):
        _idle.append(scratch)


def _padded(texts: Texts, chunk: Chunk) -> tuple[Bytes, Rows]:
    """The bytes that hold a chunk with a block of room behind, and its offsets in them."""
    bounds = texts.offsets[chunk.first : chunk.last + 1]
    if bounds[-1] + BLOCK <= len(texts.values):
        return texts.values, bounds
    values = np.zeros(bounds[-1] - bounds[0] + BLOCK, np.uint8)
    values[:-BLOCK] = texts.values[bounds[0] : bounds[-1]]
    return values, bounds - bounds[0]


def _with_room(scratch: _Scratch, bounds: Rows, least_bytes: int) -> _Scratch:
    """The scratch itself or a larger one, of room for `least_bytes`."""
    n_bytes, longest = int(bounds[-1] - bounds[0]) + 2 * len(bounds), int(np.diff(bounds).max())
    if padded(n_bytes // 2 + 1) + 2 * LANES <= len(scratch.hashes) and room_bytes(longest) <= len(scratch.folded):
        return scratch
    return _Scratch(max(n_bytes, least_bytes), max(longest, least_bytes // 16))


def _signer(config: SketchConfig) -> Callable[[_Scratch, Hashes, Rows, Signatures], None]:
    """The kernel of the scheme with its constants and room for one row: (scratch, hashes, offsets, signatures out)."""
    bins = np.empty(padded(config.n_hashes), np.uint64)
    if config.scheme == "affine32":
        constants, row = minhash.permutations(config.n_hashes, config.seed), bins.view(np.uint32)

        def affine32(scratch: _Scratch, hashes: Hashes, offsets: Rows, out: Signatures) -> None:
            minhash.affine32(hashes, offsets, config.shingle_size, *constants, scratch.shingles, row, out)

        return affine32
    throws = similarity_sketch.throws(config.n_hashes, config.seed)

    def fss32(scratch: _Scratch, hashes: Hashes, offsets: Rows, out: Signatures) -> None:
        room = scratch.shingles, scratch.thrown, bins[: config.n_hashes]
        similarity_sketch.fss32(hashes, offsets, config.shingle_size, *throws, *room, out)

    return fss32


def _characters(values: Bytes, bounds: Rows, scratch: _Scratch) -> tuple[Hashes, Rows]:
    """Hashes of all characters of each text's tokens, and where each text begins."""
    hashes, offsets = np.zeros(int(bounds[-1] - bounds[0]) + 2 * LANES, np.uint64), np.zeros(len(bounds), np.int64)
    character_texts(values, bounds, *tables(), scratch.folded, hashes, offsets)
    return hashes, offsets
