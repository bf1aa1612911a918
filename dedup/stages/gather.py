"""Before stage 1: documents side by side, so that later stages work on columns."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import numpy as np

from dedup.arrays import Rows
from dedup.errors import InputError
from dedup.records import Corpus, Document, Skipped, Texts

__all__ = ["gather", "site", "take", "text_of"]


def gather(documents: Iterable[Document | Skipped]) -> tuple[Corpus, list[Skipped]]:
    """All documents as columns, and what was skipped on the way, both in the order in which they came.

    Raises `InputError` when two documents have one id.
    """
    ids, urls, sites, dates = list[str](), list[str](), list[str](), list[str]()
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
        sites.append(site(document))
        dates.append(document.date)
        values += document.text.encode("utf-8", "surrogatepass")
        ends.append(len(values))
    _check_unique(ids)
    texts = Texts(values=np.frombuffer(values, np.uint8), offsets=np.array(ends, np.int64))
    return Corpus(ids=ids, texts=texts, urls=urls, sites=sites, dates=dates, blank=blank), skipped


def site(document: Document) -> str:
    """The source when it is given, else the host of the URL, else ""."""
    if document.source:
        return document.source
    try:
        return urlsplit(document.url).hostname or ""
    except ValueError:
        return ""


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
