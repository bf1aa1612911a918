"""Stage 2: texts to all that is kept of them: signature, sampled fingerprints, content hashes."""

from itertools import pairwise

import numpy as np
from xxhash import xxh3_128_intdigest

from dedup.arrays import Hashes, Rows
from dedup.config import PassageConfig, SketchConfig
from dedup.kernels import sketch as kernel
from dedup.kernels import text
from dedup.kernels.fingerprints import fingerprint_all
from dedup.kernels.minhash import permutations
from dedup.kernels.unicode import tables
from dedup.records import Sketches, Texts

__all__ = ["build"]

CHUNK_BYTES = 1 << 20
HALF = (1 << 64) - 1


def build(texts: Texts, config: SketchConfig, passages: PassageConfig) -> Sketches:
    """Sketch every text; memory beside the result is bounded by the longest text."""
    n_texts = len(texts)
    signatures = np.empty((n_texts, config.n_hashes), np.uint32)
    n_tokens = np.empty(n_texts, np.int32)
    token_hashes = np.empty((n_texts, 2), np.uint64)
    fingerprints = [np.empty(0, np.uint64)]
    fingerprint_offsets = np.zeros(n_texts + 1, np.int64)
    multipliers, summands = permutations(config.n_hashes, config.seed)
    for first, last in _chunks(texts.offsets):
        hashes, offsets = _tokens(texts, np.arange(first, last, dtype=np.int64))
        n_tokens[first:last] = np.diff(offsets)
        kernel.sketch_all(
            hashes, offsets, config.shingle_size, multipliers, summands,
            signatures[first:last], token_hashes[first:last],
        )  # fmt: skip
        kept, ends = np.empty(len(hashes), np.uint64), np.zeros_like(offsets)
        fingerprint_all(hashes, offsets, passages.shingle_size, passages.window, kept, ends)
        fingerprint_offsets[first + 1 : last + 1] = fingerprint_offsets[first] + ends[1:]
        fingerprints.append(kept[: ends[-1]].copy())
    return Sketches(
        scheme=config.scheme, signatures=signatures, n_tokens=n_tokens,
        text_hashes=_text_hashes(texts), token_hashes=token_hashes,
        fingerprints=np.concatenate(fingerprints), fingerprint_offsets=fingerprint_offsets,
    )  # fmt: skip


def _text_hashes(texts: Texts) -> Hashes:
    """XXH3 of each text's bytes, 128 bits as (high, low)."""
    view = texts.values.data
    bounds = texts.offsets.tolist()
    digests = [xxh3_128_intdigest(view[a:b]) for a, b in pairwise(bounds)]
    return np.array([(digest >> 64, digest & HALF) for digest in digests], np.uint64).reshape(-1, 2)


def _chunks(offsets: Rows) -> list[tuple[int, int]]:
    """Runs of rows that hold about `CHUNK_BYTES` each."""
    edges = np.unique(np.searchsorted(offsets, np.arange(offsets[0], offsets[-1], CHUNK_BYTES)))
    bounds = [*edges.tolist(), len(offsets) - 1]
    return [(a, b) for a, b in pairwise(bounds) if a < b]


def _tokens(texts: Texts, rows: Rows) -> tuple[Hashes, Rows]:
    """Token hashes of `rows` end to end, and where each text begins."""
    n_room = int(texts.offsets[rows[-1] + 1] - texts.offsets[rows[0]]) // 2 + len(rows)
    hashes, flags = np.empty(n_room, np.uint64), np.empty(n_room, np.uint8)
    starts, ends = np.empty(n_room, np.int32), np.empty(n_room, np.int32)
    offsets = np.zeros(len(rows) + 1, np.int64)
    text.tokenize_all(texts.values, texts.offsets, rows, *tables(), hashes, starts, ends, flags, offsets)
    return hashes[: offsets[-1]], offsets
