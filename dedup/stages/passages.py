"""Stage 3b: fingerprints to pairs of texts that share rare passages, at any ratio of their lengths.

Texts are numbered by their content and weights are whole numbers, so the pairs do not depend on the order of the input.
"""

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import PLAIN, Empty, Hashes, Means, Numbers, Positions, Rest, Rows, offsets
from dedup.config import PassageConfig
from dedup.kernels import passages as kernel
from dedup.kernels.fingerprints import BIN_BITS
from dedup.kernels.group import group_within, join, roots
from dedup.records import Candidates, Cut
from dedup.sketched import Fingerprints, Signed

__all__ = ["Furniture", "propose"]

ROOM = 1 << 20
PSEUDO_TEXTS = 100_000
"""Added to the number of texts, so that a fingerprint weighs about the same in a small collection as in a large one."""
PSEUDO_FINGERPRINTS = 40.0
"""Added to those of every text, so that two short texts must share more than one three-word phrase."""
FLOOR_TEXTS = 1 << 16
LEAST_SLICE, LARGEST_SLICE = 1 << 18, 1 << 20
"""Fingerprints worked on at once by each of `N_LANES`."""
SLICE_SHARE, FINGERPRINT_BYTES = 1 / 16, 40
"""Of the memory, for all slices worked on; memory to work on one, and a quarter more as slices are not all alike."""
GATHERED_SHARE, GATHERED_BYTES = 1 / 10, 15
"""The same for the fingerprints of the slices that come next."""
LEAST_SLICES, MOST_GATHERED = 64, 8
"""Slices, of which a small collection has the first at least: memory that is touched first costs more than the work."""
N_LANES = 2
N_RANGES = 4
"""Ranges of texts whose pairs are looked for at once, or more, so that each has about `MOST_MEMBERS` members."""
MOST_MEMBERS = 1 << 23
N_SAMPLED = 1 << 16
BLOCKS_AT_ONCE, LISTS_AT_ONCE, SAMPLED_AT_ONCE = 1 << 4, 1 << 21, 1 << 10
"""Of what may lie in files 100 MB are touched between two rests, or less."""
UNITS = 1 << 12
"""Weight units to a nat."""

Slices = NDArray[np.uint16]
Weights = NDArray[np.float32]
S = TypeVar("S", bound=np.generic)


class Furniture(NamedTuple):
    """Sites and pages of texts, uint64, 0 where not known, and on how many pages what is a site's own is, int32."""

    sites: Hashes
    pages: Hashes
    floors: Positions


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blocks:
    """`values` and `bins` of `Fingerprints`, where in the values each block begins, and the first text of each.

    `places` (n_rows,) are the numbers by content, negative where a text is not looked at; `groups` (n_texts, 4) are by
    place, with the columns of `kernels.passages`.
    """

    values: Hashes
    bins: Numbers
    begins: Rows
    firsts: Rows
    places: Positions
    groups: Positions


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lists:
    """Posting lists: list i is `members[starts[i]:starts[i + 1]]`; `cut` (4,) are lists and pairs left out."""

    members: Numbers
    starts: Rows
    cut: Rows


def propose(
    sketches: Signed, fingerprints: Fingerprints, config: PassageConfig, near: Candidates | None = None,
    rows: Rows | None = None, furniture: Furniture | None = None, means: Means = PLAIN,
) -> Candidates:  # fmt: skip
    """Pairs that share rare fingerprints, many enough for how many both have.

    A pair's score is the sum of log(n_texts / frequency) over the shared fingerprints, divided by the product of both
    counts to the 3/8: a compromise between containment, which lets long texts meet everything, and the cosine, which
    keeps an excerpt from meeting its source. `near` are pairs of near copies: where a fingerprint is common
    for its many near copies, one of each group of them stands for all. Where `rows` are given, in the order of their
    content, only those are looked at, and pairs, those in `near` too, are of places in `rows`. A fingerprint that
    belongs to a site, by `furniture`, is left out.
    """
    chosen = _by_content(sketches) if rows is None else rows
    labels = _near_labels(near, len(chosen))
    unknown = np.zeros(len(chosen), np.uint64)
    site = furniture or Furniture(unknown, unknown, unknown.astype(np.int32))
    groups = np.stack((labels, _page_labels(labels, site.pages), _numbered(site.sites), site.floors), axis=1)
    lists = _posting_lists(_blocks(fingerprints, chosen, groups), config, means)
    norms = ((fingerprints.counts[chosen] + PSEUDO_FINGERPRINTS) ** -0.375).astype(np.float32)
    pairs, scores = _shared_pairs(lists, norms, _floor(len(chosen), config), means)
    keep = np.empty(len(pairs), bool)
    kernel.best_pairs(pairs, scores, len(chosen), config.n_most, keep)
    found = pairs[keep].astype(np.int64)
    if rows is None:
        found = np.sort(chosen[found], axis=1)
    packed = np.sort(found[:, 0] << 32 | found[:, 1])
    cuts = _cuts(lists.cut, len(pairs) - len(found))
    return Candidates(left=packed >> 32, right=packed & 0xFFFFFFFF, cuts=cuts)


def _blocks(fingerprints: Fingerprints, chosen: Rows, groups: Positions) -> _Blocks:
    firsts = offsets(fingerprints.sizes)[:-1]
    places = np.full(len(fingerprints.counts), -1, np.int32)
    places[chosen] = np.arange(len(chosen))
    return _Blocks(
        values=fingerprints.values, bins=fingerprints.bins, begins=offsets(fingerprints.counts)[firsts], firsts=firsts,
        places=places, groups=groups,
    )  # fmt: skip


def _by_content(sketches: Signed) -> Rows:
    return np.lexsort((sketches.token_hashes[:, 1], sketches.token_hashes[:, 0]))


def _floor(n_texts: int, config: PassageConfig) -> float:
    """The least score of a pair in a collection of `n_texts`."""
    doublings = np.log2(max(n_texts, 1) / FLOOR_TEXTS)
    return max(config.least_floor, config.floor + config.floor_growth * float(doublings))


def _cuts(lists_cut: Rows, n_pruned: int) -> tuple[Cut, ...]:
    too_long, of_sites = lists_cut[:2].tolist(), lists_cut[2:].tolist()
    cuts = (
        Cut(bound="passages.max_frequency", n_times=too_long[0], n_left_out=too_long[1]),
        Cut(bound="evidence.furniture_share", n_times=of_sites[0], n_left_out=of_sites[1]),
        Cut(bound="passages.n_most", n_times=n_pruned, n_left_out=n_pruned),
    )
    return tuple(cut for cut in cuts if cut.n_left_out)


def _posting_lists(blocks: _Blocks, config: PassageConfig, means: Means) -> _Lists:
    """The texts that share a fingerprint, ascending in a list each.

    Worked on in slices of the range of fingerprints, so that memory goes into what is shared and not into what is not.
    Those of the slices that come next are gathered from all texts at once, as many as there is room for.
    """
    n_slice = int(SLICE_SHARE * means.memory_bytes) // (N_LANES * FINGERPRINT_BYTES)
    n_slice = min(max(min(n_slice, len(blocks.values) // LEAST_SLICES), LEAST_SLICE), LARGEST_SLICE)
    n_gathered = int(GATHERED_SHARE * means.memory_bytes) // (GATHERED_BYTES * n_slice)
    slice_of = _slices(blocks, n_slice, means.rest)
    n_slices = int(slice_of[-1]) + 1
    # As many for each lane, or one would wait for the others.
    n_at_once = min(max(n_gathered // N_LANES, 1) * N_LANES, MOST_GATHERED, n_slices)
    n_keys = len(blocks.values) // (N_LANES * n_slices)
    cursors = np.stack((np.zeros_like(blocks.begins), blocks.begins), axis=1)
    moved = np.empty_like(cursors)
    marks = [len(cursors) * k // N_LANES for k in range(N_LANES + 1)]
    lanes, found = [_Lane(*own, n_at_once, n_keys + n_keys // 4) for own in pairwise(marks)], []
    for first in range(0, n_slices, n_at_once):
        lanes = list(means.spread(partial(_gather, blocks, slice_of, first, (cursors, moved), means.rest), lanes))
        cursors, moved = moved, cursors
        n_now = min(n_at_once, n_slices - first)
        work = [(lane, range(k, n_now, N_LANES)) for k, lane in enumerate(lanes)]
        lists = means.spread(partial(_lane_lists, blocks, config, lanes), work)
        # Of each slice by itself they would be too small to go to a file, and too many to stay in memory.
        found.append(_joined([one for own in lists for one in own], means.empty))
    return _joined(found, means.empty) if len(found) > 1 else found[0]


def _joined(parts: list[_Lists], empty: Empty) -> _Lists:
    """All lists end to end; each part is let go once it is copied."""
    members = empty(sum(len(part.members) for part in parts), np.uint32)
    starts = empty(sum(len(part.starts) - 1 for part in parts) + 1, np.int64)
    starts[0], n_members, n_lists, cut = 0, 0, 0, np.zeros(4, np.int64)
    while parts:
        part = parts.pop(0)
        members[n_members : n_members + len(part.members)] = part.members
        starts[n_lists + 1 : n_lists + len(part.starts)] = part.starts[1:] + n_members
        n_members, n_lists, cut = n_members + len(part.members), n_lists + len(part.starts) - 1, cut + part.cut
    return _Lists(members=members, starts=starts, cut=cut)


def _slices(blocks: _Blocks, n_most: int, rest: Rest) -> Slices:
    """To which slice each bin belongs, (1 << BIN_BITS,): about `n_most` fingerprints in each, and low bins are full."""
    sizes, n_slices = np.zeros(1 << BIN_BITS, np.int64), len(blocks.values) // n_most + 1
    for first in range(0, len(blocks.bins), BLOCKS_AT_ONCE):
        sizes += blocks.bins[first : first + BLOCKS_AT_ONCE].sum(axis=0, dtype=np.int64)
        rest()
    slices = offsets(sizes)[:-1] * n_slices // max(len(blocks.values), 1)
    return np.unique(slices, return_inverse=True)[1].astype(np.uint16)


def _lane_lists(
    blocks: _Blocks, config: PassageConfig, lanes: list["_Lane"], work: tuple["_Lane", range]
) -> list[_Lists]:
    """The lists of some slices, of what all lanes have gathered."""
    (lane, slices), found = work, []
    for which in slices:
        n = sum(int(other.counts[which]) for other in lanes)
        if n > lane.room.n_keys:
            lane.room = _Room(n + n // 4)
        room, n = lane.room, 0
        for other in lanes:
            own, begin = int(other.counts[which]), int(other.begins[which])
            room.keys[n : n + own] = other.keys[begin : begin + own]
            room.owners[n : n + own] = other.owners[begin : begin + own]
            n += own
        n_lists = group_within(
            room.keys[:n], room.owners[:n], room.part_keys, room.part_owners, room.members, room.starts
        )
        kernel.sort_lists(room.members, room.starts[: n_lists + 1], len(blocks.groups))
        starts, cut = np.zeros(n_lists + 1, np.int64), np.zeros(4, np.int64)
        grouped = room.members, room.starts[: n_lists + 1], blocks.groups
        n_lists = kernel.thin(*grouped, config.max_frequency, starts, cut)
        starts = starts[: n_lists + 1].copy()
        found.append(_Lists(members=room.members[: starts[-1]].copy(), starts=starts, cut=cut))
    return found


def _gather(
    blocks: _Blocks, slice_of: Slices, least: int, cursors: tuple[Rows, Rows], rest: Rest, lane: "_Lane"
) -> "_Lane":
    """Gather the fingerprints of the slices from `least` on from the blocks of a lane; `cursors` are old and new."""
    _gather_once(blocks, slice_of, least, cursors, rest, lane)
    if (lane.counts > np.diff(lane.begins)).any():
        lane.make_room(lane.counts + lane.counts // 4)
        _gather_once(blocks, slice_of, least, cursors, rest, lane)
    return lane


def _gather_once(
    blocks: _Blocks, slice_of: Slices, least: int, cursors: tuple[Rows, Rows], rest: Rest, lane: "_Lane"
) -> None:
    """Count them, and keep as many as the lane has room for."""
    lane.counts = np.zeros(len(lane.begins) - 1, np.int64)
    held = blocks.values, blocks.bins, blocks.firsts, blocks.places
    for first in range(lane.first, lane.until, BLOCKS_AT_ONCE):
        own = first, min(first + BLOCKS_AT_ONCE, lane.until)
        room = lane.begins, lane.counts, lane.keys, lane.owners
        kernel.gather(*held, slice_of, least, *cursors, own, *room)
        rest()


class _Lane:
    """What one thread works with, again and again: blocks, what is gathered of them by slice, and room for a slice."""

    def __init__(self, first: int, until: int, n_slices: int, n_keys: int) -> None:
        self.first, self.until, self.room = first, until, _Room(0)
        self.make_room(np.full(n_slices, n_keys, np.int64))

    def make_room(self, sizes: Rows) -> None:
        """Room for as many of each slice; slices may differ much, as one fingerprint that all texts hold is in one."""
        self.counts, self.begins = np.zeros(len(sizes), np.int64), offsets(sizes)
        self.keys = np.empty(int(self.begins[-1]), np.uint64)
        self.owners = np.empty(int(self.begins[-1]), np.uint32)


class _Room:
    """Room for a slice of fingerprints; first touches of memory cost as much as the work itself."""

    def __init__(self, n_keys: int) -> None:
        self.n_keys = n_keys
        self.keys, self.part_keys = np.empty(n_keys, np.uint64), np.empty(n_keys, np.uint64)
        self.owners, self.part_owners = np.empty(n_keys, np.uint32), np.empty(n_keys, np.uint32)
        self.members, self.starts = np.empty(n_keys, np.uint32), np.empty(n_keys // 2 + 2, np.int64)


def _near_labels(near: Candidates | None, n_texts: int) -> Positions:
    """For each text the first of its group of near copies."""
    parents = np.arange(n_texts, dtype=np.int64)
    if near is not None:
        join(near.left, near.right, parents)
        roots(parents)
    return parents.astype(np.int32)


def _numbered(sites: Hashes) -> Positions:
    """A small number for each site."""
    return np.unique(sites, return_inverse=True)[1].astype(np.int32)


def _page_labels(labels: Positions, pages: Hashes) -> Positions:
    """Labels by which versions of one page are near copies too."""
    known = np.flatnonzero(pages)
    _, first, places = np.unique(pages[known], return_index=True, return_inverse=True)
    parents = labels.astype(np.int64)
    join(known, known[first][places], parents)
    roots(parents)
    return parents.astype(np.int32)


def _shared_pairs(lists: _Lists, norms: Weights, floor: float, means: Means) -> tuple[Numbers, Weights]:
    """Pairs of texts (n, 2) and their scores, from `floor` on."""
    sizes = np.arange(int(kernel.longest(lists.starts)) + 1)
    weights = np.rint(UNITS * np.log((len(norms) + PSEUDO_TEXTS) / np.maximum(sizes, 1))).astype(np.uint32)
    search = partial(_range_pairs, lists, weights, norms, np.float32(floor * UNITS), means.rest)
    # Later ranges have more before them and take longer, so they go first.
    parts = list(means.spread(search, _ranges(lists, len(norms), means)[::-1]))
    pairs = np.concatenate([np.empty((0, 2), np.uint32), *(pairs for pairs, _ in parts)])
    return pairs, np.concatenate([np.empty(0, np.float32), *(scores for _, scores in parts)])


def _sample(values: NDArray[S], rest: Rest) -> NDArray[S]:
    """About `N_SAMPLED` of the values, sorted; each touches 64 KB of a file."""
    chosen, parts = np.arange(0, len(values), len(values) // N_SAMPLED + 1), [values[:0]]
    for first in range(0, len(chosen), SAMPLED_AT_ONCE):
        parts.append(values[chosen[first : first + SAMPLED_AT_ONCE]])
        rest()
    return np.sort(np.concatenate(parts))


class _Range(NamedTuple):
    """Texts from `first` on and before `last`; the numbers of the lists that say what they share with those before.

    `counts` are, of what is taken from these, lists, members and postings. Of so many lists `at_once` is taken.
    """

    first: int
    last: int
    chosen: Numbers
    counts: list[int]
    at_once: int


def _ranges(lists: _Lists, n_texts: int, means: Means) -> list[_Range]:
    """Ranges of texts with as many members each. All lists are gone through twice, and not once a range."""
    bounds, n_lists = _bounds(lists.members, n_texts, means.rest), len(lists.starts) - 1
    parts = [slice(first, min(first + LISTS_AT_ONCE, n_lists)) for first in range(0, n_lists, LISTS_AT_ONCE)]
    counted = [*means.spread(partial(_count_part, lists, bounds, means.rest), parts)]
    counts = np.sum([np.zeros((len(bounds) - 1, 3), np.int64), *counted], axis=0)
    begins = offsets(counts[:, 0])
    chosen, cursors = means.empty(int(begins[-1]), np.uint32), begins[:-1]
    work = []
    for part, own in zip(parts, counted, strict=True):
        work.append((part, cursors.copy()))
        cursors = cursors + own[:, 0]
    list(means.spread(partial(_list_part, lists, bounds, chosen, means.rest), work))
    at_once = LISTS_AT_ONCE // len(bounds) + 1
    return [
        _Range(int(bounds[k]), int(bounds[k + 1]), chosen[begins[k] : begins[k + 1]], counts[k].tolist(), at_once)
        for k in range(len(counts))
    ]


def _count_part(lists: _Lists, bounds: Rows, rest: Rest, part: slice) -> Rows:
    counts = np.zeros((len(bounds) - 1, 3), np.int64)
    kernel.count_ranges(lists.members, lists.starts[part.start : part.stop + 1], bounds, counts)
    rest()
    return counts


def _list_part(lists: _Lists, bounds: Rows, chosen: Numbers, rest: Rest, work: tuple[slice, Rows]) -> None:
    part, cursors = work
    kernel.list_ranges(lists.members, lists.starts[part.start : part.stop + 1], part.start, bounds, cursors, chosen)
    rest()


def _bounds(members: Numbers, n_texts: int, rest: Rest) -> Rows:
    """Where ranges of texts begin and the last ends, as many members in each by a sample."""
    n_ranges = max(N_RANGES, len(members) // MOST_MEMBERS + 1)
    sample = _sample(members, rest)
    inner = sample[np.arange(1, n_ranges) * len(sample) // n_ranges] if len(sample) else sample
    return np.unique(np.array([0, *inner.tolist(), n_texts], np.int64))


def _range_pairs(
    lists: _Lists, weights: Numbers, norms: Weights, floor: np.float32, rest: Rest, own_range: _Range
) -> tuple[Numbers, Weights]:
    """Pairs of the texts in a range with those before them.

    What the range needs of the lists is brought together first: each text asks for lists from all over, and waiting for
    memory, or worse for a file, would take most of the time.
    """
    bounds, (n_lists, n_members, n_postings) = own_range[:2], own_range.counts
    own = (
        np.empty(n_members, np.uint32), np.zeros(n_lists + 1, np.int64), np.empty(n_lists, np.uint32),
        np.zeros(bounds[1] - bounds[0] + 1, np.int64), np.empty(n_postings, np.int32),
    )  # fmt: skip
    n_lists = 0
    for first in range(0, len(own_range.chosen), own_range.at_once):
        chosen = own_range.chosen[first : first + own_range.at_once]
        n_lists = kernel.take_range(lists.members, lists.starts, chosen, weights, *bounds, n_lists, own)
        rest()
    kernel.list_rows(*bounds, n_lists, own)
    state, totals = np.array(bounds[:1]), np.zeros(len(norms), np.uint32)
    room = max(ROOM, len(norms))
    out, scores = np.empty((room, 2), np.uint32), np.empty(room, np.float32)
    pairs, parts = [out[:0]], [scores[:0]]
    while state[0] < bounds[1]:
        n = kernel.shared_pairs(own, norms, floor, *bounds, state, totals, out, scores)
        pairs.append(out[:n].copy())
        parts.append(scores[:n].copy())
    return np.concatenate(pairs), np.concatenate(parts)
