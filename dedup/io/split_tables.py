"""Rows of Parquet, all columns of them, to two files: those that are kept and those that are removed."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from io import BufferedIOBase
from itertools import groupby
from typing import TYPE_CHECKING

from dedup.errors import InputError
from dedup.io import tables
from dedup.io.paths import InputFile
from dedup.io.pending import Pending
from dedup.io.remote import is_remote, open_remote

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile, ParquetWriter

__all__ = ["check", "write"]

_N_ROWS = 1 << 13


def check(files: Iterable[InputFile]) -> None:
    """InputError where one of the files has other columns than the first; what cannot be read has no rows to split."""
    tables.check_installed()
    first: pa.Schema | None = None
    for file in files:
        schema = _schema(file)
        first = first or schema
        if schema is not None and not schema.equals(first):
            raise _unlike(file)


def write(marked: Iterable[tuple[InputFile, bytearray]], pending: Sequence[Pending]) -> None:
    """Write the rows of all files that have mark 1 to the first, and those that have mark 2 to the second.

    Marks are by the number of the row, from 1; rows beyond them have none. InputError where columns differ.
    """
    writers: list[ParquetWriter] = []
    with pending[0].writing(), ExitStack() as stack:
        for file, marks in marked:
            with _source(file) as source:
                for batch, marks_of_batch in _batches(source, file, marks):
                    if not writers:
                        writers.extend(stack.enter_context(_writer(part, batch.schema)) for part in pending)
                    elif not batch.schema.equals(writers[0].schema):
                        raise _unlike(file)
                    for mark, writer in enumerate(writers, start=1):
                        writer.write_table(_marked(batch, marks_of_batch, mark))


def _unlike(file: InputFile) -> InputError:
    return InputError(f"cannot split {file.place}, which has other columns than the files before it")


def _schema(file: InputFile) -> "pa.Schema | None":
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        with _source(file) as source, ParquetFile(source, pre_buffer=False) as table:
            return table.schema_arrow
    except (pa.ArrowException, OSError):
        return None


def _source(file: InputFile) -> AbstractContextManager[BufferedIOBase]:
    return open_remote(file.path) if is_remote(file.path) else open(file.path, "rb")


@contextmanager
def _writer(part: Pending, schema: "pa.Schema") -> Iterator["ParquetWriter"]:
    from pyarrow.parquet import ParquetWriter

    # Arrow would open no file whose name is no UTF-8.
    with part.temporary.open("wb") as file, ParquetWriter(file, schema) as writer:
        yield writer


def _batches(source: BufferedIOBase, file: InputFile, marks: bytearray) -> Iterator[tuple["pa.RecordBatch", bytes]]:
    """Rows and their marks; what stands behind the last mark of a group is passed over, as it may be damaged."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(source, pre_buffer=False, page_checksum_verification=True) as table:
            first = 1
            for group in range(table.num_row_groups):
                n_rows = table.metadata.row_group(group).num_rows
                yield from _of_group(table, group, bytes(marks[first : first + n_rows]).ljust(n_rows, b"\0"))
                first += n_rows
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"cannot split {file.place}: {str(error).partition(chr(10))[0]}") from None


def _of_group(table: "ParquetFile", group: int, marks: bytes) -> Iterator[tuple["pa.RecordBatch", bytes]]:
    n_marked, at = len(marks.rstrip(b"\0")), 0
    # Where the last rows are no documents, as many at a time as a scan reads: damage may have stopped it there.
    n_rows = _N_ROWS if n_marked == len(marks) else tables.N_ROWS
    batches = table.iter_batches(n_rows, row_groups=[group], use_threads=False)
    while at < n_marked:
        batch = next(batches)
        yield batch, marks[at : at + batch.num_rows]
        at += batch.num_rows


def _marked(batch: "pa.RecordBatch", marks: bytes, mark: int) -> "pa.Table":
    """The rows of a batch with a mark."""
    import pyarrow as pa

    try:
        parts = [batch.filter(pa.array([found == mark for found in marks], pa.bool_()))]
    except pa.ArrowNotImplementedError:
        # Of views it cannot be chosen, but slices can be made.
        runs, at = [(found, len(list(run))) for found, run in groupby(marks)], 0
        parts = []
        for found, n in runs:
            parts += [batch.slice(at, n)] if found == mark else []
            at += n
    return pa.Table.from_batches(parts, batch.schema)
