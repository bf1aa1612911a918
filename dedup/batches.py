"""Documents by the batch, their texts end to end in one buffer, so that no later step handles them one by one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

import numpy as np

from dedup.arrays import Rows
from dedup.errors import InputError
from dedup.records import Document, Skipped, Texts

__all__ = ["Batch", "Deferred", "FileSpans", "as_old", "batches", "checked", "iterated", "nothing", "settled"]

P = TypeVar("P", bound="Batch | Deferred")
T = TypeVar("T")


class FileSpans(NamedTuple):
    """A file of JSON lines on a disk, and where in it the inside of each text stands: (n_rows, 2), or -1 for not so."""

    path: str
    spans: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some documents as columns, a row each, in the order of the input, and what was skipped among them.

    `is_old` where they are of a collection that others are compared with; `in_file` where texts may be read again.
    """

    ids: Sequence[str]
    texts: Texts
    urls: Sequence[str]
    sources: Sequence[str]
    dates: Sequence[str]
    skipped: list[Skipped]
    is_old: bool = False
    in_file: FileSpans | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """A batch that is yet to be made: `make` may run in any thread, then `settle` in the order of the input."""

    make: Callable[[], Batch]
    settle: Callable[[Batch], Batch]


@dataclass(slots=True)
class _Columns:
    """A batch in the making; `ends` are those of the texts in `values`."""

    ids: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    values: bytearray = field(default_factory=bytearray)
    ends: list[int] = field(default_factory=lambda: [0])


def batches(items: Iterable[Document | Skipped | P], batch_bytes: int) -> Iterator[Batch | P]:
    """Batches of at least `batch_bytes` of text, but for the last, which may be smaller; batches pass as they are."""
    columns = _Columns()
    for item in items:
        if isinstance(item, Batch | Deferred):
            if columns.ids or columns.skipped:
                yield _batch(columns)
                columns = _Columns()
            yield item
            continue
        if isinstance(item, Skipped):
            columns.skipped.append(item)
            continue
        _append(columns, checked(item))
        if len(columns.values) >= batch_bytes:
            yield _batch(columns)
            columns = _Columns()
    if columns.ids or columns.skipped:
        yield _batch(columns)


def iterated(documents: Iterable[T]) -> Iterable[T]:
    """The documents; InputError where there is nothing to go through, as with a single one or a lazy frame."""
    if not isinstance(documents, Iterable):
        raise InputError(f"expected several documents or a frame of them, got one {type(documents).__name__}")
    return documents


def checked(document: Document) -> Document:
    """The document; InputError where it is something else."""
    if not isinstance(document, Document):
        raise InputError(f"expected a Document, got {document!r:.80}")
    return document


def settled(part: Batch | Deferred) -> Batch:
    """The batch, made if it is yet to be."""
    return part if isinstance(part, Batch) else part.settle(part.make())


def nothing() -> Batch:
    """A batch of no document."""
    return _batch(_Columns())


def as_old(items: Iterable[Document | Skipped | Batch | Deferred], batch_bytes: int) -> Iterator[Batch | Deferred]:
    """The same as `batches`, of the collection that others are compared with."""
    return map(_as_old, batches(items, batch_bytes))


def _as_old(part: Batch | Deferred) -> Batch | Deferred:
    if isinstance(part, Batch):
        return replace(part, is_old=True)
    return Deferred(make=part.make, settle=lambda batch: replace(part.settle(batch), is_old=True))


def _append(columns: _Columns, document: Document) -> None:
    columns.ids.append(document.id)
    columns.urls.append(document.url)
    columns.sources.append(document.source)
    columns.dates.append(document.date)
    columns.values += document.text.encode("utf-8", "surrogatepass")
    columns.ends.append(len(columns.values))


def _batch(columns: _Columns) -> Batch:
    return Batch(
        ids=columns.ids,
        texts=Texts(values=np.frombuffer(columns.values, np.uint8), offsets=np.array(columns.ends, np.int64)),
        urls=columns.urls,
        sources=columns.sources,
        dates=columns.dates,
        skipped=columns.skipped,
    )
