"""The input once more, in two files: what is kept and what is removed, each document as it stands in the input."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby, pairwise
from operator import attrgetter
from pathlib import Path

from dedup.config import InputConfig
from dedup.errors import ConfigError, InputError
from dedup.io import documents, formats, split_tables
from dedup.io.compressed import Sink, packer
from dedup.io.documents import Found
from dedup.io.formats import Kind
from dedup.io.json_lines import wanted
from dedup.io.lines import blocks, lines, with_line_feeds
from dedup.io.paths import InputFile, expand
from dedup.io.pending import Pending
from dedup.io.remote import is_remote
from dedup.records import Document

__all__ = ["Targets", "check", "split"]

_SUFFIXES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("lines", (".jsonl", ".ndjson")),
    ("csv", (".csv", ".tsv", ".tab")),
    ("parquet", (".parquet", ".pq")),
)
_NAMES: dict[Kind, str] = {"lines": "JSON lines", "csv": "CSV", "parquet": "Parquet", "other": "neither lines nor rows"}
_LAST = 1 << 62
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Where the two parts go."""

    kept: Path
    removed: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A document as it stands in its file, and the header of that file if it has one."""

    content: bytes
    header: bytes = b""


def check(paths: Sequence[str], targets: Targets, config: InputConfig) -> None:
    """ConfigError where the input cannot be split into these files, InputError where its columns differ.

    Lines of JSON, rows of CSV and rows of Parquet go to files of their own format. Files of JSON lines also take
    documents that are neither lines nor rows, by the names of the fields.
    """
    files = expand(paths)[0]
    kind = _checked_kind(files, targets, config)
    if kind == "csv":
        _check_headers(files, config)
    elif kind == "parquet":
        split_tables.check(files)


def _checked_kind(files: Sequence[InputFile], targets: Targets, config: InputConfig) -> Kind:
    """The format of the two files, which is that of the input."""
    kind = _kind_of(targets)
    for file in files:
        found = formats.kind_of(file)
        if file.path == "-":
            raise ConfigError("stdin cannot be split, as the input is read twice")
        if not is_remote(file.path) and not os.path.isfile(file.path):
            raise ConfigError(f"{file.place} cannot be split, as it is no file that can be read twice")
        if found != kind and (kind, found) != ("lines", "other"):
            raise ConfigError(f"{file.place} is {_NAMES[found]}, which cannot go to {targets.kept.name}")
    if kind == "csv" and "\n".encode(config.encoding) != b"\n":
        raise ConfigError(f"CSV in {config.encoding} cannot be split")
    return kind


def _check_headers(files: Sequence[InputFile], config: InputConfig) -> None:
    """InputError where one of the files has another header than the first."""
    headers = [(file, header) for file in files if (header := _header(file, config))]
    for file, header in headers[1:]:
        if header != headers[0][1]:
            raise InputError(f"cannot split {file.place}, which has another header than {headers[0][0].place}")


def _header(file: InputFile, config: InputConfig) -> bytes:
    """All that stands before the first row; of a file whose header has a fault the line that has it."""
    number, _ = next(formats.read_with(formats.reader_of(file), file, config), (_LAST, None))
    raw = _Raw(file, config)
    return _bare(raw.before(number)) or _bare(raw.before(number + 1))


def _bare(header: bytes) -> bytes:
    """A header without the mark of UTF-8, the end of its line and empty lines around, in which files may differ."""
    return header.removeprefix(_BOM).strip(b"\r\n")


@contextmanager
def split(
    paths: Sequence[str], keeps: Iterable[bool], targets: Targets, config: InputConfig
) -> Iterator[Callable[[], None]]:
    """Read the input again and write each document to one of the two files, in the order of the input.

    The files appear when what is given is called, or not at all.

    `keeps` says of each document, in the order in which `documents.read` gives them, whether it is kept. InputError
    where the input is no longer what it was. What could not be used as a document goes to neither file.
    """
    _checked_kind(expand(paths)[0], targets, config)
    pending = Pending(targets.kept), Pending(targets.removed)
    try:
        for part in pending:
            part.make_folder()
        _write(documents.read_places(paths, config), iter(keeps), pending, config)
        yield partial(_appear, pending)
    finally:
        for part in pending:
            part.discard()


def _appear(pending: Iterable[Pending]) -> None:
    for part in pending:
        part.appear()


def _kind_of(targets: Targets) -> Kind:
    kinds = [_kind(path) for path in (targets.kept, targets.removed)]
    if kinds[0] != kinds[1] or targets.kept == targets.removed:
        raise ConfigError(f"two different files of one format are needed, got {targets.kept} and {targets.removed}")
    return kinds[0]


def _kind(path: Path) -> Kind:
    name = path.name.lower()
    name = name.removesuffix(".gz").removesuffix(".zst").removesuffix(".bz2")
    for kind, suffixes in _SUFFIXES:
        if name.endswith(suffixes) and not (kind == "parquet" and name != path.name.lower()):
            return kind
    raise ConfigError(f"a file for a part ends in .jsonl, .csv, .tsv or .parquet, got {path.name}")


def _write(found: Iterator[Found], keeps: Iterator[bool], pending: Sequence[Pending], config: InputConfig) -> None:
    kind = _kind(pending[0].path)
    by_file = groupby(found, attrgetter("file"))
    if kind == "parquet":
        split_tables.write(((file, _marks(part, keeps)) for file, part in by_file), pending)
    else:
        rows = chain.from_iterable(_rows(file, part, kind, config) for file, part in by_file)
        with pending[0].writing(), _opened(pending[0]) as kept, _opened(pending[1]) as removed:
            _write_rows(rows, keeps, (kept, removed))
    if next(keeps, None) is not None:
        raise _changed()


@contextmanager
def _opened(part: Pending) -> Iterator[Sink]:
    with part.temporary.open("wb") as file, packer(file, part.path.name) as sink:
        yield sink


def _write_rows(rows: Iterator[_Row], keeps: Iterator[bool], sinks: Sequence[Sink]) -> None:
    header = b""
    for row in rows:
        if not header and row.header:
            for sink in sinks:
                sink.write(row.header)
        header = header or row.header
        if _bare(header) != _bare(row.header):
            raise InputError("files with different headers cannot be split into the same two files")
        sinks[0 if _next(keeps) else 1].write(row.content)


def _marks(found: Iterator[Found], keeps: Iterator[bool]) -> bytearray:
    """For each row of a file, from 1: 1 where it is kept, 2 where it is removed, 0 where it is no document."""
    marks = bytearray(1)
    for item in found:
        if isinstance(item.found, Document):
            marks.extend(bytes(item.number - len(marks)))
            marks.append(1 if _next(keeps) else 2)
    return marks


def _next(keeps: Iterator[bool]) -> bool:
    is_kept = next(keeps, None)
    if is_kept is None:
        raise _changed()
    return is_kept


def _changed() -> InputError:
    return InputError("the input has changed since it was read, and cannot be split")


def _rows(file: InputFile, found: Iterator[Found], kind: Kind, config: InputConfig) -> Iterator[_Row]:
    if formats.kind_of(file) != kind:
        yield from (_Row(content=_json_line(f.found, config)) for f in found if isinstance(f.found, Document))
        return
    raw, header = _Raw(file, config), b""
    places = ((item.number, isinstance(item.found, Document)) for item in found)
    for (number, is_document), (following, _) in pairwise(chain(places, [(_LAST, False)])):
        before = raw.before(number)
        if kind == "csv":
            header, end = header or before, following
        else:
            end = number + 1
        if is_document:
            # A mark of UTF-8 before the first line would stand in the middle of a part, where few read it.
            yield _Row(header=header, content=raw.before(end).removeprefix(b"" if kind == "csv" else _BOM))


class _Raw:
    """The lines of a file as they are, in turn."""

    def __init__(self, file: InputFile, config: InputConfig) -> None:
        self._lines = formats.read_with(_numbered, file, config)
        self._next = next(self._lines, None)

    def before(self, number: int) -> bytes:
        """All lines before that number which have not been given yet."""
        parts: list[bytes] = []
        while self._next is not None and self._next[0] < number and isinstance(self._next[1], bytes):
            parts.append(self._next[1] + b"\n")
            self._next = next(self._lines, None)
        return b"".join(parts)


def _numbered(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, bytes | str]]:
    parts = with_line_feeds(parts) if formats.kind_of(file) == "csv" else parts
    return enumerate(chain.from_iterable(map(lines, blocks(parts, config.max_document_bytes))), start=1)


def _json_line(document: Document, config: InputConfig) -> bytes:
    names = wanted(config)
    fields = (
        (names.id, document.id), (names.text, document.text), (names.url, document.url),
        (names.source, document.source), (names.date, document.date),
    )  # fmt: skip
    return json.dumps({name[0]: value for name, value in fields if value or name is names.text}).encode() + b"\n"
