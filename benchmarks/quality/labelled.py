"""Labelled pairs: what the benchmark reads. The format stands in README.md."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dedup import Document

POSITIVE = ("copy", "light", "heavy")
NEGATIVE = ("quote", "boilerplate", "template", "same_story")
REPORTED = ("excerpt", "background")
CLASSES = (*POSITIVE, *NEGATIVE, *REPORTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two ids and what they should be to one another."""

    left: str
    right: str
    kind: str
    corpus: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Documents, labelled pairs of them, and for each id the family whose pairs are no negatives."""

    documents: list[Document]
    pairs: list[Pair]
    families: dict[str, str]


def documents(docs: Path) -> list[Document]:
    """Read documents, plain or gzipped JSON lines."""
    return [_document(row) for row in _lines(docs)]


def _document(row: dict[str, str]) -> Document:
    return Document(
        id=row["id"], text=row["text"], url=row.get("url") or "", source=row.get("source") or "",
        date=str(row.get("date") or ""),
    )  # fmt: skip


def read(docs: Path, pairs: Path) -> Labelled:
    """Read both files, plain or gzipped JSON lines."""
    rows = list(_lines(docs))
    found = [_document(row) for row in rows]
    families = {row["id"]: row["family"] for row in rows if row.get("family")}
    known = {document.id for document in found}
    labelled = [
        Pair(left=row["a"], right=row["b"], kind=row["class"], corpus=row.get("corpus") or "all")
        for row in _lines(pairs)
    ]
    return Labelled(documents=found, pairs=[p for p in labelled if {p.left, p.right} <= known], families=families)


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for line in file:
            yield json.loads(line)
