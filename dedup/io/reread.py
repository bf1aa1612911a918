"""Texts that are not kept beside the input, but read again where they stand in it."""

import os

from dedup.arrays import Bytes, Rows
from dedup.errors import InputError
from dedup.io import remote
from dedup.io.compressed import is_packed
from dedup.io.formats import is_json_lines
from dedup.io.paths import InputFile
from dedup.spans import read_spans

__all__ = ["is_possible", "read"]


def is_possible(file: InputFile) -> bool:
    """Whether its texts stand in the file as they are read from it: JSON lines on a disk, and not packed."""
    if not is_json_lines(file) or remote.is_remote(file.path) or not os.path.isfile(file.path):
        return False
    try:
        with open(file.path, "rb") as stream:
            return not is_packed(stream)
    except OSError:
        return False


def read(path: str, begins: Rows, ends: Rows, places: Rows, out: Bytes) -> None:
    """Write spans of a file to places in `out`, as `spans.read_spans`. InputError where they are no longer there."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            read_spans(descriptor, begins, ends, places, out)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise InputError(f"cannot read {path} a second time: {error.strerror or error}") from None
    except EOFError as error:
        raise InputError(f"{path} has changed since it was read: it {error}") from None
