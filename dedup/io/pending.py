"""A file that is written under a name of its own, and takes its place when it is complete."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dedup.errors import OutputError
from dedup.io.disk import sync_folder
from dedup.io.outputs import remove_left

__all__ = ["Pending"]


class Pending:
    """One file of output. OutputError where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")

    def make_folder(self) -> None:
        """Make the folder that the file goes to, unless it is there; what killed runs left of the file goes."""
        with self.writing():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            remove_left(self.path)

    def appear(self) -> None:
        """Take the place of what has the name, once all is on the disk."""
        with self.writing():
            with self.temporary.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(self.temporary, self.path)
            sync_folder(self.path.parent)

    def discard(self) -> None:
        """Leave nothing half-written behind."""
        with suppress(OSError):
            self.temporary.unlink()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Say which file it was that could not be written."""
        try:
            yield
        except OSError as error:
            raise OutputError(f"cannot write {self.path}: {error.strerror or error}") from None
