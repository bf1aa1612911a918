"""Exact tests by ranks, of two samples and of pairs: they suppose nothing of how the noise is distributed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement
from math import comb
from statistics import median

__all__ = ["Shift", "rank_sum", "shift", "signed_rank"]

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Where differences lie: in `low` to `high` with 95 % confidence, with less where there are under six of them."""

    middle: float
    low: float
    high: float


def rank_sum(left: Sequence[float], right: Sequence[float]) -> float:
    """Two-sided p, exact for values without ties: how likely ranks at least this far apart are by chance.

    [Mann and Whitney 1947]; a tie counts one half.
    """
    n, m = len(left), len(right)
    u = sum((a > b) + (a == b) / 2 for a in left for b in right)
    least = int(min(u, n * m - u))
    as_low = sum(_arrangements(n, m, k) for k in range(least + 1))
    return min(1.0, 2 * as_low / comb(n + m, n))


def signed_rank(differences: Sequence[float]) -> float:
    """Two-sided p that what the pairs differ by has no side, exact with ties too [Wilcoxon 1945]; zeros say nothing."""
    known = [one for one in differences if one]
    ordered = sorted(abs(one) for one in known)
    # Twice the mean rank of equals, so that it is a whole number.
    rank_of = {value: 2 * ordered.index(value) + 1 + n for value, n in Counter(ordered).items()}
    ranks = [rank_of[value] for value in ordered]
    above = sum(rank_of[abs(one)] for one in known if one > 0)
    ways = _sums(tuple(ranks))
    as_low = sum(n for total, n in ways.items() if total <= min(above, sum(ranks) - above))
    return min(1.0, float(2 * as_low / 2 ** len(known)))


def shift(differences: Sequence[float]) -> Shift:
    """The median of the means of all two of them [Hodges and Lehmann 1963], and the interval of `signed_rank`."""
    n = len(differences)
    means = sorted((a + b) / 2 for a, b in combinations_with_replacement(differences, 2))
    ways, below, outside = _sums(tuple(range(1, n + 1))), 0, 0
    while below + ways[outside] < (1 - CONFIDENCE) / 2 * 2**n:
        below += ways[outside]
        outside += 1
    outside = max(outside, 1)
    return Shift(middle=median(means), low=means[outside - 1], high=means[-outside])


@cache
def _sums(ranks: tuple[int, ...]) -> dict[int, int]:
    """In how many ways each sum comes from some of the ranks."""
    ways = Counter({0: 1})
    for rank in ranks:
        ways.update({total + rank: n for total, n in list(ways.items())})
    return ways


@cache
def _arrangements(n: int, m: int, u: int) -> int:
    """Orders of n and m values in which the first stand above the second u times."""
    if u < 0 or n < 0 or m < 0:
        return 0
    if n == 0 or m == 0:
        return int(u == 0)
    return _arrangements(n - 1, m, u - m) + _arrangements(n, m - 1, u)
