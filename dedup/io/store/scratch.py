"""The temporary folder of a reader: it goes with the reader, or, where that was killed, when the next one comes."""

import os
import shutil
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path

__all__ = ["Scratch"]

YOUNG_S = 60.0
"""So young a folder may be one that is not locked yet."""


class Scratch:
    """A folder `path` of this process alone, until it is closed. A lock says so, which ends with its process.

    The number of a process would not do: of one in another container that shares the folder for temporary files it
    cannot be told whether it is alive.
    """

    def __init__(self, prefix: str) -> None:
        _sweep(prefix)
        self._folder = tempfile.TemporaryDirectory(prefix=prefix)
        self.path = Path(self._folder.name)
        held = _locked(self._folder.name)
        self._release = weakref.finalize(self, os.close, held) if held is not None else None

    def close(self) -> None:
        """Remove the folder, and all that is in it."""
        self._folder.cleanup()
        if self._release is not None:
            self._release()


def _sweep(prefix: str) -> None:
    """Clear away the folders that killed processes of this user left."""
    with suppress(OSError):
        for entry in [one for one in os.scandir(tempfile.gettempdir()) if one.name.startswith(prefix)]:
            with suppress(OSError):
                _remove_left(entry)


def _remove_left(entry: "os.DirEntry[str]") -> None:
    state = entry.stat(follow_symlinks=False)
    is_ours = entry.is_dir(follow_symlinks=False) and os.name == "posix" and state.st_uid == os.getuid()
    if not is_ours or time.time() - state.st_mtime < YOUNG_S:
        return
    held = _locked(entry.path)
    if held is not None:
        shutil.rmtree(entry.path, ignore_errors=True)
        os.close(held)


def _locked(folder: str) -> int | None:
    """What holds the lock of a folder; None where another process does, or where there are no locks."""
    # Windows can neither open nor lock a folder.
    if os.name != "posix":
        return None
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
