"""Stage 4a: candidate pairs to alignments, the exact measures of what two texts share."""

import threading
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Hashes, Positions, Rows, Scores
from dedup.config import AlignConfig
from dedup.dates import UNKNOWN_DAY
from dedup.kernels import align as kernel
from dedup.kernels.furniture import list_frames
from dedup.kernels.profiles import MOST_SUBJECTS, TOTALS, Profiles, Sets, build, count_slots
from dedup.kernels.rarity import N_WEIGHTS, UNITS, Evidence, Weighed, weigh
from dedup.kernels.slots import SLOTS_A_WORD
from dedup.records import Alignments, Keys, Tokens

__all__ = ["compare", "elsewhere"]

D = TypeVar("D", bound=np.generic)
MOST_KEPT = 1 << 21
"""Items of an array that is kept for the next call."""


def compare(
    tokens: Tokens, pairs: tuple[Rows, Rows], keys: Keys, evidence: Evidence, config: AlignConfig
) -> Alignments:
    """Measure the pairs (left, right) of places in `tokens`; `keys` say where each text stands.

    Swapping the sides of a pair swaps its columns and spans and changes nothing else. `scores` has the columns of
    `kernels.measures`, and `same_site` and `same_page`: 1 where both texts are known to be of one, and
    `days_apart`, 0 where not known.
    """
    left, right = pairs
    weighed = _weigh(tokens, keys.sites, evidence, config)
    limits = np.array([config.seed_weight * UNITS, config.passage_weight * UNITS, config.rare_weight * UNITS], np.int64)
    n_tokens = np.diff(tokens.offsets)
    longest = int(n_tokens.max(initial=0))
    scores = np.zeros((len(left), len(kernel.MEASURES)), np.int64)
    offsets = np.zeros(len(left) + 1, np.int64)
    passages = np.empty((16 * len(left) + longest + 16, 4), np.int32)
    room, n_done = kernel.scratch(longest), 0
    profiles = _profiles(tokens.offsets, weighed, limits)
    while True:
        out = scores, passages, offsets
        n_done = kernel.compare(weighed, profiles, left, right, limits, room, n_done, *out)
        if n_done == len(left):
            break
        passages = np.concatenate([passages, np.empty_like(passages)])
    columns = {name: scores[:, k].astype(np.float64) for k, name in enumerate(kernel.MEASURES)}
    for name, numbers in (("same_site", keys.sites), ("same_page", keys.pages)):
        columns[name] = ((numbers[left] == numbers[right]) & (numbers[left] != 0)).astype(np.float64)
    columns["days_apart"] = _days_apart(keys.days, left, right)
    return Alignments(left=left, right=right, scores=columns, passages=passages[: offsets[-1]], offsets=offsets)


def elsewhere(alignments: Alignments, is_vague: NDArray[np.bool_]) -> Alignments:
    """The same where the sites of some texts, `is_vague` (n_texts,), say nothing of those that both have one."""
    same_site = np.where(is_vague[alignments.left], 0.0, alignments.scores["same_site"])
    return replace(alignments, scores={**alignments.scores, "same_site": same_site})


class _Room(threading.local):
    """Arrays that the calls of one thread use again: getting fresh memory took longer than filling it."""

    def __init__(self) -> None:
        self._kept: dict[str, NDArray[np.generic]] = {}

    def empty(self, name: str, n: int, dtype: type[D]) -> NDArray[D]:
        """An array of `n` items that lasts until the same name is asked for again."""
        found = self._kept.get(name)
        if found is None or len(found) < n:
            found = np.empty(n + n // 4, dtype)
            if n <= MOST_KEPT:
                self._kept[name] = found
        return found[:n]  # type: ignore[return-value]


_room = _Room()


def _days_apart(days: Positions, left: Rows, right: Rows) -> Scores:
    is_known = (days[left] != UNKNOWN_DAY) & (days[right] != UNKNOWN_DAY)
    return np.where(is_known, np.abs(days[left].astype(np.float64) - days[right]), 0.0)


def _weigh(tokens: Tokens, sites: Hashes, evidence: Evidence, config: AlignConfig) -> Weighed:
    """All that a pair's alignment needs of each token, once a text."""
    empty = partial(_room.empty, n=len(tokens.hashes))
    weighed = Weighed(
        hashes=tokens.hashes, digits=tokens.digits,
        pairs=empty("pairs", dtype=np.uint64), shingles=empty("shingles", dtype=np.uint64),
        token_weights=empty("token weights", dtype=np.uint8), pair_weights=empty("pair weights", dtype=np.uint8),
        seeds=empty("seeds", dtype=np.uint8), marks=empty("marks", dtype=np.uint8),
        sums=_room.empty("sums", len(tokens.hashes) + 1, np.int64),
    )  # fmt: skip
    bounds = np.array([min(config.heaviest * UNITS, 255), config.quoted_share * UNITS, config.shingle_size], np.int64)
    places = np.empty(int(np.diff(tokens.offsets).max(initial=N_WEIGHTS)), np.int64)
    frames, is_framed = np.empty(len(sites), np.uint64), sites == 0
    list_frames(tokens.hashes, tokens.offsets, frames)
    owners = np.where(is_framed, frames, sites)
    # Versions of one text may begin and end alike as well, so it takes more of them than of pages of a known site.
    floors = _furniture_floors(owners, evidence) * np.where(is_framed, 2, 1).astype(np.int32)
    weigh(tokens.flags, tokens.offsets, floors, owners, is_framed, evidence, bounds, places, weighed)
    return weighed


def _profiles(offsets: Rows, weighed: Weighed, limits: Rows) -> Profiles:
    """The sets of words, pairs and shingles of each text."""
    n, slot_offsets = len(weighed.hashes), np.empty(len(offsets), np.int64)
    count_slots(offsets, slot_offsets)
    empty = partial(_room.empty, n=n)

    def sets(name: str) -> Sets:
        slots = _room.empty(f"slots of {name}", int(slot_offsets[-1]), np.uint32)
        bloom = _room.empty(f"bloom of {name}", int(slot_offsets[-1]) // SLOTS_A_WORD, np.uint64)
        return Sets(empty(f"different {name}", dtype=np.uint64), slots, bloom)

    profiles = Profiles(
        offsets=offsets, slot_offsets=slot_offsets, counts=np.empty((len(offsets) - 1, 3), np.int32),
        totals=np.empty((len(offsets) - 1, TOTALS), np.int64),
        subjects=np.empty((len(offsets) - 1, MOST_SUBJECTS), np.int32),
        words=sets("words"), word_weights=empty("word weights", dtype=np.uint8),
        word_counts=empty("word counts", dtype=np.int32), kinds=empty("kinds", dtype=np.uint8),
        pairs=sets("pairs"), pair_weights=empty("weights of pairs", dtype=np.uint8),
        heads=empty("heads", dtype=np.int32), pair_of=empty("pair of", dtype=np.int32),
        following=empty("following", dtype=np.int32), shingles=sets("shingles"),
        fact_words=empty("fact words", dtype=np.int32), fact_kinds=empty("fact kinds", dtype=np.uint8),
        fact_digits=empty("fact digits", dtype=np.uint64), facts_before=_room.empty("facts before", n + 1, np.int64),
    )  # fmt: skip
    build(weighed, limits, profiles)
    return profiles


def _furniture_floors(sites: Hashes, evidence: Evidence) -> Positions:
    """For each text, how many pages of its site or frame make a shingle furniture; 0 where these are too few."""
    floors = np.zeros(len(sites), np.int32)
    if len(evidence.sites):
        at = np.minimum(np.searchsorted(evidence.sites, sites), len(evidence.sites) - 1)
        known = evidence.sites[at] == sites
        floors[known] = evidence.site_floors[at[known]]
    return floors
