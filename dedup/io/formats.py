"""Formats: which file is read how, and what becomes of one that cannot be read."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BufferedIOBase
from itertools import chain
from typing import Literal, TypeAlias, TypeVar

from dedup.config import InputConfig
from dedup.io import delimited, html, json_lines, remote, tables, text_files, warc
from dedup.io.compressed import chunks
from dedup.io.paths import InputFile
from dedup.records import Document

__all__ = ["Kind", "Reader", "Tell", "is_json_lines", "kind_of", "read_with", "reader_of", "silent"]

Tell: TypeAlias = Callable[[int], object]
"""Is told how many bytes of the disk have been read since it was last told."""

Kind: TypeAlias = Literal["lines", "csv", "parquet", "other"]

T = TypeVar("T")

Reader: TypeAlias = Callable[[Iterator[bytes], InputFile, InputConfig], Iterator[tuple[int, T | str]]]
"""A format: the chunks of a file to numbered lines (0 where there are none), each with its find or its fault."""


def silent(_: int) -> None:
    """Tell nobody."""


def reader_of(file: InputFile) -> Reader[Document]:
    """The format that the file's name stands for; where that is none, what its first bytes say, else text."""
    name = _plain_name(file)
    if is_json_lines(file):
        return _json_lines
    return next((reader for suffixes, reader in SUFFIXES if name.endswith(suffixes)), _by_content)


def kind_of(file: InputFile) -> Kind:
    """Whether documents are the lines, the rows or neither of the file, by its name; standard input is JSON lines."""
    return KINDS.get(reader_of(file), "other")


def is_json_lines(file: InputFile) -> bool:
    """Whether the file's name says so; standard input is."""
    return file.path == "-" or _plain_name(file).endswith((".jsonl", ".ndjson"))


def read_with(
    reader: Reader[T], file: InputFile, config: InputConfig, tell: Tell = silent
) -> Iterator[tuple[int, T | str]]:
    """What the reader finds, and why the file could not be read to its end where that is so."""
    last = 0
    try:
        with _open(file.path) as stream:
            told = _Told(stream, tell)
            for number, found in reader(told.parts(), file, config):
                yield number, found
                last = max(last, number)
            told.rest()
    except OSError as error:
        further = " any further" if last else ""
        yield last + 1 if last else 0, f"cannot be read{further}: {error.strerror or error}"


class _Told:
    """Chunks of a file, and word to `tell` of how much of it has gone by; a pipe does not know where it stands."""

    def __init__(self, stream: BufferedIOBase, tell: Tell) -> None:
        self._stream, self._tell, self._before = stream, tell, 0

    def parts(self) -> Iterator[bytes]:
        """The chunks, each told of when the next is asked for."""
        for part in chunks(self._stream):
            yield part
            self._tell_up_to(lambda: self._stream.tell())

    def rest(self) -> None:
        """Tell of what was passed over, or read by other ways."""
        self._tell_up_to(lambda: self._stream.seek(0, os.SEEK_END))

    def _tell_up_to(self, place: Callable[[], int]) -> None:
        if self._stream.seekable():
            now = place()
            self._tell(now - self._before)
            self._before = now


def _plain_name(file: InputFile) -> str:
    return file.place.lower().removesuffix(".gz").removesuffix(".zst").removesuffix(".bz2")


def _json_lines(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    return json_lines.documents(parts, file.name, config)


def _json(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    start = next(parts, b"")
    if start and not json_lines.is_line_wise(start):
        return iter([(0, "not JSON lines: an object must fill a line of its own")])
    return json_lines.documents(chain([start], parts), file.name, config)


def _text(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    yield 0, text_files.document(parts, file.name, config)


def _csv(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    return delimited.documents(parts, file.name, config, ",")


def _tsv(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    return delimited.documents(parts, file.name, config, "\t")


def _html(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    return html.documents(parts, file.name, config)


def _warc(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    return warc.documents(parts, file.name, config)


def _arrow(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    if remote.is_remote(file.path):
        with remote.open_remote(file.path) as stream:
            yield from tables.arrow(parts, stream, file.name, config)
        return
    # A pipe can be read but once.
    yield from tables.arrow(parts, file.path if os.path.isfile(file.path) else None, file.name, config)


def _parquet(_: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    # Its contents stand at its end, so it cannot be read from front to back.
    if not remote.is_remote(file.path):
        yield from tables.parquet(file.path, file.name, config)
        return
    with remote.open_remote(file.path) as stream:
        yield from tables.parquet(stream, file.name, config)


SUFFIXES: tuple[tuple[tuple[str, ...], Reader[Document]], ...] = (
    ((".txt", ".text", ".md"), _text),
    ((".json",), _json),
    ((".csv",), _csv),
    ((".tsv", ".tab"), _tsv),
    ((".html", ".htm", ".xhtml"), _html),
    ((".warc", ".wet"), _warc),
    ((".parquet", ".pq"), _parquet),
    ((".arrow", ".arrows", ".feather", ".ipc"), _arrow),
)

MARKS: tuple[tuple[re.Pattern[bytes], Reader[Document]], ...] = (
    (re.compile(rb"WARC/[01]\.\d+\r?\n"), _warc),
    (re.compile(rb"PAR1"), _parquet),
    (re.compile(rb"ARROW1\0\0"), _arrow),
)
"""First bytes that no text has."""


KINDS: dict[Reader[Document], Kind] = {
    _json_lines: "lines", _json: "lines", _csv: "csv", _tsv: "csv", _parquet: "parquet",
}  # fmt: skip


def _by_content(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    start = next(parts, b"")
    reader = next((reader for mark, reader in MARKS if mark.match(start)), _text)
    return reader(chain([start], parts), file, config)


def _open(path: str) -> AbstractContextManager[BufferedIOBase]:
    if remote.is_remote(path):
        return remote.open_remote(path)
    if path != "-":
        return open(path, "rb")
    stream = getattr(sys.stdin, "buffer", None)
    if not isinstance(stream, BufferedIOBase):
        raise OSError("standard input is closed")
    return nullcontext(stream)
