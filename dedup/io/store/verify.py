"""Whether a store holds what was written to it."""

import struct
from collections.abc import Iterator
from pathlib import Path

from dedup.arrays import Rows
from dedup.errors import StoreError
from dedup.io.store import codec, segments
from dedup.io.store.ledger import Ledger
from dedup.io.store.parts import Parts
from dedup.io.store.values import Fault

__all__ = ["faults"]


def faults(ledger: Ledger, folder: Path, parts: Parts, n_documents: int) -> list[Fault]:
    """All things that are not as they were written: files, records, and what ties them together."""
    found = [fault for part in parts.segments if (fault := segments.fault(folder, part.name))]
    found += _in_tables(ledger)
    if not found:
        found = list(_between(ledger, parts.living(), n_documents))
    return found


def _in_tables(ledger: Ledger) -> list[Fault]:
    """Blocks whose checksums differ, found by reading all of them."""
    found = []
    for table in ("documents", "names", "tail"):
        try:
            for _ in ledger.items(table):
                pass
        except StoreError as error:
            found.append(Fault(f"records/{table}", str(error)))
    return found


def _between(ledger: Ledger, living: Rows, n_documents: int) -> Iterator[Fault]:
    """Documents, names and postings that do not know of one another."""
    n_found, at = 0, 0
    for key, content in ledger.items("documents"):
        number = int.from_bytes(key, "big")
        n_found += 1
        try:
            stored = codec.document(number, content)
        except (struct.error, UnicodeDecodeError) as error:
            yield Fault(f"document {number}", f"cannot be read: {error}")
            continue
        while at < len(living) and living[at] < number:
            yield Fault(f"document {int(living[at])}", "is searchable but not there")
            at += 1
        if at < len(living) and living[at] == number:
            at += 1
        else:
            yield Fault(f"document {number}", "cannot be searched for")
        name = ledger.get("names", [b"i" + stored.id.encode("utf-8", "surrogatepass")])[0]
        if name is None or codec.name(name).number != number:
            yield Fault(f"document {number}", "is not what its id stands for")
    if n_found != n_documents:
        yield Fault("state", f"says {n_documents:,} documents, there are {n_found:,}")
