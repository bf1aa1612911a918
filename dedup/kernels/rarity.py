"""How rare words and pairs of neighbors are: counting texts that hold them, and weighing the tokens of a text.

Weights are whole sixteenths of a nat, so that sums are exact and do not depend on the order of adding.
"""

from typing import NamedTuple

import numpy as np

from dedup.kernels.compile import kernel
from dedup.kernels.text import CAPITAL, NUMBER, SENTENCE_START

__all__ = ["FURNITURE", "UNITS", "Counts", "Evidence", "Weighed", "count", "weigh"]

UNITS = 16
"""Weight units to a nat."""
FURNITURE = 128
"""The flag of a token that belongs to its site and not to its text."""
FURNITURE_SHINGLE = 4
FURNITURE_SAMPLE = np.uint64(3)
"""Of the shingles that tell furniture, those whose hash has these bits zero are kept: one in four."""
FIRST = np.uint64(0x9E3779B97F4A7C15)
SECOND = np.uint64(0xC2B2AE3D27D4EB4F)


class Evidence(NamedTuple):
    """What a collection teaches about rarity, in tables that hashes index.

    `token_weights` and `pair_weights` uint8 (2**bits,) in `UNITS`; `shingle_counts` uint16 (2**bits,): pages of a site
    that hold a shingle; `sites` uint64 sorted and `site_floors` int32: from how many pages on a shingle is furniture.
    """

    token_weights: np.ndarray
    pair_weights: np.ndarray
    shingle_counts: np.ndarray
    sites: np.ndarray
    site_floors: np.ndarray


class Counts(NamedTuple):
    """Texts that hold a token, a pair, a shingle of a site, by slot; `*_seen` is the last text that did."""

    tokens: np.ndarray
    tokens_seen: np.ndarray
    pairs: np.ndarray
    pairs_seen: np.ndarray
    shingles: np.ndarray
    shingles_seen: np.ndarray


class Weighed(NamedTuple):
    """Tokens of some texts with their weights, all (n_tokens,): what alignment works on.

    `pairs` are hashes of a token with the next, 0 at the end of a text; `shingles` hashes of five tokens (fewer in a
    shorter text), 0 where none begins; `numbers` and `names` are 1 where the token is one; `marks` are the token's
    flags and `FURNITURE`; `sums` int64 (n_tokens + 1,) are running totals of the token weights.
    """

    hashes: np.ndarray
    pairs: np.ndarray
    shingles: np.ndarray
    token_weights: np.ndarray
    pair_weights: np.ndarray
    numbers: np.ndarray
    names: np.ndarray
    marks: np.ndarray
    sums: np.ndarray


@kernel
def _slot(value, size):
    """Place of a hash in a table of `size`, a power of two: its highest bits, of which background tables keep 32."""
    return np.int64((value >> np.uint64(32)) & np.uint64(size - 1))


@kernel
def pair_hash(first, second):
    """Hash of two neighboring tokens, in their order."""
    value = (first * FIRST) ^ (second + SECOND)
    value = (value ^ (value >> np.uint64(29))) * SECOND
    return value ^ (value >> np.uint64(32))


@kernel
def _shingle(hashes, at, size):
    value = np.uint64(0)
    for k in range(size):
        turn = np.uint64(11 * k % 64)
        token = hashes[at + k]
        value ^= token << turn | token >> (np.uint64(64) - turn & np.uint64(63))
    return value


@kernel
def _count_one(value, stamp, counts, seen):
    slot = _slot(value, len(counts))
    if seen[slot] != stamp:
        seen[slot] = stamp
        counts[slot] += 1


@kernel
def count(hashes, offsets, sites, first, counts):
    """Add some texts to `counts`: each token, pair and site shingle once a text.

    `hashes` uint64 (n_tokens,), `offsets` int64 (n_texts + 1,), `sites` uint64 (n_texts,), 0 where unknown; `first` is
    how many texts were counted before.
    """
    for i in range(len(sites)):
        stamp = np.int32(first + i + 1)
        end = offsets[i + 1]
        for at in range(offsets[i], end):
            _count_one(hashes[at], stamp, counts.tokens, counts.tokens_seen)
            if at + 1 < end:
                _count_one(pair_hash(hashes[at], hashes[at + 1]), stamp, counts.pairs, counts.pairs_seen)
            if sites[i] != 0 and at + FURNITURE_SHINGLE <= end:
                shingle = pair_hash(_shingle(hashes, at, FURNITURE_SHINGLE), np.uint64(0))
                if shingle & FURNITURE_SAMPLE == 0:
                    _count_one(pair_hash(shingle, sites[i]), stamp, counts.shingles, counts.shingles_seen)


@kernel
def _mark_furniture(hashes, site, floor, shingle_counts, marks):
    """Mark the tokens whose nearest sampled shingles, before and behind, are furniture of the site."""
    begin, was_furniture = 0, True
    for at in range(len(hashes) + 1):
        if at + FURNITURE_SHINGLE <= len(hashes):
            shingle = pair_hash(_shingle(hashes, at, FURNITURE_SHINGLE), np.uint64(0))
            if shingle & FURNITURE_SAMPLE != 0:
                continue
            is_furniture = shingle_counts[_slot(pair_hash(shingle, site), len(shingle_counts))] >= floor
        elif at < len(hashes) or begin == 0:
            continue
        else:
            is_furniture = True
        end = at + FURNITURE_SHINGLE if is_furniture else at
        if is_furniture and was_furniture:
            for k in range(begin, min(end, len(hashes))):
                marks[k] |= FURNITURE
        begin, was_furniture = at, is_furniture


@kernel
def weigh(hashes, flags, offsets, floors, sites, evidence, heaviest, shingle_size, out):
    """Fill `out`, a `Weighed`, for some texts.

    `floors` int32 (n_texts,) is how many pages of the text's site make a shingle furniture, 0 where nothing is known
    of the site; `heaviest` is the most that a token may weigh, in `UNITS`.
    """
    out.sums[0] = 0
    for i in range(len(sites)):
        start, end = offsets[i], offsets[i + 1]
        size = min(shingle_size, end - start)
        for at in range(start, end):
            weight = min(evidence.token_weights[_slot(hashes[at], len(evidence.token_weights))], heaviest)
            out.token_weights[at] = weight
            out.marks[at] = flags[at]
            out.shingles[at] = _shingle(hashes, at, size) if at + size <= end else np.uint64(0)
            out.numbers[at] = flags[at] & NUMBER
            out.names[at] = flags[at] & CAPITAL != 0 and flags[at] & (SENTENCE_START | NUMBER) == 0
        if floors[i] > 0:
            _mark_furniture(hashes[start:end], sites[i], floors[i], evidence.shingle_counts, out.marks[start:end])
        for at in range(start, end):
            if out.marks[at] & FURNITURE:
                out.token_weights[at] = 0
            out.sums[at + 1] = out.sums[at] + out.token_weights[at]
        for at in range(start, end):
            if at + 1 == end:
                out.pairs[at], out.pair_weights[at] = np.uint64(0), 0
                break
            out.pairs[at] = pair_hash(hashes[at], hashes[at + 1])
            learned = min(evidence.pair_weights[_slot(out.pairs[at], len(evidence.pair_weights))], heaviest)
            # A pair tells no more than its two words do; so a small collection, to which every pair is new, is
            # not taken in by "of the".
            out.pair_weights[at] = min(np.int64(learned), np.int64(out.token_weights[at]) + out.token_weights[at + 1])
