"""How two texts came to be compared, or why they did not: the bands and the passages that met.

The scan keeps neither signatures nor fingerprints, so both are made again, with its settings.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dedup.arrays import Hashes, Rows
from dedup.config import Config
from dedup.kernels.fingerprints import fingerprint_all
from dedup.records import Passage, Texts
from dedup.sketched import Sketches
from dedup.stages import sketch, text

__all__ = ["Meeting", "are_shared", "frequencies", "meet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What the sketches of two texts have in common.

    `bands` are the numbers, from 0, of the equal ones of `n_bands`; `n_agree` of `n_hashes` places of the signatures
    are equal. Of `n_left` and `n_right` fingerprints `hashes` are shared; `words` says where each begins in the left
    text, in its own words.
    """

    bands: tuple[int, ...]
    n_bands: int
    n_agree: int
    n_hashes: int
    n_left: int
    n_right: int
    hashes: Hashes
    words: tuple[str, ...]


def meet(left: str, right: str, config: Config) -> Meeting:
    """Sketch both texts and see what meets."""
    texts = text.encode([left, right])
    sketches = sketch.build(texts, config.sketch, config.passages, 1)
    same = sketches.signatures[0] == sketches.signatures[1]
    n_rows = config.candidates.n_rows
    n_bands = min(config.candidates.n_bands, len(same) // n_rows)
    worded = bool((sketches.n_tokens > 0).all())
    bands = [band for band in range(n_bands) if worded and same[band * n_rows : (band + 1) * n_rows].all()]
    a, b = (_fingerprints(sketches, row) for row in (0, 1))
    order, words = _in_order(left, texts, np.intersect1d(a, b), config)
    return Meeting(
        bands=tuple(bands), n_bands=n_bands, n_agree=int(same.sum()) if worded else 0, n_hashes=len(same),
        n_left=len(a), n_right=len(b), hashes=order, words=words,
    )  # fmt: skip


def are_shared(passages: Iterable[Passage], left: str, right: str) -> bool:
    """Whether passages of a match are the same words of both texts, as they are until one of these is changed."""
    spans = [(passage.left, passage.right) for passage in passages]
    on_left, on_right = [left[a.start : a.end] for a, _ in spans], [right[b.start : b.end] for _, b in spans]
    return all(on_left) and all(on_right) and text.same_words(on_left, on_right)


def frequencies(batches: Iterable[Texts], hashes: Hashes, config: Config) -> tuple[Rows, int]:
    """In how many of the texts each of `hashes`, sorted, is a fingerprint, and how many texts there are."""
    counts, n_texts = np.zeros(len(hashes), np.int64), 0
    for texts in batches:
        found = sketch.build(texts, config.sketch, config.passages, config.threads or None).fingerprints
        at = np.minimum(np.searchsorted(hashes, found), max(len(hashes) - 1, 0))
        counts += np.bincount(at[hashes[at] == found], minlength=len(hashes)) if len(hashes) else 0
        n_texts += len(texts)
    return counts, n_texts


def _fingerprints(sketches: Sketches, row: int) -> Hashes:
    return sketches.fingerprints[sketches.fingerprint_offsets[row] : sketches.fingerprint_offsets[row + 1]]


def _in_order(left: str, texts: Texts, shared: Hashes, config: Config) -> tuple[Hashes, tuple[str, ...]]:
    """The shared hashes in the order of the left text, and the words of each."""
    tokens = text.tokenize(texts, np.zeros(1, np.int64))
    first: dict[int, tuple[int, int]] = {}
    for size in (config.passages.shingle_size, 1):
        for at, value in enumerate(_of_runs(tokens.hashes, size)):
            first.setdefault(value, (at, at + size - 1))
    places = sorted((first[value], value) for value in shared.tolist() if value in first)
    words = (left[int(tokens.starts[at]) : int(tokens.ends[last])] for (at, last), _ in places)
    return np.array([value for _, value in places], np.uint64), tuple(words)


def _of_runs(hashes: Hashes, size: int) -> Sequence[int]:
    """The fingerprint of every run of `size` tokens: as a text of its own it has one."""
    n = max(len(hashes) - size + 1, 0)
    runs = hashes[np.arange(n)[:, None] + np.arange(size)].ravel()
    out, ends = np.zeros(2 * len(runs), np.uint64), np.zeros(n + 1, np.int64)
    fingerprint_all(runs, np.arange(n + 1) * size, size, 1, 1, sketch.common_words(), 0, out, ends)
    found: Sequence[int] = out[:n].tolist()
    return found
