"""Stage 3a: signatures to candidate pairs, by equal content and by LSH bands [Leskovec, Rajaraman, Ullman, ch. 3].

Rows are worked on in the order of their content, so the pairs do not depend on the order of the input. Of texts
with equal tokens one, the center, stands for all: it is paired with each of them, and alone goes into buckets.
"""

import numpy as np

from dedup.arrays import Hashes, Rows
from dedup.config import CandidateConfig
from dedup.kernels import candidates as kernel
from dedup.kernels.group import group
from dedup.records import Candidates, Cut, Sketches

__all__ = ["propose"]

ROOM = 1 << 18


def propose(sketches: Sketches, config: CandidateConfig) -> Candidates:
    """Pairs with equal tokens, or with an equal band and enough equal places; work per bucket is bounded."""
    # Texts without a token, such as "!!!" and "???", are not equal for that: their characters decide.
    contents = np.where(sketches.n_tokens[:, None] > 0, sketches.token_hashes, sketches.text_hashes)
    order = np.lexsort((sketches.text_hashes[:, 0], contents[:, 1], contents[:, 0]))
    leaders = _leaders(contents[order])
    is_center = leaders == np.arange(len(order))
    equal = np.stack([order[leaders[~is_center]], order[~is_center]], axis=1)
    centers = order[is_center & (sketches.n_tokens[order] > 0)]
    pairs, cut = _bucket_pairs(sketches, centers, config)
    left, right = _sorted_pairs(np.concatenate([equal, centers[pairs]]))
    return Candidates(left=left, right=right, cuts=(cut,) if cut.n_times else ())


def _leaders(hashes: Hashes) -> Rows:
    """For rows sorted by content, where the first with the same content stands."""
    is_first = np.ones(len(hashes), bool)
    is_first[1:] = (hashes[1:] != hashes[:-1]).any(axis=1)
    return np.flatnonzero(is_first)[np.cumsum(is_first) - 1]


def _sorted_pairs(pairs: Rows) -> tuple[Rows, Rows]:
    """Pairs (n, 2) as `left < right`, sorted, each once."""
    packed = np.unique(pairs.min(axis=1) << 32 | pairs.max(axis=1))
    return packed >> 32, packed & 0xFFFFFFFF


def _bucket_pairs(sketches: Sketches, rows: Rows, config: CandidateConfig) -> tuple[Rows, Cut]:
    """Pairs of positions in `rows` that meet in a bucket, (n, 2), and what the bucket bound left out."""
    least = int(np.ceil(config.min_agreement * sketches.signatures.shape[1]))
    bounds = np.array([config.n_rows, config.max_bucket, config.n_partners, least])
    crowded = np.zeros(len(rows), np.uint8)
    numbers = np.arange(len(rows), dtype=np.uint32)
    keys, members = np.empty(len(rows), np.uint64), np.empty(len(rows), np.uint32)
    starts = np.empty(len(rows) // 2 + 2, np.int64)
    room = np.empty((ROOM, 2), np.int64)
    parts, n_times, n_left_out = [np.empty((0, 2), np.int64)], 0, 0
    for band in range(config.n_bands):
        kernel.band_keys(sketches.signatures, rows, band * config.n_rows, config.n_rows, keys)
        n_buckets = group(keys, numbers, members, starts)
        state = np.zeros(4, np.int64)
        while state[0] < n_buckets:
            n = kernel.bucket_pairs(
                sketches.signatures, rows, band, bounds, members, starts[: n_buckets + 1], crowded, state, room
            )
            parts.append(room[:n].copy())
        n_times, n_left_out = n_times + int(state[2]), n_left_out + int(state[3])
    return np.concatenate(parts), Cut(bound="candidates.max_bucket", n_times=n_times, n_left_out=n_left_out)
