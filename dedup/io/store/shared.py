"""The shared store: an index on a Redis or Valkey server, for writers and readers on several machines.

A step is one transaction, and writers take turns. What has been acknowledged is as durable as the server: with
`appendonly yes` and `appendfsync always` it survives a power failure. Readers ask the server each time, so they may see
a document that was forgotten a moment ago as not there, but never half of a step's new ones.
"""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Positions, Rows
from dedup.errors import StoreError
from dedup.io.store import codec, scripts
from dedup.io.store.server import Server, Turns
from dedup.io.store.values import UNDATED, Change, Fault, Hits, Keys, Merge, Name, Postings, StoredDocument, Traits

__all__ = ["SharedStore", "has_header", "read_header", "write_header"]

FIELD_BITS = 12
"""Keys that differ in these bits only share a bucket; of a million texts a bucket has as many as are packed well."""
CHUNK_ROWS = 1 << 12
BATCH = 1_000
KEYS_AT_ONCE = 1 << 13
SLACK = 4
"""So many times as many documents of one key are listed as are of use, for some may be forgotten."""
MOST_FAULTS = 100
NEVER = (1 << 62) - 1
MOMENTS = struct.Struct("<qq")


class SharedStore:
    """A `values.Store` at a URL; `list_length` is how many documents of one key are of use."""

    def __init__(self, url: str, n_hashes: int, list_length: int, *, read_only: bool = False) -> None:
        self._server, self._n_hashes, self._read_only = Server(url), n_hashes, read_only
        self._client, self._key = self._server.client, self._server.key
        self._turns = Turns(self._server)
        self._most_bytes = 4 * SLACK * (list_length + 1)
        self._n_numbers = self._n_documents = 0
        self.refresh()

    @property
    def n_numbers(self) -> int:
        """How many numbers have been given."""
        return self._n_numbers

    @property
    def n_documents(self) -> int:
        """How many documents are known."""
        return self._n_documents

    @property
    def is_shared(self) -> bool:
        """Others may write between two turns."""
        return True

    def writing(self) -> AbstractContextManager[object]:
        """Writers take turns, here and elsewhere."""
        if self._read_only:
            raise StoreError(f"{self._server.place} is open read-only")
        return self._turns

    def refresh(self) -> None:
        """See what has been written since."""
        with self._server.named("read"):
            found: Any = self._client.hmget(self._key("state"), ["numbers", "documents"])
        self._n_numbers, self._n_documents = (int(value or 0) for value in found)

    def _many(self, names: Sequence[bytes]) -> list[bytes | None]:
        found = list[bytes | None]()
        with self._server.named("read"):
            for first in range(0, len(names), BATCH):
                part: Any = self._client.mget([self._key(name) for name in names[first : first + BATCH]])
                found.extend(part)
        return found

    def names(self, ids: Sequence[str]) -> list[Name | None]:
        """What each id stands for."""
        found = [codec.name(content) if content else None for content in self._many([_name_key(id_) for id_ in ids])]
        return [name if name and name.number < self._n_numbers else None for name in found]

    def documents(self, numbers: Sequence[int]) -> list[StoredDocument | None]:
        """The documents of some numbers."""
        found = self._many([_document_key(number) for number in numbers])
        return [_document(number, content) if content else None for number, content in zip(numbers, found, strict=True)]

    def every_document(self, first: int = 0) -> Iterator[StoredDocument]:
        """All that are known, from the number `first` on."""
        for begin in range(first, self._n_numbers, BATCH):
            found = self.documents(range(begin, min(begin + BATCH, self._n_numbers)))
            yield from (stored for stored in found if stored is not None)

    def find(self, keys: Keys, most: Positions, is_rare: NDArray[np.bool_]) -> Hits:
        """Who holds each key, the oldest first."""
        wanted = np.minimum(most.astype(np.int64) + 1, (1 << 16) - 1)
        asked = np.concatenate([_split(keys), wanted.astype(">u2")[:, None].view(np.uint8)], axis=1)
        places, numbers = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for first in range(0, len(keys), KEYS_AT_ONCE):
            blob = asked[first : first + KEYS_AT_ONCE].tobytes()
            heads, lists = self._server.run(scripts.FIND, blob, scripts.FEW_BYTES)
            places_here, counts_here = np.frombuffer(heads, "<u4").reshape(-1, 2).T.astype(np.int64)
            places.append(np.repeat(first + places_here, counts_here))
            numbers.append(np.frombuffer(lists, "<u4").astype(np.int64))
        return self._hits(np.concatenate(places), np.concatenate(numbers), most, is_rare)

    def _hits(self, places: Rows, numbers: Rows, most: Positions, is_rare: NDArray[np.bool_]) -> Hits:
        """Of what was found only what was there at the last refresh, and no more of a key than is wanted."""
        known = numbers < self._n_numbers
        places, numbers = places[known], numbers[known]
        counts = np.bincount(places, minlength=len(most)).astype(np.int32)
        begins = np.cumsum(counts) - counts
        wanted = np.where(counts <= most, counts, np.where(is_rare, 0, most))
        kept = np.arange(len(places)) - begins[places] < wanted[places]
        return Hits(counts=counts, places=places[kept], numbers=numbers[kept])

    def traits(self, numbers: Rows) -> Traits:
        """Traits of some documents; zeros where one is not here."""
        size = self._n_hashes + 4
        blob = numbers.astype("<u4").tobytes()
        found = self._server.run(scripts.TRAITS, blob, size, CHUNK_ROWS) if len(numbers) else b""
        records = np.frombuffer(found, np.uint8).reshape(-1, size)
        counts = np.ascontiguousarray(records[:, self._n_hashes :]).view("<i4")[:, 0]
        return Traits(signatures=records[:, : self._n_hashes].copy(), n_fingerprints=counts.astype(np.int32))

    def older(self, than_s: float, by: Literal["seen", "date"]) -> Rows:
        """Numbers of all documents that came, or are dated, before `than_s`."""
        found = [np.empty(0, np.int64)]
        for chunk in range(-(-self._n_numbers // CHUNK_ROWS)):
            with self._server.named("read"):
                content: Any = self._client.get(self._key(f"s{chunk}")) or b""
            moments = np.frombuffer(content, "<i8").reshape(-1, 2)[:, 0 if by == "seen" else 1]
            found.append(chunk * CHUNK_ROWS + np.flatnonzero((moments < than_s) & (moments != UNDATED)))
        return np.concatenate(found)

    def merged(self, clusters: Sequence[str]) -> list[str]:
        """The cluster that each has gone into, itself where it has not."""
        found = list(clusters)
        while found:
            with self._server.named("read"):
                into: Any = self._client.hmget(self._key("into"), found)
            if not any(into):
                break
            found = [new.decode() if new else old for old, new in zip(found, into, strict=True)]
        return found

    def merges(self) -> list[Merge]:
        """All merges so far, in their order."""
        with self._server.named("read"):
            found: Any = self._client.lrange(self._key("merges"), 0, -1)
        return [Merge(*json.loads(content)) for content in found]

    def note(self, name: str) -> bytes | None:
        """The latest value of a note."""
        with self._server.named("read"):
            found: Any = self._client.hget(self._key("notes"), name)
        return None if found is None else bytes(found)

    def commit(self, change: Change) -> None:
        """Write a step as one transaction, if it is still our turn."""
        with self.writing():
            self.refresh()
            living = [stored for stored in self.documents(change.removed) if stored is not None]
            names = self.names([stored.id for stored in living])
            gone = [s for s, name in zip(living, names, strict=True) if name and name.number == s.number]
            state: dict[str | bytes, int] = {
                "numbers": self._n_numbers + len(change.documents),
                "documents": self._n_documents + len(change.documents) - len(living),
            }
            with self._server.named("write"), self._transaction() as step:
                step.watch(self._key("serving"))
                if int(step.get(self._key("serving")) or 0) != self._turns.ticket:
                    raise StoreError(f"lost the turn to write to {self._server.place}; the step was not written")
                step.multi()
                self._forget(step, living, gone)
                self._remember(step, change)
                step.hset(self._key("state"), mapping=state)
                step.execute()
            self._n_numbers, self._n_documents = state["numbers"], state["documents"]

    def _transaction(self) -> Any:
        return self._client.pipeline()

    def _forget(self, step: Any, living: Sequence[StoredDocument], gone: Sequence[StoredDocument]) -> None:
        for stored in living:
            step.setbit(self._key("dead"), stored.number, 1)
            chunk, row = divmod(stored.number, CHUNK_ROWS)
            step.setrange(self._key(f"s{chunk}"), row * MOMENTS.size, MOMENTS.pack(NEVER, UNDATED))
            step.delete(self._key(_document_key(stored.number)))
        for stored in gone:
            step.delete(self._key(_name_key(stored.id)))

    def _remember(self, step: Any, change: Change) -> None:
        written = dict[bytes, bytes]()
        for stored in change.documents:
            written[self._key(_document_key(stored.number))] = zlib.compress(codec.document_bytes(stored), 1)
            written[self._key(_name_key(stored.id))] = codec.name_bytes(Name(stored.number, stored.digest))
        if written:
            step.mset(written)
        if change.postings is not None:
            self._list(step, change.postings)
        for merge in change.merges:
            step.rpush(self._key("merges"), json.dumps(merge))
            step.hset(self._key("into"), merge.cluster, merge.into)
        if change.notes:
            step.hset(self._key("notes"), mapping=dict(change.notes))

    def _list(self, step: Any, postings: Postings) -> None:
        """Put documents where they will be found."""
        numbers = np.repeat(postings.numbers, np.diff(postings.offsets)).astype("<u4")
        order = np.argsort(postings.keys, kind="stable")
        entries = np.concatenate([_split(postings.keys[order]), numbers[order][:, None].view(np.uint8)], axis=1)
        step.eval(scripts.ADD, 1, self._server.prefix, entries.tobytes(), scripts.FEW_BYTES, self._most_bytes)
        counts = postings.traits.n_fingerprints.astype("<i4")[:, None].view(np.uint8)
        records = np.concatenate([postings.traits.signatures, counts], axis=1)
        moments = np.stack([postings.seen_s, postings.dates_s], axis=1).astype("<i8").view(np.uint8)
        for chunk in np.unique(postings.numbers // CHUNK_ROWS).tolist():
            here = postings.numbers // CHUNK_ROWS == chunk
            row = int(postings.numbers[here][0]) % CHUNK_ROWS
            step.setrange(self._key(f"t{chunk}"), row * records.shape[1], records[here].tobytes())
            step.setrange(self._key(f"s{chunk}"), row * MOMENTS.size, moments[here].tobytes())

    def compact(self) -> None:
        """Take the forgotten from all lists; others may go on meanwhile."""
        with self._server.named("compact"):
            dead: Any = self._client.get(self._key("dead"))
            if dead is None:
                return
            batch = list[bytes]()
            for bucket in self._client.scan_iter(self._key("k*"), count=BATCH):
                batch.append(bucket)
                if len(batch) == BATCH:
                    self._compact(batch)
                    batch = []
            self._compact(batch)
            with self._turns, self._transaction() as step:
                step.set(self._key("was_dead"), dead)
                step.bitop("XOR", self._key("dead"), self._key("dead"), self._key("was_dead"))
                step.delete(self._key("was_dead"))
                step.execute()
                if not self._client.bitcount(self._key("dead")):
                    self._client.delete(self._key("dead"))

    def _compact(self, buckets: Sequence[bytes]) -> None:
        if buckets:
            self._client.eval(scripts.COMPACT, 1 + len(buckets), self._server.prefix, *buckets, scripts.FEW_BYTES)

    def verify(self) -> list[Fault]:
        """Documents that cannot be read or found by their ids, and a wrong number of them."""
        self.refresh()
        before, found, n_documents = (self._n_numbers, self._n_documents), list[Fault](), 0
        for begin in range(0, self._n_numbers, BATCH):
            numbers = range(begin, min(begin + BATCH, self._n_numbers))
            contents = self._many([_document_key(number) for number in numbers])
            n_documents += sum(content is not None for content in contents)
            found += self._faults([(n, c) for n, c in zip(numbers, contents, strict=True) if c is not None])
        self.refresh()
        if n_documents != before[1] and before == (self._n_numbers, self._n_documents):
            found.append(Fault("state", f"says {before[1]:,} documents, there are {n_documents:,}"))
        return found[:MOST_FAULTS]

    def _faults(self, contents: Sequence[tuple[int, bytes]]) -> list[Fault]:
        readable, found = list[StoredDocument](), list[Fault]()
        for number, content in contents:
            try:
                readable.append(_document(number, content))
            except StoreError as error:
                found.append(Fault(f"document {number}", f"cannot be read: {error}"))
        for stored, name in zip(readable, self.names([stored.id for stored in readable]), strict=True):
            if name is None or name.number != stored.number:
                found.append(Fault(f"document {stored.number}", "is not what its id stands for"))
        return found

    def sizes(self) -> dict[str, int]:
        """Bytes of memory that the server takes, for this index and all else that it holds."""
        with self._server.named("read"):
            about: Any = self._client.info("memory")
        return {"server": int(about["used_memory"])}

    def close(self) -> None:
        """End the connection."""
        self._server.close()


def has_header(url: str) -> bool:
    """Whether an index is there."""
    return _header(url)[0] is not None


def read_header(url: str) -> dict[str, object]:
    """What the header of an index says; StoreError when there is none."""
    found, place = _header(url)
    if found is None:
        raise StoreError(f"there is no index at {place}; `dedup index create` makes one")
    return dict(json.loads(found))


def _header(url: str) -> tuple[bytes | None, str]:
    server = Server(url)
    try:
        with server.named("read"):
            found: Any = server.client.get(server.key("header"))
    finally:
        server.close()
    return found, server.place


def write_header(url: str, header: Mapping[str, object]) -> None:
    """Make an index on a server, where there is none of that name."""
    server = Server(url)
    try:
        with server.named("write"):
            is_new = server.client.set(server.key("header"), json.dumps(header, sort_keys=True), nx=True)
    finally:
        server.close()
    if not is_new:
        raise StoreError(f"there is an index at {server.place} already")


def _split(keys: Keys) -> NDArray[np.uint8]:
    """The bucket of each key, 3 bytes, and its field in the bucket, 2."""
    buckets = (keys >> np.uint32(FIELD_BITS)).astype(">u4")[:, None].view(np.uint8)[:, 1:]
    fields = (keys & np.uint32((1 << FIELD_BITS) - 1)).astype(">u2")[:, None].view(np.uint8)
    return np.concatenate([buckets, fields], axis=1)


def _name_key(id_: str) -> bytes:
    return b"i" + id_.encode("utf-8", "surrogatepass")


def _document_key(number: int) -> bytes:
    return b"d%d" % number


def _document(number: int, content: bytes) -> StoredDocument:
    try:
        return codec.document(number, zlib.decompress(content))
    except (zlib.error, struct.error, UnicodeDecodeError) as error:
        raise StoreError(f"document {number} is damaged: {error}") from None
