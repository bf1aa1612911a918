"""Names for the array types that stages exchange. Apart from `records` so that `import dedup` loads no NumPy."""

from typing import NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Bytes",
    "Column",
    "Columns",
    "Empty",
    "Hashed",
    "Hashes",
    "Positions",
    "Rows",
    "Scores",
    "Signatures",
    "in_memory",
    "offsets",
]

Bytes: TypeAlias = NDArray[np.uint8]
Hashes: TypeAlias = NDArray[np.uint64]
Rows: TypeAlias = NDArray[np.int64]
Positions: TypeAlias = NDArray[np.int32]
Scores: TypeAlias = NDArray[np.float64]
Signatures: TypeAlias = NDArray[np.uint32]

S = TypeVar("S", bound=np.generic)


class Hashed(NamedTuple):
    """Hashes of the tokens of some texts, (n_tokens,), `offsets` (n_texts + 1,)."""

    hashes: Hashes
    offsets: Rows


class Column(Protocol[S]):
    """Rows that are appended bit by bit."""

    def append(self, values: NDArray[S]) -> None:
        """Add rows."""

    def array(self) -> NDArray[S]:
        """All rows, once the last is appended."""


class Columns(Protocol):
    """Where columns lie, in memory or on disk."""

    def column(self, name: str, dtype: type[S], width: int = 1) -> Column[S]:
        """The column of that name, of rows of `width` values."""


class Empty(Protocol):
    """What makes large arrays for work in progress, in memory or on disk."""

    def __call__(self, n: int, dtype: type[S], /) -> NDArray[S]:
        """An array of `n` values that are not set."""


def in_memory(n: int, dtype: type[S], /) -> NDArray[S]:
    """`Empty` in memory."""
    return np.empty(n, dtype)


def offsets(sizes: NDArray[np.int32] | Rows) -> Rows:
    """Where each of some runs of these sizes begins, and where the last ends: (n + 1,)."""
    found = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=found[1:])
    return found
