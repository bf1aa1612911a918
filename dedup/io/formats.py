"""Formats: which file is read how, and what becomes of one that cannot be read."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BufferedIOBase
from itertools import chain
from typing import TypeAlias, TypeVar

from dedup.config import InputConfig
from dedup.io import json_lines, text_files
from dedup.io.compressed import chunks
from dedup.io.paths import InputFile
from dedup.records import Document

__all__ = ["Reader", "Tell", "is_json_lines", "read_with", "reader_of", "silent"]

Tell: TypeAlias = Callable[[int], object]
"""Is told how many bytes of the disk have been read since it was last told."""

T = TypeVar("T")

Reader: TypeAlias = Callable[[Iterator[bytes], InputFile, InputConfig], Iterator[tuple[int, T | str]]]
"""A format: the chunks of a file to numbered lines (0 where there are none), each with its find or its fault."""


def silent(_: int) -> None:
    """Tell nobody."""


def reader_of(file: InputFile) -> Reader[Document]:
    """The format that the file's name stands for; any that is not known is text."""
    if is_json_lines(file):
        return _json_lines
    return _json if _plain_name(file).endswith(".json") else _text


def is_json_lines(file: InputFile) -> bool:
    """Whether the file's name says so; standard input is."""
    return file.path == "-" or _plain_name(file).endswith((".jsonl", ".ndjson"))


def read_with(
    reader: Reader[T], file: InputFile, config: InputConfig, tell: Tell = silent
) -> Iterator[tuple[int, T | str]]:
    """What the reader finds, and why the file could not be read to its end where that is so."""
    number = 0
    try:
        with _open(file.path) as stream:
            for number, found in reader(_told(chunks(stream), stream, tell), file, config):
                yield number, found
    except OSError as error:
        further = " any further" if number else ""
        yield number + 1 if number else 0, f"cannot be read{further}: {error.strerror or error}"


def _plain_name(file: InputFile) -> str:
    return file.path.lower().removesuffix(".gz").removesuffix(".zst")


def _json_lines(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    return json_lines.documents(parts, file.name, config)


def _json(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    start = next(parts, b"")
    if start and not json_lines.is_line_wise(start):
        return iter([(0, "not JSON lines: an object must fill a line of its own")])
    return json_lines.documents(chain([start], parts), file.name, config)


def _text(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    yield 0, text_files.document(parts, file.name, config)


def _told(parts: Iterator[bytes], stream: BufferedIOBase, tell: Tell) -> Iterator[bytes]:
    """Count what has gone by; a pipe does not know where it stands."""
    before = 0
    for part in parts:
        yield part
        if stream.seekable():
            now = stream.tell()
            tell(now - before)
            before = now


def _open(path: str) -> AbstractContextManager[BufferedIOBase]:
    if path != "-":
        return open(path, "rb")
    stream = getattr(sys.stdin, "buffer", None)
    if not isinstance(stream, BufferedIOBase):
        raise OSError("standard input is closed")
    return nullcontext(stream)
