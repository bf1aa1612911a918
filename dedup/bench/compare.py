"""Two results beside one another: what became better or worse beyond the noise, and how sure that is."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import comb
from statistics import median
from typing import Literal, TypeAlias

from dedup.bench.measures import Measure, Results

__all__ = ["Difference", "Verdict", "compare", "p_value"]

Verdict: TypeAlias = Literal["gain", "regression", "no difference seen", "too few runs"]
ALPHA = 0.05
"""Chance that a comparison of equals shows any difference at all, over all of its measures."""
LEAST_CHANGE = 0.03
"""A change of a smaller share is not spoken of: two runs of the same code differ by as much."""
N_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`ratio` is after over before of the medians, in `low` to `high` with 95 % confidence; `p` of Mann and Whitney."""

    name: str
    unit: str
    before: float
    after: float
    ratio: float
    low: float
    high: float
    p: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The largest p that is `accepted` as a difference, and how small the `least` of all must be for any to be."""

    accepted: float
    least: float


def compare(before: Results, after: Results) -> list[Difference]:
    """Every measure that both have, in the order of the first."""
    others = {one.name: one for one in after.measures}
    both = [(one, others[one.name]) for one in before.measures if one.name in others]
    noisy = [p_value(*_leveled(a, b)) for a, b in both if not a.exact]
    bound = Bound(accepted=_holm(noisy), least=ALPHA / max(len(noisy), 1))
    return [_difference(a, b, bound) for a, b in both]


def p_value(left: Sequence[float], right: Sequence[float]) -> float:
    """Two-sided, exact for values without ties: how likely ranks at least this far apart are by chance.

    [Mann and Whitney 1947]; a tie counts one half.
    """
    n, m = len(left), len(right)
    u = sum((a > b) + (a == b) / 2 for a in left for b in right)
    least = int(min(u, n * m - u))
    as_low = sum(_arrangements(n, m, k) for k in range(least + 1))
    return min(1.0, 2 * as_low / comb(n + m, n))


@cache
def _arrangements(n: int, m: int, u: int) -> int:
    """Orders of n and m values in which the first stand above the second u times."""
    if u < 0 or n < 0 or m < 0:
        return 0
    if n == 0 or m == 0:
        return int(u == 0)
    return _arrangements(n - 1, m, u - m) + _arrangements(n, m - 1, u)


def _holm(p_values: Sequence[float]) -> float:
    """The largest p that is still taken for a difference, so that all together err with chance `ALPHA` [Holm 1979]."""
    accepted = -1.0
    for k, p in enumerate(sorted(p_values)):
        if p > ALPHA / (len(p_values) - k):
            break
        accepted = p
    return accepted


def _difference(before: Measure, after: Measure, bound: Bound) -> Difference:
    left, right = _leveled(before, after)
    first, second = median(left), median(right)
    ratio = second / first if first else float(second != first) + 1
    low, high = (ratio, ratio) if before.exact else _interval(left, right)
    p = float(first == second) if before.exact else p_value(left, right)
    return Difference(
        name=before.name, unit=before.unit, before=first, after=second, ratio=ratio, low=low, high=high, p=p,
        verdict=_verdict(before, ratio, p, bound, comb(len(left) + len(right), len(left))),
    )  # fmt: skip


def _verdict(measure: Measure, ratio: float, p: float, bound: Bound, n_orders: int) -> Verdict:
    if not measure.exact and 2 / n_orders > bound.least:
        return "too few runs"
    is_seen = ratio != 1 if measure.exact else p <= bound.accepted and abs(ratio - 1) >= LEAST_CHANGE
    if not is_seen:
        return "no difference seen"
    return "gain" if (ratio < 1) == (measure.better == "less") else "regression"


def _leveled(before: Measure, after: Measure) -> tuple[list[float], list[float]]:
    """Both as they would be had the machine been as fast each time as it was on average."""
    known = [*before.yardstick, *after.yardstick]
    if not before.yardstick or not after.yardstick:
        return list(before.runs), list(after.runs)
    common = median(known)
    return _level(before, common), _level(after, common)


def _level(measure: Measure, common: float) -> list[float]:
    scale = [common / mark for mark in measure.yardstick]
    if measure.better == "more":
        scale = [1 / factor for factor in scale]
    return [run * factor for run, factor in zip(measure.runs, scale, strict=True)]


def _interval(left: Sequence[float], right: Sequence[float]) -> tuple[float, float]:
    """Bootstrap percentiles of the ratio of medians [Efron 1979]; seeded, so the same files compare the same."""
    draw = random.Random(1)  # noqa: S311
    ratios = []
    for _ in range(N_RESAMPLES):
        first = median(draw.choices(left, k=len(left)))
        ratios.append(median(draw.choices(right, k=len(right))) / first if first else 1.0)
    ratios.sort()
    return ratios[N_RESAMPLES // 40], ratios[-N_RESAMPLES // 40]
