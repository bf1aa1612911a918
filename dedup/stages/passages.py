"""Stage 3b: fingerprints to pairs of texts that share rare passages, at any ratio of their lengths.

Rows are worked on in the order of their content, so the pairs do not depend on the order of the input; of texts with
equal tokens only the first takes part (it is paired with the others by `candidates.propose`).
"""

import numpy as np

from dedup.arrays import Rows
from dedup.config import PassageConfig
from dedup.kernels import passages as kernel
from dedup.kernels.group import group
from dedup.records import Candidates, Cut, Sketches

__all__ = ["propose"]

ROOM = 1 << 20


def propose(sketches: Sketches, config: PassageConfig) -> Candidates:
    """Pairs that share at least `min_shared` fingerprints of at most `max_frequency` texts."""
    rows = _centers(sketches)
    fingerprints, members = _postings(sketches, rows)
    grouped, starts = np.empty(len(members), np.uint32), np.empty(len(members) // 2 + 2, np.int64)
    n_postings = group(fingerprints, members, grouped, starts)
    starts = starts[: n_postings + 1]
    frequencies = np.diff(starts)
    weights = np.log(len(rows) / frequencies).astype(np.float32) + np.float32(1e-6)
    common = frequencies > config.max_frequency
    weights[common] = 0
    pairs = rows[_shared_pairs(len(rows), grouped, starts, weights, config)]
    packed = np.unique(pairs.min(axis=1) << 32 | pairs.max(axis=1))
    cut = Cut(
        bound="passages.max_frequency", n_times=int(common.sum()),
        n_left_out=int((frequencies[common] * (frequencies[common] - 1) // 2).sum()),
    )  # fmt: skip
    return Candidates(left=packed >> 32, right=packed & 0xFFFFFFFF, cuts=(cut,) if cut.n_times else ())


def _centers(sketches: Sketches) -> Rows:
    """The first row of each content, in the order of content."""
    order = np.lexsort((sketches.text_hashes[:, 0], sketches.token_hashes[:, 1], sketches.token_hashes[:, 0]))
    hashes = sketches.token_hashes[order]
    is_first = np.ones(len(order), bool)
    is_first[1:] = (hashes[1:] != hashes[:-1]).any(axis=1)
    return order[is_first]


def _postings(sketches: Sketches, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """All fingerprints of `rows`, and the position in `rows` that each is of."""
    sizes = np.diff(sketches.fingerprint_offsets)[rows]
    ends = np.cumsum(sizes)
    members = np.repeat(np.arange(len(rows), dtype=np.uint32), sizes)
    places = np.arange(len(members)) + np.repeat(sketches.fingerprint_offsets[rows] - (ends - sizes), sizes)
    return sketches.fingerprints[places], members


def _shared_pairs(n_rows: int, members: np.ndarray, starts: Rows, weights: np.ndarray, config: PassageConfig) -> Rows:
    row_starts, postings = np.zeros(n_rows + 1, np.int64), np.empty(int(starts[-1]), np.int32)
    kernel.transpose(members, starts, row_starts, postings)
    counts, totals = np.zeros(n_rows, np.int32), np.zeros(n_rows, np.float32)
    state = np.zeros(1, np.int64)
    room = np.empty((max(ROOM, n_rows), 2), np.int64)
    parts = []
    while state[0] < n_rows:
        n = kernel.shared_pairs(
            members, starts, weights, row_starts, postings, config.min_shared, counts, totals, state, room
        )
        parts.append(room[:n].copy())
    return np.concatenate([np.empty((0, 2), np.int64), *parts])
