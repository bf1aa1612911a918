"""What an engine is: it maps a function over rows, brings rows with equal keys together, and keeps what it has.

Rows are Arrow's, so that the function sees columns and no Python object a row. A function may be run twice for the same
rows, when a worker is lost; of both results one counts, so it must give the same each time.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias, TypeVar

__all__ = ["Batches", "Engine", "Schema", "Work"]

Batches: TypeAlias = Iterator[Any]
"""Arrow record batches."""
Work: TypeAlias = Callable[[Batches], Batches]
"""From some of the rows to other rows; it must be one that can be sent to another process."""
Schema: TypeAlias = Mapping[str, str]
"""The columns of a result by name: `bigint`, `double` or `string`."""

F = TypeVar("F")


class Engine(Protocol[F]):
    """`F` are rows as the engine holds them: a data frame, or a reference to one."""

    def numbers(self, n: int) -> F:
        """The numbers from 0 to `n - 1` in a column `number`, each to be worked on by itself."""

    def rows(self, table: Any) -> F:
        """The rows of an Arrow table."""

    def map(self, rows: F, work: Work, schema: Schema) -> F:
        """What `work` makes of the rows, part by part."""

    def group(self, rows: F, work: Work, schema: Schema) -> F:
        """The same, where all rows with one value in the column `key` come to the same call."""

    def keep(self, rows: F, name: str) -> F:
        """The rows, worked out once and put where the loss of a worker does not reach them."""

    def collect(self, rows: F) -> Any:
        """All rows as an Arrow table."""
