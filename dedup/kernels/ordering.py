"""In which order pairs are compared, so that texts are seldom prepared twice."""

import numpy as np

from dedup.kernels.compile import allocating, kernel
from dedup.kernels.sort import sort

__all__ = ["cut", "near_one_another"]


@allocating
def near_one_another(left, right, places):
    """Give the `n` rows of some pairs places, int64 (n,), such that the rows of a pair stand near one another.

    A search in breadth from the least row of each component, of neighbors those with fewer pairs first [Cuthill and
    McKee 1969]. `left`, `right` int64 (n_pairs,) in 0..n.
    """
    n_rows = len(places)
    starts = np.zeros(n_rows + 1, np.int64)
    for side in (left, right):
        for row in side:
            starts[row + 1] += 1
    for row in range(n_rows):
        starts[row + 1] += starts[row]
    neighbors, at = np.empty(starts[n_rows], np.int64), starts[:-1].copy()
    for i in range(len(left)):
        neighbors[at[left[i]]], neighbors[at[right[i]]] = right[i], left[i]
        at[left[i]] += 1
        at[right[i]] += 1
    queue, n_queued = np.empty(n_rows, np.int64), 0
    places[:] = -1
    for first in range(n_rows):
        if places[first] >= 0:
            continue
        queue[n_queued], places[first] = first, n_queued
        done, n_queued = n_queued, n_queued + 1
        while done < n_queued:
            row = queue[done]
            done += 1
            begin = n_queued
            for i in range(starts[row], starts[row + 1]):
                if places[neighbors[i]] < 0:
                    places[neighbors[i]] = n_queued
                    queue[n_queued] = neighbors[i]
                    n_queued += 1
            _sort_by_pairs(queue[begin:n_queued], starts)
            for i in range(begin, n_queued):
                places[queue[i]] = i


@kernel
def _sort_by_pairs(rows, starts):
    """Bring rows into the order of how many pairs they have, and of their numbers."""
    for i in range(len(rows)):
        rows[i] |= starts[rows[i] + 1] - starts[rows[i]] << 32
    sort(rows, len(rows))
    for i in range(len(rows)):
        rows[i] &= 0xFFFFFFFF


@kernel
def cut(left, right, sizes, most, seen, cuts):
    """Write where to cut pairs into chunks into `cuts` int64 (n_pairs,); return how many cuts.

    The texts of a chunk, each once, have no more than `most` bytes but where one pair has, and a chunk no more than
    that many pairs times 100. `sizes` int64 (n_rows,), `seen` int64 (n_rows,) of -1.
    """
    n_cuts, begin, n_bytes = 0, 0, 0
    for i in range(len(left)):
        more = (sizes[left[i]] if seen[left[i]] != n_cuts else 0) + (sizes[right[i]] if seen[right[i]] != n_cuts else 0)
        if i > begin and (n_bytes + more > most or 100 * (i - begin) > most):
            cuts[n_cuts] = begin = i
            n_cuts += 1
            n_bytes, more = 0, sizes[left[i]] + sizes[right[i]]
        seen[left[i]] = seen[right[i]] = n_cuts
        n_bytes += more
    return n_cuts
