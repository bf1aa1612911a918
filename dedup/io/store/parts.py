"""What is searched of a store: segments, the oldest first, and the tail behind them, each asked in one call for all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Positions, Rows
from dedup.errors import StoreError
from dedup.io.store import segments
from dedup.io.store.segments import Segment
from dedup.io.store.tail import Tail
from dedup.io.store.values import UNDATED, Hits, Keys, Traits
from dedup.kernels import runs as kernel

__all__ = ["Parts", "is_full", "segment_of"]

SEGMENT_ROWS, SEGMENT_ENTRIES = 1 << 14, 1 << 22
"""A tail of so many documents or entries becomes a segment."""


class Parts:
    """Segments and the tail of one moment; what they hold does not change but for what is buried."""

    def __init__(self, segments: Sequence[Segment], tail: Tail) -> None:
        self.segments, self.tail = list(segments), tail
        self._addresses: NDArray[np.uint64] = np.empty((0, kernel.FIELDS), np.uint64)
        self.renew()

    def renew(self) -> None:
        """Look again where everything lies, after an append or a burial."""
        rows = [part.addresses() for part in self._all()]
        self._addresses = np.array(rows, np.uint64).reshape(-1, kernel.FIELDS)

    def _all(self) -> list[Segment | Tail]:
        return [*self.segments, self.tail]

    def find(self, keys: Keys, most: Positions, is_rare: NDArray[np.bool_]) -> Hits:
        """Who holds each key, the oldest first: counted everywhere before any is taken."""
        counts, taken = np.zeros(len(keys), np.int32), np.zeros(len(keys), np.int32)
        kernel.count_runs(keys, self._addresses, most, counts)
        self.tail.count(keys, most, counts)
        wanted = np.where(counts <= most, counts, np.where(is_rare, 0, most)).astype(np.int32)
        starts = np.zeros(len(keys) + 1, np.int64)
        np.cumsum(wanted, out=starts[1:])
        handles = np.empty(int(starts[-1]), np.int64)
        kernel.collect_runs(keys, self._addresses, wanted, starts, taken, handles)
        self.tail.collect(keys, wanted, starts, taken, handles, len(self.segments))
        if (taken != wanted).any():
            raise StoreError(
                "the index is damaged: lists name documents that are not there; `dedup index verify` says where"
            )
        numbers, sites = np.empty(len(handles), np.int64), np.empty(len(handles), np.uint64)
        kernel.describe(handles, self._addresses, numbers, sites)
        return Hits(counts=counts, starts=starts, numbers=numbers, sites=sites)

    def traits(self, numbers: Rows, n_hashes: int) -> Traits:
        """Traits of some documents; zeros where one is not here."""
        found = Traits(
            signatures=np.zeros((len(numbers), n_hashes), np.uint8), n_fingerprints=np.zeros(len(numbers), np.int32),
            sites=np.zeros(len(numbers), np.uint64),
        )  # fmt: skip
        if len(numbers):
            handles = np.empty(len(numbers), np.int64)
            kernel.locate(numbers, self._addresses, handles)
            kernel.traits(handles, self._addresses, found.signatures, found.n_fingerprints, found.sites)
        return found

    def bury(self, numbers: Rows) -> None:
        """Mark documents as removed."""
        if len(numbers):
            for part in self._all():
                part.bury(numbers)
            self.renew()

    def older(self, than_s: float, by: Literal["seen", "date"]) -> Rows:
        """Numbers of all documents that came, or are dated, before `than_s`."""
        found = [np.empty(0, np.int64)]
        for part in self._all():
            moments = part.column("seen_s" if by == "seen" else "dates_s")
            old = (moments < than_s) & (moments != UNDATED) & (part.column("alive") > 0)
            found.append(part.column("numbers")[old])
        return np.concatenate(found)

    def living(self) -> Rows:
        """Numbers of all that can be found, ascending."""
        return np.concatenate([part.column("numbers")[part.column("alive") > 0] for part in self._all()])


def is_full(tail: Tail) -> bool:
    """Whether a tail is to become a segment."""
    return len(tail) >= SEGMENT_ROWS or tail.n_entries >= SEGMENT_ENTRIES


def segment_of(folder: Path, name: str, tail: Tail, most: int) -> Segment:
    """Write a segment of a tail."""
    columns = [tail.column(column) for column in segments.COLUMNS]
    segments.build(folder, name, columns, tail.packed(), most)
    new = segments.open_segment(folder, name)
    new.bury(tail.column("numbers")[tail.column("alive") == 0])
    return new
