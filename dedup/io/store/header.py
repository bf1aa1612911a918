"""The header of an index: one small file that says what it is, read before anything else of it."""

import json
import os
import zlib
from collections.abc import Mapping
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
    """Make a directory an index; it must be new or empty."""
    content = json.dumps({**header, "crc32": _checksum(header)}, indent=1, sort_keys=True)
    temporary = path / f".{HEADER}.tmp"
    try:
        make_folder(path)
        if exists(path):
            raise StoreError(f"there is an index at {path} already")
        if any(entry not in (temporary.name, "lost+found") for entry in os.listdir(path)):
            raise StoreError(f"an index needs a directory of its own, but {path} is not empty")
        with temporary.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path / HEADER)
        sync_folder(path)
    except OSError as error:
        raise StoreError(f"cannot make index {path}: {error.strerror or error}") from None


def _checksum(header: Mapping[str, object]) -> int:
    return zlib.crc32(json.dumps(header, sort_keys=True).encode())
