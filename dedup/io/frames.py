"""Documents in memory as columns: Arrow tables and whatever gives itself out as one, as pandas and Polars frames do."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Protocol, TypeVar, runtime_checkable
from uuid import uuid4

from dedup.batches import iterated
from dedup.config import InputConfig
from dedup.errors import InputError
from dedup.io import filtering, tables
from dedup.records import Document, Skipped

__all__ = ["Frame", "documents", "lasting"]

PLACE = "row"
T = TypeVar("T")


@runtime_checkable
class Frame(Protocol):
    """Columns that Arrow can read."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A capsule with an Arrow stream."""


def documents(found: Iterable[T] | Frame, config: InputConfig) -> Iterable[T | Document | Skipped]:
    """The documents of a frame, rows without one `Skipped`; anything else as it is."""
    return _named(found, config) if isinstance(found, Frame) else iterated(found)


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


def _named(frame: Frame, config: InputConfig) -> Iterator[Document | Skipped]:
    for number, item in enumerate(_rows(frame, PLACE, config), start=1):
        yield Skipped(place=f"{PLACE}:{number}", reason=item) if isinstance(item, str) else item
