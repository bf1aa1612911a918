"""The loop from bytes to signatures, in chunks that fit the second-level cache, and its parts one after another."""

import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from dedup.config import PassageConfig, SketchConfig
from dedup.kernels import minhash, similarity_sketch
from dedup.kernels.blocks import BLOCK
from dedup.kernels.compile import kernel
from dedup.kernels.fold import addresses, fold, room_bytes
from dedup.kernels.shingles import shingle
from dedup.kernels.sketch import hash_texts
from dedup.kernels.tokens import EDGES
from dedup.kernels.unicode import tables
from dedup.kernels.vectors import LANES, padded
from dedup.records import Texts
from dedup.stages import sketch, text

CHUNK_BYTES = 1 << 18
LEAST_SECONDS = 0.15
N_WINDOWS = 7

Step = Callable[[], object]


@kernel
def fold_texts(text, text_offsets, block, kinds, folds, steps, folded):
    """Fold each text, and keep nothing."""
    tables = addresses(block, kinds, folds, steps)
    start, to_folded = np.uint64(text.ctypes.data), np.uint64(folded.ctypes.data)
    for i in range(len(text_offsets) - 1):
        fold(start + np.uint64(text_offsets[i]), start + np.uint64(text_offsets[i + 1]), to_folded, tables)


@kernel
def shingle_texts(hashes, offsets, shingle_size, shingles):
    """Shingle each text, and keep nothing."""
    for i in range(len(offsets) - 1):
        tokens = np.uint64(hashes.ctypes.data) + np.uint64(8 * offsets[i])
        n_tokens = np.uint64(offsets[i + 1] - offsets[i])
        shingle(tokens, n_tokens, np.uint64(shingle_size), np.uint64(shingles.ctypes.data))


class Loop:
    """Texts with room to work in; each method goes once over all of them and has the steps before it in it."""

    def __init__(self, contents: list[str], scheme: str = "fss32", n_hashes: int = 128, shingle_size: int = 5) -> None:
        encoded = text.encode(contents)
        self.n_bytes, self.n_tokens = int(encoded.offsets[-1]), int(np.diff(text.tokenize(encoded).offsets).sum())
        longest = int(np.diff(encoded.offsets).max())
        self.hashes = np.zeros(padded(max(CHUNK_BYTES, longest)) + 2 * LANES, np.uint64)
        self.edges = np.zeros(EDGES, np.uint64)
        self.folded = np.zeros(room_bytes(longest), np.uint8)
        self.shingles, self.thrown = (
            np.zeros(padded(longest) + LANES, np.uint32),
            np.zeros(longest + 2 * LANES, np.uint64),
        )
        self.out = np.zeros((len(contents), n_hashes), np.uint32)
        self.token_hashes = np.zeros((len(contents), 2), np.uint64)
        self.bins = np.zeros(padded(n_hashes), np.uint64)
        self.shingle_size, self.sign = shingle_size, getattr(self, f"_{scheme}")
        self.constants = (minhash.permutations if scheme == "affine32" else similarity_sketch.throws)(n_hashes, 1)
        self.over(Texts(values=np.concatenate([encoded.values, np.zeros(BLOCK, np.uint8)]), offsets=encoded.offsets))

    def over(self, texts: Texts) -> None:
        """Go over `texts` from now on, no more and none longer than those at first."""
        self.texts = texts
        self.chunks = list(pairwise(_bounds(texts.offsets)))

    def fold(self) -> None:
        """Bytes to folded bytes."""
        for first, last in self.chunks:
            fold_texts(self.texts.values, self.texts.offsets[first : last + 1], *tables(), self.folded)

    def tokens(self, then: Callable[[np.ndarray, slice], object] = lambda *_: None) -> None:
        """Bytes to token hashes and content hashes."""
        for first, last in self.chunks:
            offsets = np.zeros(last - first + 1, np.int64)
            bounds, content = self.texts.offsets[first : last + 1], self.token_hashes[first:last]
            hash_texts(self.texts.values, bounds, *tables(), self.folded, self.edges, self.hashes, offsets, content)
            then(offsets, slice(first, last))

    def shingle(self) -> None:
        """Bytes to shingle hashes."""
        self.tokens(lambda offsets, _: shingle_texts(self.hashes, offsets, self.shingle_size, self.shingles))

    def signatures(self) -> None:
        """Bytes to signatures."""
        self.tokens(self.sign)

    def _affine32(self, offsets: np.ndarray, rows: slice) -> None:
        row = self.bins.view(np.uint32)
        minhash.affine32(self.hashes, offsets, self.shingle_size, *self.constants, self.shingles, row, self.out[rows])

    def _fss32(self, offsets: np.ndarray, rows: slice) -> None:
        room = self.shingles, self.thrown, self.bins[: self.out.shape[1]]
        similarity_sketch.fss32(self.hashes, offsets, self.shingle_size, *self.constants, *room, self.out[rows])


def _bounds(offsets: np.ndarray) -> list[int]:
    marks = np.arange(offsets[0], offsets[-1] + 1, CHUNK_BYTES)
    return sorted({0, *np.searchsorted(offsets, marks[1:]).tolist(), len(offsets) - 1})


def seconds(step: Step, clock: Callable[[], float] = time.process_time) -> float:
    """Time of one call: the best of several windows, each of at least `LEAST_SECONDS`."""
    return min(by_window([step], clock, N_WINDOWS)[0])


def by_window(steps: list[Step], clock: Callable[[], float], n_windows: int) -> list[list[float]]:
    """Time of one call of each step in every window, the steps taking turns from window to window."""
    n_calls: list[int] = []
    found: list[list[float]] = [[] for _ in steps]
    for step in steps:
        step()
        start = clock()
        step()
        n_calls.append(max(1, int(LEAST_SECONDS / max(clock() - start, 1e-6))))
    for _ in range(n_windows):
        for step, n, taken in zip(steps, n_calls, found, strict=True):
            start = clock()
            for _ in range(n):
                step()
            taken.append((clock() - start) / n)
    return found


def speed(loop: Loop, taken: float) -> dict[str, float]:
    """Rates of one pass."""
    return {
        "MB_per_s": round(loop.n_bytes / taken / 1e6, 1),
        "ns_per_token": round(taken / max(loop.n_tokens, 1) * 1e9, 2),
        "documents_per_s": round(len(loop.texts) / taken),
    }


def by_stage(contents: list[str]) -> dict[str, dict[str, float]]:
    """Every stage with all before it, and each scheme's signatures."""
    loop = Loop(contents)
    steps = {"fold": loop.fold, "+ token hashes": loop.tokens, "+ shingles": loop.shingle, "+ fss32": loop.signatures}
    found = {name: speed(loop, seconds(step)) for name, step in steps.items()}
    affine = Loop(contents, scheme="affine32")
    found["+ affine32"] = speed(affine, seconds(affine.signatures))
    return found


def whole_stage(loop: Loop, n_threads: int) -> Step:
    """`sketch.build`: signatures, content hashes and fingerprints."""
    config, passages = SketchConfig(), PassageConfig()
    return lambda: sketch.build(loop.texts, config, passages, n_threads)


def with_length(contents: list[str], n_tokens: int, n_bytes: int = 1 << 22) -> list[str]:
    """Texts of `n_tokens` words each, cut from all words of `contents`."""
    words = " ".join(contents).split(" ")
    n_texts = max(1, n_bytes // (6 * n_tokens))
    words *= 1 + n_texts * n_tokens // max(len(words), 1)
    return [" ".join(words[i * n_tokens : (i + 1) * n_tokens]) for i in range(n_texts)]
