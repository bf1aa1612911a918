"""After stage 5: which copy of a cluster is kept."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from dedup import dates
from dedup.arrays import Hashes, Rows, Scores
from dedup.dates import UNKNOWN_DAY
from dedup.records import Corpus, Grouping
from dedup.sequences import take

__all__ = ["old_first", "precedence", "rank"]

Values = Sequence[float] | Rows
Key = Callable[[Corpus, Rows], Values]
LATE = float("inf")
MIDDLE, UNKNOWN = 1 << 30, (1 << 31) - 1
"""Days of `precedence`: what is added to them, and where they are not known."""
LONGEST = (1 << 32) - 1
AT_ONCE = 1 << 16


def rank(corpus: Corpus, rows: Rows, places: Rows, keep: Sequence[str]) -> Rows:
    """The place of each of `rows` when old ones stand first, and then by the policies of `keep`, best first.

    `places` (n_rows of the corpus,) are those of the ids in their order; they break ties.
    """
    keys = [_host(policy[5:]) if policy.startswith("host:") else POLICY[policy] for policy in keep]
    columns = [_column(key, corpus, rows) for key in reversed(keys)]
    order = np.lexsort([places[rows], *columns, rows < corpus.n_new])
    found = np.empty(len(order), np.int64)
    found[order] = np.arange(len(order))
    return found


def _column(key: Key, corpus: Corpus, rows: Rows) -> Scores:
    """The values (n_rows,) of a policy, made in parts, as strings take more memory than they do."""
    found = np.empty(len(rows), np.float64)
    for first in range(0, len(rows), AT_ONCE):
        found[first : first + AT_ONCE] = key(corpus, rows[first : first + AT_ONCE])
    return found


def precedence(corpus: Corpus, rows: Rows) -> Hashes:
    """A number (n_rows,) for which of many copies is likely to be kept, the least first, made of columns alone.

    Old ones stand first, then the earliest by days, then the longest.
    """
    found = np.empty(len(rows), np.uint64)
    for first in range(0, len(rows), AT_ONCE):
        part = rows[first : first + AT_ONCE]
        days = corpus.days[part].astype(np.int64)
        since = np.where(days == UNKNOWN_DAY, UNKNOWN, np.clip(days + MIDDLE, 0, UNKNOWN - 1))
        is_new = (part < corpus.n_new).astype(np.uint64)
        sizes = corpus.texts.offsets[part + 1] - corpus.texts.offsets[part]
        found[first : first + AT_ONCE] = is_new << np.uint64(63) | (since << 32 | LONGEST - sizes).astype(np.uint64)
    return found


def old_first(
    groupings: Sequence[Grouping], is_old: NDArray[np.bool_], ranks: Rows, verify: Callable[[Rows, Rows], Scores],
    floor: float,
) -> list[Grouping]:  # fmt: skip
    """The same, represented by their best old node where they have one; `is_old` and `ranks` (n_nodes,).

    `verify` gives the confidence of pairs of nodes. Members that have less than `floor` with that node leave: with the
    next best old one, or with who represented them, or the best of those that are left, if they are members of these.
    Of old ones alone nothing is left.
    """
    made = [
        one for g in groupings for one in _represented(g, [m for m in g.members if is_old[m]], ranks, verify, floor)
    ]
    return sorted(made, key=lambda grouping: grouping.members)


def _represented(
    grouping: Grouping, old: Sequence[int], ranks: Rows, verify: Callable[[Rows, Rows], Scores], floor: float
) -> list[Grouping]:
    if not old or grouping.representative in old:
        return [grouping]
    made, left = list[Grouping](), list(grouping.members)
    new = [grouping.representative, *sorted(set(grouping.members).difference(old), key=lambda node: int(ranks[node]))]
    for best in [*sorted(old, key=lambda node: int(ranks[node])), *new]:
        others = np.array([m for m in left if m != best], np.int64)
        if best not in left or not len(others):
            continue
        confidence = verify(np.minimum(others, best), np.maximum(others, best))
        own = confidence >= floor
        members = tuple(sorted([best, *others[own].tolist()]))
        if not set(members).issubset(old) and len(members) > 1:
            made.append(Grouping(representative=best, members=members, weakest=float(confidence[own].min())))
        left = others[~own].tolist()
    return made


def _earliest(corpus: Corpus, rows: Rows) -> Values:
    return [LATE if moment is None else moment for moment in _moments(corpus, rows)]


def _latest(corpus: Corpus, rows: Rows) -> Values:
    return [LATE if moment is None else -moment for moment in _moments(corpus, rows)]


def _moments(corpus: Corpus, rows: Rows) -> list[float | None]:
    return dates.moments(take(corpus.dates, rows), take(corpus.urls, rows))


def _shortest(corpus: Corpus, rows: Rows) -> Rows:
    return corpus.texts.offsets[rows + 1] - corpus.texts.offsets[rows]


def _longest(corpus: Corpus, rows: Rows) -> Values:
    return -_shortest(corpus, rows)


def _first(_: Corpus, rows: Rows) -> Values:
    return rows


def _host(name: str) -> Key:
    """Documents of that source or URL host, or a subdomain of it, before all others."""
    wanted = name.lower()

    def key(corpus: Corpus, rows: Rows) -> Values:
        both = zip(take(corpus.sources, rows), map(_host_of, take(corpus.urls, rows)), strict=True)
        return [source != name and host != wanted and not host.endswith(f".{wanted}") for source, host in both]

    return key


def _host_of(url: str) -> str:
    """In small letters; "" of a URL that has none, or a broken one."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


POLICY: dict[str, Key] = {
    "earliest": _earliest,
    "latest": _latest,
    "longest": _longest,
    "shortest": _shortest,
    "first": _first,
}
