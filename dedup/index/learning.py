"""What an index has learned from its documents: the counts of `stages.collection`, kept up as documents come.

Evidence changes with the step that reaches certain numbers of documents. Of many documents the words of one in eight
are counted, chosen by its text, as counting was most of the work of adding one. From `max_texts` on all counts are
halved at each turn, so that evidence follows the language of the documents.
"""

import struct
import zlib
from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Hashes, Rows
from dedup.config import EvidenceConfig
from dedup.errors import StoreError
from dedup.io.store.values import Store, StoredDocument
from dedup.records import Texts
from dedup.stages import collection, text
from dedup.stages.collection import Evidence

__all__ = ["NOTES", "Learning", "next_turn"]

FIRST_TURN, LAST_TURN = 16, 1 << 15
MANY, ONE_OF = 1 << 14, 8
"""From so many documents on, one of so many is counted."""
NOTES = NOTE, AT = "evidence", "evidence_at"
HEAD = struct.Struct("<QQ")
BATCH = 1_000
SPARSE, DENSE = b"few:", b"many"
"""How the bytes of a table begin."""
SPARSE_SHARE, LARGE = 16, 255
"""A table is listed while less than one in so many places is taken; a byte holds counts below `LARGE`."""


def next_turn(n_numbers: int) -> int:
    """The least number of documents above `n_numbers` at which evidence changes: powers of two, then every 32,768."""
    if n_numbers >= LAST_TURN:
        return (n_numbers // LAST_TURN + 1) * LAST_TURN
    turn = FIRST_TURN
    while turn <= n_numbers:
        turn *= 2
    return turn


def is_new(stored: StoredDocument) -> bool:
    """Whether a document may teach something: one that is no copy, and not empty."""
    return stored.representative == stored.number and stored.searchable


def is_worded(stored: StoredDocument) -> bool:
    """Whether the words of a document are counted: of many, one of the few that are chosen by their text."""
    return stored.number < MANY or stored.digest[0] % ONE_OF == 0


class Learning:
    """The evidence that holds now, and the counts that it will be made of at the next turn."""

    def __init__(self, store: Store, config: EvidenceConfig, *, counting: bool) -> None:
        self._config = config
        self._at = store.note(AT) or b""
        self._counts = collection.empty_counts(1 << 40) if counting or self._at else None
        self._pages = dict[int, int]()
        self.n_texts = 0
        if self._at:
            try:
                self._load(store.note(NOTE) or b"")
            except (struct.error, zlib.error, ValueError, IndexError) as error:
                raise StoreError(f"what the index has learned is damaged: {error}") from None
        self.evidence = self._weighed() if self._at else collection.background(config)
        if counting:
            self._catch_up(store)
        else:
            self._counts = None

    def is_stale(self, store: Store) -> bool:
        """Whether another process has learned more."""
        return (store.note(AT) or b"") != self._at

    def count(self, documents: Sequence[StoredDocument]) -> None:
        """Learn from those of some documents that are new: their words, and the furniture of sites little seen yet.

        Frames are counted as sites are, and those that come up once are forgotten with the first half.
        """
        if self._counts is None:
            return
        chosen, sites, worded, framed = list[bytes](), list[int](), list[bool](), list[bool]()
        new = [stored for stored in documents if is_new(stored)]
        keys = collection.keys([d.source for d in new], [d.url for d in new], [d.date for d in new])
        for stored, site in zip(new, keys.sites.tolist(), strict=True):
            shows_site = site != 0 and self._pages.get(site, 0) < self._config.site_pages
            if shows_site:
                self._pages[site] = self._pages.get(site, 0) + 1
            if shows_site or is_worded(stored):
                chosen.append(stored.text)
                sites.append(site * shows_site)
                worded.append(is_worded(stored))
                framed.append(site == 0)
        if chosen:
            hashed, marks = text.hashed(_texts(chosen), np.arange(len(chosen))), (np.array(worded), np.array(framed))
            frames = collection.count(hashed, np.array(sites, np.uint64), *marks, self._counts)
            for frame in frames[frames != 0].tolist():
                self._pages[frame] = self._pages.get(frame, 0) + 1
        self.n_texts += sum(worded)

    def turn(self, n_numbers: int) -> dict[str, bytes]:
        """Make the evidence that holds from `n_numbers` documents on; the notes to keep it by."""
        if self.n_texts >= self._config.max_texts:
            self._forget_half()
        self.evidence = self._weighed()
        self._at = str(n_numbers).encode()
        return {NOTE: self._content(), AT: self._at}

    def _weighed(self) -> Evidence:
        sites, n_pages = self._sites()
        assert self._counts is not None
        return collection.weigh(self._counts, self.n_texts, sites, n_pages, self._config)

    def _sites(self) -> tuple[Hashes, Rows]:
        sites = sorted(self._pages)
        return np.array(sites, np.uint64), np.array([self._pages[site] for site in sites], np.int64)

    def _forget_half(self) -> None:
        assert self._counts is not None
        for table in self._counts:
            table >>= 1
        self.n_texts //= 2
        self._pages = {site: n // 2 for site, n in self._pages.items() if n > 1}

    def _content(self) -> bytes:
        assert self._counts is not None
        sites, n_pages = self._sites()
        packed = [_packed(table) for table in self._counts]
        lengths = struct.pack("<3Q", *map(len, packed))
        return b"".join((HEAD.pack(self.n_texts, len(sites)), sites.tobytes(), n_pages.tobytes(), lengths, *packed))

    def _load(self, content: bytes) -> None:
        assert self._counts is not None
        self.n_texts, n_sites = HEAD.unpack_from(content)
        at = HEAD.size
        sites = np.frombuffer(content, "<u8", n_sites, at).tolist()
        n_pages = np.frombuffer(content, "<i8", n_sites, at + 8 * n_sites).tolist()
        self._pages = dict(zip(sites, n_pages, strict=True))
        at += 16 * n_sites
        lengths = struct.unpack_from("<3Q", content, at)
        at += 24
        for table, length in zip(self._counts, lengths, strict=True):
            _unpack(content[at : at + length], table)
            at += length

    def _catch_up(self, store: Store) -> None:
        """Count the documents that came since the last turn."""
        found = store.every_document(int(self._at or 0))
        while batch := list(islice(found, BATCH)):
            self.count(batch)


def _packed(table: NDArray[np.int32]) -> bytes:
    """A table as bytes: the places taken and their counts; where these are many, a byte for each and the large apart.

    To compress whole tables of four bytes took 0.3 s a turn, half of the time of the first thousands of documents.
    """
    taken = np.flatnonzero(table)
    if len(taken) <= len(table) // SPARSE_SHARE:
        return SPARSE + _listed(table, taken)
    low = zlib.compress(np.minimum(table, LARGE).astype(np.uint8).tobytes(), 1)
    return DENSE + struct.pack("<Q", len(low)) + low + _listed(table, np.flatnonzero(table >= LARGE))


def _listed(table: NDArray[np.int32], places: Rows) -> bytes:
    return places.astype("<u4").tobytes() + table[places].astype("<i4").tobytes()


def _unpack(content: bytes, table: NDArray[np.int32]) -> None:
    if content.startswith(SPARSE):
        table[:], at = 0, len(SPARSE)
    elif content.startswith(DENSE):
        at = len(DENSE) + 8 + struct.unpack_from("<Q", content, len(DENSE))[0]
        table[:] = np.frombuffer(zlib.decompress(content[len(DENSE) + 8 : at]), np.uint8)
    else:
        # As indexes that were made before have it.
        table[:] = np.frombuffer(zlib.decompress(content), "<i4")
        return
    places, counts = np.frombuffer(content, "<u4", offset=at).reshape(2, -1)
    table[places] = counts.view("<i4")


def _texts(contents: Sequence[bytes]) -> Texts:
    offsets = np.zeros(len(contents) + 1, np.int64)
    np.cumsum([len(content) for content in contents], out=offsets[1:])
    return Texts(values=np.frombuffer(b"".join(contents), np.uint8), offsets=offsets)
