"""How far estimates of resemblance lie from the truth: sets of random hashes with a known Jaccard similarity."""

from dataclasses import asdict, dataclass

import numpy as np

from dedup.kernels import minhash, similarity_sketch
from dedup.kernels.vectors import LANES, padded

SIZES = (20, 60, 200, 500, 2000, 5000)
RESEMBLANCES = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
SHINGLES_AT_ONCE = 4_000_000
SHINGLES_PER_CELL = 50_000_000
MAX_PAIRS = 20_000
"""Of 10,000 pairs the ratio has a standard deviation of 0.007, so that the worst of all cells can be read."""


@dataclass(frozen=True, kw_only=True)
class Error:
    """Of one scheme, number of places and kind of pair: errors beside what theory allows.

    `ratio` is the root of the mean squared error over sqrt(J (1 - J) / n_hashes); `bias` the mean error, and
    `bias_sd` the deviation that chance gives it.
    """

    scheme: str
    n_hashes: int
    size: int
    resemblance: float
    n_pairs: int
    ratio: float
    bias: float
    bias_sd: float


def measure(scheme: str, n_hashes: int, seed: int = 0) -> list[dict[str, object]]:
    """Errors for every size of the union and every resemblance."""
    draw = np.random.default_rng(seed)
    cells = [(size, resemblance) for size in SIZES for resemblance in RESEMBLANCES]
    return [asdict(_cell(scheme, n_hashes, size, resemblance, draw)) for size, resemblance in cells]


def signatures(
    scheme: str, hashes: np.ndarray, lengths: np.ndarray, n_hashes: int, shingle_size: int = 1
) -> np.ndarray:
    """Signatures of sets of hashes that lie end to end."""
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    room = padded(int(lengths.max(initial=0))) + LANES
    hashes = np.concatenate([hashes, np.zeros(2 * LANES, np.uint64)])
    out = np.empty((len(lengths), n_hashes), np.uint32)
    shingles, bins = np.empty(room, np.uint32), np.empty(padded(n_hashes), np.uint64)
    if scheme == "affine32":
        constants = minhash.permutations(n_hashes, 1)
        minhash.affine32(hashes, offsets, shingle_size, *constants, shingles, bins.view(np.uint32), out)
    else:
        throws, thrown = similarity_sketch.throws(n_hashes, 1), np.empty(room, np.uint64)
        similarity_sketch.fss32(hashes, offsets, shingle_size, *throws, shingles, thrown, bins[:n_hashes], out)
    return out


def _cell(scheme: str, n_hashes: int, size: int, resemblance: float, draw: np.random.Generator) -> Error:
    n_pairs = min(MAX_PAIRS, SHINGLES_PER_CELL // size)
    n_common = max(1, round(size * resemblance))
    truth = n_common / size
    at_once = SHINGLES_AT_ONCE // size
    parts = [min(at_once, n_pairs - done) for done in range(0, n_pairs, at_once)]
    errors = np.concatenate([_agreement(scheme, n_hashes, (n, size, n_common), draw) for n in parts]) - truth
    allowed = np.sqrt(truth * (1 - truth) / n_hashes)
    return Error(
        scheme=scheme, n_hashes=n_hashes, size=size, resemblance=round(truth, 4), n_pairs=n_pairs,
        ratio=round(float(np.sqrt(np.mean(errors**2)) / allowed), 4), bias=round(float(errors.mean()), 6),
        bias_sd=round(float(errors.std() / np.sqrt(n_pairs)), 6),
    )  # fmt: skip


def _agreement(scheme: str, n_hashes: int, shape: tuple[int, int, int], draw: np.random.Generator) -> np.ndarray:
    """Share of equal places of pairs of sets: how many pairs, hashes in both sets of one together, and in common."""
    n_pairs, size, n_common = shape
    n_left = (size - n_common) // 2
    union = draw.integers(0, 2**64, (n_pairs, size), dtype=np.uint64)
    left = signatures(scheme, union[:, : n_common + n_left].ravel(), np.full(n_pairs, n_common + n_left), n_hashes)
    right_sets = np.concatenate([union[:, :n_common], union[:, n_common + n_left :]], axis=1)
    right = signatures(scheme, right_sets.ravel(), np.full(n_pairs, right_sets.shape[1]), n_hashes)
    agreement: np.ndarray = (left == right).mean(axis=1)
    return agreement
