"""After decisions: how much of each source would be removed, so that a run can stop instead of emptying one."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Hashes
from dedup.records import SourceShare

__all__ = ["N_LEAST", "shares"]

N_LEAST = 10
"""Documents of a source from which on its share says something: of two documents one is easily a copy."""
CHUNK_ROWS = 1 << 20


def shares(sites: Hashes, keeps: NDArray[np.bool_], name: Callable[[int], str]) -> list[SourceShare]:
    """Every source of `N_LEAST` documents and more of which something would be removed, the largest share first.

    `sites` and `keeps` (n_rows,): the source of each document and whether it is kept; `name` gives that of a row.
    """
    removed = np.flatnonzero(~keeps)
    keys, firsts, n_removed = np.unique(sites[removed], return_index=True, return_counts=True)
    n_documents = np.zeros(len(keys), np.int64)
    for start in range(0, len(sites) if len(keys) else 0, CHUNK_ROWS):
        chunk = sites[start : start + CHUNK_ROWS]
        at = np.minimum(np.searchsorted(keys, chunk), len(keys) - 1)
        n_documents += np.bincount(at[keys[at] == chunk], minlength=len(keys))
    found = [
        SourceShare(source=name(int(removed[firsts[k]])), n_documents=int(n_documents[k]), n_removed=int(n_removed[k]))
        for k in np.flatnonzero(n_documents >= N_LEAST).tolist()
    ]
    return sorted(found, key=lambda one: (-one.share, -one.n_documents, one.source))
