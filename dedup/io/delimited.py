"""CSV and TSV: a header names the columns, a field may hold line ends, and a row that does not fit is skipped."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from dedup.config import InputConfig
from dedup.io.json_lines import Names, wanted
from dedup.io.lines import blocks, lines, with_line_feeds
from dedup.io.text_files import UTF_16, misfit
from dedup.records import Document

__all__ = ["documents"]

DELIMITERS = (",", ";", "\t", "|")
_BOM = b"\xef\xbb\xbf"
_DAMAGE = "dedup.damage"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One row and the number of its first line; `fault` is what was wrong with its bytes."""

    number: int
    values: list[str]
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """The columns of a file, and for each field those that hold it, in the order in which they are tried."""

    n_columns: int
    text: list[int]
    id: list[int]
    url: list[int]
    source: list[int]
    date: list[int]


class _EndlessRow(Exception):  # noqa: N818 - a signal to `_rows`, which never leaves this module
    """A row that ends neither within its bound nor within the file."""


@dataclass(slots=True)
class _Feed:
    """The lines of a file as `csv` asks for them; those of the present row are `held`, to be read again if need be.

    They are of `encoding`; `written` is that of the file, from which they may have been recoded. `following` is the
    number of the line after the last row.
    """

    lines: Iterator[tuple[int, bytes]]
    encoding: str
    written: str
    max_bytes: int
    held: list[tuple[int, bytes]] = field(default_factory=list)
    n_bytes: int = 0
    fault: str = ""
    following: int = 1

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if self.n_bytes > self.max_bytes:
            raise _EndlessRow(f"row longer than {self.max_bytes:,} bytes, or a quotation mark that is never closed")
        item = next(self.lines, None)
        if item is None and self.held:
            raise _EndlessRow("a quotation mark is never closed")
        if item is None:
            raise StopIteration
        self.held.append(item)
        self.n_bytes += len(item[1])
        return self._decoded(item[1])

    def begin_row(self) -> None:
        """Let go of the lines of the row before."""
        self.following = self.held[-1][0] + 1 if self.held else self.following
        self.held, self.n_bytes, self.fault = [], 0, ""

    def give_back(self) -> None:
        """Put all lines of the present row but its first back."""
        self.lines, self.held = chain(self.held[1:], self.lines), self.held[:1]

    def _decoded(self, line: bytes) -> str:
        if len(line) > self.max_bytes:
            self.fault = f"row longer than {self.max_bytes:,} bytes"
            return "\n"
        try:
            return line.decode(self.encoding) + "\n"
        except UnicodeError as error:
            self.fault = self.fault or self._misfit(line, error)
            return self.readable(line) + "\n"

    def _misfit(self, line: bytes, error: UnicodeError) -> str:
        if self.encoding != self.written:
            return f"not {self.written}"
        if line.startswith(UTF_16):
            return f"UTF-16, not {self.encoding}: give --encoding utf-16"
        return misfit(error, self.encoding)

    def readable(self, line: bytes) -> str:
        """What can be read of a line."""
        try:
            return line.decode(self.encoding, "replace")
        except UnicodeError:  # not every encoding can replace, as that of domain names
            return line.decode("ascii", "replace")


def documents(
    chunks: Iterable[bytes], name: str, config: InputConfig, delimiter: str = ","
) -> Iterator[tuple[int, Document | str]]:
    """The number of each row's first line, from 1, with its document or why there is none; empty rows are passed over.

    A delimiter other than the one given is taken where only that one makes a column of a wanted text.
    """
    names = wanted(config)
    feed = _feed(chunks, config)
    rows = _rows(feed, _delimiter(_start(feed), names, delimiter))
    first = next(rows, None)
    if first is None:
        return
    header = _header(first.values, names)
    if first.fault or not header.text:
        wanted_columns = " or ".join(f'"{text}"' for text in names.text)
        yield first.number, first.fault or f"no column {wanted_columns} in the header"
        return
    try:
        for row in rows:
            yield row.number, row.fault or _document(row.values, header, f"{name}:{row.number}")
    except OSError as error:
        # Of a row that is not whole nothing is known but where it begins, which is behind all lines of the last one.
        yield feed.following, f"cannot be read any further: {error.strerror or error}"


def _feed(chunks: Iterable[bytes], config: InputConfig) -> _Feed:
    encoding = config.encoding
    # Where a line end is not the byte of ASCII, as in UTF-16, lines can be cut from characters only.
    if "\n".encode(encoding) != b"\n":
        chunks, encoding = _recoded(chunks, encoding), "utf-8"
    whole = blocks(with_line_feeds(chunks), config.max_document_bytes)
    numbered = enumerate(chain.from_iterable(map(lines, whole)), start=1)
    # The default of 131,072 characters is less than a long article; the bound of this process is ours to widen only.
    csv.field_size_limit(max(csv.field_size_limit(), config.max_document_bytes + 1))
    return _Feed(lines=numbered, encoding=encoding, written=config.encoding, max_bytes=config.max_document_bytes)


def _recoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The same in UTF-8; what cannot be read is no UTF-8 either, so that it costs the row that it stands in."""
    decoder = codecs.getincrementaldecoder(encoding)(_DAMAGE)
    try:
        for chunk in chain(chunks, [b""]):
            yield decoder.decode(chunk, not chunk).encode("utf-8", "surrogatepass")
    except UnicodeError:
        raise OSError(f"not {encoding}") from None


def _damaged(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


def _start(feed: _Feed) -> str:
    """The first line that is not empty, which stays to be read, without the mark of UTF-8 and what stands before it."""
    for number, line in feed.lines:
        content = line.removeprefix(_BOM) if number == 1 else line
        if content.strip(b"\r"):
            feed.lines = chain([(number, content)], feed.lines)
            return feed.readable(content[: feed.max_bytes])
    return ""


def _delimiter(start: str, names: Names, given: str) -> str:
    """The first of the known delimiters that makes a column of a wanted text, the given one first."""
    for delimiter in (given, *DELIMITERS):
        try:
            columns = next(csv.reader([start], delimiter=delimiter), [])
        except csv.Error:
            # Whoever reads the rows finds it again, and says so.
            continue
        if any(column.strip() in names.text for column in columns):
            return delimiter
    return given


def _rows(feed: _Feed, delimiter: str) -> Iterator[_Row]:
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        feed.begin_row()
        values: list[str] = []
        try:
            values = next(reader)
        except StopIteration:
            return
        except _EndlessRow as error:
            feed.give_back()
            feed.fault = str(error)
        except csv.Error as error:
            feed.fault = f"malformed CSV: {error}"
        if values or feed.fault:
            yield _Row(number=feed.held[0][0], values=values, fault=feed.fault)


def _header(columns: list[str], names: Names) -> _Header:
    place = {column.strip(): i for i, column in reversed(list(enumerate(columns)))}
    text, *labels = (
        [place[name] for name in wanted_names if name in place]
        for wanted_names in (names.text, names.id, names.url, names.source, names.date)
    )
    return _Header(n_columns=len(columns), text=text, id=labels[0], url=labels[1], source=labels[2], date=labels[3])


def _document(values: list[str], header: _Header, default_id: str) -> Document | str:
    if len(values) != header.n_columns:
        return f"{len(values)} columns, not {header.n_columns} as in the header"
    return Document(
        id=_first(values, header.id) or default_id,
        text=_first(values, header.text),
        url=_first(values, header.url),
        source=_first(values, header.source),
        date=_first(values, header.date),
    )


def _first(values: Sequence[str], places: Sequence[int]) -> str:
    """A table has no null: what is empty is not given."""
    return next((values[place] for place in places if values[place]), "")


codecs.register_error(_DAMAGE, _damaged)
