"""An index as JSON lines, all that it knows of each document: for another version of it, or another place."""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from dedup.errors import InputError
from dedup.io import outputs
from dedup.io.store.values import StoredDocument

__all__ = ["read", "write"]

FIELDS = (
    "id", "url", "source", "date", "seen_s", "cluster", "representative", "relation", "confidence", "searchable",
)  # fmt: skip


def write(documents: Iterable[StoredDocument], path: Path) -> None:
    """Write all documents, in the order of arrival."""
    outputs.write_file(path, (_line(stored) for stored in documents))


def _line(stored: StoredDocument) -> bytes:
    fields: dict[str, object] = {name: getattr(stored, name) for name in FIELDS}
    fields |= {"number": stored.number, "digest": stored.digest.hex()}
    try:
        return orjson.dumps(fields | {"text": stored.text.decode()}) + b"\n"
    except (UnicodeDecodeError, TypeError):
        # Lone surrogates: JSON can carry them as escapes, which orjson neither writes nor reads.
        return json.dumps(fields | {"text_base64": base64.b64encode(stored.text).decode()}).encode() + b"\n"


def read(path: Path) -> Iterator[StoredDocument]:
    """What `write` wrote; InputError where a line is not that."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                yield _document(line, f"{path}:{number}")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def _loaded(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except ValueError:
        return json.loads(line)


def _document(line: bytes, place: str) -> StoredDocument:
    try:
        found = _loaded(line)
        fields = {name: found[name] for name in FIELDS}
        packed = found.get("text_base64")
        text = base64.b64decode(packed) if packed is not None else found["text"].encode()
        return StoredDocument(number=found["number"], text=text, digest=bytes.fromhex(found["digest"]), **fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{place} is no line of an exported index") from None
