"""Stage 3a: signatures to candidate pairs by LSH bands [Leskovec, Rajaraman, Ullman, ch. 3].

Rows are worked on in the order of their content, so the pairs do not depend on the order of the input. Texts with
equal tokens have equal signatures and so meet in every band.
"""

import numpy as np

from dedup.arrays import Rest, Rows, Scores, nothing
from dedup.config import CandidateConfig
from dedup.kernels import candidates as kernel
from dedup.kernels import minhash
from dedup.kernels.group import group_within
from dedup.records import Candidates, Cut, Sketches

__all__ = ["agreement", "alike", "propose"]

ROOM = 1 << 18
ROWS_AT_ONCE, BUCKETS_AT_ONCE, PAIRS_AT_ONCE = 1 << 18, 1 << 10, 1 << 10
"""Between two rests; a signature that is looked at by itself touches 64 KB of a file."""
AT_ONCE = 5
"""Bands whose keys are made at once; the places of as many lie in one cache line."""


def propose(
    sketches: Sketches, config: CandidateConfig, rows: Rows | None = None, rest: Rest = nothing
) -> Candidates:  # fmt: skip
    """Pairs with an equal band and enough equal places; work per bucket is bounded.

    Where `rows` are given, in the order of their content, only those are looked at, and pairs are of places in `rows`.
    `rest` is called between steps that touch few of the signatures, which may lie in a file.
    """
    chosen = np.arange(len(sketches)) if rows is None else rows
    hashes = sketches.token_hashes
    order = np.lexsort((hashes[:, 1], hashes[:, 0])) if rows is None else np.arange(len(rows))
    worded = order[sketches.n_tokens[chosen[order]] > 0]
    pairs, cut = _bucket_pairs(sketches, chosen[worded], config, rest)
    found = worded[pairs]
    packed = np.unique(found.min(axis=1) << 32 | found.max(axis=1))
    return Candidates(left=packed >> 32, right=packed & 0xFFFFFFFF, cuts=(cut,) if cut.n_times else ())


def agreement(sketches: Sketches, proposed: Candidates, rows: Rows, rest: Rest = nothing) -> Scores:
    """The share of places in which the signatures of each pair of places in `rows` are equal: (n_pairs,)."""
    found = np.empty(len(proposed), np.float64)
    for first in range(0, len(proposed), PAIRS_AT_ONCE):
        part = slice(first, first + PAIRS_AT_ONCE)
        left, right = rows[proposed.left[part]], rows[proposed.right[part]]
        minhash.agreement(sketches.signatures, left, right, found[part])
        rest()
    return found


def alike(proposed: Candidates, agreement: Scores, least: float) -> Candidates:
    """The pairs that agree in at least `least` of their places."""
    return Candidates(left=proposed.left[agreement >= least], right=proposed.right[agreement >= least])


def _bucket_pairs(sketches: Sketches, rows: Rows, config: CandidateConfig, rest: Rest) -> tuple[Rows, Cut]:
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
            for first in range(0, len(rows), ROWS_AT_ONCE):
                part = places[first : first + ROWS_AT_ONCE]
                kernel.band_keys(sketches.signatures, rows[part], part, band * config.n_rows, config.n_rows, own)
                rest()
        n_buckets = group_within(keys[band % AT_ONCE], numbers, part_keys, part_items, members, starts)
        state = np.zeros(4, np.int64)
        while state[0] < n_buckets:
            own_starts = starts[: min(int(state[0]) + BUCKETS_AT_ONCE, n_buckets) + 1]
            n = kernel.bucket_pairs(sketches.signatures, rows, band, bounds, members, own_starts, crowded, state, room)
            parts.append(room[:n].copy())
            rest()
        n_times, n_left_out = n_times + int(state[2]), n_left_out + int(state[3])
    return np.concatenate(parts), Cut(bound="candidates.max_bucket", n_times=n_times, n_left_out=n_left_out)
