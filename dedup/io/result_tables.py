"""Results as Parquet: matches, members of clusters, and decisions, a row each, in files that appear when complete."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self, TypeAlias

from dedup.errors import InputError, OutputError
from dedup.io.pending import Pending
from dedup.records import Cluster, Decision, Match, Member

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

__all__ = ["TABLES", "VERSION", "ResultTables", "check_installed", "remove", "schemas"]

TABLES = ("matches.parquet", "clusters.parquet", "decisions.parquet")
VERSION = 1
"""Grows when a column is taken away, or changes its name, type or meaning; not when one is added."""

_N_ROWS = 1 << 14
_N_DIGITS = 6


def remove(folder: Path) -> None:
    """Take away the tables of an earlier run."""
    for name in TABLES:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"cannot remove {folder / name}: {error.strerror or error}") from None


def check_installed() -> None:
    """InputError where the package is missing that writes Parquet."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise InputError('Parquet needs an extra: pip install "dedup[arrow]"') from None


def schemas() -> dict[str, "pa.Schema"]:
    """The columns of each table; name and version of the schema stand in the file's metadata as `dedup.schema`."""
    import pyarrow as pa

    text, score, place = pa.string(), pa.float64(), pa.int32()
    spans = [(name, place) for name in ("left_start", "left_end", "right_start", "right_end", "n_tokens")]
    passage = pa.struct([*spans, ("quoted", pa.bool_())])
    shares = [(name, score) for name in ("resemblance", "left_in_right", "right_in_left", "coverage", "confidence")]
    columns: dict[str, list[tuple[str, pa.DataType]]] = {
        "matches": [
            ("left", text), ("right", text), ("relation", text), *shares, ("source", text),
            ("passages", pa.list_(passage)), ("reasons", pa.list_(text)), ("quotes", pa.list_(text)),
        ],
        "clusters": [
            ("cluster", text), ("representative", text), ("size", place), ("weakest", score), ("id", text),
            ("relation", text), ("resemblance", score),
        ],
        "decisions": [
            ("id", text), ("keep", pa.bool_()), ("cluster", text), ("representative", text), ("relation", text),
        ],
    }  # fmt: skip
    return {name: pa.schema(fields, {"dedup.schema": f"{name}/{VERSION}"}) for name, fields in columns.items()}


class ResultTables:
    """Takes results as they come and writes them to a folder; nothing appears there before `publish`.

    To be used in a `with`: whatever has not been published by its end is removed. OutputError where writing fails.
    """

    def __init__(self, folder: Path) -> None:
        check_installed()
        self._tables = {name: _Table(folder, name, schema) for name, schema in schemas().items()}

    def add_matches(self, matches: Iterable[Match]) -> None:
        """A row for each match."""
        self._tables["matches"].add(_match_row(match) for match in matches)

    def add_clusters(self, clusters: Iterable[Cluster]) -> None:
        """A row for each member of each cluster."""
        rows = (_member_row(cluster, member) for cluster in clusters for member in cluster.members)
        self._tables["clusters"].add(rows)

    def add_decisions(self, decisions: Iterable[Decision]) -> None:
        """A row for each decision."""
        self._tables["decisions"].add(_decision_row(decision) for decision in decisions)

    def publish(self) -> None:
        """Complete all files, then let them appear one after another."""
        for table in self._tables.values():
            table.complete()
        for table in self._tables.values():
            table.appear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for table in self._tables.values():
            table.discard()


Row: TypeAlias = tuple[object, ...]
"""One row of a table, in the order of its schema."""


class _Table:
    """One file; rows go to it by the group."""

    def __init__(self, folder: Path, name: str, schema: "pa.Schema") -> None:
        self._file = Pending(folder / f"{name}.parquet")
        self._schema, self._rows = schema, list[Row]()
        self._sink: BinaryIO | None = None
        self._writer: ParquetWriter | None = None

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows, in the order of the schema."""
        for row in rows:
            self._rows.append(row)
            if len(self._rows) >= _N_ROWS:
                self._flush()

    def complete(self) -> None:
        """Write what is left."""
        self._flush()
        with self._file.writing():
            self._close()

    def appear(self) -> None:
        """Take the place of an earlier table."""
        self._file.appear()

    def discard(self) -> None:
        """Leave nothing half-written behind."""
        # What is thrown away may be broken, and another error is on its way.
        with suppress(Exception):
            self._close()
        self._file.discard()

    def _close(self) -> None:
        writer, sink, self._writer, self._sink = self._writer, self._sink, None, None
        try:
            if writer is not None:
                writer.close()
        finally:
            if sink is not None:
                sink.close()

    def _flush(self) -> None:
        if self._writer is None:
            self._writer = self._open()
        batch = self._batch()
        with self._file.writing():
            self._writer.write_batch(batch)
        self._rows.clear()

    def _open(self) -> "ParquetWriter":
        from pyarrow.parquet import ParquetWriter

        self._file.make_folder()
        with self._file.writing():
            # Arrow would open no file whose name is no UTF-8.
            self._sink = self._file.temporary.open("wb")
            return ParquetWriter(self._sink, self._schema, compression="zstd", write_page_checksum=True)

    def _batch(self) -> "pa.RecordBatch":
        import pyarrow as pa

        columns = zip(*self._rows, strict=True) if self._rows else ([] for _ in self._schema)
        arrays = [pa.array(list(column), field.type) for column, field in zip(columns, self._schema, strict=True)]
        return pa.record_batch(arrays, schema=self._schema)


def _match_row(match: Match) -> Row:
    shares = (match.resemblance, match.left_in_right, match.right_in_left, match.coverage, match.confidence)
    passages = [
        {
            "left_start": passage.left.start,
            "left_end": passage.left.end,
            "right_start": passage.right.start,
            "right_end": passage.right.end,
            "n_tokens": passage.n_tokens,
            "quoted": passage.quoted,
        }
        for passage in match.passages
    ]
    names = _text(match.left), _text(match.right), match.relation
    return (*names, *map(_score, shares), match.source, passages, _texts(match.reasons), _texts(match.quotes))


def _member_row(cluster: Cluster, member: Member) -> Row:
    size, weakest = len(cluster.members), _score(cluster.weakest)
    of_cluster = _text(cluster.id), _text(cluster.representative), size, weakest
    return (*of_cluster, _text(member.id), member.relation, _score(member.resemblance))


def _decision_row(decision: Decision) -> Row:
    cluster, representative = (
        None if name is None else _text(name) for name in (decision.cluster, decision.representative)
    )
    return _text(decision.id), bool(decision.keep), cluster, representative, decision.relation


def _score(value: float) -> float:
    return round(float(value), _N_DIGITS)


def _text(value: str) -> str:
    """As it is but for lone surrogates, which no Parquet can hold: they are spelled out."""
    return value.encode("utf-8", "backslashreplace").decode()


def _texts(values: Sequence[str]) -> list[str]:
    return [_text(value) for value in values]
