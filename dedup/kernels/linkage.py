"""Average linkage over the pairs that were measured, by groups whose links are merged as they join.

Means are compared in whole units, so that the order in which confidences were added does not decide.
"""

import numpy as np

from dedup.kernels.compile import allocating, kernel

__all__ = ["link"]

SPREAD = np.uint64(0x9E3779B97F4A7C15)
UNITS = 1e9
"""Units of a mean to 1."""


@kernel
def _mean(total, count):
    return np.int64(np.rint(total / count * UNITS))


@kernel
def _place(first, second, mask):
    """Where the link of two groups is looked for first, whatever their order."""
    low, high = np.uint64(min(first, second)), np.uint64(max(first, second))
    return np.int64(((low * SPREAD ^ high) * SPREAD >> np.uint64(20)) & np.uint64(mask))


@kernel
def _find(table, ends, is_alive, first, second):
    """The link between two groups, -1 where there is none; `ends` int64 (n_links, 2), `is_alive` uint8 (n_links,)."""
    mask = len(table) - 1
    at = _place(first, second, mask)
    while table[at] >= 0:
        which = table[at]
        a, b = ends[which, 0], ends[which, 1]
        if is_alive[which] and ((a == first and b == second) or (a == second and b == first)):
            return which
        at = at + 1 & mask
    return np.int64(-1)


@kernel
def _enter(table, ends, is_alive, which):
    """Enter a link by its ends, in the place of a dead one or a free one; return how many free ones were taken."""
    mask = len(table) - 1
    at = _place(ends[which, 0], ends[which, 1], mask)
    while table[at] >= 0 and is_alive[table[at]]:
        at = at + 1 & mask
    n_free = 1 if table[at] < 0 else 0
    table[at] = which
    return n_free


@kernel
def _enter_all(table, ends, is_alive):
    table[:] = -1
    n = 0
    for which in range(len(ends)):
        if is_alive[which]:
            n += _enter(table, ends, is_alive, which)
    return n


@kernel
def _precedes(heap, i, j):
    """Whether entry i (mean, pair of names) comes before entry j: the higher mean, then the lesser names."""
    return heap[i, 0] > heap[j, 0] or (heap[i, 0] == heap[j, 0] and heap[i, 1] < heap[j, 1])


@kernel
def _swap(heap, i, j):
    for side in range(2):
        kept = heap[i, side]
        heap[i, side] = heap[j, side]
        heap[j, side] = kept


@allocating
def _push(heap, n, mean, first, second):
    """Add an entry to a heap of n entries, int64 (room, 2); return the heap, with more room if it was full."""
    if n == len(heap):
        grown = np.empty((2 * n, 2), np.int64)
        grown[:n] = heap
        heap = grown
    heap[n, 0], heap[n, 1] = mean, min(first, second) << 32 | max(first, second)
    at = n
    while at > 0 and _precedes(heap, at, (at - 1) // 2):
        _swap(heap, at, (at - 1) // 2)
        at = (at - 1) // 2
    return heap


@kernel
def _pop(heap, n):
    """Move the first of n entries to the end, and the others into the order of a heap."""
    n -= 1
    _swap(heap, 0, n)
    at = 0
    while 2 * at + 1 < n:
        child = 2 * at + 1
        if child + 1 < n and _precedes(heap, child + 1, child):
            child += 1
        if not _precedes(heap, child, at):
            break
        _swap(heap, at, child)
        at = child


@allocating
def _listed(ends, n_rows):
    """The links of each row as a list of cells, link i having cells 2 i and 2 i + 1: the next, the first, the last."""
    following = np.full(2 * len(ends) + 1, -1, np.int64)
    first, last = np.full(n_rows, -1, np.int64), np.full(n_rows, -1, np.int64)
    for cell in range(2 * len(ends)):
        _append(following, first, last, ends[cell >> 1, cell & 1], cell)
    return following, first, last


@kernel
def _append(following, first, last, row, cell):
    following[cell] = -1
    if first[row] < 0:
        first[row] = cell
    else:
        following[last[row]] = cell
    last[row] = cell


@allocating
def link(left, right, confidence, floor, groups):
    """Write the group of each row into `groups`, int64 (n_rows,), by its least row.

    The two groups with the highest mean confidence of the pairs between them join, of equal ones those of the least
    rows, and again, as long as that mean is at least `floor` [Sokal and Michener 1958]. `left` and `right` int64,
    `confidence` float64, all (n_pairs,), each pair once. A group is called by its least row, and of two that join the
    other one's links change hands: the least row of a group changes seldom, so few links change hands often.
    """
    n_links, n_rows = len(left), len(groups)
    ends = np.empty((n_links, 2), np.int64)
    ends[:, 0], ends[:, 1] = left, right
    totals, counts, is_alive = confidence.copy(), np.ones(n_links, np.int64), np.ones(n_links, np.uint8)
    n_slots = 8
    while n_slots < 4 * n_links:
        n_slots *= 2
    table = np.empty(n_slots, np.int64)
    n_taken = _enter_all(table, ends, is_alive)
    following, first, last = _listed(ends, n_rows)
    heap, n_heap = np.empty((n_links + 1, 2), np.int64), 0
    for i in range(n_links):
        if _mean(totals[i], 1) / UNITS >= floor:
            heap = _push(heap, n_heap, _mean(totals[i], 1), left[i], right[i])
            n_heap += 1
    for row in range(n_rows):
        groups[row] = row
    while n_heap > 0:
        _pop(heap, n_heap)
        n_heap -= 1
        mean, kept, gone = heap[n_heap, 0], heap[n_heap, 1] >> 32, heap[n_heap, 1] & 0xFFFFFFFF
        joint = _find(table, ends, is_alive, kept, gone)
        if joint < 0 or _mean(totals[joint], counts[joint]) != mean:
            continue
        is_alive[joint] = 0
        groups[gone] = kept
        cell = first[gone]
        while cell >= 0:
            own, following_cell = cell >> 1, following[cell]
            if is_alive[own]:
                other = ends[own, 0] + ends[own, 1] - gone
                met = _find(table, ends, is_alive, kept, other)
                if met >= 0:
                    totals[met] += totals[own]
                    counts[met] += counts[own]
                    is_alive[own] = 0
                else:
                    met = own
                    ends[own, 0 if ends[own, 0] == gone else 1] = kept
                    _append(following, first, last, kept, cell)
                    n_taken += _enter(table, ends, is_alive, own)
                    if 4 * n_taken > 3 * n_slots:
                        n_taken = _enter_all(table, ends, is_alive)
                if _mean(totals[met], counts[met]) / UNITS >= floor:
                    heap = _push(heap, n_heap, _mean(totals[met], counts[met]), kept, other)
                    n_heap += 1
            cell = following_cell
    # A group's own is never greater than itself, so one pass from the least on is enough.
    for row in range(n_rows):
        groups[row] = groups[groups[row]]
