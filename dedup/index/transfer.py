"""What an index knows, carried into another: by file for other versions, directly for other indexes."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from dedup.index.index import Index
from dedup.io import archive
from dedup.io.store import places
from dedup.io.store.places import Place
from dedup.io.store.values import StoredDocument

__all__ = ["export", "take_in"]

BATCH = 1_000


def export(path: Place, output: Path) -> int:
    """Write all documents of an index, whatever its settings, as JSON lines; how many there were."""
    places.read(path)
    n_documents = 0

    def counted() -> Iterator[StoredDocument]:
        nonlocal n_documents
        for stored in places.documents_at(path):
            n_documents += 1
            yield stored

    archive.write(counted(), output)
    return n_documents


def take_in(index: Index, documents: Iterable[StoredDocument]) -> None:
    """Remember documents of another index as they were: copies stay copies, and clusters keep their names.

    An id that is known with the same text stays as it is; with another text it is replaced.
    """
    number_of, batch = dict[int, int](), list[StoredDocument]()
    for stored in documents:
        batch.append(stored)
        if len(batch) == BATCH:
            index.restore(batch, number_of)
            batch = []
    if batch:
        index.restore(batch, number_of)
