"""What grouping and union-find cost a key, beside NumPy's sorts."""

from collections.abc import Callable
from statistics import median
from time import process_time

import numpy as np

from dedup.kernels.group import group, join, roots

SHARES = (0.0, 0.1, 0.3)
"""Of the keys, how many repeat another."""
REPEATS = 7


def measure(n_keys: int, share: float, seed: int = 0) -> dict[str, float]:
    """Medians of CPU nanoseconds a key."""
    keys, items = _keys(n_keys, share, seed), np.arange(n_keys, dtype=np.uint32)
    out, room = np.empty(n_keys, np.uint32), np.empty(n_keys // 2 + 2, np.int64)
    n_groups = group(keys, items, out, room)
    starts = room[: n_groups + 1].copy()
    left = np.repeat(out[starts[:-1]], np.diff(starts)).astype(np.int64)
    right = out[: starts[-1]].astype(np.int64)

    def unite() -> None:
        parents = np.arange(n_keys)
        join(left, right, parents)
        roots(parents)

    return {
        "n_keys": n_keys, "share": share, "n_groups": n_groups,
        "group_ns": _nanoseconds(lambda: group(keys, items, out, room), n_keys),
        "unite_ns": _nanoseconds(unite, n_keys),
        "sort_ns": _nanoseconds(lambda: np.sort(keys), n_keys),
        "argsort_ns": _nanoseconds(lambda: np.argsort(keys), n_keys),
    }  # fmt: skip


def _keys(n_keys: int, share: float, seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    n_fresh = n_keys - int(n_keys * share)
    fresh = draw.integers(0, 1 << 64, n_fresh, dtype=np.uint64)
    return draw.permutation(np.concatenate([fresh, draw.choice(fresh, n_keys - n_fresh)]))


def _nanoseconds(work: Callable[[], object], n_keys: int) -> float:
    spent = []
    work()
    for _ in range(REPEATS):
        begin = process_time()
        work()
        spent.append(process_time() - begin)
    return round(median(spent) / n_keys * 1e9, 1)
