"""The newest documents of an index, in memory: what a segment holds of older ones."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Positions, Rows
from dedup.io.store import segments
from dedup.io.store.values import Keys, Postings, Traits
from dedup.kernels import postings as kernel

__all__ = ["Tail"]

ROOM = 1 << 10
Array = NDArray[Any]


class Tail:
    """Postings that grow by the step."""

    def __init__(self, n_hashes: int) -> None:
        self.n_rows = self.n_entries = 0
        self._columns: dict[str, Array] = {
            "numbers": np.empty(0, np.int64), "seen_s": np.empty(0, np.int64), "dates_s": np.empty(0, np.int64),
            "sites": np.empty(0, np.uint64), "n_fingerprints": np.empty(0, np.int32),
            "signatures": np.empty((0, n_hashes), np.uint8), "alive": np.empty(0, np.uint8),
        }  # fmt: skip
        self._slots = np.full(2 * ROOM, kernel.EMPTY, np.uint32)
        self._lists = np.empty((ROOM, 4), np.uint32)
        self._entries = np.empty((ROOM, 2), np.uint32)
        self._state = np.zeros(2, np.int64)
        self._all_alive = True

    def __len__(self) -> int:
        return self.n_rows

    def column(self, name: str) -> Array:
        """One of `numbers`, `seen_s`, `dates_s`, `sites`, `n_fingerprints`, `signatures`, `alive`."""
        return self._columns[name][: self.n_rows]

    def append(self, postings: Postings) -> None:
        """Take in what a step has written."""
        n, first = len(postings.numbers), self.n_rows
        values = {
            "numbers": postings.numbers, "seen_s": postings.seen_s, "dates_s": postings.dates_s,
            "sites": postings.traits.sites, "n_fingerprints": postings.traits.n_fingerprints,
            "signatures": postings.traits.signatures, "alive": np.ones(n, np.uint8),
        }  # fmt: skip
        for name, added in values.items():
            self._columns[name] = _with_room(self._columns[name], first, first + n)
            self._columns[name][first : first + n] = added
        rows = np.repeat(np.arange(first, first + n, dtype=np.uint32), np.diff(postings.offsets))
        self._make_room(len(rows))
        kernel.insert(postings.keys, rows, self._slots, self._lists, self._entries, self._state)
        self.n_rows, self.n_entries = first + n, int(self._state[1])

    def _make_room(self, n_more: int) -> None:
        n_lists, n_entries = self._state.tolist()
        self._lists = _with_room(self._lists, n_lists, n_lists + n_more)
        self._entries = _with_room(self._entries, n_entries, n_entries + n_more)
        if len(self._slots) < 2 * (n_lists + n_more):
            self._slots = np.full(1 << (2 * (n_lists + n_more)).bit_length(), kernel.EMPTY, np.uint32)
            kernel.resize(self._slots, self._lists, n_lists)

    def count(self, keys: Keys, most: Positions, counts: Positions) -> None:
        """Add how many living rows hold each key."""
        kernel.count_table(keys, *self._table(), self._all_alive, most, counts)

    def collect(self, keys: Keys, wanted: Positions, starts: Rows, taken: Positions, out: Rows, part: int) -> None:
        """Write the rows that hold each key, with `part`, into `out`, as `runs.collect_runs` does."""
        kernel.collect_table(keys, *self._table(), wanted, starts, taken, part, out)

    def addresses(self) -> list[int]:
        """Where its columns lie, as `kernels.runs` has it."""
        return [0, 0, 0, 0, 0, *segments.column_addresses(self), self.n_rows, 0]

    def _table(self) -> tuple[Array, Array, Array, Array]:
        return self._slots, self._lists, self._entries, self._columns["alive"]

    def places(self, numbers: Rows) -> Rows:
        """The rows of some numbers, -1 where they are not here."""
        own = self.column("numbers")
        if not len(own):
            return np.full(len(numbers), -1)
        at = np.minimum(np.searchsorted(own, numbers), len(own) - 1)
        return np.where(own[at] == numbers, at, -1)

    def traits(self, rows: Rows) -> Traits:
        """Traits of some rows."""
        return Traits(**{name: self.column(name)[rows] for name in ("signatures", "n_fingerprints", "sites")})

    def bury(self, numbers: Rows) -> None:
        """Mark documents as removed."""
        rows = self.places(numbers)
        self._columns["alive"][rows[rows >= 0]] = 0
        self._all_alive = bool(self.column("alive").all())

    def packed(self) -> NDArray[np.uint64]:
        """All entries: key << 32 | row."""
        n_lists, n_entries = self._state.tolist()
        out = np.empty(n_entries, np.uint64)
        kernel.pack_table(self._lists[:n_lists], self._entries, out)
        return out


def _with_room(values: Array, n_used: int, n_wanted: int) -> Array:
    """The array itself or a longer one with the same beginning."""
    if n_wanted <= len(values):
        return values
    longer = np.empty((max(n_wanted, 2 * len(values)), *values.shape[1:]), values.dtype)
    longer[:n_used] = values[:n_used]
    return longer
