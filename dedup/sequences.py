"""Sequences whose values are made when they are asked for: a large run holds columns, and few values are looked at."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Generic, TypeVar, overload

if TYPE_CHECKING:
    from dedup.arrays import Bytes, Positions, Rows

__all__ = ["Labels", "Lazy", "Lists", "labels", "pack", "take"]

T = TypeVar("T")


class Lazy(Sequence[T], Generic[T]):
    """`n` values, of which number i is `make(i)`; equal to any sequence of the same values."""

    __slots__ = ("_make", "_n")

    def __init__(self, n: int, make: Callable[[int], T]) -> None:
        self._n, self._make = n, make

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        if isinstance(at, slice):
            return [self._make(i) for i in range(*at.indices(self._n))]
        if not -self._n <= at < self._n:
            raise IndexError(f"no value {at} among {self._n}")
        return self._make(at % self._n)

    def __iter__(self) -> Iterator[T]:
        return map(self._make, range(self._n))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(list(self))


class Labels(Lazy[str]):
    """Strings end to end as UTF-8, in which a lone surrogate takes three bytes: `values`, `offsets` (n + 1,)."""

    __slots__ = ("offsets", "values")

    def __init__(self, values: "Bytes", offsets: "Rows") -> None:
        super().__init__(len(offsets) - 1, self._label)
        self.values, self.offsets = values, offsets

    def __iter__(self) -> Iterator[str]:
        bounds, content = self.offsets.tolist(), self._content()
        joined = content.decode("utf-8", "surrogatepass")
        if len(joined) == len(content):
            return (joined[a:b] for a, b in pairwise(bounds))
        return (content[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(bounds))

    def encoded(self) -> list[bytes]:
        """The bytes of each."""
        content = self._content()
        return [content[a:b] for a, b in pairwise(self.offsets.tolist())]

    def take(self, rows: "Rows") -> list[str]:
        """Some of them."""
        bounds = zip(self.offsets[rows].tolist(), self.offsets[rows + 1].tolist(), strict=True)
        content = self.values.data
        return [str(content[a:b], "utf-8", "surrogatepass") for a, b in bounds]

    def _content(self) -> bytes:
        return self.values[: self.offsets[-1]].tobytes()

    def _label(self, at: int) -> str:
        return self.values[self.offsets[at] : self.offsets[at + 1]].tobytes().decode("utf-8", "surrogatepass")


class Lists(Lazy[tuple[str, ...]]):
    """Lists of strings end to end: list n has the labels `offsets[n]` to `offsets[n + 1]`."""

    __slots__ = ("labels", "offsets")

    def __init__(self, labels: Labels, offsets: "Rows") -> None:
        super().__init__(len(offsets) - 1, self._list)
        self.labels, self.offsets = labels, offsets

    @classmethod
    def packed(cls, lists: Sequence[Sequence[str]]) -> "Lists":
        """From lists at hand."""
        import numpy as np

        values, sizes = pack(item for listed in lists for item in listed)
        offsets = [np.append(0, np.cumsum(counts, dtype=np.int64)) for counts in (sizes, [len(part) for part in lists])]
        return cls(Labels(values, offsets[0]), offsets[1])

    def take(self, rows: "Rows") -> list[tuple[str, ...]]:
        """Some of the lists."""
        import numpy as np

        begins, counts = self.offsets[rows], self.offsets[rows + 1] - self.offsets[rows]
        ends = np.cumsum(counts)
        taken = self.labels.take(np.repeat(begins - ends + counts, counts) + np.arange(counts.sum()))
        return [tuple(taken[end - n : end]) for end, n in zip(ends.tolist(), counts.tolist(), strict=True)]

    def _list(self, at: int) -> tuple[str, ...]:
        return tuple(self.labels[int(self.offsets[at]) : int(self.offsets[at + 1])])


def pack(labels: Iterable[str]) -> tuple["Bytes", "Positions"]:
    """The bytes of some strings end to end, and the length of each."""
    # Here, as `records` are imported where no NumPy is to be.
    import numpy as np

    if isinstance(labels, Labels):
        return labels.values[: labels.offsets[-1]], np.diff(labels.offsets).astype(np.int32)
    listed = list(labels)
    joined = "".join(listed)
    encoded = joined.encode("utf-8", "surrogatepass")
    if len(encoded) == len(joined):
        sizes = [len(label) for label in listed]
    else:
        sizes = [len(label.encode("utf-8", "surrogatepass")) for label in listed]
    return np.frombuffer(encoded, np.uint8), np.array(sizes, np.int32)


def take(values: Sequence[str], rows: "Rows") -> list[str]:
    """The values of some rows."""
    return values.take(rows) if isinstance(values, Labels) else [values[row] for row in rows.tolist()]


def labels(found: Sequence[str]) -> Labels:
    """Strings as columns, if they are not yet."""
    import numpy as np

    if isinstance(found, Labels):
        return found
    values, sizes = pack(found)
    return Labels(values, np.append(0, np.cumsum(sizes, dtype=np.int64)))
