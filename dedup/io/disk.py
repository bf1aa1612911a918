"""What it takes for files to outlast a power failure beside what they hold."""

import os
from pathlib import Path

__all__ = ["make_folder", "sync_folder"]

HAS_FOLDERS = os.name == "posix"
"""Windows can neither open nor sync a folder."""


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are not there, each name durable."""
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in made:
        sync_folder(one.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if not HAS_FOLDERS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
