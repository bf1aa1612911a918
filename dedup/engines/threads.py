"""The protocol of engines over the threads of this process."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from dedup.engines.local import ordered_map
from dedup.engines.protocol import Schema, Work

__all__ = ["Threads"]

TYPES = {"bigint": pa.int64(), "double": pa.float64(), "string": pa.string()}

Parts = list[Any]
"""Arrow tables."""


class Threads:
    """Rows are tables in memory, `n_parts` of them after a grouping."""

    def __init__(self, threads: int = 0, n_parts: int = 4) -> None:
        self._threads, self._n_parts = threads, n_parts

    def numbers(self, n: int) -> Parts:
        """A table each."""
        return [pa.table({"number": pa.array([i], pa.int64())}) for i in range(n)]

    def rows(self, table: Any) -> Parts:
        """One table."""
        return [table]

    def map(self, rows: Parts, work: Work, schema: Schema) -> Parts:
        """Table by table."""
        return list(ordered_map(partial(_worked, work, _typed(schema)), rows, self._threads))

    def group(self, rows: Parts, work: Work, schema: Schema) -> Parts:
        """Tables of the rows whose keys leave the same rest."""
        whole = pa.concat_tables(rows)
        rests = whole["key"].to_numpy() % self._n_parts
        return self.map([whole.filter(pa.array(rests == rest)) for rest in range(self._n_parts)], work, schema)

    def keep(self, rows: Parts, name: str) -> Parts:
        """They are worked out, and this process is the only worker."""
        return rows

    def collect(self, rows: Parts) -> Any:
        """All tables as one."""
        return pa.concat_tables(rows)


def _worked(work: Work, schema: Any, table: Any) -> Any:
    batches: Iterator[Any] = work(iter(table.to_batches()))
    return pa.Table.from_batches(batches, schema)


def _typed(schema: Schema) -> Any:
    return pa.schema([(name, TYPES[kind]) for name, kind in schema.items()])
