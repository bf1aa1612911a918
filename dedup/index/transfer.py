"""What an index knows, carried into another: by file for other versions, directly for other indexes."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from dedup.index.index import Index
from dedup.index.learning import NOTES
from dedup.io import archive
from dedup.io.store import places
from dedup.io.store.places import Place
from dedup.io.store.values import Merge, Note, StoredDocument

__all__ = ["content_of", "export", "take_in"]

BATCH = 1_000


def export(path: Place, output: Path) -> int:
    """Write all documents, merges and notes of an index, whatever its settings, as JSON lines; how many documents.

    What it has learned is left out, since whoever takes the documents in learns it anew.
    """
    places.read(path)
    n_documents = 0

    def counted() -> Iterator[archive.Entry]:
        nonlocal n_documents
        for entry in places.content_at(path):
            n_documents += isinstance(entry, StoredDocument)
            if not isinstance(entry, Note) or entry.name not in NOTES:
                yield entry

    archive.write(counted(), output)
    return n_documents


def content_of(index: Index) -> Iterator[archive.Entry]:
    """All documents of an index, and then its merges."""
    return chain(index.documents(), index.merges())


def take_in(index: Index, entries: Iterable[archive.Entry]) -> None:
    """Remember what another index knew as it was: copies stay copies, and clusters keep their names.

    An id that is known with the same text stays as it is; with another text it is replaced. Of notes of one name the
    index's own stays.
    """
    number_of, documents, merges, notes = dict[int, int](), dict[str, StoredDocument](), list[Merge](), list[Note]()
    for entry in entries:
        if isinstance(entry, Merge):
            merges.append(entry)
            continue
        if isinstance(entry, Note):
            notes.append(entry)
            continue
        if len(documents) == BATCH or entry.id in documents:
            index.restore(list(documents.values()), number_of)
            documents = {}
        documents[entry.id] = entry
    if documents:
        index.restore(list(documents.values()), number_of)
    if merges:
        index.restore_merges(merges)
    if notes:
        index.restore_notes(notes)
