"""Documents in memory as columns: Arrow tables and whatever gives itself out as one, as pandas and Polars frames do."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Protocol, TypeGuard, TypeVar, runtime_checkable
from uuid import uuid4

from dedup.batches import iterated
from dedup.config import InputConfig
from dedup.errors import InputError
from dedup.io import filtering, tables
from dedup.records import Document, Skipped

__all__ = ["Frame", "documents", "lasting"]

ROW, N_ROWS = "row", 1_000
T = TypeVar("T")


@runtime_checkable
class Frame(Protocol):
    """Columns that Arrow can read."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A capsule with an Arrow stream."""


def documents(found: Iterable[T] | Frame, config: InputConfig, place: str = ROW) -> Iterable[T | Document | Skipped]:
    """The documents of a frame, rows without one `Skipped`; anything else as it is.

    A row without an id is called by `place` and its number; where that is taken, a number goes behind it: `row:2#2`.
    """
    return _named(found, config, place) if isinstance(found, Frame) else iterated(found)


def lasting(frame: Frame, config: InputConfig) -> Iterator[Document | str]:
    """For each row its document, or why there is none; one without an id is known by its URL, else by its text."""
    # A place that no id of the frame can be taken for.
    place = uuid4().hex
    for number, item in enumerate(_rows(frame, place, config), start=1):
        if isinstance(item, Document) and item.id == f"{place}:{number}":
            yield filtering.lasting(replace(item, id=""))
        else:
            yield item


def _rows(frame: Frame, place: str, config: InputConfig) -> Iterator[Document | str]:
    if not isinstance(frame, Frame):
        raise InputError(f"expected a frame that Arrow can read, got one {type(frame).__name__}")
    for number, item in tables.stream(frame, place, config):
        if number == 0:
            raise InputError(f"a frame of documents has {item}")
        yield item


def _named(frame: Frame, config: InputConfig, place: str) -> Iterator[Document | Skipped]:
    # Here and not above, as it brings in the compiler.
    from dedup.io.names import Names

    unnamed, names = uuid4().hex, Names()
    rows = enumerate(_rows(frame, unnamed, config), start=1)
    while some := list(islice(rows, N_ROWS)):
        found = [_called(item, f"{place}:{number}", f"{unnamed}:{number}") for number, item in some]
        # Whether other ids differ is for the scan to say.
        own = iter(names.own([item.id for item in found if _has_place(item, place)]))
        for item in found:
            yield replace(item, id=next(own)) if _has_place(item, place) else item


def _has_place(item: Document | Skipped, place: str) -> TypeGuard[Document]:
    return isinstance(item, Document) and item.id.startswith(f"{place}:")


def _called(item: Document | str, place: str, unnamed: str) -> Document | Skipped:
    if isinstance(item, str):
        return Skipped(place=place, reason=item)
    return replace(item, id=place) if item.id == unnamed else item
