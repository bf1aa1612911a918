"""Pairs from buckets of rows with equal band keys, each once, the work of a bucket bounded."""

from typing import NamedTuple

import numpy as np

from dedup.kernels.compile import allocating, inner, kernel
from dedup.kernels.sort import sort

__all__ = [
    "APART",
    "Crowd",
    "are_far",
    "band_keys",
    "bucket_pairs",
    "copy_rows",
    "crowd",
    "follow_last",
    "led",
    "share_leader",
]

SPREAD = np.uint64(0x9E3779B97F4A7C15)
WHOLE, APART = 254, 255
"""The distance of signatures of which no place is equal, and that of a member that follows no leader."""
EVER, FOLLOWS, N_COUNTS = 0, 4, 5


class Crowd(NamedTuple):
    """What is kept of members that stood in too large a bucket, each by member.

    `counts` uint8 (n, `N_COUNTS`): whether it ever did, how many pairs it began since with those that agree in three
    of four places, in half of them, and with others, and whether it follows another than before; `leaders`
    uint32, whom it follows, and `distances` uint8, how far that one is, in 1 / `WHOLE`, or `APART`.
    """

    counts: np.ndarray
    leaders: np.ndarray
    distances: np.ndarray


def crowd(n_members: int) -> Crowd:
    """Of no crowd yet."""
    return Crowd(
        counts=np.zeros((n_members, N_COUNTS), np.uint8), leaders=np.zeros(n_members, np.uint32),
        distances=np.full(n_members, APART, np.uint8),
    )  # fmt: skip


def led(crowd: Crowd) -> np.ndarray:
    """Who follows whom, int64 (n, 2), of those that follow another than when this was asked before."""
    followers = np.flatnonzero(crowd.counts[:, FOLLOWS])
    crowd.counts[followers, FOLLOWS] = 0
    return np.stack([followers, crowd.leaders[followers]], axis=1)


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


@inner
def _distance(n_equal, n):
    """The share of `n` places that are not equal, in 1 / `WHOLE`, rounded up."""
    return (WHOLE * (n - n_equal) + n - 1) // n


@inner
def _last_leader(a, crowd):
    """Whom a member follows, or whom that one follows, and so on; each precedes who follows it, so there is a last."""
    while crowd.distances[a] != APART:
        a = np.int64(crowd.leaders[a])
    return a


@kernel
def _leader(members, precedence, crowd):
    """Of all members' last leaders the one of the least precedence, of equal ones the least."""
    first = _last_leader(np.int64(members[0]), crowd)
    for i in range(1, len(members)):
        a = _last_leader(np.int64(members[i]), crowd)
        if precedence[a] < precedence[first] or (precedence[a] == precedence[first] and a < first):
            first = a
    return first


@inner
def _is_much_nearer(distance, other):
    """Whether the square of one agreement is above the other agreement: half as far away, where both are near."""
    agreement = WHOLE - np.int64(distance)
    return agreement * agreement > (WHOLE - np.int64(other)) * WHOLE


@kernel
def _follow(a, own, leader, other, least, crowd):
    """Put a member behind `leader` if they agree in `least` places and it follows none, or one that is much farther.

    `own` and `other` are the two signatures.
    """
    n_equal = _agreement(own, other)
    distance = _distance(n_equal, len(own))
    is_nearer = crowd.distances[a] == APART or _is_much_nearer(distance, crowd.distances[a])
    if a != leader and n_equal >= least and is_nearer:
        crowd.leaders[a], crowd.distances[a], crowd.counts[a, FOLLOWS] = leader, distance, 1


@kernel
def _line_up(members, signatures, rows, whole, least, precedence, crowd):
    """Put members behind one leader, and those that led them until now; `whole` as in `bucket_pairs`."""
    leader = _leader(members, precedence, crowd)
    other = whole[0][whole[1][leader]]
    for i in range(len(members)):
        a = np.int64(members[i])
        last = _last_leader(a, crowd)
        _follow(last, whole[0][whole[1][last]], leader, other, least, crowd)
        _follow(a, signatures[rows[a]], leader, other, least, crowd)


@kernel
def follow_last(signatures, rows, followers, crowd):
    """Put followers directly behind their last leader where both agree in half of their places.

    It is what they will be verified against, if they are one cluster.
    """
    for i in range(len(followers)):
        a = followers[i]
        last = _last_leader(a, crowd)
        if crowd.leaders[a] != last:
            own, other = signatures[rows[a]], signatures[rows[last]]
            distance = _distance(_agreement(own, other), len(own))
            if 2 * distance <= WHOLE:
                crowd.leaders[a], crowd.distances[a], crowd.counts[a, FOLLOWS] = last, distance, 1


@inner
def _share_leader(a, b, crowd):
    """Whether one leads both in the end, and neither follows the other."""
    if crowd.distances[a] == APART or crowd.distances[b] == APART or crowd.leaders[a] == b or crowd.leaders[b] == a:
        return False
    return _last_leader(a, crowd) == _last_leader(b, crowd)


@inner
def _is_far(a, b, distance, crowd):
    """Whether two members are not much nearer to one another than both are to whom they follow."""
    return not _is_much_nearer(distance, min(np.int64(crowd.distances[a]), np.int64(crowd.distances[b])))


@kernel
def share_leader(pairs, crowd, out):
    """Say in `out` bool (n_pairs,) which pairs of members, int64 (n_pairs, 2), one leads in the end."""
    for i in range(len(pairs)):
        out[i] = _share_leader(pairs[i, 0], pairs[i, 1], crowd)


@kernel
def are_far(pairs, n_equal, n_places, crowd, out):
    """Say in `out` bool (n_pairs,) which pairs are farther than their leader warrants, by how many places are equal."""
    for i in range(len(pairs)):
        out[i] = _is_far(pairs[i, 0], pairs[i, 1], _distance(n_equal[i], n_places), crowd)


@kernel
def bucket_pairs(signatures, rows, whole, band, bounds, members, starts, precedence, crowd, state, out):
    """Write pairs of members of one band's buckets into `out`; return how many, and in `state` where to go on.

    `rows` int64 maps a member of these buckets to its row of `signatures`, and `whole` are the same two of all members;
    `bounds` int64 holds n_rows of a band, the largest bucket of which all pairs are taken, the partners of each member
    of a larger one, the least places that must agree, and how many partners a member has at most from when it first
    stood in a larger one. `members` and `starts` are as `group` leaves them; the one of the least `precedence`
    (n_members,) leads a large bucket. `state` int64: bucket and member to go on at, buckets too large, pairs left out.
    `out` (room, 2) int64.
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
                crowd.counts[members[i], EVER] = 1
            # Partners in the order of content would be strangers; neighbors by the next band's places are alike.
            _bring_alike_together(members[start:end], signatures, rows, (band + 1) * n_rows, n_rows)
            _line_up(members[start:end], signatures, rows, whole, least, precedence, crowd)
        while start + first < end:
            if n + reach + 1 > len(out):
                state[0], state[1] = bucket, first
                return n
            a = np.int64(members[start + first])
            own = crowd.counts[a]
            left = signatures[rows[a]]
            for i in range(start + first + 1, min(end, start + first + 1 + reach)):
                b = np.int64(members[i])
                right = signatures[rows[b]]
                n_equal = _agreement(left, right)
                if n_equal < least:
                    continue
                # Those that are alike have places of their own: a crowd that fills in a form must not take them.
                kind = 1 if 4 * n_equal >= 3 * len(left) else 2 if 2 * n_equal >= len(left) else 3
                if own[EVER] and own[kind] >= most_partners:
                    continue
                both = own[EVER] and crowd.counts[b, EVER]
                if both and _share_leader(a, b, crowd) and _is_far(a, b, _distance(n_equal, len(left)), crowd):
                    continue
                if band == 0 or both or not _met_before(left, right, band, n_rows):
                    out[n, 0], out[n, 1] = a, b
                    n += 1
                    own[kind] += own[EVER]
            first += 1
        bucket += 1
        first = 0
    state[0], state[1] = bucket, 0
    return n
