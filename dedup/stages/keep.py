"""After stage 5: which copy of a cluster is kept."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import numpy as np

from dedup import dates
from dedup.arrays import Rows
from dedup.records import Corpus

__all__ = ["rank"]

Key = Callable[[Corpus, int], float]
LATE = float("inf")


def rank(corpus: Corpus, rows: Rows, places: Rows, keep: Sequence[str]) -> Rows:
    """The place of each of `rows` when they are ordered by the policies of `keep`, best first.

    `places` (n_rows of the corpus,) are those of the ids in their order; they break ties.
    """
    keys = [_host(policy[5:]) if policy.startswith("host:") else POLICY[policy] for policy in keep]
    columns = [np.array([key(corpus, row) for row in rows.tolist()]) for key in reversed(keys)]
    order = np.lexsort([places[rows], *columns])
    found = np.empty(len(order), np.int64)
    found[order] = np.arange(len(order))
    return found


def _earliest(corpus: Corpus, row: int) -> float:
    moment = dates.seconds(corpus.dates[row])
    return LATE if moment is None else moment


def _latest(corpus: Corpus, row: int) -> float:
    moment = dates.seconds(corpus.dates[row])
    return LATE if moment is None else -moment


def _shortest(corpus: Corpus, row: int) -> float:
    return float(corpus.texts.offsets[row + 1] - corpus.texts.offsets[row])


def _longest(corpus: Corpus, row: int) -> float:
    return -_shortest(corpus, row)


def _first(corpus: Corpus, row: int) -> float:
    return row


def _host(name: str) -> Key:
    """Documents of that source or URL host, or a subdomain of it, before all others."""

    def key(corpus: Corpus, row: int) -> float:
        host = urlsplit(corpus.urls[row]).hostname or ""
        return 0 if name in (corpus.sources[row], host) or host.endswith(f".{name}") else 1

    return key


POLICY: dict[str, Key] = {
    "earliest": _earliest,
    "latest": _latest,
    "longest": _longest,
    "shortest": _shortest,
    "first": _first,
}
