"""Judged samples to shares of all pairs, with intervals that hold for small samples and shares near 0 and 1."""

from collections.abc import Sequence
from math import exp, lgamma, log
from typing import NamedTuple

__all__ = ["Counted", "Estimate", "beta_quantile", "ratio", "share"]

N_HALVINGS = 60
MOST_TERMS = 500


class Counted(NamedTuple):
    """A stratum: how many pairs it has, how many of them were judged, and how many of those are the same."""

    n_pairs: int
    n_judged: int
    n_same: int


class Estimate(NamedTuple):
    """A share and an interval that is meant to hold it in 95 of 100 samples; `None` where nothing was judged."""

    value: float | None
    low: float
    high: float


def share(strata: Sequence[Counted], confidence: float = 0.95) -> Estimate:
    """The share of the same among all pairs of the strata.

    The interval of Clopper and Pearson (1934) at the effective size of the stratified sample, as Korn and Graubard
    (1998) propose. That size is an estimate too, so the interval is made to fail half as often as asked. Strata without
    a judgment may be anything, and widen it by their size.
    """
    judged = [s for s in strata if s.n_judged and s.n_pairs]
    n_all, n_covered = sum(s.n_pairs for s in strata), sum(s.n_pairs for s in judged)
    if not judged:
        return Estimate(None, 0.0, 1.0)
    weights = [s.n_pairs / n_covered for s in judged]
    value = sum(w * s.n_same / s.n_judged for w, s in zip(weights, judged, strict=True))
    size = _effective_size(weights, judged)
    low, high = clopper_pearson(value * size, size, (1 + confidence) / 2)
    if size == float("inf"):
        low = high = value
    open_share = 1 - n_covered / n_all
    return Estimate(value, low * (1 - open_share), high * (1 - open_share) + open_share)


def ratio(together: Sequence[Counted], apart: Sequence[Counted], confidence: float = 0.95) -> Estimate:
    """Of all pairs that are the same, the share that is together; `None` while nothing is judged of one of the sides.

    Both numbers have an interval that fails half as often, and the worst of both is taken.
    """
    each = (1 + confidence) / 2
    inside, outside = share(together, each), share(apart, each)
    n_in, n_out = sum(s.n_pairs for s in together), sum(s.n_pairs for s in apart)
    if not n_in + n_out or (n_in and inside.value is None):
        return Estimate(None, 0.0, 1.0)
    is_open = n_out > 0 and outside.value is None
    value = None if is_open else _part(n_in * (inside.value or 0.0), n_out * (outside.value or 0.0))
    if not n_out:
        return Estimate(value, 1.0, 1.0)
    low = _part(n_in * inside.low, n_out * outside.high)
    high = _part(n_in * inside.high, n_out * outside.low)
    return Estimate(value, low or 0.0, 1.0 if high is None else high)


def clopper_pearson(n_same: float, n: float, confidence: float) -> tuple[float, float]:
    """The exact interval of a share; numbers need not be whole [Clopper and Pearson 1934]."""
    tail = (1 - confidence) / 2
    if n == float("inf"):
        return 0.0, 1.0
    low = beta_quantile(tail, n_same, n - n_same + 1) if n_same > 0 else 0.0
    high = beta_quantile(1 - tail, n_same + 1, n - n_same) if n_same < n else 1.0
    return low, high


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The point below which a Beta(a, b) variable lies with that probability, by halving."""
    low, high = 0.0, 1.0
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2
        if _incomplete_beta(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _part(inside: float, outside: float) -> float | None:
    return inside / (inside + outside) if inside + outside > 0 else None


def _effective_size(weights: Sequence[float], strata: Sequence[Counted]) -> float:
    """Judgments of a simple sample that would tell as much; infinite where every pair was judged.

    Shares are drawn in by half a judgment of each kind, so that strata in which all are alike do not count as certain.
    """
    mean = variance = 0.0
    for weight, stratum in zip(weights, strata, strict=True):
        p = (stratum.n_same + 0.5) / (stratum.n_judged + 1)
        unseen = 1 - stratum.n_judged / stratum.n_pairs
        mean += weight * p
        variance += weight * weight * p * (1 - p) / stratum.n_judged * unseen
    return mean * (1 - mean) / variance if variance > 0 else float("inf")


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function, by its continued fraction [Abramowitz and Stegun 26.5.8]."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    tiny = 1e-300
    c, d = 1.0, 1 / max(1 - (a + b) * x / (a + 1), tiny)
    total = d
    for m in range(1, MOST_TERMS):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / ((1 + numerator * d) or tiny), (1 + numerator / c) or tiny
            total *= d * c
        if abs(d * c - 1) < 1e-13:
            break
    return front * total
