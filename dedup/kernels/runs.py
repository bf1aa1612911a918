"""Posting lists of many runs at once: one call, however many segments an index has.

What is searched is a table of addresses, uint64 (n_parts, `FIELDS`), a row each part, in the order of their numbers;
the last may be the tail, whose `FENCE` is 0, as its lists are found by `postings`. Of the entries of a run `LOWS`
uint16 and `ROWS` uint32 are the low 16 bits of the key and the row; the rows' columns are as in `Postings`; `ALIVE` is
0 where all are alive. Entries and rows beyond `ENTRIES` and `LENGTH`, which damaged files may name, are passed over:
then fewer rows are collected than were counted.
"""

import numpy as np

from dedup.kernels.compile import allocating, inner, kernel
from dedup.kernels.machine import load8, load16, load32, load64

__all__ = ["FIELDS", "collect_runs", "count_runs", "describe", "locate", "traits"]

FENCE, SHIFT, LOWS, ROWS, ALIVE, NUMBERS, SITES, COUNTS, SIGNATURES, LENGTH, ENTRIES = range(11)
FIELDS = 11
ONE, TWO, FOUR, EIGHT = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(8)
LOW = np.uint64(0xFFFF)
PART = np.int64(32)
ROW = np.int64(0xFFFFFFFF)


@kernel
def _bounds(keys, part, bounds):
    """Write where the bucket of each key begins and ends, and where in it the key would stand.

    Keys lie far apart in memory. Loops that do nothing but load let the waits for them overlap.
    """
    fence, shift, lows, heads = part[FENCE], part[SHIFT], part[LOWS], np.uint64(0)
    for i in range(len(keys)):
        at = fence + FOUR * (np.uint64(keys[i]) >> shift)
        bounds[i, 0], bounds[i, 1] = load32(at), min(load32(at + FOUR), part[ENTRIES])
    for i in range(len(keys)):
        if bounds[i, 0] < bounds[i, 1]:
            heads += load16(lows + TWO * bounds[i, 0])
    return heads


@kernel
def _first(low, begin, end, lows):
    """The first entry of a bucket that is not below `low`."""
    while begin < end and load16(lows + TWO * begin) < low:
        begin += ONE
    return begin


@inner
def _lives(row, part):
    """Whether there is such a row, and it is alive."""
    return row < part[LENGTH] and (part[ALIVE] == 0 or load8(part[ALIVE] + row) != 0)


@allocating
def count_runs(keys, parts, most, counts):
    """Add to `counts` how many living rows hold each key; a count beyond `most` need not be exact. All (n_keys,)."""
    bounds = np.empty((len(keys), 2), np.uint64)
    heads = np.uint64(0)
    for p in range(len(parts)):
        part = parts[p]
        if part[FENCE] == 0:
            continue
        heads += _bounds(keys, part, bounds)
        lows, rows, alive = part[LOWS], part[ROWS], part[ALIVE]
        for i in range(len(keys)):
            low, end = np.uint64(keys[i]) & LOW, bounds[i, 1]
            at = _first(low, bounds[i, 0], end, lows)
            while at < end and load16(lows + TWO * at) == low and counts[i] <= most[i]:
                if alive == 0 or _lives(load32(rows + FOUR * at), part):
                    counts[i] += 1
                at += ONE
    return heads


@kernel
def collect_runs(keys, parts, wanted, starts, taken, out):
    """Write the holders of each key into `out` int64, from `starts[i]` on: part << 32 | row.

    `taken` int32 (n_keys,) counts what is written, of which no key gets more than `wanted` int32 (n_keys,) says.
    """
    for p in range(len(parts)):
        part = parts[p]
        fence, shift, lows, rows = part[FENCE], part[SHIFT], part[LOWS], part[ROWS]
        if fence == 0:
            continue
        for i in range(len(keys)):
            if taken[i] >= wanted[i]:
                continue
            bucket = fence + FOUR * (np.uint64(keys[i]) >> shift)
            low, end = np.uint64(keys[i]) & LOW, min(load32(bucket + FOUR), part[ENTRIES])
            at = _first(low, load32(bucket), end, lows)
            while at < end and load16(lows + TWO * at) == low and taken[i] < wanted[i]:
                row = load32(rows + FOUR * at)
                if _lives(row, part):
                    out[starts[i] + taken[i]] = np.int64(p) << PART | np.int64(row)
                    taken[i] += 1
                at += ONE


@kernel
def describe(handles, parts, numbers, sites):
    """Write the number and the site of each part << 32 | row; all (n,)."""
    for i in range(len(handles)):
        p, row = handles[i] >> PART, np.uint64(handles[i] & ROW)
        numbers[i] = np.int64(load64(parts[p, NUMBERS] + EIGHT * row))
    for i in range(len(handles)):
        p, row = handles[i] >> PART, np.uint64(handles[i] & ROW)
        sites[i] = load64(parts[p, SITES] + EIGHT * row)


@kernel
def locate(numbers, parts, out):
    """Write where each number stands, part << 32 | row, or -1, into `out` int64 (n,)."""
    for i in range(len(numbers)):
        out[i] = -1
        number = np.uint64(numbers[i])
        p = len(parts) - 1
        while p >= 0 and (parts[p, LENGTH] == 0 or load64(parts[p, NUMBERS]) > number):
            p -= 1
        if p < 0:
            continue
        low, high = np.uint64(0), parts[p, LENGTH]
        while low < high:
            middle = low + (high - low) // TWO
            if load64(parts[p, NUMBERS] + EIGHT * middle) < number:
                low = middle + ONE
            else:
                high = middle
        if low < parts[p, LENGTH] and load64(parts[p, NUMBERS] + EIGHT * low) == number:
            out[i] = np.int64(p) << PART | np.int64(low)


@kernel
def traits(handles, parts, signatures, counts, sites):
    """Write the traits of each part << 32 | row; -1 leaves what stands there. `signatures` uint8 (n, n_hashes)."""
    n_hashes = signatures.shape[1]
    for i in range(len(handles)):
        if handles[i] < 0:
            continue
        p, row = handles[i] >> PART, np.uint64(handles[i] & ROW)
        counts[i] = np.int32(load32(parts[p, COUNTS] + FOUR * row))
        sites[i] = load64(parts[p, SITES] + EIGHT * row)
        address = parts[p, SIGNATURES] + row * np.uint64(n_hashes)
        for place in range(n_hashes):
            signatures[i, place] = np.uint8(load8(address + np.uint64(place)))
