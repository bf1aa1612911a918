"""Who copies whom: in each cluster the text that was there first, as far as anything says so."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from dedup.records import EQUAL

if TYPE_CHECKING:
    from dedup.web.results import Meeting

__all__ = ["DAY_S", "Flow", "busiest", "first_of", "flows"]

DAY_S = 86_400


@dataclass(slots=True, kw_only=True)
class Flow:
    """Copies that one site made of another's texts; `lags` are seconds, of those copies where both dates are known."""

    n_copies: int = 0
    lags: list[float] = field(default_factory=list)

    @property
    def median_lag(self) -> float | None:
        """Seconds; `None` when no lag is known."""
        return median(self.lags) if self.lags else None


def first_of(members: Sequence[int], meetings: Sequence["Meeting"], moments: Sequence[float | None]) -> int | None:
    """The member that most matches name as the source, else the one with the earliest date; `None` where neither says.

    `moments` are seconds by document. Of several that as many matches name it is the earliest. Dates that are less than
    a day apart say nothing, as in a match: clocks and time zones of sites differ, and many dates are days.
    """
    votes = _votes(members, meetings)
    most = max(votes.values())
    return _earliest([member for member in members if votes[member] == most or most <= 0], moments)


def flows(
    clusters: Sequence[Sequence[int]],
    firsts: Sequence[int | None],
    meetings: Sequence[Sequence["Meeting"]],
    sites: Sequence[str],
    moments: Sequence[float | None],
) -> dict[tuple[str, str], Flow]:
    """For each two sites (from, to) the texts of the first that the second has too; every copy counts once."""
    found: dict[tuple[str, str], Flow] = defaultdict(Flow)
    for members, first, own in zip(clusters, firsts, meetings, strict=True):
        if first is None or not sites[first]:
            continue
        met = {m.right if m.left == first else m.left: m for m in own if first in (m.left, m.right)}
        for member in members:
            is_apart = sites[member] not in ("", sites[first])
            if is_apart and _is_copy(first, member, met.get(member), moments):
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


def _votes(members: Sequence[int], meetings: Sequence["Meeting"]) -> dict[int, int]:
    """By member how many matches name its words as the source, less those that name them as the copy.

    Of the documents with the same words one is matched with each other and stands for all in further matches, so what
    these say is said of all.
    """
    equal = [meeting for meeting in meetings if meeting.relation in EQUAL]
    n_equal = Counter(member for meeting in equal for member in (meeting.left, meeting.right))
    standing = {member: member for member in members}
    for meeting in equal:
        other, one = sorted((meeting.left, meeting.right), key=lambda member: n_equal[member])
        standing[other] = one
    votes = Counter[int]()
    for meeting in meetings:
        if meeting.source != "unknown":
            left, right = standing[meeting.left], standing[meeting.right]
            sign = 1 if meeting.source == "left" else -1
            votes[left] += sign
            votes[right] -= sign
    return {member: votes[standing[member]] for member in members}


def _earliest(members: Sequence[int], moments: Sequence[float | None]) -> int | None:
    """The one of several whose date is the first by a day, or the only one."""
    if len(members) == 1:
        return members[0]
    dated = sorted((moment, member) for member in members if (moment := moments[member]) is not None)
    return dated[0][1] if len(dated) > 1 and dated[1][0] - dated[0][0] >= DAY_S else None


def _is_copy(first: int, member: int, meeting: "Meeting | None", moments: Sequence[float | None]) -> bool:
    """Whether a member comes from the first: as their match says, else as dates do that are a day apart.

    Texts with the same words are not asked for their source. Of two that have no match nothing is known against it.
    """
    if meeting is not None and meeting.relation not in EQUAL:
        return meeting.source == ("left" if meeting.left == first else "right")
    start, end = moments[first], moments[member]
    if start is None or end is None:
        return meeting is None
    return end - start >= DAY_S
