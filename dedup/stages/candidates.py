"""Stage 3a: signatures to candidate pairs by LSH bands [Leskovec, Rajaraman, Ullman, ch. 3].

Rows are worked on in the order of their content, so the pairs do not depend on the order of the input. Texts with
equal tokens have equal signatures and so meet in every band.
"""

import numpy as np

from dedup.arrays import Rows
from dedup.config import CandidateConfig
from dedup.kernels import candidates as kernel
from dedup.kernels.group import group_within
from dedup.records import Candidates, Cut, Sketches

__all__ = ["propose"]

ROOM = 1 << 18
AT_ONCE = 5
"""Bands whose keys are made at once; the places of as many lie in one cache line."""


def propose(sketches: Sketches, config: CandidateConfig, rows: Rows | None = None) -> Candidates:
    """Pairs with an equal band and enough equal places; work per bucket is bounded.

    Where `rows` are given, in the order of their content, only those are looked at, and pairs are of places in `rows`.
    """
    chosen = np.arange(len(sketches)) if rows is None else rows
    hashes = sketches.token_hashes
    order = np.lexsort((hashes[:, 1], hashes[:, 0])) if rows is None else np.arange(len(rows))
    worded = order[sketches.n_tokens[chosen[order]] > 0]
    pairs, cut = _bucket_pairs(sketches, chosen[worded], config)
    found = worded[pairs]
    packed = np.unique(found.min(axis=1) << 32 | found.max(axis=1))
    return Candidates(left=packed >> 32, right=packed & 0xFFFFFFFF, cuts=(cut,) if cut.n_times else ())


def _bucket_pairs(sketches: Sketches, rows: Rows, config: CandidateConfig) -> tuple[Rows, Cut]:
    """Pairs of positions in `rows` that meet in a bucket, (n, 2), and what the bucket bound left out."""
    least = int(np.ceil(config.min_agreement * sketches.signatures.shape[1]))
    bounds = np.array([config.n_rows, config.max_bucket, config.n_partners, least, config.most_partners])
    crowded = np.zeros((len(rows), 4), np.uint8)
    numbers = np.arange(len(rows), dtype=np.uint32)
    places = np.argsort(rows)
    keys, members = np.empty((AT_ONCE, len(rows)), np.uint64), np.empty(len(rows), np.uint32)
    part_keys, part_items = np.empty(len(rows), np.uint64), np.empty(len(rows), np.uint32)
    starts = np.empty(len(rows) // 2 + 2, np.int64)
    room = np.empty((ROOM, 2), np.int64)
    parts, n_times, n_left_out = [np.empty((0, 2), np.int64)], 0, 0
    n_bands = min(config.n_bands, sketches.signatures.shape[1] // config.n_rows)
    for band in range(n_bands):
        if band % AT_ONCE == 0:
            own = keys[: n_bands - band]
            kernel.band_keys(sketches.signatures, rows[places], places, band * config.n_rows, config.n_rows, own)
        n_buckets = group_within(keys[band % AT_ONCE], numbers, part_keys, part_items, members, starts)
        state = np.zeros(4, np.int64)
        while state[0] < n_buckets:
            n = kernel.bucket_pairs(
                sketches.signatures, rows, band, bounds, members, starts[: n_buckets + 1], crowded, state, room
            )
            parts.append(room[:n].copy())
        n_times, n_left_out = n_times + int(state[2]), n_left_out + int(state[3])
    return np.concatenate(parts), Cut(bound="candidates.max_bucket", n_times=n_times, n_left_out=n_left_out)
