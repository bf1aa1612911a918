"""Stage 3a: signatures to candidate pairs by LSH bands [Leskovec, Rajaraman, Ullman, ch. 3].

Rows are worked on in the order of their content, so the pairs do not depend on the order of the input. Texts with
equal tokens have equal signatures and so meet in every band.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import PLAIN, Hashes, Means, Rows, Scores, Signatures
from dedup.config import CandidateConfig
from dedup.kernels import candidates as kernel
from dedup.kernels import minhash
from dedup.kernels.group import group_within
from dedup.records import Candidates, Cut
from dedup.sketched import Signed

__all__ = ["agreement", "alike", "lists", "needed", "propose", "with_crowd"]

Precedence = Callable[[Rows], Hashes]

ROOM = 1 << 18
ON_A_LIST, VERSIONS, VERSION_AGREES = 4, 0.25, 0.1
"""Of versions of one page, extracted in thirty ways, at least .4 agreed so much, and of texts on a list none."""
ROWS_AT_ONCE, BUCKETS_AT_ONCE, COPIED_AT_ONCE = 1 << 17, 1 << 10, 1 << 10
"""Of each thread between two rests; a signature that is looked at by itself touches 64 KB of a file."""
PAIRS_AT_ONCE = 1 << 20
LARGE = 1 / 4
"""Share of the memory from which on signatures are copied, in their order in memory, before pairs are looked at."""
COPIED_SHARE = 1 / 16
"""Of the memory, for such copies."""
LEAST_COPIED = 1 << 14
AT_ONCE = 5
"""Bands whose keys are made at once; the places of as many lie in one cache line."""


def _by_content(rows: Rows) -> Hashes:
    """No row goes before another but for its content."""
    return np.zeros(len(rows), np.uint64)


def propose(
    sketches: Signed, config: CandidateConfig, rows: Rows | None = None, means: Means = PLAIN,
    precedence: Precedence = _by_content,
) -> Candidates:  # fmt: skip
    """Pairs with an equal band and enough equal places; work per bucket is bounded.

    Where `rows` are given, in the order of their content, only those are looked at, and pairs are of places in `rows`.
    `precedence` says of rows of `sketches` which of a crowd the others are compared with, the one with the least, and
    is asked only where there is a crowd.
    """
    return with_crowd(sketches, config, rows, means, precedence)[0]


def with_crowd(
    sketches: Signed, config: CandidateConfig, rows: Rows | None = None, means: Means = PLAIN,
    precedence: Precedence = _by_content,
) -> tuple[Candidates, kernel.Crowd]:  # fmt: skip
    """The same, and what is known of those that stand in a crowd, by their places."""
    chosen = np.arange(len(sketches)) if rows is None else rows
    hashes = sketches.token_hashes
    order = np.lexsort((hashes[:, 1], hashes[:, 0])) if rows is None else np.arange(len(rows))
    worded = order[sketches.n_tokens[chosen[order]] > 0]
    pairs, cut, crowd = _bucket_pairs(sketches.signatures, chosen[worded], config, means, precedence)
    found = worded[pairs]
    packed = np.unique(found.min(axis=1) << 32 | found.max(axis=1))
    proposed = Candidates(left=packed >> 32, right=packed & 0xFFFFFFFF, cuts=(cut,) if cut.n_times else ())
    if len(worded) < len(chosen) or rows is None:
        by_place = kernel.crowd(len(chosen))
        by_place.leaders[worded], by_place.distances[worded] = worded[crowd.leaders], crowd.distances
        crowd = by_place
    # What was counted of it is of use to nobody who comes later.
    crowd = crowd._replace(counts=crowd.counts[:0].copy())
    return needed(sketches, proposed, crowd, chosen, means), crowd


def needed(
    sketches: Signed, proposed: Candidates, crowd: kernel.Crowd, rows: Rows, means: Means = PLAIN
) -> Candidates:  # fmt: skip
    """Without the pairs that one leader leads in the end, unless they are much nearer to one another than to theirs."""
    n_places, wanted = sketches.signatures.shape[1], np.ones(len(proposed), np.bool_)
    for first in range(0, len(proposed), PAIRS_AT_ONCE):
        part = slice(first, first + PAIRS_AT_ONCE)
        pairs = np.stack([proposed.left[part], proposed.right[part]], axis=1)
        led = np.empty(len(pairs), np.bool_)
        kernel.share_leader(pairs, crowd, led)
        asked, far = pairs[led], np.empty(int(led.sum()), np.bool_)
        equal = agreement(sketches, Candidates(left=asked[:, 0], right=asked[:, 1]), rows, means)
        kernel.are_far(asked, np.rint(equal * n_places).astype(np.int64), n_places, crowd, far)
        wanted[part][led] = ~far
    return replace(proposed, left=proposed.left[wanted], right=proposed.right[wanted])


def agreement(sketches: Signed, proposed: Candidates, rows: Rows, means: Means = PLAIN) -> Scores:
    """The share of places in which the signatures of each pair of places in `rows` are equal: (n_pairs,)."""
    found, copies = np.empty(len(proposed), np.float64), _Copies(sketches.signatures, means)
    n_at_once = copies.n_most // 2 if copies.is_wanted else max(len(proposed), 1)
    for first in range(0, len(proposed), n_at_once):
        part = slice(first, first + n_at_once)
        signatures, left, right = sketches.signatures, rows[proposed.left[part]], rows[proposed.right[part]]
        if copies.is_wanted:
            used, places = np.unique(np.concatenate([left, right]), return_inverse=True)
            signatures, (left, right) = copies.of(used), np.split(places, 2)
        minhash.agreement(signatures, left, right, found[part])
    return found


def lists(sketches: Signed, pages: Hashes, rows: Rows, means: Means = PLAIN) -> Hashes:
    """The pages (n_rows,) under whose address stand different texts, ascending: threads, feeds, names of datasets.

    Versions of a page have something in common. So of `ON_A_LIST` different texts and more of one page, in the order of
    their content, which is any, a share of `VERSIONS` of those that follow one another must agree in `VERSION_AGREES`.
    """
    known = np.flatnonzero(pages)
    known = known[np.argsort(pages[known], kind="stable")]
    names, numbers, sizes = np.unique(pages[known], return_inverse=True, return_counts=True)
    is_next = (numbers[1:] == numbers[:-1]) & (sizes[numbers[1:]] >= ON_A_LIST)
    pairs = Candidates(left=known[:-1][is_next], right=known[1:][is_next])
    agrees = agreement(sketches, pairs, rows, means) >= VERSION_AGREES
    n_agreeing = np.bincount(numbers[1:][is_next], agrees, len(names))
    return np.asarray(names[(sizes >= ON_A_LIST) & (n_agreeing < VERSIONS * (sizes - 1))])


def alike(proposed: Candidates, agreement: Scores, least: float) -> Candidates:
    """The pairs that agree in at least `least` of their places."""
    return Candidates(left=proposed.left[agreement >= least], right=proposed.right[agreement >= least])


class _Copies:
    """Signatures in memory, up to `n_most` at a time, where all of them are too many for it."""

    def __init__(self, signatures: Signatures, means: Means) -> None:
        self._signatures, self._means = signatures, means
        self.is_wanted = signatures.nbytes > LARGE * means.memory_bytes
        self.n_most = max(int(COPIED_SHARE * means.memory_bytes) // (signatures.itemsize * signatures.shape[1]), 1)
        self.n_most = max(self.n_most, LEAST_COPIED)
        self._room = np.empty((self.n_most if self.is_wanted else 0, signatures.shape[1]), signatures.dtype)

    def of(self, rows: Rows) -> Signatures:
        """Those of some rows, ascending, until others are asked for."""
        _each(self._means, partial(self._copy, rows), len(rows), COPIED_AT_ONCE)
        return self._room[: len(rows)]

    def _copy(self, rows: Rows, part: slice) -> None:
        kernel.copy_rows(self._signatures, rows[part], self._room[part])


def _bucket_pairs(
    signatures: Signatures, rows: Rows, config: CandidateConfig, means: Means, precedence: Precedence
) -> tuple[Rows, Cut, kernel.Crowd]:  # fmt: skip
    """Pairs of positions in `rows` that meet in a bucket, (n, 2), what the bucket bound left out, and the crowd."""
    least = int(np.ceil(config.min_agreement * signatures.shape[1]))
    bounds = np.array([config.n_rows, config.max_bucket, config.n_partners, least, config.most_partners])
    crowd, firsts = kernel.crowd(len(rows)), np.empty(0, np.uint64)
    numbers = np.arange(len(rows), dtype=np.uint32)
    places = np.argsort(rows)
    keys, members = np.empty((AT_ONCE, len(rows)), np.uint64), np.empty(len(rows), np.uint32)
    part_keys, part_items = np.empty(len(rows), np.uint64), np.empty(len(rows), np.uint32)
    starts = np.empty(len(rows) // 2 + 2, np.int64)
    room = np.empty((ROOM, 2), np.int64)
    copies = _Copies(signatures, means)
    parts, n_times, n_left_out = [np.empty((0, 2), np.int64)], 0, 0
    n_bands = min(config.n_bands, signatures.shape[1] // config.n_rows)
    for band in range(n_bands):
        if band % AT_ONCE == 0:
            own = keys[: n_bands - band]
            make = partial(_band_keys, signatures, rows, places, (band * config.n_rows, config.n_rows), own)
            _each(means, make, len(rows), ROWS_AT_ONCE)
        n_buckets = group_within(keys[band % AT_ONCE], numbers, part_keys, part_items, members, starts)
        if not len(firsts) and (np.diff(starts[: n_buckets + 1]) > config.max_bucket).any():
            firsts = precedence(rows)
        state = np.zeros(4, np.int64)
        for last, looked_at, at in _in_parts(copies, signatures, rows, members, starts[: n_buckets + 1]):
            while state[0] < last:
                own_starts = starts[: last + 1]
                grouped = members, own_starts, firsts, crowd
                n = kernel.bucket_pairs(looked_at, at, (signatures, rows), band, bounds, *grouped, state, room)
                parts.append(room[:n].copy())
            means.rest()
        if state[2]:
            parts.append(kernel.led(crowd))
        n_times, n_left_out = n_times + int(state[2]), n_left_out + int(state[3])
    if n_times:
        followers = places[crowd.distances[places] != kernel.APART]
        for first in range(0, len(followers), COPIED_AT_ONCE):
            kernel.follow_last(signatures, rows, followers[first : first + COPIED_AT_ONCE], crowd)
            means.rest()
        parts.append(kernel.led(crowd))
    return np.concatenate(parts), Cut(bound="candidates.max_bucket", n_times=n_times, n_left_out=n_left_out), crowd


def _band_keys(
    signatures: Signatures, rows: Rows, places: Rows, band: tuple[int, int], keys: Hashes, part: slice
) -> None:  # fmt: skip
    kernel.band_keys(signatures, rows[places[part]], places[part], *band, keys)


def _each(means: Means, work: Callable[[slice], None], n: int, n_at_once: int) -> None:
    """Have all of `n` items worked on, so many at once by each thread, with a rest after each part."""

    def worked(part: slice) -> None:
        work(part)
        means.rest()

    deque(means.spread(worked, (slice(first, first + n_at_once) for first in range(0, n, n_at_once))), maxlen=0)


def _in_parts(
    copies: _Copies, signatures: Signatures, rows: Rows, members: NDArray[np.uint32], starts: Rows
) -> Iterator[tuple[int, Signatures, Rows]]:
    """Up to which bucket to go, the signatures to look at, and in which row each member's is."""
    n_buckets, bucket = len(starts) - 1, 0
    at = np.empty(len(rows) if copies.is_wanted else 0, np.int64)
    while bucket < n_buckets:
        last = int(np.searchsorted(starts, starts[bucket] + copies.n_most, "right")) - 1
        if not copies.is_wanted or last == bucket:
            # All of them are at hand, or a bucket is larger than the room for copies.
            bucket = min(bucket + BUCKETS_AT_ONCE, n_buckets) if not copies.is_wanted else bucket + 1
            yield bucket, signatures, rows
            continue
        own = members[starts[bucket] : starts[last]].copy()
        own = own[np.argsort(rows[own])]
        at[own] = np.arange(len(own))
        yield last, copies.of(rows[own]), at
        bucket = last
