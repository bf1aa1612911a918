"""An index as JSON lines, all that it knows of each document: for another version of it, or another place."""

import base64
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import orjson

from dedup.errors import InputError
from dedup.io import outputs
from dedup.io.store.values import Merge, Note, StoredDocument
from dedup.records import RELATIONS

__all__ = ["Entry", "read", "write"]

STANDARD = "-"
MOST_SECONDS, DIGEST_BYTES = 1 << 53, 16
FIELDS = (
    "id", "url", "source", "date", "seen_s", "cluster", "representative", "relation", "confidence", "searchable",
)  # fmt: skip
Entry: TypeAlias = StoredDocument | Merge | Note


def write(entries: Iterable[Entry], path: Path) -> None:
    """Write all documents, in the order of arrival, and behind them clusters that turned out to be one; `-` is stdout.

    Behind those stand notes, such as how far a filter has come: whoever reads them has read all documents.
    """
    content = (_line(entry) for entry in entries)
    if str(path) == STANDARD:
        sys.stdout.buffer.writelines(content)
        sys.stdout.buffer.flush()
    else:
        outputs.write_file(path, content)


def _line(stored: Entry) -> bytes:
    if isinstance(stored, Note):
        packed = base64.b64encode(stored.content).decode()
        return json.dumps({"note": {"name": stored.name, "content_base64": packed}}).encode() + b"\n"
    if isinstance(stored, Merge):
        return json.dumps({"merge": stored._asdict()}).encode() + b"\n"
    fields: dict[str, object] = {name: getattr(stored, name) for name in FIELDS}
    fields |= {"number": stored.number, "digest": stored.digest.hex()}
    if stored.elder is not None:
        fields["elder"] = stored.elder
    try:
        return orjson.dumps(fields | {"text": stored.text.decode()}) + b"\n"
    except (UnicodeDecodeError, TypeError):
        # Lone surrogates: JSON can carry them as escapes, which orjson neither writes nor reads.
        return json.dumps(fields | {"text_base64": base64.b64encode(stored.text).decode()}).encode() + b"\n"


def read(path: Path) -> Iterator[Entry]:
    """What `write` wrote; InputError where a line is not that."""
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, start=1):
                yield _entry(line, f"{path}:{number}")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def _opened(path: Path) -> AbstractContextManager[BinaryIO]:
    if str(path) != STANDARD:
        return path.open("rb")
    if sys.stdin is None:
        raise OSError("standard input is closed")
    return nullcontext(sys.stdin.buffer)


def _loaded(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except ValueError:
        return json.loads(line)


def _entry(line: bytes, place: str) -> Entry:
    try:
        found = _loaded(line)
        if "merge" in found:
            return _merge(found["merge"])
        if "note" in found:
            return _note(found["note"])
        fields = {name: found[name] for name in FIELDS} | {"elder": found.get("elder")}
        packed = found.get("text_base64")
        text = base64.b64decode(packed) if packed is not None else found["text"].encode()
        text.decode("utf-8", "surrogatepass")
        stored = StoredDocument(number=found["number"], text=text, digest=bytes.fromhex(found["digest"]), **fields)
        if _is_sound(stored):
            return stored
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise InputError(f"{place} is no line of an exported index")


def _merge(found: Any) -> Merge:
    """The merge that a line tells of; ValueError or TypeError where it is none."""
    merge = Merge(**found)
    if all(isinstance(field, str) for field in merge[:3]) and _is_moment(merge.seen_s):
        (merge.cluster + merge.into).encode()
        return merge
    raise ValueError("no merge")


def _note(found: Any) -> Note:
    """The note that a line tells of; ValueError, KeyError or TypeError where it is none."""
    name = found["name"]
    if not isinstance(name, str):
        raise ValueError("no note")
    return Note(name, base64.b64decode(found["content_base64"], validate=True))


def _is_sound(stored: StoredDocument) -> bool:
    """Whether all fields are of their types, whatever a file may say."""
    return (
        all(isinstance(field, str) for field in (stored.id, stored.url, stored.source, stored.date, stored.cluster))
        and all(type(number) is int for number in (stored.number, stored.representative))
        and (stored.elder is None or type(stored.elder) is int)
        and isinstance(stored.confidence, int | float)
        and 0 <= stored.confidence <= 1
        and _is_moment(stored.seen_s)
        and type(stored.searchable) is bool
        and stored.relation in (None, *RELATIONS)
        and len(stored.digest) == DIGEST_BYTES
    )


def _is_moment(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) <= MOST_SECONDS
