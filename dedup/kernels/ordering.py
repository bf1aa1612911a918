"""In which order pairs are compared, so that texts are seldom prepared twice."""

import numpy as np

from dedup.kernels.compile import allocating, inner, kernel

__all__ = ["cut", "near_one_another"]

SHARE_BITS, MET_BITS = 30, 32
MET_MASK = (1 << MET_BITS) - 1


@allocating
def near_one_another(left, right, places):
    """Give the `n` rows of some pairs places, int64 (n,), such that the rows of a pair stand near one another.

    The next place goes to the row that has the largest share of its pairs with rows that have theirs, of equal ones to
    the one that was met last, and where none was met to the least: so families of copies, most of whose pairs are with
    one another, stay together, whatever ties them to others. A search for the maximum cardinality [Tarjan and
    Yannakakis 1984], but of shares. `left`, `right` int64 (n_pairs,) in 0..n, no pair twice.
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
    met, heap = np.empty(len(left), np.int64), np.empty(len(left), np.int64)
    n_met, n_waiting, n_placed, n_pairs_placed = 0, 0, 0, np.zeros(n_rows, np.int64)
    places[:] = -1
    for first in range(n_rows):
        row = first if places[first] < 0 else -1
        while row >= 0:
            places[row] = n_placed
            n_placed += 1
            for i in range(starts[row], starts[row + 1]):
                other = neighbors[i]
                if places[other] < 0:
                    n_pairs_placed[other] += 1
                    share = (n_pairs_placed[other] << SHARE_BITS) // (starts[other + 1] - starts[other])
                    met[n_met] = other
                    _push(share << MET_BITS | n_met, heap, n_waiting)
                    n_met, n_waiting = n_met + 1, n_waiting + 1
            row = -1
            while n_waiting > 0 and row < 0:
                n_waiting -= 1
                other = met[_pop(heap, n_waiting) & MET_MASK]
                row = other if places[other] < 0 else -1


@inner
def _push(value, heap, n):
    """Put a value into a heap of `n`, the largest on top."""
    at = n
    while at > 0 and heap[(at - 1) // 2] < value:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = value


@inner
def _pop(heap, n):
    """Take the largest out of a heap, of which `n` are left."""
    top, value, at = heap[0], heap[n], 0
    while 2 * at + 1 < n:
        child = 2 * at + 1
        child += child + 1 < n and heap[child + 1] > heap[child]
        if heap[child] <= value:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value
    return top


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
