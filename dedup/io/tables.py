"""Parquet and Arrow: only the wanted columns, some rows at a time."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import BufferedIOBase
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from dedup.config import InputConfig
from dedup.errors import InputError
from dedup.io.arrow_files import MARK, PADDED_BYTES, Joined, batches, by_footer, damage, first_line, from_front, opened
from dedup.io.json_lines import Names, wanted
from dedup.io.text_files import misfit
from dedup.records import Document

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

__all__ = ["N_ROWS", "arrow", "check_installed", "parquet", "stream"]

N_ROWS = 512
"""So many rows are read at a time."""
_READ_BYTES = 1 << 20
_MOST_EXACT = 1 << 53
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """The columns that hold each field, in the order in which they are tried."""

    text: list[str]
    id: list[str]
    url: list[str]
    source: list[str]
    date: list[str]

    def all(self) -> list[str]:
        """Every column once."""
        return list(dict.fromkeys(self.text + self.id + self.url + self.source + self.date))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where rows stand: the name of their file, and how many rows of it come before them."""

    name: str
    before: int


class _Labels(NamedTuple):
    """What is known of one row beside its text."""

    id: str
    url: str
    source: str
    date: str


def parquet(source: str | BufferedIOBase, name: str, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    """Each row's number, from 1, with its document or why there is none; OSError when the file is no Parquet.

    A damaged part costs the rows from there to the end of its group, which are counted.
    """
    check_installed()
    from pyarrow.parquet import ParquetFile

    try:
        file = ParquetFile(opened(source), pre_buffer=False, buffer_size=_READ_BYTES, page_checksum_verification=True)
        schema = file.schema_arrow
    except damage() as error:
        raise OSError(first_line(error)) from None
    with file:
        columns = _columns(schema, wanted(config))
        if isinstance(columns, str):
            yield 0, columns
            return
        before = 0
        for group in range(file.num_row_groups):
            yield from _group(file, group, _Place(name=name, before=before), columns, config)
            before += file.metadata.row_group(group).num_rows


def arrow(
    chunks: Iterator[bytes], source: str | BufferedIOBase | None, name: str, config: InputConfig
) -> Iterator[tuple[int, Document | str]]:
    """Each row's number, from 1, with its document or why there is none; OSError where the file is damaged.

    An Arrow file is a stream between a mark and a footer, as the format has it. But Polars and others write what is no
    whole stream, so the footer of `source` is followed; a file that is packed or cut off is read as a stream, or where
    it is none from a temporary file.
    """
    check_installed()
    import pyarrow as pa

    start = b""
    while len(start) < PADDED_BYTES and (chunk := next(chunks, b"")):
        start += chunk
    is_file = start.startswith(MARK)
    joined = Joined(chunks, start[PADDED_BYTES:] if is_file else start)
    try:
        with ExitStack() as stack:
            reader = (is_file and by_footer(source)) or from_front(joined, start[:PADDED_BYTES], name, stack)
            stack.enter_context(reader)
            yield from _rows(reader.schema, batches(reader), name, config)
            is_whole = isinstance(reader, pa.RecordBatchFileReader) or not is_file or joined.ends_with(MARK)
    except damage() as error:
        raise OSError(first_line(error)) from None
    if not is_whole:
        raise OSError("the file ends too early")


def stream(frame: object, name: str, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    """The same of whatever gives itself out as an Arrow stream; number 0 where it has no column of texts."""
    check_installed()
    import pyarrow as pa

    try:
        reader = pa.RecordBatchReader.from_stream(frame)
    except damage() as error:
        # Whatever has the columns makes them into Arrow's now: those of pandas may hold values of several types.
        raise InputError(f"a frame of documents cannot be read: {first_line(error)}") from None
    with reader:
        yield from _rows(reader.schema, reader, name, config)


def _rows(
    schema: "pa.Schema", batches: "Iterable[pa.RecordBatch]", name: str, config: InputConfig
) -> Iterator[tuple[int, Document | str]]:
    columns, before = _columns(schema, wanted(config)), 0
    if isinstance(columns, str):
        yield 0, columns
        return
    for batch in batches:
        for start_row in range(0, batch.num_rows, N_ROWS):
            rows = batch.slice(start_row, N_ROWS)
            yield from _documents(rows, _Place(name=name, before=before), columns, config)
            before += rows.num_rows


def check_installed() -> None:
    """InputError, naming the extra, where the package that reads tables is missing."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise InputError('Parquet and Arrow need an extra: pip install "dedup[arrow]"') from None


def _columns(schema: "pa.Schema", names: Names) -> _Columns | str:
    """Which columns to read, or why there is no text among them."""
    present = set(schema.names)
    text = [name for name in names.text if name in present]
    if not text:
        return "no column " + " or ".join(f'"{name}"' for name in names.text)
    readable = [name for name in text if _is_string(_type(schema, name))]
    if not readable:
        return f'column "{text[0]}" is {_type(schema, text[0])}, not string'
    return _Columns(
        text=readable,
        id=[name for name in names.id if name in present],
        url=[name for name in names.url if name in present],
        source=[name for name in names.source if name in present],
        date=[name for name in names.date if name in present],
    )


def _type(schema: "pa.Schema", name: str) -> "pa.DataType":
    """The type of the first column of this name."""
    return schema.field(schema.names.index(name)).type


def _is_string(kind: "pa.DataType") -> bool:
    """Whether values are characters, or bytes that may be some, as older writers declare their strings; or all null."""
    import pyarrow.types as types

    if types.is_dictionary(kind):
        return _is_string(kind.value_type)
    known = (
        types.is_null, types.is_string, types.is_large_string, types.is_string_view,
        types.is_binary, types.is_large_binary, types.is_binary_view,
    )  # fmt: skip
    return any(is_one(kind) for is_one in known)


def _group(
    file: "ParquetFile", group: int, place: _Place, columns: _Columns, config: InputConfig
) -> Iterator[tuple[int, Document | str]]:
    n_left = file.metadata.row_group(group).num_rows
    last = place.before + n_left
    try:
        for batch in file.iter_batches(N_ROWS, row_groups=[group], columns=columns.all(), use_threads=False):
            yield from _documents(batch, _Place(name=place.name, before=last - n_left), columns, config)
            n_left -= batch.num_rows
    except damage() as error:
        yield last - n_left + 1, _lost(n_left, error)


def _documents(
    batch: "pa.RecordBatch", place: _Place, columns: _Columns, config: InputConfig
) -> Iterator[tuple[int, Document | str]]:
    try:
        texts = _firsts([_bytes(_column(batch, name)) for name in columns.text], batch.num_rows)
        ids, urls, sources, dates = (
            _firsts([_labels(_column(batch, name)) for name in names], batch.num_rows)
            for names in (columns.id, columns.url, columns.source, columns.date)
        )
    except damage() as error:
        reason = f"cannot be read: {first_line(error)}"
        yield from ((place.before + row + 1, reason) for row in range(batch.num_rows))
        return
    for row, data in enumerate(texts):
        number = place.before + row + 1
        labels = _Labels(ids[row] or f"{place.name}:{number}", urls[row] or "", sources[row] or "", dates[row] or "")
        yield number, _document(data, labels, columns.text[0], config.max_document_bytes)


def _document(data: bytes | None, labels: _Labels, column: str, max_bytes: int) -> Document | str:
    if data is None:
        return f'column "{column}" is null, not a string'
    if len(data) > max_bytes:
        return f"longer than {max_bytes:,} bytes"
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return misfit(error, "utf-8")
    return Document(id=labels.id, text=text, url=labels.url, source=labels.source, date=labels.date)


def _firsts(columns: Sequence[Sequence[T | None]], n_rows: int) -> Sequence[T | None]:
    """Of several columns the first value of each row that is not null."""
    if len(columns) == 1:
        return columns[0]
    return [next((column[row] for column in columns if column[row] is not None), None) for row in range(n_rows)]


def _column(batch: "pa.RecordBatch", name: str) -> "pa.Array":
    """The first column of this name."""
    return batch.column(batch.schema.names.index(name))


def _bytes(column: "pa.Array") -> list[bytes | None]:
    """Strings as bytes, since those of Parquet are not checked to be UTF-8; all is checked to lie within its memory."""
    found: list[bytes | None] = _binary(column).to_pylist()
    return found


def _binary(column: "pa.Array") -> "pa.Array":
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column.validate(full=True)
        # Arrow cannot take views, of which the dictionaries of Polars are.
        return _binary(column.dictionary).take(column.indices)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = column.view(pa.binary() if pa.types.is_string(kind) else pa.large_binary())
    column.validate(full=True)
    return column.cast(pa.large_binary())


def _labels(column: "pa.Array") -> list[str | None]:
    import pyarrow as pa

    if _is_string(column.type):
        return [None if value is None else value.decode("utf-8", "replace") for value in _bytes(column)]
    column.validate(full=True)
    if pa.types.is_fixed_size_binary(column.type) or isinstance(column.type, pa.BaseExtensionType):
        return [None if value is None else _spelled(value) for value in column.to_pylist()]
    if pa.types.is_floating(column.type):
        return [None if value is None else _digits(float(value)) for value in column.to_pylist()]
    if pa.types.is_timestamp(column.type) and column.type.tz:
        # Not every machine knows every zone.
        column = column.cast(pa.timestamp(column.type.unit, "UTC"))
    try:
        found: list[str | None] = column.cast(pa.large_string()).to_pylist()
    except pa.ArrowNotImplementedError:
        return [None if value is None else json.dumps(value, default=str) for value in column.to_pylist()]
    return found


def _digits(value: float) -> str | None:
    """A number as it would stand in a column of whole ones of which none is missing; none where it is missing."""
    if math.isnan(value):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < _MOST_EXACT else repr(value)


def _spelled(value: object) -> str:
    """A value of a type of its own, such as a UUID; bytes as characters where they are some, else in hexadecimal."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()


def _lost(n_rows: int, error: Exception) -> str:
    return f"{n_rows:,} rows cannot be read: {first_line(error)}"
