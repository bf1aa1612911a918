"""Who copies whom: in each cluster the text that was there first, as far as anything says so."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

__all__ = ["Flow", "busiest", "first_of", "flows"]


@dataclass(slots=True, kw_only=True)
class Flow:
    """Copies that one site made of another's texts; `lags` are seconds, of those copies where both dates are known."""

    n_copies: int = 0
    lags: list[float] = field(default_factory=list)

    @property
    def median_lag(self) -> float | None:
        """Seconds; `None` when no lag is known."""
        return median(self.lags) if self.lags else None


def first_of(members: Sequence[int], votes: Mapping[int, int], moments: Sequence[float | None]) -> int | None:
    """The member that most matches name as the source, else the one with the earliest date; `None` where neither says.

    `votes` are matches that name a member as the source, less those that name it as the copy; `moments` are seconds by
    document. Ties in votes go to the earlier, then to the lesser number.
    """
    best = max(members, key=lambda member: (votes.get(member, 0), -_moment(moments, member), -member))
    if votes.get(best, 0) > 0:
        return best
    dated = sorted((moment, member) for member in members if (moment := moments[member]) is not None)
    return dated[0][1] if len(dated) > 1 and dated[0][0] < dated[1][0] else None


def flows(
    clusters: Sequence[Sequence[int]],
    firsts: Sequence[int | None],
    sites: Sequence[str],
    moments: Sequence[float | None],
) -> dict[tuple[str, str], Flow]:
    """For each two sites (from, to) the texts of the first that the second has too; every copy counts once."""
    found: dict[tuple[str, str], Flow] = defaultdict(Flow)
    for members, first in zip(clusters, firsts, strict=True):
        if first is None or not sites[first]:
            continue
        for member in members:
            if sites[member] and sites[member] != sites[first]:
                flow = found[sites[first], sites[member]]
                flow.n_copies += 1
                start, end = moments[first], moments[member]
                if start is not None and end is not None:
                    flow.lags.append(end - start)
    return dict(found)


def busiest(found: Mapping[tuple[str, str], Flow], n_most: int) -> list[str]:
    """The sites with the most copies given and taken, by that."""
    totals = Counter[str]()
    for (giver, taker), flow in found.items():
        totals[giver] += flow.n_copies
        totals[taker] += flow.n_copies
    return sorted(totals, key=lambda site: (-totals[site], site))[:n_most]


def _moment(moments: Sequence[float | None], member: int) -> float:
    moment = moments[member]
    return float("inf") if moment is None else moment
