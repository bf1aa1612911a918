"""RocksDB: keys and values in a few tables, written together and durable when a write returns."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from dedup.errors import StoreError
from dedup.io.store.scratch import Scratch

__all__ = ["Batch", "Ledger", "Table", "check_installed"]

Table = Literal["documents", "names", "tail"]
TABLES: tuple[Table, ...] = ("documents", "names", "tail")
BLOCK_BYTES = 4096
"""Of the documents: blocks of 16 KB took twice as long to read and were a tenth smaller without a dictionary."""
DICTIONARY_BYTES = 16_384
CACHE_BYTES = 64 << 20
BUFFER_BYTES = 16 << 20
SMALL_BYTES, MOST_SMALL = 4 << 20, 16
"""Files below this size are joined where more than so many of them follow one another."""
NOTE = "rocksdict-config.json"
"""What rocksdict writes beside the files of a database whenever it opens one, for a reader too."""


class Batch:
    """Puts and deletes that a ledger writes all or none of."""

    def __init__(self) -> None:
        self.puts: list[tuple[Table, bytes, bytes]] = []
        self.deletes: list[tuple[Table, bytes]] = []

    def put(self, table: Table, key: bytes, value: bytes) -> None:
        """Set a value."""
        self.puts.append((table, key, value))

    def delete(self, table: Table, key: bytes) -> None:
        """Forget a key; deletes come before all puts."""
        self.deletes.append((table, key))


class Ledger:
    """One writer, or any number of readers beside it that see what was complete at their last `refresh`."""

    def __init__(self, path: Path, *, read_only: bool, synced: bool) -> None:
        rocksdict = _package()
        if read_only and not (path / "CURRENT").exists():
            # RocksDB would name a file of its own, or make one.
            raise StoreError(f"index {path.parent} is not complete: {path} holds no records yet, or has lost them")
        self._scratch = Scratch("dedup-reader-") if read_only else None
        mode = rocksdict.AccessType.secondary(str(self._scratch.path)) if self._scratch else None
        self._path, self._place, self._written = path, path, list[tuple[str, int]]()
        if self._scratch and not os.access(path, os.W_OK):
            self._place = self._scratch.path / "links"
        families = {name: _options(name) for name in TABLES}
        try:
            self._link()
            self._database = rocksdict.Rdict(
                str(self._place),
                _options("names"),
                column_families=families,
                access_type=mode or rocksdict.AccessType.read_write(),
            )
        except Exception as error:
            if self._scratch:
                self._scratch.close()
            raise StoreError(_opening(path, error)) from None
        self._tables = {name: self._database.get_column_family(name) for name in TABLES}
        self._handles = {name: self._database.get_column_family_handle(name) for name in TABLES}
        self._durable = rocksdict.WriteOptions()
        self._durable.sync = synced
        self._rocksdict = rocksdict
        if not read_only:
            self._join()

    def get(self, table: Table, keys: Sequence[bytes]) -> list[bytes | None]:
        """The value of each key."""
        with _named(self._path, "read"):
            found: list[bytes | None] = self._tables[table].get(list(keys)) if keys else []
        return found

    def items(self, table: Table, prefix: bytes = b"", first: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Keys that begin with `prefix`, from `prefix + first` on, in order, with their values."""
        with _named(self._path, "read"):
            found = self._tables[table].iter()
            found.seek(prefix + first)
            while found.valid():
                key = found.key()
                if not key.startswith(prefix):
                    return
                yield key, found.value()
                found.next()
            # An iterator ends at a damaged block as it does behind the last.
            found.status()

    def write(self, batch: Batch) -> None:
        """Write all of a batch, or none of it."""
        content = self._rocksdict.WriteBatch(raw_mode=True)
        for table, key in batch.deletes:
            content.delete(key, self._handles[table])
        for table, key, value in batch.puts:
            content.put(key, value, self._handles[table])
        with _named(self._path, "write"):
            self._database.write(content, self._durable)

    def refresh(self) -> None:
        """See what the writer has written; a reader's. Where there is nothing, file sizes say so fifty times sooner."""
        if not self._scratch:
            return
        written = self._sizes()
        if not written or written != self._written:
            with _named(self._path, "read"):
                self._link()
                self._database.try_catch_up_with_primary()
            self._written = written

    def _link(self) -> None:
        """Where nothing can be written beside the files, show RocksDB links to those that are there now."""
        if self._place == self._path:
            return
        self._place.mkdir(exist_ok=True)
        there, linked = ({*os.listdir(folder)} - {NOTE} for folder in (self._path, self._place))
        for name in linked - there:
            (self._place / name).unlink()
        for name in there - linked:
            (self._place / name).symlink_to((self._path / name).absolute())

    def _sizes(self) -> list[tuple[str, int]]:
        """Names of all files, sizes of logs: one or the other changes with every write; nothing while files go."""
        try:
            return sorted((e.name, e.stat().st_size if e.name.endswith(".log") else 0) for e in os.scandir(self._path))
        except FileNotFoundError:
            return []

    def compact(self) -> None:
        """Give back the room of what was deleted."""
        with _named(self._path, "compact"):
            for table in self._tables.values():
                table.flush()
                table.compact_range(None, None)
        self._join()

    def _join(self) -> None:
        """Make one file of many small ones that follow one another.

        Where keys only grow RocksDB leaves the file that each opening ends with as it is, and holds all of them open.
        """
        wanted = self._rocksdict.CompactOptions()
        wanted.set_bottommost_level_compaction(self._rocksdict.BottommostLevelCompaction.force())
        with _named(self._path, "compact"):
            files = sorted(self._database.live_files(), key=lambda file: file["start_key"])
            for is_small, run in groupby(files, lambda file: file["size"] < SMALL_BYTES):
                keys = [(file["start_key"], file["end_key"]) for file in run]
                if is_small and len(keys) > MOST_SMALL:
                    for name in ("documents", "tail"):
                        self._tables[name].compact_range(keys[0][0], max(end for _, end in keys), wanted)

    def close(self) -> None:
        """Let others write."""
        with suppress(Exception):
            self._tables.clear()
            self._handles.clear()
            self._database.close()
        if self._scratch:
            self._scratch.close()


def check_installed() -> None:
    """StoreError where RocksDB is not installed."""
    _package()


def _package() -> Any:
    try:
        import rocksdict
    except ImportError:
        raise StoreError("an index needs the package rocksdict: pip install 'dedup[index]'") from None
    return rocksdict


def _options(table: str) -> Any:
    """Documents packed with a dictionary learned from them; names found or missed in one look."""
    import rocksdict

    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    options.create_missing_column_families(True)
    options.set_wal_recovery_mode(rocksdict.DBRecoveryMode.tolerate_corrupted_tail_records())
    options.set_write_buffer_size(BUFFER_BYTES)
    options.set_max_total_wal_size(4 * BUFFER_BYTES)
    options.set_max_background_jobs(2)
    options.set_keep_log_file_num(2)
    blocks = rocksdict.BlockBasedOptions()
    blocks.set_format_version(5)
    if table == "documents":
        blocks.set_block_size(BLOCK_BYTES)
        blocks.set_block_cache(_cache())
        options.set_compression_type(rocksdict.DBCompressionType.zstd())
        options.set_compression_options(-14, 3, 0, DICTIONARY_BYTES)
        options.set_zstd_max_train_bytes(100 * DICTIONARY_BYTES)
    elif table == "names":
        blocks.set_bloom_filter(10, False)
        options.set_compression_type(rocksdict.DBCompressionType.lz4())
    else:
        options.set_compression_type(rocksdict.DBCompressionType.none())
    options.set_block_based_table_factory(blocks)
    return options


def _cache() -> Any:
    import rocksdict

    return rocksdict.Cache(CACHE_BYTES)


class _named:  # noqa: N801 - used as a statement, as suppress is
    """Turn whatever RocksDB raises, plain exceptions with a text, into ours."""

    def __init__(self, path: Path, doing: str) -> None:
        self._path, self._doing = path, doing

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, (StoreError, GeneratorExit)):
            raise StoreError(f"cannot {self._doing} {self._path}: {error}") from None


def _opening(path: Path, error: Exception) -> str:
    said = str(error)
    if "lock" in said.lower():
        return f"{path.parent} is being written by another process; open it read-only, or wait"
    return f"cannot open {path.parent}: {said}"
