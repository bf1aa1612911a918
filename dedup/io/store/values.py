"""What an index keeps, and the interface that every store of it has.

A document has a number, given in the order of arrival and never given twice. What is looked up of it are its keys: 32
bits each of its content, its bands and its fingerprints.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Bytes, Hashes, Positions, Rows
from dedup.records import Relation

__all__ = [
    "UNDATED",
    "Change",
    "Fault",
    "Hits",
    "Keys",
    "Merge",
    "Name",
    "Note",
    "Postings",
    "Store",
    "StoredDocument",
    "Traits",
]

Keys = NDArray[np.uint32]
UNDATED = -(1 << 62)
"""The date of a document that has none, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document that an index knows.

    `text` is UTF-8 in which lone surrogates pass, and empty where another document has the same characters;
    `digest` are 16 bytes of its characters' hash; `seen_s` is when it came, in seconds since 1970. `representative` is
    the number of the document that it is a copy of, its own where it is none; `relation` and `confidence` say what it
    is to that one. `searchable` is one that later documents are compared with; of another, `elder` is the number of the
    document by whose keys it is found, and whose heir it is.
    """

    number: int
    id: str
    text: bytes
    digest: bytes
    url: str = ""
    source: str = ""
    date: str = ""
    seen_s: float = 0.0
    cluster: str = ""
    representative: int = 0
    relation: Relation | None = None
    confidence: float = 1.0
    searchable: bool = True
    elder: int | None = None


class Name(NamedTuple):
    """What an id stands for: the document's number and the digest of its text."""

    number: int
    digest: bytes


class Merge(NamedTuple):
    """Two clusters found to be one: `cluster` went into `into`, for `because`, the id that showed it."""

    cluster: str
    into: str
    because: str
    seen_s: float


class Note(NamedTuple):
    """A small value that was kept with a step, by its name."""

    name: str
    content: bytes


class Fault(NamedTuple):
    """Something in a store that is not as it was written: where, and what."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is compared of documents before their texts are, a row each.

    `signatures` uint8 (n, n_hashes): a byte of every place; `n_fingerprints` int32 (n,); `sites` uint64 (n,), by
    `collection.site_keys`, 0 where not known.
    """

    signatures: Bytes
    n_fingerprints: Positions
    sites: Hashes


@dataclass(frozen=True, slots=True, kw_only=True)
class Postings:
    """What documents are found by: row n, the document `numbers[n]`, has `keys[offsets[n]:offsets[n + 1]]`.

    `numbers` ascend; `seen_s` and `dates_s` (n,) are seconds rounded down, `UNDATED` where there is no date.
    """

    numbers: Rows
    seen_s: Rows
    dates_s: Rows
    traits: Traits
    keys: Keys
    offsets: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Documents that hold some keys.

    `counts` (n_keys,) is how many hold each; one beyond the bound asked for need not be exact. Those of key k are
    `numbers[starts[k]:starts[k + 1]]`, ascending, and of the `sites` there.
    """

    counts: Positions
    starts: Rows
    numbers: Rows
    sites: Hashes


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is written in one step, all or nothing.

    `postings` are those of `documents`, in their order. `removed` are numbers whose documents are forgotten, by an
    update or for good; an heir takes the place of such a one, as `succession` has it. `notes` are small values by name,
    such as counts that the index keeps.
    """

    documents: Sequence[StoredDocument] = ()
    postings: Postings | None = None
    removed: Sequence[int] = ()
    merges: Sequence[Merge] = ()
    notes: Mapping[str, bytes] = field(default_factory=dict)


class Store(Protocol):
    """What an index asks of where it is kept.

    A reader sees the steps that were complete when it last called `refresh`, and never half of one.
    """

    @property
    def n_numbers(self) -> int:
        """How many numbers have been given: the next document's number."""

    @property
    def n_documents(self) -> int:
        """How many documents are known."""

    def writing(self) -> AbstractContextManager[object]:
        """Within it nobody else writes, and what is read is the latest."""

    def refresh(self) -> None:
        """See what others have written."""

    def names(self, ids: Sequence[str]) -> list[Name | None]:
        """What each id stands for."""

    def documents(self, numbers: Sequence[int]) -> list[StoredDocument | None]:
        """The documents of some numbers; None where there is none, or no longer."""

    def every_document(self, first: int = 0) -> Iterator[StoredDocument]:
        """All that are known, in the order of their numbers, from the number `first` on."""

    def find(self, keys: Keys, most: Positions, is_rare: NDArray[np.bool_]) -> Hits:
        """Who holds each key; where more than `most` do, the first of them, or nobody if a key tells when rare only."""

    def traits(self, numbers: Rows) -> Traits:
        """Traits of documents that `find` has named."""

    def older(self, than_s: float, by: Literal["seen", "date"]) -> Rows:
        """Numbers of all documents that came, or are dated, before `than_s`; undated ones are never older.

        Moments are rounded down: documents of the second in which `than_s` lies are among them, if it is no whole one.
        """

    def inherited(self) -> list[int]:
        """Numbers under which, at some time, heirs have come to stand: what `older` says of them is of others."""

    def bequeathing(self, numbers: Sequence[int]) -> list[int]:
        """Those of some numbers that have, or had, heirs."""

    def merged(self, clusters: Sequence[str]) -> list[str]:
        """The cluster that each has gone into, itself where it has not."""

    def merges(self) -> list[Merge]:
        """All merges so far, in their order."""

    def note(self, name: str) -> bytes | None:
        """The latest value of a note."""

    def commit(self, change: Change) -> None:
        """Make a step durable; when this returns, it is."""

    def compact(self) -> None:
        """Give back the room of what was removed."""

    def verify(self) -> list[Fault]:
        """Whatever is not as it was written."""

    def sizes(self) -> dict[str, int]:
        """Bytes, by what takes them."""

    def close(self) -> None:
        """Leave the store to others."""
