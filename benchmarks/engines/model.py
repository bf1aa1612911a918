"""What a larger run should take, from two smaller ones: a part that any run takes, and a part for each text and pair.

Pairs to compare grow faster than texts where chance makes some: two texts that have nothing to do with one another
meet as often as there are pairs of texts. So pairs are `a n + b n²`, by the two runs, with `b` not below 0, and
each step is in proportion to what it goes over: texts, or pairs.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["OF_PAIRS", "predicted"]

OF_PAIRS = ("verify", "cluster", "components")
"""Steps that go over pairs; all others go over texts."""

Run = Mapping[str, Any]


def predicted(small: Run, large: Run, n_texts: int) -> dict[str, float]:
    """CPU seconds, pairs compared, and bytes moved of a run on `n_texts`, from two runs on fewer, the second larger."""
    pairs = _pairs(small, large, n_texts)
    moved = {run["n_texts"]: sum(run["moved_bytes"].values()) for run in (small, large)}
    return {
        "cpu_s": _cpu_s(small, large, n_texts, pairs),
        "candidates": pairs,
        "moved_bytes": max(_linear(small["n_texts"], large["n_texts"], moved, n_texts), 0.0),
    }


def _pairs(small: Run, large: Run, n_texts: int) -> float:
    each = [run["candidates"] / run["n_texts"] for run in (small, large)]
    by_chance = max((each[1] - each[0]) / (large["n_texts"] - small["n_texts"]), 0.0)
    return n_texts * (each[1] + by_chance * (n_texts - large["n_texts"]))


def _cpu_s(small: Run, large: Run, n_texts: int, pairs: float) -> float:
    """CPU time is split among steps as the clock is; what neither run can do without is what a line leaves at 0."""
    total = {run["n_texts"]: run["own"]["cpu_s"] for run in (small, large)}
    fixed = max(_linear(small["n_texts"], large["n_texts"], total, 0), 0.0)
    timings = large["timings"]
    of_pairs = sum(timings.get(name, 0.0) for name in OF_PAIRS) / sum(timings.values())
    growing = large["own"]["cpu_s"] - fixed
    by_texts, by_pairs = n_texts / large["n_texts"], pairs / large["candidates"]
    return fixed + growing * ((1 - of_pairs) * by_texts + of_pairs * by_pairs)


def _linear(first: int, second: int, known: Mapping[int, float], at: int) -> float:
    slope = (known[second] - known[first]) / (second - first)
    return known[second] + slope * (at - second)
