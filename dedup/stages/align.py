"""Stage 4a: candidate pairs to alignments, the exact measures of what two texts share."""

import numpy as np

from dedup.arrays import Hashes, Positions, Rows
from dedup.config import AlignConfig
from dedup.kernels import align as kernel
from dedup.kernels.rarity import UNITS, Evidence, Weighed, weigh
from dedup.records import Alignments, Keys, Tokens

__all__ = ["compare"]


def compare(
    tokens: Tokens, pairs: tuple[Rows, Rows], keys: Keys, evidence: Evidence, config: AlignConfig
) -> Alignments:
    """Measure the pairs (left, right) of places in `tokens`; `keys` say where each text stands.

    Swapping the sides of a pair swaps its columns and spans and changes nothing else. `scores` has the columns of
    `kernels.measures`, and `same_site` and `same_page`: 1 where both texts are known to be of one.
    """
    left, right = pairs
    weighed = _weigh(tokens, keys.sites, evidence, config)
    limits = np.array([config.seed_weight * UNITS, config.passage_weight * UNITS, config.rare_weight * UNITS], np.int64)
    n_tokens = np.diff(tokens.offsets)
    longest = int(max(n_tokens[left].max(), n_tokens[right].max())) if len(left) else 0
    scores = np.zeros((len(left), len(kernel.MEASURES)), np.int64)
    offsets = np.zeros(len(left) + 1, np.int64)
    passages = np.empty((16 * len(left) + longest + 16, 4), np.int32)
    room, n_done = kernel.scratch(int(n_tokens.max(initial=0))), 0
    words = _words(tokens, weighed, room)
    while True:
        out = scores, passages, offsets
        n_done = kernel.compare(weighed, words, tokens.offsets, left, right, limits, room, n_done, *out)
        if n_done == len(left):
            break
        passages = np.concatenate([passages, np.empty_like(passages)])
    columns = {name: scores[:, k].astype(np.float64) for k, name in enumerate(kernel.MEASURES)}
    for name, numbers in (("same_site", keys.sites), ("same_page", keys.pages)):
        columns[name] = ((numbers[left] == numbers[right]) & (numbers[left] != 0)).astype(np.float64)
    return Alignments(left=left, right=right, scores=columns, passages=passages[: offsets[-1]], offsets=offsets)


def _weigh(tokens: Tokens, sites: Hashes, evidence: Evidence, config: AlignConfig) -> Weighed:
    """All that a pair's alignment needs of each text, once a text."""
    n = len(tokens.hashes)
    weighed = Weighed(
        hashes=tokens.hashes, pairs=np.empty(n, np.uint64), shingles=np.empty(n, np.uint64),
        token_weights=np.empty(n, np.uint8), pair_weights=np.empty(n, np.uint8), seeds=np.empty(n, np.uint8),
        marks=np.empty(n, np.uint8), ones=np.ones(n, np.uint8), sums=np.empty(n + 1, np.int64),
    )  # fmt: skip
    bounds = np.array([min(config.heaviest * UNITS, 255), config.quoted_share * UNITS, config.shingle_size], np.int64)
    weigh(tokens.flags, tokens.offsets, _furniture_floors(sites, evidence), sites, evidence, bounds, weighed)
    return weighed


def _words(tokens: Tokens, weighed: Weighed, room: kernel.Scratch) -> kernel.Words:
    """The different words of each text."""
    n = len(tokens.hashes)
    words = kernel.Words(np.empty(n, np.int32), np.empty(n, np.uint8), np.empty(len(tokens), np.int32))
    kernel.list_words(tokens.hashes, weighed.marks, tokens.offsets, room, words)
    return words


def _furniture_floors(sites: Hashes, evidence: Evidence) -> Positions:
    """For each text, how many pages of its site make a shingle furniture; 0 where the site is not known."""
    floors = np.zeros(len(sites), np.int32)
    if len(evidence.sites):
        at = np.minimum(np.searchsorted(evidence.sites, sites), len(evidence.sites) - 1)
        known = evidence.sites[at] == sites
        floors[known] = evidence.site_floors[at[known]]
    return floors
