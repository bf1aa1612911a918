"""Documents and postings as bytes. Numbers are little-endian; lengths stand before what they measure."""

import struct

import numpy as np

from dedup.io.store.values import Name, Postings, StoredDocument, Traits
from dedup.records import RELATIONS

__all__ = ["document", "document_bytes", "name", "name_bytes", "number_key", "postings", "postings_bytes"]

DOCUMENT = struct.Struct("<BBddQ16s5I")
POSTINGS = struct.Struct("<QQQ")
SEARCHABLE, HAS_ELDER, NO_RELATION = 1, 2, 255
ELDER_BYTES = 8


def number_key(number: int) -> bytes:
    """Bytes that sort as numbers do."""
    return number.to_bytes(8, "big")


def name_bytes(value: Name) -> bytes:
    """What an id stands for, as bytes."""
    return number_key(value.number) + value.digest


def name(content: bytes) -> Name:
    """What `name_bytes` wrote."""
    return Name(int.from_bytes(content[:8], "big"), content[8:])


def document_bytes(stored: StoredDocument) -> bytes:
    """A document as bytes, but for its number, which is its key."""
    labels = [part.encode("utf-8", "surrogatepass") for part in _labels(stored)]
    relation = RELATIONS.index(stored.relation) if stored.relation else NO_RELATION
    head = DOCUMENT.pack(
        SEARCHABLE * stored.searchable | HAS_ELDER * (stored.elder is not None), relation, stored.seen_s,
        stored.confidence, stored.representative, stored.digest, *map(len, labels),
    )  # fmt: skip
    return b"".join((head, *labels, stored.text, b"" if stored.elder is None else number_key(stored.elder)))


def _labels(stored: StoredDocument) -> tuple[str, ...]:
    return stored.id, stored.url, stored.source, stored.date, stored.cluster


def document(number: int, content: bytes) -> StoredDocument:
    """What `document_bytes` wrote; `struct.error` or `UnicodeDecodeError` when it did not."""
    flags, relation, seen_s, confidence, representative, digest, *lengths = DOCUMENT.unpack_from(content)
    labels, at = list[str](), DOCUMENT.size
    for length in lengths:
        labels.append(content[at : at + length].decode("utf-8", "surrogatepass"))
        at += length
    id_, url, source, date, cluster = labels
    end = len(content) - ELDER_BYTES if flags & HAS_ELDER else len(content)
    return StoredDocument(
        number=number, id=id_, text=content[at:end], digest=digest, url=url, source=source, date=date, seen_s=seen_s,
        cluster=cluster, representative=representative, confidence=confidence, searchable=bool(flags & SEARCHABLE),
        relation=None if relation == NO_RELATION else RELATIONS[relation],
        elder=int.from_bytes(content[end:], "big") if flags & HAS_ELDER else None,
    )  # fmt: skip


def postings_bytes(found: Postings) -> bytes:
    """What a step adds to the postings, as bytes."""
    head = POSTINGS.pack(len(found.numbers), len(found.keys), found.traits.signatures.shape[1])
    columns = (
        found.numbers, found.seen_s, found.dates_s, found.offsets, found.traits.sites, found.traits.n_fingerprints,
        found.keys, found.traits.signatures,
    )  # fmt: skip
    return b"".join((head, *(column.tobytes() for column in columns)))


def postings(content: bytes) -> Postings:
    """What `postings_bytes` wrote."""
    n, n_keys, n_hashes = POSTINGS.unpack_from(content)
    at = POSTINGS.size
    columns = []
    for dtype, length in (
        ("i8", n), ("i8", n), ("i8", n), ("i8", n + 1), ("u8", n), ("i4", n), ("u4", n_keys), ("u1", n * n_hashes),
    ):  # fmt: skip
        columns.append(np.frombuffer(content, f"<{dtype}", length, at))
        at += columns[-1].nbytes
    numbers, seen_s, dates_s, offsets, sites, n_fingerprints, keys, signatures = columns
    traits = Traits(signatures=signatures.reshape(n, n_hashes), n_fingerprints=n_fingerprints, sites=sites)
    return Postings(numbers=numbers, seen_s=seen_s, dates_s=dates_s, traits=traits, keys=keys, offsets=offsets)
