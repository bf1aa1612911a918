"""Spans of a file into memory, with no map of it: pages of a map that were touched count as memory of the process."""

import os

import numpy as np

from dedup.arrays import Bytes, Rows

__all__ = ["read_spans"]

NO_WAIT = getattr(os, "RWF_NOWAIT", 0)
"""Read what is in the system's memory, and nothing else."""


def read_spans(descriptor: int, begins: Rows, ends: Rows, places: Rows, out: Bytes) -> None:
    """Write the bytes from each of `begins` to its end into `out`, from its one of `places` on; all (n_spans,).

    What is one run in the file and in `out` is read at once. What the system has to fetch from the disk it is asked for
    before any of it is waited for, as a disk fetches many at once. Raises `EOFError` where the file ends before a span
    does, and `OSError`.
    """
    joined = np.flatnonzero((begins[1:] == ends[:-1]) & (places[1:] - places[:-1] == ends[:-1] - begins[:-1]))
    firsts, lasts, at = np.delete(begins, joined + 1), np.delete(ends, joined), np.delete(places, joined + 1)
    room, left = out.data, []
    for first, last, place in zip(firsts.tolist(), lasts.tolist(), at.tolist(), strict=True):
        try:
            n = os.preadv(descriptor, [room[place : place + last - first]], first, NO_WAIT) if NO_WAIT else 0
        except OSError:
            n = 0
        if n < last - first:
            left.append((first + n, last, place + n))
    for first, last, _ in left if NO_WAIT else ():
        os.posix_fadvise(descriptor, first, last - first, os.POSIX_FADV_WILLNEED)
    for first, last, place in left:
        while first < last:
            n = os.preadv(descriptor, [room[place : place + last - first]], first)
            if not n:
                raise EOFError(f"ends before byte {last:,}")
            first, place = first + n, place + n
