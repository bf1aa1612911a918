"""What an index has learned from its documents: the counts of `stages.collection`, brought up to date at each turn.

Evidence changes with the step that reaches certain numbers of documents. Of many documents the words of one in eight
are counted, chosen by its text, as counting was most of the work of adding one. From `max_texts` on all counts are
halved at each turn, so that evidence follows the language of the documents.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Hashes, Rows
from dedup.config import EvidenceConfig
from dedup.errors import StoreError
from dedup.io.store.values import Store, StoredDocument
from dedup.records import Texts
from dedup.stages import collection, text
from dedup.stages.collection import Evidence

__all__ = ["NOTES", "Learning", "next_turn", "turn"]

FIRST_TURN, LAST_TURN = 16, 1 << 15
MANY, ONE_OF = 1 << 14, 8
"""From so many documents on, one of so many is counted."""
NOTES = NOTE, AT = "evidence", "evidence_at"
HEAD = struct.Struct("<QQ")
BATCH_BYTES = 1 << 22
"""Of so many bytes of text documents are counted at once."""
SPARSE, DENSE = b"few:", b"many"
"""How the bytes of a table begin."""
SPARSE_SHARE, LARGE = 16, 255
"""A table is listed while less than one in so many places is taken; a byte holds counts below `LARGE`."""


def next_turn(n_numbers: int) -> int:
    """The least number of documents above `n_numbers` at which evidence changes: powers of two, then every 32,768."""
    if n_numbers >= LAST_TURN:
        return (n_numbers // LAST_TURN + 1) * LAST_TURN
    n_next = FIRST_TURN
    while n_next <= n_numbers:
        n_next *= 2
    return n_next


def is_new(stored: StoredDocument) -> bool:
    """Whether a document may teach something: one that is no copy, and not empty."""
    return stored.representative == stored.number and stored.searchable


def is_worded(stored: StoredDocument) -> bool:
    """Whether the words of a document are counted: of many, one of the few that are chosen by their text."""
    return stored.number < MANY or stored.digest[0] % ONE_OF == 0


class Learning:
    """The evidence that holds, as the latest turn made it."""

    def __init__(self, store: Store, config: EvidenceConfig) -> None:
        self._at = store.note(AT) or b""
        self.evidence = _Counted(store, config).weighed() if self._at else collection.background(config)

    def is_stale(self, store: Store) -> bool:
        """Whether there was a turn since."""
        return (store.note(AT) or b"") != self._at


def turn(store: Store, documents: Sequence[StoredDocument], n_numbers: int, config: EvidenceConfig) -> dict[str, bytes]:
    """Notes of the evidence that holds from `n_numbers` documents on, the last of which are `documents`.

    Counted are the documents that are in the store of those that came since the last turn. If they were counted as they
    come, an index that was opened in between would know nothing of those that were replaced or removed before.
    """
    counted = _Counted(store, config)
    for batch in _batches(store.every_document(int(store.note(AT) or 0))):
        counted.add(batch)
    counted.add(documents)
    counted.forget()
    return {NOTE: counted.content(), AT: str(n_numbers).encode()}


class _Counted:
    """The counts that evidence is made of, at first those of the latest turn."""

    def __init__(self, store: Store, config: EvidenceConfig) -> None:
        self._config, self._counts = config, collection.empty_counts(1 << 40)
        self._pages = dict[int, int]()
        self._n_texts = 0
        if store.note(AT):
            try:
                self._load(store.note(NOTE) or b"")
            except (struct.error, zlib.error, ValueError, IndexError) as error:
                raise StoreError(f"what the index has learned is damaged: {error}") from None

    def add(self, documents: Sequence[StoredDocument]) -> None:
        """Learn from those of some documents that are new: their words, and the furniture of sites little seen yet.

        Frames are counted as sites are, and those that come up once are forgotten with the first half.
        """
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
        self._n_texts += sum(worded)

    def forget(self) -> None:
        """Halve all counts, if they are of `max_texts` and more."""
        if self._n_texts < self._config.max_texts:
            return
        for table in self._counts:
            table >>= 1
        self._n_texts //= 2
        self._pages = {site: n // 2 for site, n in self._pages.items() if n > 1}

    def weighed(self) -> Evidence:
        """The evidence that these counts make."""
        return collection.weigh(self._counts, self._n_texts, *self._sites(), self._config)

    def content(self) -> bytes:
        """The counts as they are kept."""
        sites, n_pages = self._sites()
        packed = [_packed(table) for table in self._counts]
        lengths = struct.pack("<3Q", *map(len, packed))
        return b"".join((HEAD.pack(self._n_texts, len(sites)), sites.tobytes(), n_pages.tobytes(), lengths, *packed))

    def _sites(self) -> tuple[Hashes, Rows]:
        sites = sorted(self._pages)
        return np.array(sites, np.uint64), np.array([self._pages[site] for site in sites], np.int64)

    def _load(self, content: bytes) -> None:
        self._n_texts, n_sites = HEAD.unpack_from(content)
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


def _batches(documents: Iterator[StoredDocument]) -> Iterator[list[StoredDocument]]:
    """Documents up to `BATCH_BYTES` of text at a time."""
    batch, n_bytes = list[StoredDocument](), 0
    for stored in documents:
        batch.append(stored)
        n_bytes += len(stored.text)
        if n_bytes >= BATCH_BYTES:
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch


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
