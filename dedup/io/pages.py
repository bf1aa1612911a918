"""A folder of our own making that appears whole or not at all, in place of the one that was there."""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from dedup.errors import OutputError
from dedup.io.outputs import check_free, check_writable

__all__ = ["check_folder", "write_folder"]

FRONT = "index.html"
NAMES = (FRONT, "data")
MARK, MARKED_BYTES = b'<meta name="generator" content="dedup">', 1 << 12
"""What stands near the beginning of a front page of ours."""


def check_folder(folder: Path, inputs: Iterable[str]) -> None:
    """OutputError where a report cannot go there, or would take the place of something that is no report."""
    check_free(folder, [path for path in inputs if path != "-"])
    check_writable(folder)
    if os.path.lexists(folder) and not folder.is_dir():
        raise OutputError(f"report must be a folder, but {folder} is a file")
    foreign = sorted(name for name in os.listdir(folder) if name not in NAMES) if folder.is_dir() else []
    if folder.is_dir() and not foreign and not _is_ours(folder / FRONT):
        foreign = [FRONT]
    if foreign:
        raise OutputError(f"report folder must be new or hold an earlier report, but {folder} holds {foreign[0]}")


def _is_ours(front: Path) -> bool:
    """Whether a front page is ours, or there is none."""
    try:
        with front.open("rb") as file:
            return MARK in file.read(MARKED_BYTES)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def write_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write all files by their relative names, then let the folder appear; returns the bytes written."""
    fresh, old = (folder.with_name(f".{folder.name}.{os.getpid()}.{kind}") for kind in ("tmp", "old"))
    n_bytes = 0
    try:
        for name, content in files:
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            n_bytes += len(content)
        if folder.is_dir():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            with suppress(OSError):
                old.rename(folder)
            raise
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return n_bytes
