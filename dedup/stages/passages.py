"""Stage 3b: fingerprints to pairs of texts that share rare passages, at any ratio of their lengths.

Rows are worked on in the order of their content, so the pairs do not depend on the order of the input.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Empty, Hashes, Positions, Rows, in_memory
from dedup.config import PassageConfig
from dedup.kernels import minhash
from dedup.kernels import passages as kernel
from dedup.kernels.group import group, join, roots
from dedup.records import Candidates, Cut, Sketches

__all__ = ["Furniture", "propose"]

ROOM = 1 << 20
PSEUDO_TEXTS = 100_000
"""Added to the number of texts, so that a fingerprint weighs about the same in a small collection as in a large one."""
PSEUDO_FINGERPRINTS = 40.0
"""Added to those of every text, so that two short texts must share more than one three-word phrase."""
FLOOR_TEXTS = 1 << 16
SLICE_FINGERPRINTS = 1 << 23
"""Fingerprints worked on at once, at 32 bytes each."""

Numbers = NDArray[np.uint32]
Weights = NDArray[np.float32]


class Furniture(NamedTuple):
    """Sites and pages of texts, uint64, 0 where not known, and on how many pages what is a site's own is, int32."""

    sites: Hashes
    pages: Hashes
    floors: Positions


class _Groups(NamedTuple):
    """What texts belong to: groups of near copies, these and all versions of a page, sites and what makes furniture."""

    labels: Positions
    pages: Positions
    sites: Hashes
    floors: Positions


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lists:
    """Posting lists of `n_texts` texts: list i is `members[starts[i]:starts[i + 1]]`; `cuts` are what was left out."""

    members: Numbers
    starts: Rows
    n_texts: int
    cuts: tuple[Cut, ...]

    def longest(self) -> int:
        return int(kernel.longest(self.starts))


def propose(
    sketches: Sketches, config: PassageConfig, near: Candidates | None = None, rows: Rows | None = None,
    furniture: Furniture | None = None, empty: Empty = in_memory,
) -> Candidates:  # fmt: skip
    """Pairs that share rare fingerprints, many enough for how many both have.

    A pair's score is the sum of log(n_texts / frequency) over the shared fingerprints, divided by the product of both
    counts to the 3/8: a compromise between containment, which lets long texts meet everything, and the cosine, which
    keeps an excerpt from meeting its source. `near` are pairs that may be near copies: where a fingerprint is common
    for its many near copies, one of each group of them stands for all. Where `rows` are given only those are looked
    at, and pairs, those in `near` too, are of places in `rows`. A fingerprint that belongs to a site, by `furniture`,
    is left out. `empty` makes the large arrays, by size and type.
    """
    chosen = np.arange(len(sketches)) if rows is None else rows
    hashes = sketches.token_hashes[chosen]
    order = np.lexsort((hashes[:, 1], hashes[:, 0]))
    labels = _near_labels(sketches, chosen, order, config.near_agreement, near)
    unknown = np.zeros(len(chosen), np.uint64)
    site = furniture or Furniture(unknown, unknown, unknown.astype(np.int32))
    groups = _Groups(labels, _page_labels(labels, site.pages[order]), site.sites[order], site.floors[order])
    lists = _posting_lists(sketches, chosen[order], groups, config, empty)
    n_fingerprints = np.diff(sketches.fingerprint_offsets)[chosen[order]]
    norms = ((n_fingerprints + PSEUDO_FINGERPRINTS) ** -0.375).astype(np.float32)
    pairs, scores = _shared_pairs(lists, norms, _floor(len(order), config), empty)
    keep = np.empty(len(pairs), bool)
    kernel.best_pairs(pairs, scores, len(order), config.n_most, keep)
    n_pruned = len(pairs) - int(np.count_nonzero(keep))
    pruned = Cut(bound="passages.n_most", n_times=n_pruned, n_left_out=n_pruned)
    found = order[pairs[keep]]
    packed = np.unique(found.min(axis=1) << 32 | found.max(axis=1))
    cuts = tuple(c for c in (*lists.cuts, pruned) if c.n_left_out)
    return Candidates(left=packed >> 32, right=packed & 0xFFFFFFFF, cuts=cuts)


def _floor(n_texts: int, config: PassageConfig) -> float:
    """The least score of a pair in a collection of `n_texts`."""
    doublings = np.log2(max(n_texts, 1) / FLOOR_TEXTS)
    return max(config.least_floor, config.floor + config.floor_growth * float(doublings))


def _posting_lists(sketches: Sketches, rows: Rows, groups: _Groups, config: PassageConfig, empty: Empty) -> _Lists:
    """The places in `rows` that share a fingerprint, ascending in a list each.

    Worked on in slices of the range of fingerprints, so that memory goes into what is shared and not into what is not.
    """
    begins, sizes = sketches.fingerprint_offsets[:-1][rows], np.diff(sketches.fingerprint_offsets)[rows]
    bounds = np.append(0, np.cumsum(sizes))
    n_most = int(bounds[-1])
    # Every slice reads a little of each text's; in the order of the texts that is one way through, on disk as well.
    fingerprints = empty(n_most, np.uint64)
    kernel.lay(sketches.fingerprints, begins, bounds, fingerprints)
    cursors, ends = bounds[:-1].copy(), bounds[1:]
    members, starts = empty(n_most, np.uint32), empty(n_most // 2 + 1, np.int64)
    starts[0], n_lists, n_members, lists_cut = 0, 0, 0, np.zeros(4, np.int64)
    n_slices = n_most // SLICE_FINGERPRINTS + 1
    for i in range(n_slices):
        last = np.uint64((i + 1) * (1 << 64) // n_slices - 1)
        part, part_starts = _slice_lists(fingerprints, cursors, ends, last)
        kept = np.zeros(len(part_starts), np.int64)
        n = kernel.thin(part, part_starts, *groups, config.max_frequency, kept, lists_cut)
        starts[n_lists : n_lists + n + 1] = n_members + kept[: n + 1]
        members[n_members : n_members + kept[n]] = part[: kept[n]]
        n_lists, n_members = n_lists + n, n_members + int(kept[n])
    too_long, of_sites = lists_cut[:2].tolist(), lists_cut[2:].tolist()
    cuts = (
        Cut(bound="passages.max_frequency", n_times=too_long[0], n_left_out=too_long[1]),
        Cut(bound="evidence.furniture_share", n_times=of_sites[0], n_left_out=of_sites[1]),
    )
    return _Lists(members=members[:n_members], starts=starts[: n_lists + 1], n_texts=len(rows), cuts=cuts)


def _slice_lists(fingerprints: Hashes, cursors: Rows, ends: Rows, last: np.uint64) -> tuple[Numbers, Rows]:
    """The places that share a fingerprint, from `cursors` up to `last`, and where each list begins; moves `cursors`."""
    n = kernel.count_up_to(fingerprints, cursors, ends, last)
    keys, owners = np.empty(n, np.uint64), np.empty(n, np.uint32)
    kernel.gather(fingerprints, cursors, ends, last, keys, owners)
    members, starts = np.empty(n, np.uint32), np.zeros(n // 2 + 2, np.int64)
    n_lists = group(keys, owners, members, starts)
    return members, starts[: n_lists + 1]


def _near_labels(
    sketches: Sketches, rows: Rows, order: Rows, least: float, near: Candidates | None
) -> NDArray[np.int32]:
    """For each place in `order` the first place of its group of near copies."""
    parents = np.arange(len(order), dtype=np.int64)
    if near is not None:
        agreement = np.empty(len(near))
        minhash.agreement(sketches.signatures, rows[near.left], rows[near.right], agreement)
        alike = agreement >= least
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        join(place[near.left[alike]], place[near.right[alike]], parents)
        roots(parents)
    return parents.astype(np.int32)


def _page_labels(labels: Positions, pages: Hashes) -> Positions:
    """Labels by which versions of one page are near copies too."""
    known = np.flatnonzero(pages)
    _, first, places = np.unique(pages[known], return_index=True, return_inverse=True)
    parents = labels.astype(np.int64)
    join(known, known[first][places], parents)
    roots(parents)
    return parents.astype(np.int32)


def _shared_pairs(lists: _Lists, norms: Weights, floor: float, empty: Empty) -> tuple[Numbers, Weights]:
    """Pairs of places (n, 2) and their scores, from `floor` on."""
    row_starts, postings = np.zeros(len(norms) + 1, np.int64), empty(len(lists.members), np.int32)
    kernel.transpose(lists.members, lists.starts, row_starts, postings)
    sizes = np.arange(lists.longest() + 1)
    weights = np.log((lists.n_texts + PSEUDO_TEXTS) / np.maximum(sizes, 1)).astype(np.float32)
    totals, state = np.zeros(len(norms), np.float32), np.zeros(1, np.int64)
    room = max(ROOM, len(norms))
    out, scores = np.empty((room, 2), np.uint32), np.empty(room, np.float32)
    pairs, parts = [out[:0]], [scores[:0]]
    while state[0] < len(norms):
        n = kernel.shared_pairs(
            lists.members, lists.starts, weights, row_starts, postings, norms, np.float32(floor), state, totals, out,
            scores,
        )  # fmt: skip
        pairs.append(out[:n].copy())
        parts.append(scores[:n].copy())
    return np.concatenate(pairs), np.concatenate(parts)
