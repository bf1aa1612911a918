"""The header of an index: one small file that says what it is, read before anything else of it."""

import json
import os
import threading
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dedup.errors import StoreError
from dedup.io.disk import make_folder, sync_folder

__all__ = ["exists", "read", "write"]

HEADER = "index.json"


def exists(path: Path) -> bool:
    """Whether an index is there."""
    return (path / HEADER).is_file()


def read(path: Path) -> dict[str, object]:
    """What the header of an index says; StoreError when there is none, or not as it was written."""
    try:
        found = json.loads((path / HEADER).read_bytes())
    except FileNotFoundError:
        raise StoreError(f"there is no index at {path}; `dedup index create {path}` makes one") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"cannot read the header of index {path}: {error}") from None
    checksum = found.pop("crc32", None) if isinstance(found, dict) else None
    if checksum is None or checksum != _checksum(found):
        raise StoreError(f"the header of index {path} is damaged")
    return dict(found)


def write(path: Path, header: Mapping[str, object]) -> None:
    """Make a directory an index; it must be new or empty. Of several that do so at once one does, others hear of it."""
    content = json.dumps({**header, "crc32": _checksum(header)}, indent=1, sort_keys=True)
    temporary = path / f".{HEADER}.{os.getpid()}-{threading.get_ident()}.tmp"
    try:
        make_folder(path)
        others = [entry for entry in os.listdir(path) if not _is_nothing(entry)]
        # What another has made meanwhile has its header before anything else.
        if exists(path):
            raise _there_already(path)
        if others:
            raise StoreError(f"an index needs a directory of its own, but {path} is not empty")
        with temporary.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _appear(temporary, path)
        sync_folder(path)
    except OSError as error:
        raise StoreError(f"cannot make index {path}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            temporary.unlink()


def _is_nothing(entry: str) -> bool:
    """Whether it is in no index's way: a disk's own folder, or what another that makes this index has not finished."""
    return entry == "lost+found" or (entry.startswith(f".{HEADER}.") and entry.endswith(".tmp"))


def _appear(temporary: Path, path: Path) -> None:
    """Give the header its name, which none has yet."""
    try:
        os.link(temporary, path / HEADER)
    except FileExistsError:
        raise _there_already(path) from None
    except OSError:
        # Not every file system has links.
        os.replace(temporary, path / HEADER)


def _there_already(path: Path) -> StoreError:
    return StoreError(f"there is an index at {path} already")


def _checksum(header: Mapping[str, object]) -> int:
    return zlib.crc32(json.dumps(header, sort_keys=True).encode())
