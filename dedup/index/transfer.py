"""What an index knows, carried into another: by file for other versions, directly for other indexes."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from dedup.index.index import Index
from dedup.io import archive
from dedup.io.store import places
from dedup.io.store.places import Place
from dedup.io.store.values import Merge, StoredDocument

__all__ = ["content_of", "export", "take_in"]

BATCH = 1_000


def export(path: Place, output: Path) -> int:
    """Write all documents and merges of an index, whatever its settings, as JSON lines; how many documents."""
    places.read(path)
    n_documents = 0

    def counted() -> Iterator[archive.Entry]:
        nonlocal n_documents
        for entry in places.content_at(path):
            n_documents += isinstance(entry, StoredDocument)
            yield entry

    archive.write(counted(), output)
    return n_documents


def content_of(index: Index) -> Iterator[archive.Entry]:
    """All documents of an index, and then its merges."""
    return chain(index.documents(), index.merges())


def take_in(index: Index, entries: Iterable[archive.Entry]) -> None:
    """Remember what another index knew as it was: copies stay copies, and clusters keep their names.

    An id that is known with the same text stays as it is; with another text it is replaced.
    """
    number_of, documents, merges = dict[int, int](), dict[str, StoredDocument](), list[Merge]()
    for entry in entries:
        if isinstance(entry, Merge):
            merges.append(entry)
            continue
        if len(documents) == BATCH or entry.id in documents:
            index.restore(list(documents.values()), number_of)
            documents = {}
        documents[entry.id] = entry
    if documents:
        index.restore(list(documents.values()), number_of)
    if merges:
        index.restore_merges(merges)
