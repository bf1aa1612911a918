"""Before stage 1: documents side by side, so that later stages work on columns."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from dedup.arrays import Rows
from dedup.errors import InputError
from dedup.records import Corpus, Document, Skipped, Texts

TELL_EVERY = 1000

__all__ = ["gather", "take", "text_of"]


def gather(
    documents: Iterable[Document | Skipped], tell: Callable[[int, int], None] = lambda *_: None
) -> tuple[Corpus, list[Skipped]]:
    """All documents as columns, and what was skipped on the way, both in the order in which they came.

    `tell` hears how many have come so far, of how many (0, since that is not known).

    Raises `InputError` when two documents have one id.
    """
    ids, urls, sources, dates = list[str](), list[str](), list[str](), list[str]()
    skipped, blank, values, ends = list[Skipped](), list[int](), bytearray(), [0]
    for document in documents:
        if isinstance(document, Skipped):
            skipped.append(document)
            continue
        if not document.text.strip():
            blank.append(len(ids))
            skipped.append(Skipped(place=document.id, reason="the text is empty: kept, and compared with nothing"))
        ids.append(document.id)
        urls.append(document.url)
        sources.append(document.source)
        dates.append(document.date)
        values += document.text.encode("utf-8", "surrogatepass")
        ends.append(len(values))
        if len(ids) % TELL_EVERY == 0:
            tell(len(ids), 0)
    _check_unique(ids)
    texts = Texts(values=np.frombuffer(values, np.uint8), offsets=np.array(ends, np.int64))
    return Corpus(ids=ids, texts=texts, urls=urls, sources=sources, dates=dates, blank=blank), skipped


def text_of(texts: Texts, row: int) -> str:
    """The original text of a row."""
    start, end = int(texts.offsets[row]), int(texts.offsets[row + 1])
    return texts.values[start:end].tobytes().decode("utf-8", "surrogatepass")


def _check_unique(ids: Sequence[str]) -> None:
    if len(set(ids)) == len(ids):
        return
    seen = set[str]()
    for name in ids:
        if name in seen:
            raise InputError(f"ids must be unique, got {name!r} twice")
        seen.add(name)


def take(values: Sequence[str], rows: Rows) -> list[str]:
    """The values of some rows."""
    return [values[row] for row in rows.tolist()]
