"""Pairs from buckets of rows with equal band keys, each once, the work of a bucket bounded."""

import numpy as np

from dedup.kernels.compile import allocating, kernel
from dedup.kernels.sort import sort

__all__ = ["band_keys", "bucket_pairs", "copy_rows"]

SPREAD = np.uint64(0x9E3779B97F4A7C15)


@kernel
def band_keys(signatures, rows, places, start, n_rows, out):
    """Write keys of bands of `n_rows` places from `start` on: `out` uint64 (n_bands, n), one row a band.

    The keys of the signature in row `rows[i]` go to place `places[i]`. In the order of memory, and several bands at
    once, a signature's cache lines are fetched once and not once a band.
    """
    for i in range(len(rows)):
        for band in range(len(out)):
            first = start + band * n_rows
            key = np.uint64(first + 1) * SPREAD
            for place in range(first, first + n_rows):
                key = (key ^ np.uint64(signatures[rows[i], place])) * SPREAD
                key ^= key >> np.uint64(32)
            out[band, places[i]] = key * SPREAD


@kernel
def copy_rows(signatures, rows, out):
    """Copy the signatures of some rows."""
    for i in range(len(rows)):
        for place in range(signatures.shape[1]):
            out[i, place] = signatures[rows[i], place]


@kernel
def _agreement(left, right):
    """How many places of two signatures are equal."""
    n = 0
    for place in range(len(left)):
        n += left[place] == right[place]
    return n


@kernel
def _met_before(left, right, n_earlier, n_rows):
    """Whether one of the first `n_earlier` bands of two signatures is equal."""
    for band in range(n_earlier):
        start = band * n_rows
        place = start
        while place < start + n_rows and left[place] == right[place]:
            place += 1
        if place == start + n_rows:
            return True
    return False


@allocating
def _bring_alike_together(members, signatures, rows, start, n_rows):
    """Sort the members of a bucket by the `n_rows` places of their signatures from `start`, else leave their order."""
    low = np.uint64(0xFFFFFFFF)
    order = np.empty(len(members), np.uint64)
    for i in range(len(members)):
        key = np.uint64(0)
        for place in range(start, start + n_rows):
            key = (key ^ np.uint64(signatures[rows[members[i]], place % signatures.shape[1]])) * SPREAD
            key ^= key >> np.uint64(32)
        order[i] = key * SPREAD & ~low | np.uint64(i)
    before = members.copy()
    sort(order, len(order))
    for i in range(len(members)):
        members[i] = before[order[i] & low]


@kernel
def bucket_pairs(signatures, rows, band, bounds, members, starts, crowded, state, out):
    """Write pairs of members of one band's buckets into `out`; return how many, and in `state` where to go on.

    `rows` int64 maps a member to its row of `signatures`; `bounds` int64 holds n_rows of a band, the largest bucket of
    which all pairs are taken, the partners of each member of a larger one, the least places that must agree, and how
    many partners a member has at most from when it first stood in a larger one. `members` and `starts` are as `group`
    leaves them; `crowded` uint8 (n_members, 4) says which members ever stood in too large a bucket, and how many pairs
    each began since with those that agree in three of four places, in half of them, and with others; `state` int64:
    bucket and member to go on at, buckets too large, pairs left out. `out` (room, 2) int64.
    A pair is written in the first band that it meets in, or more often when both its members were crowded.
    """
    n_rows, max_bucket, n_partners, least, most_partners = bounds
    n = 0
    bucket, first = state[0], state[1]
    while bucket < len(starts) - 1:
        start, end = starts[bucket], starts[bucket + 1]
        large = end - start > max_bucket
        reach = n_partners if large else max_bucket
        if large and first == 0:
            n_out = max(0, end - start - n_partners)
            state[2] += 1
            state[3] += n_out * (n_out - 1) // 2
            for i in range(start, end):
                crowded[members[i], 0] = 1
            # Partners in the order of content would be strangers; neighbors by the next band's places are alike.
            _bring_alike_together(members[start:end], signatures, rows, (band + 1) * n_rows, n_rows)
        while start + first < end:
            if n + reach + 1 > len(out):
                state[0], state[1] = bucket, first
                return n
            a = members[start + first]
            left = signatures[rows[a]]
            for i in range(start + first + 1, min(end, start + first + 1 + reach)):
                b = members[i]
                right = signatures[rows[b]]
                n_equal = _agreement(left, right)
                if n_equal < least:
                    continue
                # Those that are alike have places of their own: a crowd that fills in a form must not take them.
                kind = 1 if 4 * n_equal >= 3 * len(left) else 2 if 2 * n_equal >= len(left) else 3
                if crowded[a, 0] and crowded[a, kind] >= most_partners:
                    continue
                if band == 0 or (crowded[a, 0] and crowded[b, 0]) or not _met_before(left, right, band, n_rows):
                    out[n, 0], out[n, 1] = a, b
                    n += 1
                    crowded[a, kind] += crowded[a, 0]
            first += 1
        bucket += 1
        first = 0
    state[0], state[1] = bucket, 0
    return n
