"""Where a run's columns lie: in memory, or beyond a limit in files that are written as they grow and mapped when whole.

Pages of a mapped file belong to the system's cache; a thread gives them back whenever the process holds more memory
than it was told to. What has been committed survives a kill, and the next run of the same folder goes on from there.
"""

import json
import mmap
import os
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dedup.arrays import offsets
from dedup.errors import EngineError
from dedup.spans import read_spans

__all__ = ["Column", "Reader", "Store", "machine_bytes", "resident_bytes"]

MANIFEST = "run.json"
SMALL_BYTES = 1 << 22
"""Arrays of up to this much are never worth a file."""
SECONDS_BETWEEN_LOOKS = 0.01
SECONDS_WHEN_SHORT = 0.001
"""Between two looks once memory is short: a kernel that jumps about in a map is given 64 KB a microsecond."""
SECONDS_BETWEEN_COMMITS = 0.5
RELIEF = 0.5
"""Share of the memory from which on pages are given back; between two looks kernels touch hundreds of megabytes."""
LEAST_MAPPED = 0.25
"""Share of the memory that pages may have even so: a kernel that works on fewer would wait for them and do no more."""
BUFFER_BYTES = 1 << 20
NO_BOUND = 1 << 62

S = TypeVar("S", bound=np.generic)


class _Open(Protocol):
    n: int

    def extend(self, other: "Store") -> None: ...
    def leave(self, n_rows: int) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> EngineError | None: ...


class Store:
    """The columns of one run, as a context.

    The process holds at most about `memory_bytes`, half of the machine's memory when 0. Columns go to files in
    `folder`, a temporary one where none is given, from the first byte on where `keeps` and else when the memory
    reserved for columns is full: half of all while they fit into it, then a quarter. `disk_bytes` is the most that
    files may take, without bound when 0. `EngineError` when a file cannot be written or that is not enough.
    """

    def __init__(
        self, memory_bytes: int = 0, folder: Path | None = None, *, disk_bytes: int = 0, keeps: bool = False
    ) -> None:
        self.memory_bytes, self.disk_bytes = memory_bytes or machine_bytes() // 2, disk_bytes or NO_BOUND
        self.done: dict[str, int] = {}
        self.peak_bytes, self.n_disk_bytes = 0, 0
        self._committed_s = 0.0
        self._n_in_memory, self._limit = 0, 0 if keeps else self.memory_bytes // 2
        self._folder, self.keeps = folder, keeps
        self._columns: dict[str, _Open] = {}
        self._known: dict[str, int] = {}
        self._maps: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()
        self._mapping, self._is_short = threading.Lock(), False
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._stopped = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Store":
        if self.keeps:
            self._recall()
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._watcher.join()
        failures = [failure for column in self._columns.values() if (failure := column.close())]
        if self._temporary is not None:
            self._temporary.cleanup()
        if failures and error is None:
            raise failures[0]

    def column(self, name: str, dtype: type[S], width: int = 1) -> "Column[S]":
        """A new column, or what an earlier run has committed of it; of rows of `width` values when that is not 1."""
        column = Column(name, dtype, width, self, self._known.get(name, 0))
        self._columns[name] = column
        return column

    def extend(self, other: "Store") -> None:
        """Append to all columns what another store has of the same names."""
        for name, column in self._columns.items():
            if name in other._known:
                column.extend(other)

    def leave(self, name: str, n_rows: int) -> None:
        """Append rows to a column that others will `fill`."""
        self._columns[name].leave(n_rows)

    def fill(self, name: str, first: int, values: NDArray[S]) -> None:
        """Write rows that were left, from row `first` on; twice is as good as once."""
        try:
            with (self.folder() / f"{name}.column").open("r+b") as file:
                file.seek(first * values.itemsize)
                file.write(np.ascontiguousarray(values).data)
        except OSError as error:
            raise self.failure(error) from None

    def empty(self, n: int, dtype: type[S]) -> NDArray[S]:
        """An array for work in progress, whose values are not set."""
        n_bytes = n * np.dtype(dtype).itemsize
        if n_bytes <= SMALL_BYTES or n_bytes <= self._limit - self._n_in_memory:
            return np.empty(n, dtype)
        self.reserve(n_bytes)
        try:
            with tempfile.TemporaryFile(dir=self.folder()) as file:
                # A file with holes would end the process where the disk is full; this fails here and now.
                os.posix_fallocate(file.fileno(), 0, n_bytes)
                array: NDArray[S] = self.map(file.fileno(), n_bytes, dtype)
        except OSError as error:
            raise self.failure(error) from None
        weakref.finalize(array, self.reserve, -n_bytes)
        return array

    def advance(self, **done: int) -> None:
        """Note how far each part of the work is; committed every `SECONDS_BETWEEN_COMMITS`, each of which costs ms."""
        self.done |= done
        self.relieve()
        if time.monotonic() - self._committed_s > SECONDS_BETWEEN_COMMITS:
            self.commit()

    def commit(self, **done: int) -> None:
        """Let all columns, and how far each part of the work is, survive a kill."""
        self.done |= done
        self._committed_s = time.monotonic()
        if not self.keeps:
            return
        for column in self._columns.values():
            column.flush()
        # Of a run that goes on, columns that it has not come to yet hold what they held.
        columns = self._known | {name: column.n for name, column in self._columns.items()}
        manifest = {"done": self.done, "columns": columns}
        temporary = self.folder() / f"{MANIFEST}.tmp"
        try:
            temporary.write_text(json.dumps(manifest))
            os.replace(temporary, self.folder() / MANIFEST)
        except OSError as error:
            raise self.failure(error) from None

    def folder(self) -> Path:
        """Where files are; made when it is first asked for."""
        if self._folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="dedup-")
            self._folder = Path(self._temporary.name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self.failure(error) from None
        return self._folder

    def in_memory(self, n_bytes: int) -> bool:
        """Whether a column may hold so much more in memory; counted when it may."""
        fits = self._n_in_memory + n_bytes <= self._limit
        if not fits:
            # What is too large for it now will be larger yet, and so will be what is worked out from it.
            self._limit = min(self._limit, self.memory_bytes // 4)
        self._n_in_memory += n_bytes if fits else 0
        return fits

    def reserve(self, n_bytes: int) -> None:
        """Count bytes on disk."""
        self.n_disk_bytes += n_bytes
        if self.n_disk_bytes > self.disk_bytes:
            raise EngineError(f"work files need more than the {self.disk_bytes:,} bytes of disk that they may take")

    @property
    def held_bytes(self) -> int:
        """Memory that the process holds now."""
        return resident_bytes()

    def release(self, n_bytes: int) -> None:
        """Count bytes of memory that a column has given up."""
        self._n_in_memory -= n_bytes

    def map(self, descriptor: int, n_bytes: int, dtype: DTypeLike) -> NDArray[S]:
        """A file as an array; its pages are given back when memory runs short."""
        mapped = mmap.mmap(descriptor, n_bytes)
        with self._mapping:
            self._maps.add(mapped)
        return np.frombuffer(mapped, dtype)

    def failure(self, error: OSError) -> EngineError:
        """The error for a file that cannot be written."""
        return EngineError(f"cannot write work files in {self._folder}: {error.strerror or error}")

    def damage(self, found: str) -> EngineError:
        """The error for files of an earlier run that are not as it noted, as may be after a power failure."""
        return EngineError(f"work files are not whole: {found}; remove {self._folder} to begin anew")

    def _recall(self) -> None:
        path = self.folder() / MANIFEST
        try:
            manifest: Mapping[str, Mapping[str, int]] = json.loads(path.read_text())
            self.done, self._known = dict(manifest["done"]), dict(manifest["columns"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise self.damage(f"{MANIFEST} cannot be read: {error}") from None

    def relieve(self) -> None:
        """Give pages back if memory runs short: between two steps, as on a busy machine the thread comes too late."""
        held, mapped_bytes = _resident_bytes()
        self.peak_bytes = max(self.peak_bytes, held)
        self._is_short = held > RELIEF * self.memory_bytes
        if self._is_short and mapped_bytes > LEAST_MAPPED * self.memory_bytes:
            with self._mapping:
                maps = list(self._maps)
            for mapped in maps:
                mapped.madvise(mmap.MADV_DONTNEED)

    def _watch(self) -> None:
        while not self._stopped.wait(SECONDS_WHEN_SHORT if self._is_short else SECONDS_BETWEEN_LOOKS):
            self.relieve()


class Column(Generic[S]):
    """Values appended bit by bit, `n` rows so far."""

    def __init__(self, name: str, dtype: type[S], width: int, store: Store, n_known: int) -> None:
        self.n = n_known
        self._store, self._name, self._width = store, name, width
        self._values, self._is_lent = np.empty(0, dtype), False
        self._file: BinaryIO | None = None
        if store.keeps:
            self._open()

    def append(self, values: NDArray[S]) -> None:
        """Add rows; their values must lie in order."""
        values = np.ascontiguousarray(values, self._values.dtype).reshape(-1)
        if self._file is None and not self._store.in_memory(values.nbytes):
            self._open()
            self._write(self._values[: self.n * self._width])
            self._store.release(self.n * self._width * self._values.itemsize)
            self._values = self._values[:0].copy()
        if self._file is not None:
            self._write(values)
        else:
            self._grow(self.n * self._width + len(values))
            self._values[self.n * self._width :][: len(values)] = values
        self.n += len(values) // self._width

    def leave(self, n_rows: int) -> None:
        """Append rows that others write to the file; until then they are zeros."""
        n_bytes = n_rows * self._width * self._values.itemsize
        self._store.reserve(n_bytes)
        try:
            assert self._file is not None, "others can write to a file only"
            self._file.truncate(self._file.seek(n_bytes, os.SEEK_CUR))
        except OSError as error:
            raise self._store.failure(error) from None
        self.n += n_rows

    def extend(self, other: Store) -> None:
        """Append what another store has of the column."""
        self.append(other.column(self._name, self._values.dtype.type, self._width).array())

    def array(self) -> NDArray[S]:
        """All rows so far: (n,), or (n, width); it stays as it is whatever is appended later."""
        n_values = self.n * self._width
        values, self._is_lent = self._values[:n_values], True
        if self._file is not None and n_values:
            self.flush()
            values = self._store.map(self._file.fileno(), n_values * self._values.itemsize, self._values.dtype)
        return values.reshape(self.n, self._width) if self._width > 1 else values

    def reader(self) -> "Reader | None":
        """What reads bytes of it into memory; None where it is in memory."""
        self.flush()
        return Reader(self._path()) if self._file is not None else None

    def flush(self) -> None:
        """Hand what was appended to the system, which writes it even if the process is killed."""
        if self._file is not None:
            try:
                self._file.flush()
            except OSError as error:
                raise self._store.failure(error) from None

    def close(self) -> EngineError | None:
        """Append nothing more; arrays stay. Returns what went wrong with the last rows, if anything."""
        try:
            if self._file is not None:
                self._file.close()
        except OSError as error:
            return self._store.failure(error)
        return None

    def __del__(self) -> None:
        self.close()

    def _path(self) -> Path:
        return self._store.folder() / f"{self._name}.column"

    def _open(self) -> None:
        """Open the column's file behind the rows that are known; what was written after them was never committed."""
        path = self._path()
        n_bytes = self.n * self._width * self._values.itemsize if self._store.keeps else 0
        try:
            path.touch()
            self._file = path.open("r+b", buffering=BUFFER_BYTES)
            n_found = os.fstat(self._file.fileno()).st_size
            if n_found < n_bytes:
                raise self._store.damage(f"{path.name} has {n_found:,} of {n_bytes:,} bytes")
            self._file.truncate(n_bytes)
            self._file.seek(n_bytes)
        except OSError as error:
            raise self._store.failure(error) from None
        self._store.reserve(n_bytes)

    def _write(self, values: NDArray[S]) -> None:
        self._store.reserve(values.nbytes)
        try:
            assert self._file is not None
            self._file.write(values.data)
        except OSError as error:
            raise self._store.failure(error) from None

    def _grow(self, n_values: int) -> None:
        size = max(n_values, len(self._values) * 9 // 8)
        if n_values > len(self._values) and self._is_lent:
            # Somebody looks at the old room.
            room = np.empty(size, self._values.dtype)
            room[: len(self._values)] = self._values
            self._values, self._is_lent = room, False
        elif n_values > len(self._values):
            # The system moves pages, which costs little; but new room is written with zeros and takes memory.
            self._values.resize(size, refcheck=False)


class Reader:
    """Reads spans of a file: pages of a map that were touched count as memory of the process, sixteen for each."""

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise EngineError(f"cannot read {path}: {error.strerror or error}") from None
        self._path = path
        weakref.finalize(self, os.close, self._descriptor)

    def __call__(self, begins: NDArray[np.int64], ends: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
        """Write the bytes from each of `begins` to its end, end to end, into `out`. EngineError where they are not."""
        try:
            read_spans(self._descriptor, begins, ends, offsets(ends - begins)[:-1], out)
        except OSError as error:
            raise EngineError(f"cannot read {self._path}: {error.strerror or error}") from None
        except EOFError as error:
            raise EngineError(f"{self._path} {error}") from None


def machine_bytes() -> int:
    """Memory of the machine, or what its control group may use of it; 8 GB where the system does not say."""
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 8 << 30
    try:
        return min(found, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):
        return found


def resident_bytes() -> int:
    """Memory that this process holds now; 0 where the system does not say."""
    return _resident_bytes()[0]


def _resident_bytes() -> tuple[int, int]:
    """Memory that this process holds now, and how much of it are pages of files; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            words = file.read().split()
        return int(words[1]) * mmap.PAGESIZE, int(words[2]) * mmap.PAGESIZE
    except OSError:
        return 0, 0
