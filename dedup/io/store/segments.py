"""A segment: the postings of a range of documents in files that are never changed, each array in a file of its own."""

import json
import os
import shutil
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Hashes, Positions, Rows
from dedup.io.disk import sync_folder
from dedup.io.store.values import Fault
from dedup.kernels import postings as kernel

__all__ = ["Segment", "build", "column_addresses", "fault", "merge", "open_segment"]

Array = NDArray[Any]
COLUMNS = ("numbers", "seen_s", "dates_s", "sites", "n_fingerprints", "signatures")
ENTRIES = ("fence", "lows", "rows")
BUCKET_ENTRIES = 32
LEAST_BITS, MOST_BITS = 16, 28
SUMMARY = "summary.json"
CHUNK_TOPS = 1 << 10
"""A merge goes through the 65,536 values of a key's top 16 bits in as many steps as this."""
CHECK_BYTES = 1 << 24


@dataclass(slots=True)
class Segment:
    """Documents with their traits, a row each, and the rows that hold each key; `alive` uint8 (n_rows,) may change."""

    name: str
    numbers: Rows
    seen_s: Rows
    dates_s: Rows
    sites: Hashes
    n_fingerprints: Positions
    signatures: Array
    fence: Array
    lows: Array
    rows: Array
    alive: Array
    all_alive: bool = field(init=False, default=True)

    def __len__(self) -> int:
        return len(self.numbers)

    def addresses(self) -> list[int]:
        """Where everything lies, as `kernels.runs` has it."""
        shift = 32 - (len(self.fence) - 1).bit_length() + 1
        alive = 0 if self.all_alive else _address(self.alive)
        found = map(_address, (self.lows, self.rows))
        return [_address(self.fence), shift, *found, alive, *column_addresses(self), len(self), len(self.rows)]

    def column(self, name: str) -> Array:
        """One of `COLUMNS`, or `alive`."""
        values: Array = getattr(self, name)
        return values

    def places(self, numbers: Rows) -> Rows:
        """The rows of some numbers, -1 where they are not here."""
        if not len(self.numbers):
            return np.full(len(numbers), -1)
        at = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[at] == numbers, at, -1)

    def bury(self, numbers: Rows) -> None:
        """Mark documents as removed."""
        rows = self.places(numbers)
        self.alive[rows[rows >= 0]] = 0
        self.all_alive = bool(self.alive.all())


class Columns(Protocol):
    """What has columns of documents."""

    def column(self, name: str) -> Array:
        """One of `COLUMNS`."""


def column_addresses(part: Columns) -> list[int]:
    """Where the numbers, sites, numbers of fingerprints and signatures of a part lie."""
    return [_address(part.column(name)) for name in ("numbers", "sites", "n_fingerprints", "signatures")]


def _address(values: Array) -> int:
    address: int = values.__array_interface__["data"][0]
    return address


def open_segment(folder: Path, name: str) -> Segment:
    """A segment whose arrays are read where they lie; OSError, ValueError, LookupError where they are not what it says.

    What lies in them is for `fault` to check, as that reads all of it.
    """
    summary = json.loads((folder / name / SUMMARY).read_text(encoding="utf-8"))
    arrays = {array: _mapped(folder / name / array, about) for array, about in summary.items()}
    alive = np.ones(len(arrays["numbers"]), np.uint8)
    return Segment(name=name, alive=alive, **{array: arrays[array] for array in (*COLUMNS, *ENTRIES)})


def _mapped(path: Path, about: dict[str, Any]) -> Array:
    shape = tuple(about["shape"])
    if 0 in shape:
        return np.zeros(shape, about["dtype"])
    return np.memmap(path, np.dtype(about["dtype"]), "r", shape=shape).view(np.ndarray)


def build(folder: Path, name: str, columns: Sequence[Array], packed: NDArray[np.uint64], most: int) -> None:
    """Write a segment from its columns, in the order of `COLUMNS`, and its entries, key << 32 | row, in any order."""
    with _Writer(folder, name) as writer:
        for column, values in zip(COLUMNS, columns, strict=True):
            writer.write(column, values)
        packed.sort()
        _lay_out(writer, [packed], len(packed), most)


def merge(
    folder: Path, name: str, parts: Sequence[Segment], most: int, is_stopped: Callable[[], bool] = lambda: False
) -> bool:
    """Write one segment of the living documents of several, in their order; False when stopped on the way."""
    with _Writer(folder, name) as writer:
        kept = [np.flatnonzero(part.alive) for part in parts]
        for column in COLUMNS:
            writer.write(
                column, np.concatenate([getattr(part, column)[k] for part, k in zip(parts, kept, strict=True)])
            )
        n_entries = sum(len(part.rows) for part in parts)
        chunks = (packed for packed in _merged(parts, kept) if not is_stopped())
        _lay_out(writer, chunks, n_entries, most)
        if is_stopped():
            writer.abandon()
            return False
    return True


def _merged(parts: Sequence[Segment], kept: Sequence[Rows]) -> Any:
    """The entries of all parts with their new rows, sorted, a range of keys at a time."""
    renumbered, base = list[Array](), 0
    for part, rows in zip(parts, kept, strict=True):
        new = np.full(len(part), -1, np.int32)
        new[rows] = np.arange(base, base + len(rows), dtype=np.int32)
        renumbered.append(new)
        base += len(rows)
    step = (1 << LEAST_BITS) // CHUNK_TOPS
    for first in range(0, 1 << LEAST_BITS, step):
        packed = np.empty(sum(_n_between(part, first, first + step) for part in parts), np.uint64)
        n = 0
        for part, new in zip(parts, renumbered, strict=True):
            n += kernel.gather_run(part.fence, part.lows, part.rows, first, first + step, new, packed[n:])
        packed[:n].sort()
        yield packed[:n]


def _n_between(part: Segment, first: int, last: int) -> int:
    extra = (len(part.fence) - 1).bit_length() - 1 - LEAST_BITS
    return int(part.fence[last << extra]) - int(part.fence[first << extra])


def _lay_out(writer: "_Writer", chunks: Any, n_entries: int, most: int) -> None:
    bits = min(max((n_entries // BUCKET_ENTRIES).bit_length(), LEAST_BITS), MOST_BITS)
    fence = np.zeros((1 << bits) + 1, np.uint32)
    for packed in chunks:
        lows, rows = np.empty(len(packed), np.uint16), np.empty(len(packed), np.uint32)
        n = kernel.lay_out(packed, most, 32 - bits, fence, lows, rows)
        writer.write("lows", lows[:n])
        writer.write("rows", rows[:n])
    writer.write("fence", np.cumsum(fence, dtype=np.uint32, out=fence))


def fault(folder: Path, name: str) -> Fault | None:
    """What is wrong with a segment's files, if anything."""
    try:
        summary = json.loads((folder / name / SUMMARY).read_text(encoding="utf-8"))
        for array, about in summary.items():
            if _checksum(folder / name / array) != about["crc32"]:
                return Fault(f"{name}/{array}", "its checksum differs from what was written")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Fault(name, f"cannot be read: {error}")
    return None


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while part := file.read(CHECK_BYTES):
            checksum = zlib.crc32(part, checksum)
    return checksum


class _Writer:
    """The files of a segment in the making, in a folder that takes its name when all are on the disk."""

    def __init__(self, folder: Path, name: str) -> None:
        self._target, self._folder = folder / name, folder / f"{name}.tmp"
        self._files: dict[str, Any] = {}
        self._summary: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> "_Writer":
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        return self

    def write(self, array: str, values: Array) -> None:
        """Append to an array."""
        if array not in self._files:
            self._files[array] = (self._folder / array).open("wb")
            self._summary[array] = {"dtype": values.dtype.str, "shape": [0, *values.shape[1:]], "crc32": 0}
        about, content = self._summary[array], np.ascontiguousarray(values).reshape(-1).view(np.uint8).data
        about["shape"][0] += len(values)
        about["crc32"] = zlib.crc32(content, about["crc32"])
        self._files[array].write(content)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self.abandon()
            return
        if not self._files:
            return
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
        self._close()
        with (self._folder / SUMMARY).open("w", encoding="utf-8") as file:
            json.dump(self._summary, file)
            file.flush()
            os.fsync(file.fileno())
        shutil.rmtree(self._target, ignore_errors=True)
        os.replace(self._folder, self._target)
        sync_folder(self._target.parent)

    def _close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()
