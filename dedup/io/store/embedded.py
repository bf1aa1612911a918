"""The embedded store: one directory, no server. Documents in RocksDB; what they are found by in segments.

A step is one synced write to RocksDB: its documents, their names and their postings as a block. Blocks are kept in
memory too, in the tail, until there are enough for a segment, and segments of one level are merged in the background.
So a segment is made of what is already durable, and a crash at any moment costs no more than making it again.
"""

import json
import os
import shutil
import threading
from collections.abc import Container, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Positions, Rows
from dedup.errors import StoreError
from dedup.io.store import codec, directory, segments
from dedup.io.store.background import Background
from dedup.io.store.ledger import Batch, Ledger
from dedup.io.store.parts import Parts, is_full, segment_of
from dedup.io.store.segments import Segment
from dedup.io.store.succession import AT_ONCE, Claim, Succession, succession, worded
from dedup.io.store.tail import Tail
from dedup.io.store.values import Change, Fault, Hits, Keys, Merge, Name, StoredDocument, Traits
from dedup.io.store.verify import faults

__all__ = ["EmbeddedStore"]

STATE = b"state"
N_TRIES, N_VERIFIED = 100, 5


class State(TypedDict):
    """What is so after a step, written with it. `tail_from` is the first number that no segment holds."""

    numbers: int
    documents: int
    segments: list[str]
    tail_from: int
    removals: int
    merges: int
    named: int
    epoch: int


class EmbeddedStore:
    """A `values.Store` in a directory; `list_length` is how many documents of one key are of use."""

    def __init__(
        self, path: Path, n_hashes: int, list_length: int, *, read_only: bool = False, synced: bool = True
    ) -> None:
        self._path, self._n_hashes, self._most = path, n_hashes, list_length + 1
        self._read_only = read_only
        self._folder = path / "segments"
        if not read_only:
            directory.make(self._folder)
            directory.make(path / "records")
        self._has_state, self._damage = directory.has_records(path / "records"), ""
        self._ledger = Ledger(path / "records", read_only=read_only, synced=synced)
        self._lock = threading.RLock()
        self._background = Background()
        self._stored_state = b""
        self._state = State(numbers=0, documents=0, segments=[], tail_from=0, removals=0, merges=0, named=0, epoch=0)
        self._parts = Parts([], Tail(n_hashes))
        try:
            self.refresh()
            if not read_only:
                self._sweep()
        except BaseException:
            self._ledger.close()
            raise

    @property
    def n_numbers(self) -> int:
        """How many numbers have been given."""
        return self._state["numbers"]

    @property
    def n_documents(self) -> int:
        """How many documents are known."""
        return self._state["documents"]

    def writing(self) -> AbstractContextManager[object]:
        """Threads take turns; other processes cannot have opened the store for writing."""
        if self._read_only:
            raise StoreError(f"{self._path} is open read-only")
        return self._lock

    def refresh(self) -> None:
        """Take in what the writer has written since; what this process writes it knows."""
        if self._stored_state and not self._read_only:
            return
        with self._lock:
            for _ in range(N_TRIES):
                self._ledger.refresh()
                stored = self._ledger.get("names", [STATE])[0] or b""
                if self._has_state and not stored:
                    # Begun anew, all that is there would be lost.
                    self._damage = f"{self._path / 'records'} has lost its state"
                    continue
                if stored == self._stored_state or self._take_in(stored):
                    self._stored_state = stored
                    return
            raise StoreError(self._damage or f"{self._path} changes faster than it can be read")

    def _take_in(self, stored: bytes) -> bool:
        """Bring memory up to a state; False where it is no longer, or not yet, all there."""
        if not stored:
            return not self._read_only
        state: State = json.loads(stored)
        is_same_epoch = state["epoch"] == self._state["epoch"]
        known = {part.name: part for part in self._parts.segments if is_same_epoch}
        try:
            found = [known.get(name) or segments.open_segment(self._folder, name) for name in state["segments"]]
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            self._damage = f"cannot open a segment of {self._path}: {error}"
            if self._read_only:
                # One that the writer has merged meanwhile, or a damaged one.
                return False
            raise StoreError(self._damage) from None
        is_same_tail = is_same_epoch and state["tail_from"] == self._state["tail_from"]
        tail = self._parts.tail if is_same_tail else Tail(self._n_hashes)
        first = state["tail_from"] + len(tail)
        for _, content in self._ledger.items("tail", b"t", codec.number_key(first)):
            block = codec.postings(content)
            if block.numbers[0] >= state["numbers"]:
                break
            if block.numbers[0] != state["tail_from"] + len(tail):
                return False
            tail.append(block)
        if state["tail_from"] + len(tail) != state["numbers"]:
            return False
        self._has_state, self._damage = True, ""
        removed = [np.frombuffer(content, "<i8") for _, content in self._ledger.items("names", b"x")]
        self._parts, self._state = Parts(found, tail), state
        self._parts.bury(np.concatenate([np.empty(0, np.int64), *removed]))
        return True

    def _sweep(self) -> None:
        """Clear away what a killed writer left, and begin the first state."""
        for entry in os.listdir(self._folder):
            if entry not in self._state["segments"]:
                shutil.rmtree(self._folder / entry, ignore_errors=True)
        if not self._stored_state:
            self._write(Batch(), self._state)

    def names(self, ids: Sequence[str]) -> list[Name | None]:
        """What each id stands for."""
        found = self._ledger.get("names", [directory.name_key(id_) for id_ in ids])
        return [codec.name(content) if content else None for content in found]

    def documents(self, numbers: Sequence[int]) -> list[StoredDocument | None]:
        """The documents of some numbers."""
        found = self._ledger.get("documents", [codec.number_key(number) for number in numbers])
        return [
            codec.document(number, content) if content else None for number, content in zip(numbers, found, strict=True)
        ]

    def every_document(self, first: int = 0) -> Iterator[StoredDocument]:
        """All that are known, from the number `first` on."""
        for key, content in self._ledger.items("documents", first=codec.number_key(first)):
            yield codec.document(int.from_bytes(key, "big"), content)

    def find(self, keys: Keys, most: Positions, is_rare: NDArray[np.bool_]) -> Hits:
        """Who holds each key, the oldest first."""
        with self._lock:
            return self._parts.find(keys, most, is_rare)

    def traits(self, numbers: Rows) -> Traits:
        """Traits of some documents; zeros where one is not here."""
        with self._lock:
            return self._parts.traits(numbers, self._n_hashes)

    def older(self, than_s: float, by: Literal["seen", "date"]) -> Rows:
        """Numbers of all documents that came, or are dated, before `than_s`."""
        with self._lock:
            return self._parts.older(than_s, by)

    def inherited(self) -> list[int]:
        """Numbers under which heirs stand."""
        return [int.from_bytes(key[1:], "big") for key, _ in self._ledger.items("names", b"k")]

    def bequeathing(self, numbers: Sequence[int]) -> list[int]:
        """Those of some numbers that have, or had, heirs."""
        marks = self._ledger.get("names", [directory.heirs_key(number) for number in numbers])
        return [number for number, mark in zip(numbers, marks, strict=True) if mark is not None]

    def merged(self, clusters: Sequence[str]) -> list[str]:
        """The cluster that each has gone into, itself where it has not."""
        found = list(clusters)
        while True:
            into = self._ledger.get("names", [directory.merge_key(cluster) for cluster in found])
            if not any(into):
                return found
            found = [new.decode() if new else old for old, new in zip(found, into, strict=True)]

    def merges(self) -> list[Merge]:
        """All merges so far, in their order."""
        return directory.merges(self._ledger)

    def note(self, name: str) -> bytes | None:
        """The latest value of a note."""
        return self._ledger.get("tail", [directory.note_key(name)])[0]

    def commit(self, change: Change) -> None:
        """Write a step; when this returns it is durable, and can be found."""
        with self.writing():
            self._install_merged()
            if is_full(self._parts.tail):
                self._flush()
            state, batch = self._state.copy(), Batch()
            forgotten = [stored for stored in self.documents(change.removed) if stored is not None]
            claims = self._claims(forgotten)
            settled = succession(forgotten, claims, change)
            self._forget(forgotten, claims, batch)
            self._settle(settled, batch)
            for stored in settled.unmoved(change.documents):
                batch.put("documents", codec.number_key(stored.number), codec.document_bytes(stored))
                batch.put("names", directory.name_key(stored.id), codec.name_bytes(Name(stored.number, stored.digest)))
                if stored.elder is not None:
                    batch.put("names", directory.heirs_key(stored.elder), b"")
                    batch.put("names", directory.heir_key(stored.elder, worded(stored), stored.number), b"")
            if change.postings is not None:
                first = codec.number_key(int(change.postings.numbers[0]))
                batch.put("tail", b"t" + first, codec.postings_bytes(change.postings))
            for merge in change.merges:
                batch.put("names", b"l" + codec.number_key(state["merges"]), json.dumps(merge).encode())
                batch.put("names", directory.merge_key(merge.cluster), merge.into.encode())
                state["merges"] += 1
            for name, content in change.notes.items():
                batch.put("tail", directory.note_key(name), content)
            state["numbers"] += len(change.documents)
            state["documents"] += len(change.documents) - len(forgotten)
            buried = np.array(settled.buried, np.int64)
            if len(buried):
                batch.put("names", b"x" + codec.number_key(state["removals"]), buried.astype("<i8").tobytes())
                state["removals"] += 1
            self._write(batch, state)
            if change.postings is not None:
                self._parts.tail.append(change.postings)
                self._parts.renew()
            self._parts.bury(buried)

    def _claims(self, forgotten: Sequence[StoredDocument]) -> dict[int, Iterator[Claim]]:
        """The claims to the place of each document that has, or had, heirs."""
        return {number: self._claims_to(number) for number in self.bequeathing([s.number for s in forgotten])}

    def _claims_to(self, number: int) -> Iterator[Claim]:
        keys = (key for key, _ in self._ledger.items("names", directory.heirs_key(number)))
        next(keys)
        while some := list(islice(keys, AT_ONCE)):
            numbers = [int.from_bytes(key[-8:], "big") for key in some]
            for key, heir, found in zip(some, numbers, self.documents(numbers), strict=True):
                yield Claim(number, bool(key[-9]), heir, found)

    def _forget(self, forgotten: Sequence[StoredDocument], claims: Container[int], batch: Batch) -> None:
        """Put the removal of documents into a batch; `claims` has the numbers that have, or had, heirs."""
        for stored, name in zip(forgotten, self.names([stored.id for stored in forgotten]), strict=True):
            batch.delete("documents", codec.number_key(stored.number))
            if stored.number in claims:
                batch.delete("names", directory.inherited_key(stored.number))
                batch.delete("names", directory.heirs_key(stored.number))
            if name is not None and name.number == stored.number:
                batch.delete("names", directory.name_key(stored.id))

    def _settle(self, settled: Succession, batch: Batch) -> None:
        """Put into a batch who takes the place of what is forgotten."""
        for claim in settled.settled:
            batch.delete("names", directory.heir_key(claim.of, claim.is_worded, claim.number))
        for before, after in settled.moved:
            batch.delete("documents", codec.number_key(before.number))
            batch.put("documents", codec.number_key(after.number), codec.document_bytes(after))
            batch.put("names", directory.name_key(after.id), codec.name_bytes(Name(after.number, after.digest)))
            batch.put("names", directory.inherited_key(after.number), b"")
            batch.put("names", directory.heirs_key(after.number), b"")

    def _write(self, batch: Batch, state: State) -> None:
        content = json.dumps(state).encode()
        batch.put("names", STATE, content)
        self._ledger.write(batch)
        self._state, self._stored_state = state, content

    def _flush(self) -> None:
        """Make a segment of the tail."""
        tail = self._parts.tail
        if not len(tail):
            return
        name = self._new_name(0)
        with directory.disk(self._path):
            new = segment_of(self._folder, name, tail, self._most)
        batch = Batch()
        for key, _ in self._ledger.items("tail", b"t"):
            batch.delete("tail", key)
        state: State = {**self._state, "tail_from": self.n_numbers}
        self._install([*self._parts.segments, new], Tail(self._n_hashes), batch, state)
        self._merge_some()

    def _new_name(self, level: int) -> str:
        self._state["named"] += 1
        return f"{self._state['named']:08d}-{level}"

    def _install(self, parts: list[Segment], tail: Tail, batch: Batch, state: State) -> None:
        state["segments"] = [part.name for part in parts]
        self._write(batch, state)
        self._parts = Parts(parts, tail)

    def _merge_some(self) -> None:
        self._background.begin(self._parts, self._folder, self._most, self._new_name)

    def _install_merged(self) -> None:
        """Put a merged segment in the place of its parts, if one is ready."""
        with directory.disk(self._path):
            merged = self._background.merged(self._parts, self._folder)
        if merged is not None:
            self._install(merged.segments, self._parts.tail, Batch(), self._state.copy())
            self._remove_files(merged.old)
            self._merge_some()

    def _remove_files(self, names: set[str]) -> None:
        for name in names:
            shutil.rmtree(self._folder / name, ignore_errors=True)

    def compact(self) -> None:
        """Make one segment of all that lives, and let RocksDB do as much."""
        with self.writing():
            self._background.stop()
            self._flush()
            self._background.stop()
            old = self._parts.segments
            if old:
                name = self._new_name(max(directory.level(part) for part in old))
                with directory.disk(self._path):
                    segments.merge(self._folder, name, old, self._most)
                    new = [segments.open_segment(self._folder, name)]
                batch = Batch()
                for key, _ in self._ledger.items("names", b"x"):
                    batch.delete("names", key)
                self._install(new, self._parts.tail, batch, {**self._state, "epoch": self._state["epoch"] + 1})
                self._remove_files({part.name for part in old})
            self._ledger.compact()
            # A reader whose log was compacted away sees what is in the tables only with the next write.
            self._write(Batch(), self._state.copy())

    def verify(self) -> list[Fault]:
        """Read all files and compare them with what was written, and with one another.

        Of a reader the writer may meanwhile have merged segments away: what such a time finds is looked for again.
        """
        for _ in range(N_VERIFIED):
            self.refresh()
            with self._lock:
                before = self._state["segments"]
                found = faults(self._ledger, self._folder, self._parts, self._state["documents"])
            if not found or self._is_latest(before):
                break
        return found

    def _is_latest(self, names: Sequence[str]) -> bool:
        """Whether these are the segments still, also for the writer."""
        self.refresh()
        return self._state["segments"] == names

    def sizes(self) -> dict[str, int]:
        """Bytes, by folder."""
        return {name: directory.n_bytes(self._path / name) for name in ("records", "segments")}

    def close(self) -> None:
        """Leave off merging, and let others write."""
        with self._lock:
            self._background.stop()
            self._parts = Parts([], Tail(self._n_hashes))
            self._ledger.close()
