"""Pieces of bytes kept on disk for as long as a command runs: put in one after another, got back in any order."""

import os
import tempfile
import threading
import weakref
from array import array

__all__ = ["Spool"]


class Spool:
    """A file without a name, which is gone with the spool. Threads may read and write at once."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the spool lives
        weakref.finalize(self, self._file.close)
        self._ends = array("q", [0])
        self._n_written = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def put(self, piece: bytes) -> int:
        """Keep one piece; returns its number, from 0."""
        with self._lock:
            self._file.write(piece)
            self._ends.append(self._ends[-1] + len(piece))
            return len(self._ends) - 2

    def get(self, number: int) -> bytes:
        """The piece of that number."""
        start, end = self._ends[number], self._ends[number + 1]
        if end > self._n_written:
            with self._lock:
                self._file.flush()
                self._n_written = self._ends[-1]
        return self._read(start, end - start)

    def _read(self, start: int, n_bytes: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), n_bytes, start)
        with self._lock:
            self._file.seek(start)
            piece = self._file.read(n_bytes)
            self._file.seek(0, os.SEEK_END)
            return piece
