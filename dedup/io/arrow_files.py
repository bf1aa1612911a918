"""Arrow files and streams, opened by their footer or from the front; what is packed and has no front is unpacked."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from io import BufferedIOBase
from itertools import chain
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from dedup.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MARK", "PADDED_BYTES", "Joined", "batches", "by_footer", "damage", "first_line", "from_front", "opened"]

MARK, PADDED_BYTES = b"ARROW1", 8
"""What a file begins with, and in how many bytes."""
# Where a length is garbage, this is how much memory it may ask for.
_MAX_MESSAGE_BYTES = 1 << 32
_MOST_SAID = 100


class Joined:
    """Chunks as a file that Arrow reads from front to back; it takes no more memory than there are bytes."""

    closed = False

    def __init__(self, chunks: Iterator[bytes], start: bytes) -> None:
        self._chunks = chunks
        self._held = memoryview(start)
        self._begun: bytearray | None = bytearray()

    def read(self, n_bytes: int) -> bytes:
        """The next `n_bytes`, or what is left of the file."""
        if n_bytes > _MAX_MESSAGE_BYTES:
            raise OSError(f"a message of {n_bytes:,} bytes is not credible")
        parts: list[memoryview] = []
        while n_bytes:
            if not self._held:
                self._held = memoryview(next(self._chunks, b""))
            if not self._held:
                break
            parts.append(self._held[:n_bytes])
            self._held = self._held[n_bytes:]
            n_bytes -= len(parts[-1])
        found = b"".join(parts)
        if self._begun is not None:
            self._begun += found
        return found

    def go_on(self) -> None:
        """What was read so far will not be wanted again."""
        self._begun = None

    def again(self) -> Iterator[bytes]:
        """All bytes from the start, those that are yet to be read with them."""
        yield bytes(self._begun or b"")
        yield bytes(self._held)
        yield from self._chunks

    def ends_with(self, mark: bytes) -> bool:
        """Whether the bytes that are yet to be read end with the mark."""
        end = bytes(self._held[-len(mark) :])
        for chunk in self._chunks:
            end = (end + chunk)[-len(mark) :]
        return end == mark

    def close(self) -> None:
        """The file stays open for whoever opened it."""


def by_footer(source: str | BufferedIOBase | None) -> "pa.RecordBatchFileReader | None":
    """What reads an Arrow file from its end; None where it has none."""
    import pyarrow as pa

    if source is None:
        return None
    try:
        return pa.ipc.open_file(opened(source))
    except damage():
        return None


def from_front(
    joined: Joined, mark: bytes, name: str, stack: ExitStack
) -> "pa.RecordBatchStreamReader | pa.RecordBatchFileReader":
    """What reads a stream; of a file that is none from the start what reads it by its footer, while `stack` is open."""
    import pyarrow as pa

    try:
        reader = pa.ipc.open_stream(pa.PythonFile(joined, "r"))
    except damage():
        if not mark.startswith(MARK):
            raise
        file = TemporaryFile()  # noqa: SIM115 - open for as long as it is read
        stack.callback(file.close)
        for part in chain([mark], joined.again()):
            try:
                file.write(part)
            except OSError as error:
                raise InputError(f"cannot unpack {name} into a temporary file: {error.strerror or error}") from None
        if (found := by_footer(file)) is None:
            raise
        return found
    joined.go_on()
    return reader


def batches(reader: "pa.RecordBatchStreamReader | pa.RecordBatchFileReader") -> "Iterator[pa.RecordBatch]":
    """All record batches in their order."""
    import pyarrow as pa

    if isinstance(reader, pa.RecordBatchFileReader):
        return map(reader.get_batch, range(reader.num_record_batches))
    return iter(reader)


def opened(source: str | BufferedIOBase) -> "pa.NativeFile | BufferedIOBase":
    """A file, whose name need not be UTF-8."""
    import pyarrow as pa

    return pa.OSFile(os.fsencode(source)) if isinstance(source, str) else source


def damage() -> tuple[type[Exception], ...]:
    """What Arrow raises over damage: errors of its own, and Python's where names or dates cannot be made from bytes."""
    import pyarrow as pa

    return (pa.ArrowException, OSError, ValueError, LookupError, OverflowError, MemoryError)


def first_line(error: Exception) -> str:
    """What an error says, without the middle of a text that stands in it."""
    said = str(error).partition("\n")[0]
    return said if len(said) <= 2 * _MOST_SAID else f"{said[:_MOST_SAID]} … {said[-_MOST_SAID:]}"
