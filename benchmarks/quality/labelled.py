"""Labelled pairs: what the benchmark reads. The format stands in README.md."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dedup import Document
from dedup.errors import InputError

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
    return [_document(row) for row in _lines(docs, "id", "text")]


def _document(row: dict[str, str]) -> Document:
    return Document(
        id=row["id"], text=row["text"], url=row.get("url") or "", source=row.get("source") or "",
        date=str(row.get("date") or ""),
    )  # fmt: skip


def read(docs: Path, pairs: Path) -> Labelled:
    """Read both files, plain or gzipped JSON lines; InputError where they are not those, or do not belong together."""
    rows = list(_lines(docs, "id", "text"))
    found = [_document(row) for row in rows]
    families = {row["id"]: row["family"] for row in rows if row.get("family")}
    known = {document.id for document in found}
    labelled = [
        Pair(left=row["a"], right=row["b"], kind=row["class"], corpus=row.get("corpus") or "all")
        for row in _lines(pairs, "a", "b", "class")
    ]
    there = [pair for pair in labelled if {pair.left, pair.right} <= known]
    if not there:
        raise InputError(f"{pairs} has no pair of documents that are in {docs}")
    return Labelled(documents=found, pairs=there, families=families)


def _lines(path: Path, *fields: str) -> Iterator[dict[str, str]]:
    number = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                row = json.loads(line)
                if missing := [name for name in fields if not isinstance(row, dict) or name not in row]:
                    raise InputError(f"{path}:{number} has no field {missing[0]}")
                yield row
    except (OSError, EOFError) as error:
        raise InputError(f"cannot read {path}: {error}") from None
    except ValueError:
        raise InputError(f"{path}:{number} is no JSON") from None
