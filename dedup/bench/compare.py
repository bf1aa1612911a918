"""Two results beside one another: what became better or worse beyond the noise, and how sure that is.

Results that were measured in turns are compared pair by pair, others as two samples.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, exp, log
from statistics import median
from typing import Literal, TypeAlias

from dedup.bench.measures import Measure, Results
from dedup.bench.ranks import Shift, rank_sum, shift, signed_rank

__all__ = ["Difference", "Verdict", "are_paired", "compare"]

Verdict: TypeAlias = Literal["gain", "regression", "no difference seen", "too few runs"]
ALPHA = 0.05
"""Chance that a comparison of equals shows any difference at all, over all of its measures."""
LEAST_CHANGE = 0.03
"""A change of a smaller share is not spoken of: two runs of the same code differ by as much."""
N_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`ratio` is after over before, in `low` to `high` with 95 % confidence; `p` that there is no difference."""

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
class _Seen:
    """What the runs of one measure say; `least` is the smallest p that so many runs could have given."""

    before: float
    after: float
    ratio: Shift
    p: float
    least: float


def are_paired(before: Results, after: Results) -> bool:
    """Whether the two were measured in turns, so that their runs belong together one by one."""
    return before.about.get("turns") is not None and before.about.get("turns") == after.about.get("turns")


def compare(before: Results, after: Results) -> list[Difference]:
    """Every measure that both have, in the order of the first."""
    others = {one.name: one for one in after.measures}
    both = [(one, others[one.name]) for one in before.measures if one.name in others]
    paired = are_paired(before, after)
    found = [_exact(a, b) if a.exact else _by_pair(a, b) if paired else _by_sample(a, b) for a, b in both]
    noisy = [seen.p for seen, (measure, _) in zip(found, both, strict=True) if not measure.exact]
    accepted, least = _holm(noisy), ALPHA / max(len(noisy), 1)
    return [
        Difference(
            name=measure.name, unit=measure.unit, before=seen.before, after=seen.after, ratio=seen.ratio.middle,
            low=seen.ratio.low, high=seen.ratio.high, p=seen.p, verdict=_verdict(measure, seen, accepted, least),
        )
        for seen, (measure, _) in zip(found, both, strict=True)
    ]  # fmt: skip


def _exact(before: Measure, after: Measure) -> _Seen:
    first, second = before.median, after.median
    ratio = second / first if first else float(second != first) + 1
    same = float(first == second)
    return _Seen(before=first, after=second, ratio=Shift(middle=ratio, low=ratio, high=ratio), p=same, least=0.0)


def _by_pair(before: Measure, after: Measure) -> _Seen:
    """Each run against the one beside it, which had the same minute of the machine."""
    pairs = [log(b / a) if a > 0 and b > 0 else 0.0 for a, b in zip(before.runs, after.runs, strict=True)]
    found = shift(pairs)
    ratio = Shift(middle=exp(found.middle), low=exp(found.low), high=exp(found.high))
    least = 2 / 2 ** len(pairs)
    return _Seen(before=before.median, after=after.median, ratio=ratio, p=signed_rank(pairs), least=least)


def _by_sample(before: Measure, after: Measure) -> _Seen:
    left, right = _leveled(before, after)
    first, second = median(left), median(right)
    ratio = second / first if first else float(second != first) + 1
    low, high = _interval(left, right)
    least = 2 / comb(len(left) + len(right), len(left))
    found = Shift(middle=ratio, low=low, high=high)
    return _Seen(before=first, after=second, ratio=found, p=rank_sum(left, right), least=least)


def _holm(p_values: Sequence[float]) -> float:
    """The largest p that is still taken for a difference, so that all together err with chance `ALPHA` [Holm 1979]."""
    accepted = -1.0
    for k, p in enumerate(sorted(p_values)):
        if p > ALPHA / (len(p_values) - k):
            break
        accepted = p
    return accepted


def _verdict(measure: Measure, seen: _Seen, accepted: float, least: float) -> Verdict:
    if seen.least > least:
        return "too few runs"
    ratio = seen.ratio.middle
    is_seen = ratio != 1 if measure.exact else seen.p <= accepted and abs(ratio - 1) >= LEAST_CHANGE
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
