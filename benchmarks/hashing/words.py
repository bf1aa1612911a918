"""Whether the hashes of real words are as good as random: collisions, and chi-square tests of their bits."""

import re
from collections.abc import Iterable

import numpy as np

from dedup.stages import text
from tests import naive

N_WORDS = 800_000
BUCKETS = 1 << 10
WORD = re.compile(r"[^\W\d_]+")


def distinct(contents: Iterable[str], n: int = N_WORDS) -> list[str]:
    """Up to `n` words that the plain folding leaves different."""
    found: dict[bytes, str] = {}
    seen: set[str] = set()
    for content in contents:
        new = sorted({*WORD.findall(content)} - seen)
        seen.update(new)
        for word in new:
            found.setdefault(b"".join(map(naive.folded, word)), word)
        if len(found) >= n:
            break
    return list(found.values())[:n]


def measure(words: list[str]) -> dict[str, object]:
    """Equal hashes among different words, and the chi-square of each ten bits as standard deviations from its mean."""
    tokens = text.tokenize(text.encode(words))
    one_each = np.diff(tokens.offsets) == 1
    found = tokens.hashes[tokens.offsets[:-1][one_each]]
    hashes = np.unique(found)
    scores = [_chi_square(hashes >> np.uint64(shift)) for shift in (0, 11, 22, 32, 43, 54)]
    low = np.unique(hashes & np.uint64(0xFFFFFFFF))
    expected = len(hashes) ** 2 / 2**33
    return {
        "n_words": len(found), "collisions": len(found) - len(hashes),
        "chi_square_sd": [round(score, 2) for score in scores],
        "low_half_collisions": len(hashes) - len(low), "expected": round(expected, 1),
    }  # fmt: skip


def _chi_square(values: np.ndarray) -> float:
    counts = np.bincount((values & np.uint64(BUCKETS - 1)).astype(np.int64), minlength=BUCKETS)
    mean = len(values) / BUCKETS
    score = float(((counts - mean) ** 2 / mean).sum())
    return (score - (BUCKETS - 1)) / float(np.sqrt(2 * (BUCKETS - 1)))
