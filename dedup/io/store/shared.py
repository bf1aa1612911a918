"""The shared store: an index on a Redis or Valkey server, for writers and readers on several machines.

A step is one transaction, and writers take turns. What has been acknowledged is as durable as the server: with
`appendonly yes` and `appendfsync always` it survives a power failure. The server keeps documents one by one and the
postings of a step as they are; who asks reads those once, and searches them on its own machine, as a server that looked
up some 170 keys of every document would be what all wait for. Readers ask for documents each time, so they may see one
that was forgotten a moment ago as not there, but never half of a step's new ones.
"""

import json
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import count
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Positions, Rows
from dedup.errors import StoreError
from dedup.io.store import codec
from dedup.io.store.parts import Parts
from dedup.io.store.replica import Replica
from dedup.io.store.server import Server, Turns
from dedup.io.store.shared_header import MADE, State, put_first_state
from dedup.io.store.succession import AT_ONCE, Claim, Succession, succession, worded
from dedup.io.store.values import Change, Fault, Hits, Keys, Merge, Name, Note, Postings, StoredDocument, Traits

__all__ = ["SharedStore"]

BATCH = 1_000
BLOCKS = 16
"""So many steps are fetched at once, of at most a thousand documents and about a megabyte each."""
WORDED = 1 << 52
"""Heirs are in the order of their claims: by their numbers, those with words of their own from here on."""


class SharedStore:
    """A `values.Store` at a URL; `list_length` is how many documents of one key are of use."""

    def __init__(self, url: str, n_hashes: int, list_length: int, *, read_only: bool = False) -> None:
        self._server, self._n_hashes, self._read_only = Server(url), n_hashes, read_only
        self._client, self._key = self._server.client, self._server.key
        self._turns = Turns(self._server)
        self._most, self._state, self._lock = list_length + 1, State(), threading.RLock()
        self._replica: Replica | None = None
        self._made: bytes | None = None
        self._seeing = threading.Lock()
        self.refresh()
        if self._made is None and not read_only:
            self._begin_state()

    @property
    def n_numbers(self) -> int:
        """How many numbers have been given."""
        return self._state.numbers

    @property
    def n_documents(self) -> int:
        """How many documents are known."""
        return self._state.documents

    def writing(self) -> AbstractContextManager[object]:
        """Writers take turns, here and elsewhere."""
        if self._read_only:
            raise StoreError(f"{self._server.place} is open read-only")
        return self._turns

    def refresh(self) -> None:
        """See what has been written since; StoreError where the server has lost it, or holds another index by now."""
        before = self._state
        with self._server.named("read"):
            found: Any = self._client.hmget(self._key("state"), [*State._fields, MADE])
            state, made = State(*(int(value or 0) for value in found[:-1])), found[-1]
            # Who writes takes a ticket first, so a server that never gave one has nothing to lose.
            is_lost = found[0] is None and (self._made is not None or self._client.exists(self._key("tickets")))
        if is_lost:
            raise StoreError(f"the index at {self._server.place} has lost its state")
        if self._made not in (None, made):
            raise StoreError(f"the index at {self._server.place} is no longer the one that was opened")
        if state.is_behind(before):
            raise StoreError(f"the index at {self._server.place} has lost its latest steps; open it again")
        with self._seeing:
            # Another thread may have seen more, or written, since this one asked.
            if not state.is_behind(self._state):
                self._state, self._made = state, made

    def _begin_state(self) -> None:
        """Write the first state of an index of an earlier version, which had none, or not by a name."""
        with self._server.named("write"), self._transaction() as step:
            put_first_state(step, self._key("state"))
            step.execute()
        self.refresh()

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
        return [name if name and name.number < self._state.numbers else None for name in found]

    def documents(self, numbers: Sequence[int]) -> list[StoredDocument | None]:
        """The documents of some numbers."""
        found = self._many([_document_key(number) for number in numbers])
        return [_document(number, content) if content else None for number, content in zip(numbers, found, strict=True)]

    def every_document(self, first: int = 0) -> Iterator[StoredDocument]:
        """All that are known, from the number `first` on."""
        for begin in range(first, self._state.numbers, BATCH):
            found = self.documents(range(begin, min(begin + BATCH, self._state.numbers)))
            yield from (stored for stored in found if stored is not None)

    def find(self, keys: Keys, most: Positions, is_rare: NDArray[np.bool_]) -> Hits:
        """Who holds each key, the oldest first."""
        with self._lock:
            return self._searched().find(keys, most, is_rare)

    def traits(self, numbers: Rows) -> Traits:
        """Traits of some documents; zeros where one is not here."""
        with self._lock:
            return self._searched().traits(numbers, self._n_hashes)

    def older(self, than_s: float, by: Literal["seen", "date"]) -> Rows:
        """Numbers of all documents that came, or are dated, before `than_s`."""
        with self._lock:
            return self._searched().older(than_s, by)

    def _searched(self) -> Parts:
        """The postings here, with those that came to the server before the last refresh."""
        if self._replica is None:
            self._replica = Replica(self._n_hashes, self._most)
        replica = self._replica
        while replica.n_blocks < self._state.blocks:
            last = min(replica.n_blocks + BLOCKS, self._state.blocks)
            contents = self._many([_block_key(number) for number in range(replica.n_blocks, last)])
            for content in contents:
                replica.take_in(self._postings(replica.n_blocks, content))
        if replica.n_removals < self._state.removals:
            with self._server.named("read"):
                found: Any = self._client.lrange(self._key("removals"), replica.n_removals, self._state.removals - 1)
            if len(found) < self._state.removals - replica.n_removals:
                raise StoreError(f"the index at {self._server.place} has lost what was removed from it")
            for content in found:
                replica.bury(np.frombuffer(content, "<i8"))
        return replica.parts

    def inherited(self) -> list[int]:
        """Numbers under which heirs stand."""
        with self._server.named("read"):
            found: Any = self._client.smembers(self._key("inherited"))
        return sorted(map(int, found))

    def bequeathing(self, numbers: Sequence[int]) -> list[int]:
        """Those of some numbers that have heirs."""
        with self._server.named("read"), self._client.pipeline(transaction=False) as asked:
            for number in numbers:
                asked.exists(self._key(_heirs_key(number)))
            told: Any = asked.execute()
        return [number for number, has_heirs in zip(numbers, told, strict=True) if has_heirs]

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
            found: Any = self._client.hget(self._key("notes"), name.encode("utf-8", "surrogatepass"))
        return None if found is None else bytes(found)

    def notes(self) -> list[Note]:
        """The latest value of every note."""
        with self._server.named("read"):
            found: Any = self._client.hgetall(self._key("notes"))
        return [Note(name.decode("utf-8", "surrogatepass"), content) for name, content in sorted(found.items())]

    def commit(self, change: Change) -> None:
        """Write a step as one transaction, if it is still our turn."""
        with self.writing():
            self.refresh()
            living = [stored for stored in self.documents(change.removed) if stored is not None]
            names = self.names([stored.id for stored in living])
            gone = [s for s, name in zip(living, names, strict=True) if name and name.number == s.number]
            settled = succession(living, self._claims(living), change)
            state = self._state._replace(
                numbers=self._state.numbers + len(change.documents),
                documents=self._state.documents + len(change.documents) - len(living),
                blocks=self._state.blocks + (change.postings is not None),
                removals=self._state.removals + bool(living),
            )
            with self._server.named("write"), self._transaction() as step:
                self._begin(step)
                self._forget(step, settled, gone)
                self._remember(step, change, settled)
                step.hset(self._key("state"), mapping=state._asdict())
                step.execute()
            with self._seeing:
                self._state = state

    def _begin(self, step: Any) -> None:
        """Begin a transaction that is refused if it is no longer our turn."""
        step.watch(self._key("serving"))
        if int(step.get(self._key("serving")) or 0) != self._turns.ticket:
            raise StoreError(f"lost the turn to write to {self._server.place}; the step was not written")
        step.multi()

    def _transaction(self) -> Any:
        return self._client.pipeline()

    def _claims(self, forgotten: Sequence[StoredDocument]) -> dict[int, Iterator[Claim]]:
        """The claims to the place of each document that has heirs."""
        return {number: self._claims_to(number) for number in self.bequeathing([s.number for s in forgotten])}

    def _claims_to(self, number: int) -> Iterator[Claim]:
        for first in count(0, AT_ONCE):
            with self._server.named("read"):
                told: Any = self._client.zrange(
                    self._key(_heirs_key(number)), first, first + AT_ONCE - 1, withscores=True
                )
            numbers = [int(heir) for heir, _ in told]
            for (_, score), heir, found in zip(told, numbers, self.documents(numbers), strict=True):
                yield Claim(number, score >= WORDED, heir, found)
            if len(told) < AT_ONCE:
                return

    def _forget(self, step: Any, settled: Succession, gone: Sequence[StoredDocument]) -> None:
        if settled.forgotten:
            step.rpush(self._key("removals"), np.array(settled.buried, "<i8").tobytes())
            step.delete(*(self._key(_document_key(stored.number)) for stored in settled.forgotten))
            step.srem(self._key("inherited"), *(stored.number for stored in settled.forgotten))
        if gone:
            step.delete(*(self._key(_name_key(stored.id)) for stored in gone))
        for claim in settled.settled:
            step.zrem(self._key(_heirs_key(claim.of)), claim.number)
        if settled.moved:
            step.delete(*(self._key(_document_key(move.before.number)) for move in settled.moved))
            step.sadd(self._key("inherited"), *(move.after.number for move in settled.moved))

    def _remember(self, step: Any, change: Change, settled: Succession) -> None:
        written = dict[bytes, bytes]()
        for stored in (*settled.unmoved(change.documents), *(move.after for move in settled.moved)):
            written[self._key(_document_key(stored.number))] = zlib.compress(codec.document_bytes(stored), 1)
            written[self._key(_name_key(stored.id))] = codec.name_bytes(Name(stored.number, stored.digest))
            if stored.elder is not None:
                step.zadd(self._key(_heirs_key(stored.elder)), {stored.number: WORDED * worded(stored) + stored.number})
        if written:
            step.mset(written)
        if change.postings is not None:
            step.set(self._key(_block_key(self._state.blocks)), codec.postings_bytes(change.postings))
        for merge in change.merges:
            step.rpush(self._key("merges"), json.dumps(merge))
            step.hset(self._key("into"), merge.cluster, merge.into)
        if change.notes:
            notes = {name.encode("utf-8", "surrogatepass"): content for name, content in change.notes.items()}
            step.hset(self._key("notes"), mapping=notes)

    def compact(self) -> None:
        """Take what was removed out of the steps that the server keeps; writers may go on between two of them."""
        self.refresh()
        with self._lock:
            living = self._searched().living()
        for number in range(self._state.blocks):
            self._compact(number, living)

    def _compact(self, number: int, living: Rows) -> None:
        """Write a step again without those that were removed from it, if there are any."""
        (content,) = self._many([_block_key(number)])
        block = self._postings(number, content)
        kept = np.isin(block.numbers, living)
        if kept.all():
            return
        with self.writing(), self._server.named("compact"), self._transaction() as step:
            self._begin(step)
            step.set(self._key(_block_key(number)), codec.postings_bytes(_taken(block, kept)))
            step.execute()

    def _postings(self, number: int, content: bytes | None) -> Postings:
        if content is None:
            raise StoreError(f"step {number} of the index at {self._server.place} is missing")
        try:
            return codec.postings(content)
        except (struct.error, ValueError) as error:
            raise StoreError(f"step {number} of the index at {self._server.place} is damaged: {error}") from None

    def verify(self) -> list[Fault]:
        """Documents and steps that cannot be read, documents not found by their ids, and a wrong number of them."""
        self.refresh()
        before, found, n_documents = (self._state.numbers, self._state.documents), self._unread(), 0
        for begin in range(0, self._state.numbers, BATCH):
            numbers = range(begin, min(begin + BATCH, self._state.numbers))
            contents = self._many([_document_key(number) for number in numbers])
            n_documents += sum(content is not None for content in contents)
            found += self._faults([(n, c) for n, c in zip(numbers, contents, strict=True) if c is not None])
        self.refresh()
        if n_documents != before[1] and before == (self._state.numbers, self._state.documents):
            found.append(Fault("state", f"says {before[1]:,} documents, there are {n_documents:,}"))
        return found

    def _unread(self) -> list[Fault]:
        found = list[Fault]()
        for number in range(self._state.blocks):
            try:
                self._postings(number, *self._many([_block_key(number)]))
            except StoreError as error:
                found.append(Fault(f"step {number}", f"cannot be searched: {error}"))
        with self._server.named("read"):
            n_removals: Any = self._client.llen(self._key("removals"))
        if n_removals < self._state.removals:
            found.append(Fault("removals", "are not all there"))
        return found

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
        with self._lock:
            if self._replica is not None:
                self._replica.close()
        self._server.close()


def _taken(block: Postings, kept: NDArray[np.bool_]) -> Postings:
    """Those of the documents of a step that are `kept`."""
    sizes = np.diff(block.offsets)
    traits = Traits(**{
        name: getattr(block.traits, name)[kept] for name in ("signatures", "n_fingerprints", "sites")
    })  # fmt: skip
    return Postings(
        numbers=block.numbers[kept], seen_s=block.seen_s[kept], dates_s=block.dates_s[kept], traits=traits,
        keys=block.keys[np.repeat(kept, sizes)], offsets=np.append(0, np.cumsum(sizes[kept])),
    )  # fmt: skip


def _name_key(id_: str) -> bytes:
    return b"i" + id_.encode("utf-8", "surrogatepass")


def _block_key(number: int) -> bytes:
    return b"p%d" % number


def _heirs_key(number: int) -> bytes:
    return b"h%d" % number


def _document_key(number: int) -> bytes:
    return b"d%d" % number


def _document(number: int, content: bytes) -> StoredDocument:
    try:
        return codec.document(number, zlib.decompress(content))
    except (zlib.error, struct.error, UnicodeDecodeError) as error:
        raise StoreError(f"document {number} is damaged: {error}") from None
