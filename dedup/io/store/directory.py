"""The directory of an embedded store: what it must be, and the names of what stands in it."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from dedup.errors import StoreError
from dedup.io.disk import make_folder
from dedup.io.store import codec
from dedup.io.store.ledger import Ledger
from dedup.io.store.segments import Segment
from dedup.io.store.values import Merge, Note, StoredDocument

__all__ = [
    "alike", "content_at", "disk", "has_records", "heir_key", "heirs_key", "inherited_key", "level", "make",
    "merge_key", "merges", "n_bytes", "name_key", "note_key",
]  # fmt: skip

FACTOR = 4
"""As many segments of one level are merged into one of the next."""
MOST_ENTRIES = (1 << 32) - 1


def content_at(path: Path) -> Iterator[StoredDocument | Merge | Note]:
    """All documents, merges and notes of the store at `path`, whatever it was made with."""
    ledger = Ledger(path / "records", read_only=True, synced=False)
    try:
        for key, content in ledger.items("documents"):
            yield codec.document(int.from_bytes(key, "big"), content)
        yield from merges(ledger)
        for key, content in ledger.items("tail", b"n"):
            yield Note(key[1:].decode("utf-8", "surrogatepass"), content)
    finally:
        ledger.close()


def merges(ledger: Ledger) -> list[Merge]:
    """All merges of a store, in their order."""
    return [Merge(*json.loads(content)) for _, content in ledger.items("names", b"l")]


def has_records(folder: Path) -> bool:
    """Whether anything was ever written to a ledger: a new one has no tables and an empty log."""
    try:
        found = [(entry.name, entry.stat().st_size) for entry in os.scandir(folder)]
    except OSError:
        return False
    return any(name.endswith(".sst") or (name.endswith(".log") and size > 0) for name, size in found)


def make(folder: Path) -> None:
    """Make a folder that must be ours to write to; said here, as RocksDB does not say it plainly."""
    try:
        make_folder(folder)
    except OSError as error:
        raise StoreError(f"cannot write to index {folder.parent}: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK) or not os.access(folder.parent, os.W_OK | os.X_OK):
        raise StoreError(f"cannot write to index {folder.parent}: it is read-only for this user")


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Turn an error of the disk into one of ours."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise StoreError(f"cannot write to index {path}: {error}") from None


def n_bytes(folder: Path) -> int:
    """Bytes of all files in a folder, those left out that go meanwhile, as when tables or segments are merged."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.stat(os.path.join(parent, name)).st_size
    return total


def name_key(id_: str) -> bytes:
    """Where the number of an id stands."""
    return b"i" + id_.encode("utf-8", "surrogatepass")


def merge_key(cluster: str) -> bytes:
    """Where the cluster stands that a cluster has gone into."""
    return b"m" + cluster.encode("utf-8", "surrogatepass")


def heirs_key(of: int) -> bytes:
    """Where it stands that a number has heirs, and behind that each of them."""
    return b"h" + codec.number_key(of)


def heir_key(of: int, is_worded: bool, number: int) -> bytes:
    """Where an heir stands, in the order of claims."""
    return heirs_key(of) + bytes([is_worded]) + codec.number_key(number)


def inherited_key(number: int) -> bytes:
    """Where it stands that an heir has come to stand under a number."""
    return b"k" + codec.number_key(number)


def note_key(name: str) -> bytes:
    """Where the value of a note stands."""
    return b"n" + name.encode("utf-8", "surrogatepass")


def level(part: Segment) -> int:
    """How often the entries of a segment have been merged."""
    return int(part.name.rpartition("-")[2])


def alike(parts: Sequence[Segment]) -> list[Segment]:
    """The oldest `FACTOR` neighbors of one level that together can be one segment, if there are any."""
    for first in range(len(parts) - FACTOR + 1):
        run = list(parts[first : first + FACTOR])
        if len({level(part) for part in run}) == 1 and sum(len(part.rows) for part in run) <= MOST_ENTRIES:
            return run
    return []
