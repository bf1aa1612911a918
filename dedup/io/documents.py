"""Documents in: text files, folders of them, globs, JSON lines and standard input."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from io import BufferedIOBase
from itertools import chain
from typing import Protocol, TypeVar

from dedup.config import InputConfig
from dedup.errors import InputError
from dedup.io import json_lines, text_files
from dedup.io.batches import Batch, batches
from dedup.io.compressed import chunks
from dedup.io.paths import InputFile, expand
from dedup.records import Document, Skipped

__all__ = ["Batch", "count_bytes", "read", "read_batches", "read_pairs"]

PAIR_FIELDS = ("a", "b", "left", "right")

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Reader(Protocol[T_co]):
    """A format: chunks of a file to numbered lines (0 where lines mean nothing), each with its find or its fault."""

    def __call__(
        self, parts: Iterator[bytes], file: InputFile, config: InputConfig, /
    ) -> Iterator[tuple[int, T_co | str]]: ...


def read(paths: Sequence[str], config: InputConfig) -> Iterator[Document | Skipped]:
    """Every document that `paths` stand for, and what could not be used in its place; InputError if there is none."""
    files, skipped = expand(paths)
    n_documents, first_skipped = 0, next(iter(skipped), None)
    taken: dict[str, int] = {}
    for item in chain(skipped, chain.from_iterable(_read_file(file, config, taken) for file in files)):
        if isinstance(item, Document):
            n_documents += 1
        elif first_skipped is None:
            first_skipped = item
        yield item
    if not n_documents:
        why = f" ({first_skipped.place}: {first_skipped.reason})" if first_skipped else ""
        raise InputError(f"no document found in {', '.join(paths) or 'no path at all'}{why}")


def read_batches(paths: Sequence[str], config: InputConfig, batch_bytes: int = 1 << 20) -> Iterator[Batch]:
    """What `read` gives, by the batch of about `batch_bytes` of text."""
    return batches(read(paths, config), batch_bytes)


def count_bytes(paths: Sequence[str]) -> int:
    """Size of all input files as they lie on the disk; standard input counts as nothing."""
    return sum(_size(file.path) for file in expand(paths)[0])


def read_pairs(path: str) -> Iterator[tuple[str, str] | Skipped]:
    """Pairs of ids from JSON lines with `a` and `b`, or `left` and `right`."""
    file = InputFile(path=path, place="stdin" if path == "-" else path, name=path)
    for number, found in _guarded(_pairs, file, InputConfig()):
        yield found if isinstance(found, tuple) else Skipped(place=_place(file, number), reason=found)


def _size(path: str) -> int:
    try:
        return 0 if path == "-" else os.stat(path).st_size
    except OSError:
        return 0


def _read_file(file: InputFile, config: InputConfig, taken: dict[str, int]) -> Iterator[Document | Skipped]:
    for number, found in _guarded(_reader(file), file, config):
        if isinstance(found, str):
            yield Skipped(place=_place(file, number), reason=found)
            continue
        own_id = _own_id(found.id, taken)
        if own_id != found.id:
            reason = f'id "{found.id}" stands for more than one document; this one is called "{own_id}"'
            yield Skipped(place=_place(file, number), reason=reason)
            found = replace(found, id=own_id)
        yield found


def _own_id(id_: str, taken: dict[str, int]) -> str:
    """The id, or where it is taken, the id with the first free number behind it."""
    n_bearers = taken.get(id_, 0) + 1
    own_id = id_
    if n_bearers > 1:
        while (own_id := f"{id_}#{n_bearers}") in taken:
            n_bearers += 1
        taken[own_id] = 1
    taken[id_] = n_bearers
    return own_id


def _guarded(reader: Reader[T], file: InputFile, config: InputConfig) -> Iterator[tuple[int, T | str]]:
    """What the reader finds up to where the file cannot be read any further, and why it cannot."""
    number = 0
    try:
        with _open(file.path) as stream:
            for number, found in reader(chunks(stream), file, config):
                yield number, found
    except OSError as error:
        further = " any further" if number else ""
        yield number + 1 if number else 0, f"cannot be read{further}: {error.strerror or error}"


def _open(path: str) -> AbstractContextManager[BufferedIOBase]:
    if path != "-":
        return open(path, "rb")
    stream = getattr(sys.stdin, "buffer", None)
    if not isinstance(stream, BufferedIOBase):
        raise OSError("standard input is closed")
    return nullcontext(stream)


def _place(file: InputFile, number: int) -> str:
    return f"{file.place}:{number}" if number else file.place


def _reader(file: InputFile) -> Reader[Document]:
    name = file.path.lower().removesuffix(".gz").removesuffix(".zst")
    if file.path == "-" or name.endswith((".jsonl", ".ndjson")):
        return _json_lines
    return _json if name.endswith(".json") else _text


def _json_lines(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    return json_lines.documents(parts, file.name, config)


def _json(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    start = next(parts, b"")
    if start and not json_lines.is_line_wise(start):
        return iter([(0, "not JSON lines: an object must fill a line of its own")])
    return json_lines.documents(chain([start], parts), file.name, config)


def _text(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    yield 0, text_files.document(parts, file.name, config)


def _pairs(parts: Iterator[bytes], _: InputFile, config: InputConfig) -> Iterator[tuple[int, tuple[str, str] | str]]:
    for number, found in json_lines.objects(parts, config.max_document_bytes, PAIR_FIELDS):
        yield number, found if isinstance(found, str) else _pair(found)


def _pair(found: json_lines.Object) -> tuple[str, str] | str:
    for left, right in (PAIR_FIELDS[:2], PAIR_FIELDS[2:]):
        if found.get(left) is not None and found.get(right) is not None:
            return json_lines.label(found[left]), json_lines.label(found[right])
    return 'no pair of fields "a" and "b", or "left" and "right"'
