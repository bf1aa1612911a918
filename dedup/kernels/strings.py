"""Strings in order, where they lie as bytes end to end [Bentley and Sedgewick 1997: multikey quicksort]."""

import numpy as np

from dedup.kernels.compile import allocating, kernel
from dedup.kernels.sort import sort

__all__ = ["first_repeated", "sort_strings"]

FEW = 8


@kernel
def _byte(values, offsets, row, depth):
    """A byte of a string, counted from 1; 0 behind its end."""
    at = offsets[row] + depth
    return np.int64(values[at]) + 1 if at < offsets[row + 1] else 0


@kernel
def _is_less(values, offsets, first, second, depth):
    """Whether one string comes before another; both agree up to `depth`."""
    while True:
        a, b = _byte(values, offsets, first, depth), _byte(values, offsets, second, depth)
        if a != b:
            return a < b
        if a == 0:
            return first < second
        depth += 1


@kernel
def _sort_few(values, offsets, order, start, end, depth):
    """Sort `order[start:end]` by insertion."""
    for i in range(start + 1, end):
        row, at = order[i], i
        while at > start and _is_less(values, offsets, row, order[at - 1], depth):
            order[at] = order[at - 1]
            at -= 1
        order[at] = row


@allocating
def sort_strings(values, offsets, order):
    """Bring `order`, int64 rows of strings, into the order of the strings; equal ones in the order of their rows.

    `values` uint8, `offsets` int64 (n_strings + 1,).
    """
    stack = [(0, len(order), 0)]
    while len(stack) > 0:
        start, end, depth = stack.pop()
        if end - start <= FEW:
            _sort_few(values, offsets, order, start, end, depth)
            continue
        middle = _byte(values, offsets, order[start + (end - start) // 2], depth)
        low, at, high = start, start, end
        while at < high:
            row = order[at]
            byte = _byte(values, offsets, row, depth)
            if byte < middle:
                order[at], order[low] = order[low], row
                low += 1
                at += 1
            elif byte > middle:
                high -= 1
                order[at], order[high] = order[high], row
            else:
                at += 1
        stack.append((start, low, depth))
        stack.append((high, end, depth))
        if middle > 0:
            stack.append((low, high, depth + 1))
        else:
            sort(order[low:high], high - low)


@kernel
def first_repeated(values, offsets, order):
    """The first place in `order`, strings in their order, whose string is that of the next place; -1 for none."""
    for at in range(len(order) - 1):
        a, b = order[at], order[at + 1]
        size = offsets[a + 1] - offsets[a]
        if size != offsets[b + 1] - offsets[b]:
            continue
        k = 0
        while k < size and values[offsets[a] + k] == values[offsets[b] + k]:
            k += 1
        if k == size:
            return at
    return -1
