"""Names for the array types that stages exchange, and what they work with.

Apart from `records` so that `import dedup` loads no NumPy.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "PLAIN",
    "Bytes",
    "Column",
    "Columns",
    "Empty",
    "Hashed",
    "Hashes",
    "Means",
    "Numbers",
    "Positions",
    "Read",
    "ReadSpans",
    "Reread",
    "Rest",
    "Rows",
    "Scores",
    "Signatures",
    "in_memory",
    "nothing",
    "offsets",
    "ranges",
]

Bytes: TypeAlias = NDArray[np.uint8]
Hashes: TypeAlias = NDArray[np.uint64]
Rows: TypeAlias = NDArray[np.int64]
Positions: TypeAlias = NDArray[np.int32]
Numbers: TypeAlias = NDArray[np.uint32]
Scores: TypeAlias = NDArray[np.float64]
Signatures: TypeAlias = NDArray[np.uint32] | NDArray[np.uint16]

Rest: TypeAlias = Callable[[], None]
"""Is called between steps, and may give back pages of files that were touched."""

S = TypeVar("S", bound=np.generic)
T = TypeVar("T")
R = TypeVar("R")


class Hashed(NamedTuple):
    """Hashes of the tokens of some texts, (n_tokens,), `offsets` (n_texts + 1,)."""

    hashes: Hashes
    offsets: Rows


class ReadSpans(Protocol):
    """Reads what lies elsewhere."""

    def __call__(self, begins: Rows, ends: Rows, out: Bytes) -> None:
        """Write the bytes from each of `begins` to its end, end to end, into `out`."""


class Read(Protocol):
    """Reads texts that lie elsewhere."""

    def __call__(self, rows: Rows) -> Bytes:
        """The texts of some rows end to end, with a block of room or more behind."""


class Reread(Protocol):
    """Reads what was read before."""

    def __call__(self, path: str, begins: Rows, ends: Rows, places: Rows, out: Bytes) -> None:
        """Write the bytes of a file from each of `begins` to its end into `out`, from its one of `places` on."""


class Column(Protocol[S]):
    """Rows that are appended bit by bit."""

    def append(self, values: NDArray[S]) -> None:
        """Add rows."""

    def array(self) -> NDArray[S]:
        """All rows, once the last is appended."""

    def reader(self) -> ReadSpans | None:
        """What reads bytes of it into memory; None where it is in memory."""


class Columns(Protocol):
    """Where columns lie, in memory or on disk."""

    def column(self, name: str, dtype: type[S], width: int = 1) -> Column[S]:
        """The column of that name, of rows of `width` values."""


class Empty(Protocol):
    """What makes large arrays for work in progress, in memory or on disk."""

    def __call__(self, n: int, dtype: type[S], /) -> NDArray[S]:
        """An array of `n` values that are not set."""


def nothing() -> None:
    """`Rest` where all is in memory."""


def in_memory(n: int, dtype: type[S], /) -> NDArray[S]:
    """`Empty` in memory."""
    return np.empty(n, dtype)


class Spread(Protocol):
    """Maps a function over parts of the work, in threads perhaps; results in the order of the parts."""

    def __call__(self, function: Callable[[T], R], parts: Iterable[T], /) -> Iterable[R]:
        """The results."""


class Means(NamedTuple):
    """What a stage works with: `empty` makes large arrays, `spread` maps over parts; how much memory there is.

    `rest` is called between steps that each touch a bounded part of what may lie in files.
    """

    empty: Empty
    spread: Spread
    memory_bytes: int = 1 << 62
    rest: Rest = nothing


PLAIN = Means(in_memory, map)


def offsets(sizes: NDArray[np.int32] | Rows) -> Rows:
    """Where each of some runs of these sizes begins, and where the last ends: (n + 1,)."""
    found = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=found[1:])
    return found


def ranges(begins: Rows, ends: Rows) -> Rows:
    """All numbers from each begin up to its end."""
    counts = ends - begins
    before = offsets(counts)
    return np.repeat(begins - before[:-1], counts) + np.arange(before[-1])
