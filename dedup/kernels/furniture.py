"""What a site puts around every text: shingles that many of its pages hold, and the tokens of a text in them.

Where no site is known, texts that begin and end alike are taken for pages of one, and what stands at both ends of
several of them for its frame.
"""

import numpy as np

from dedup.kernels.compile import inner, kernel
from dedup.kernels.neighbors import pair_hash, rolled, shingle, slot

__all__ = [
    "FURNITURE",
    "edge_shingles",
    "furniture_shingles",
    "list_frames",
    "mark_edges",
    "mark_furniture",
    "sample",
    "unmark",
]

FURNITURE = 128
"""The flag of a token that belongs to its site and not to its text."""
FURNITURE_SHINGLE = 4
FRAME_TOKENS = 8
"""Tokens at each end in which texts of one frame are alike; fewer would do for re-wordings that leave the first words.
"""
LEAST_FRAMED = 32
"""A text of fewer tokens has no frame."""
EDGE = 256
"""Tokens at both ends of a text in which the furniture of its frame may stand."""
MOST_FURNITURE = 0.8
"""A text of which more is furniture is one that its site shows in many versions."""
FURNITURE_SAMPLE = np.uint64(3)
"""Of the shingles that tell furniture, those whose hash has these bits zero are kept: one in four."""


@kernel
def sample(hashes, places):
    """Write where sampled shingles begin into `places` (n_tokens,); return how many do. No branch to be guessed."""
    n, value = 0, shingle(hashes, 0, min(FURNITURE_SHINGLE, len(hashes)))
    for at in range(len(hashes) - FURNITURE_SHINGLE + 1):
        places[n] = at
        n += pair_hash(value, np.uint64(0)) & FURNITURE_SAMPLE == 0
        if at + FURNITURE_SHINGLE < len(hashes):
            value = rolled(value, hashes[at], hashes[at + FURNITURE_SHINGLE], FURNITURE_SHINGLE)
    return n


@inner
def _bound(hashes, at, site):
    """The hash of the shingle from a token on, bound to its site or frame."""
    return pair_hash(pair_hash(shingle(hashes, at, FURNITURE_SHINGLE), np.uint64(0)), site)


@kernel
def furniture_shingles(hashes, site, places, out):
    """Write the sampled shingles of a page, each bound to its site; return how many there are; `places` is room."""
    n = sample(hashes, places)
    for k in range(n):
        out[k] = _bound(hashes, places[k], site)
    return n


@kernel
def edge_shingles(hashes, frame, places, out):
    """The same of those at both ends of a text."""
    n, n_kept = sample(hashes, places), 0
    for k in range(n):
        if places[k] < EDGE or places[k] >= len(hashes) - EDGE:
            out[n_kept] = _bound(hashes, places[k], frame)
            n_kept += 1
    return n_kept


@kernel
def _frame(hashes):
    """A number for what a text begins and ends with; 0 for a short text."""
    if len(hashes) < LEAST_FRAMED:
        return np.uint64(0)
    return pair_hash(shingle(hashes, 0, FRAME_TOKENS), shingle(hashes, len(hashes) - FRAME_TOKENS, FRAME_TOKENS))


@kernel
def list_frames(hashes, offsets, frames):
    """Fill `frames` uint64 (n_texts,)."""
    for i in range(len(frames)):
        frames[i] = _frame(hashes[offsets[i] : offsets[i + 1]])


@kernel
def mark_furniture(hashes, site, floor, shingle_counts, places, marks):
    """Mark the tokens whose nearest sampled shingles, before and behind, are furniture of the site.

    `places` int64 (n_tokens,) is room to work in.
    """
    begin, was_furniture, n_sampled = 0, True, sample(hashes, places)
    for sampled in range(n_sampled + 1):
        is_furniture, at = begin > 0, len(hashes)
        if sampled < n_sampled:
            at = places[sampled]
            is_furniture = shingle_counts[slot(_bound(hashes, at, site), len(shingle_counts))] >= floor
        end = at + FURNITURE_SHINGLE if is_furniture else at
        if is_furniture and was_furniture:
            for k in range(begin, min(end, len(hashes))):
                marks[k] |= FURNITURE
        begin, was_furniture = at, is_furniture
    unmark(marks, FURNITURE, MOST_FURNITURE)


@kernel
def mark_edges(hashes, frame, floor, shingle_counts, places, marks):
    """Mark the tokens at both ends of a text up to the first and from the last shingle that its frame does not have.

    What copies of a text have in common may stand anywhere, what belongs to a frame stands around it.
    """
    n = sample(hashes, places)
    first, last, n_tokens = 0, n, len(hashes)
    while first < n and places[first] < EDGE:
        if shingle_counts[slot(_bound(hashes, places[first], frame), len(shingle_counts))] < floor:
            break
        first += 1
    while last > first and places[last - 1] >= n_tokens - EDGE:
        if shingle_counts[slot(_bound(hashes, places[last - 1], frame), len(shingle_counts))] < floor:
            break
        last -= 1
    for k in range(places[first - 1] + FURNITURE_SHINGLE if first > 0 else 0):
        marks[k] |= FURNITURE
    for k in range(places[last] if last < n else n_tokens, n_tokens):
        marks[k] |= FURNITURE
    unmark(marks, FURNITURE, MOST_FURNITURE)


@kernel
def unmark(marks, flag, most):
    """Take a flag off all tokens of a text of which a larger share than `most` has it."""
    n_marked = 0
    for mark in marks:
        n_marked += mark & flag != 0
    if n_marked > most * len(marks):
        for k in range(len(marks)):
            marks[k] &= 255 - flag
