"""What a larger run should take, from two smaller ones: a part that any run takes, and a part for each text.

Pairs to compare grow with the texts, and not with their square: the work of a bucket and of a posting list is bounded,
and of a crowd each is compared with its leader.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["predicted"]

Run = Mapping[str, Any]


def predicted(small: Run, large: Run, n_texts: int) -> dict[str, float]:
    """CPU seconds, pairs compared, and bytes moved of a run on `n_texts`, from two runs on fewer, the second larger."""
    known = {
        "cpu_s": [run["own"]["cpu_s"] for run in (small, large)],
        "candidates": [run["candidates"] for run in (small, large)],
        "moved_bytes": [sum(run["moved_bytes"].values()) for run in (small, large)],
    }
    return {
        name: _grown(small["n_texts"], large["n_texts"], less, more, n_texts) for name, (less, more) in known.items()
    }


def _grown(first: int, second: int, small: float, large: float, at: int) -> float:
    """On the line through both, but never less than in the larger run."""
    return large + max((large - small) / (second - first), 0.0) * (at - second)
