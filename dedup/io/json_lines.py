"""JSON lines: one object a line, its fields by the names of the settings."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import orjson

from dedup.config import InputConfig
from dedup.io.lines import blocks, lines
from dedup.records import Document

__all__ = [
    "Json", "Names", "Object", "document", "documents", "from_fields", "is_line_wise", "label", "objects", "wanted",
]  # fmt: skip

Json: TypeAlias = "str | int | float | list[Json] | dict[str, Json] | None"
Object: TypeAlias = dict[str, Json]

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of each field, in the order in which they are tried."""

    id: tuple[str, ...]
    text: tuple[str, ...]
    url: tuple[str, ...]
    source: tuple[str, ...]
    date: tuple[str, ...]

    def labels(self) -> tuple[str, ...]:
        """Names of all fields but the text."""
        return self.id + self.url + self.source + self.date


def wanted(config: InputConfig) -> Names:
    """The names that the settings give."""
    return Names(
        id=_split(config.id_field), text=_split(config.text_field), url=_split(config.url_field),
        source=_split(config.source_field), date=_split(config.date_field),
    )  # fmt: skip


def documents(chunks: Iterable[bytes], name: str, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    """Each line's number, from 1, with its document or why there is none; empty lines are passed over."""
    names = wanted(config)
    for number, line in _numbered(chunks, config.max_document_bytes):
        found = document(line, f"{name}:{number}", names, config.max_document_bytes)
        if found is not None:
            yield number, found


def document(line: bytes, default_id: str, names: Names, max_line_bytes: int) -> Document | str | None:
    """The document of one line, or why there is none; None where the line is empty."""
    found = _parse(line, max_line_bytes, names.labels())
    return _document(found, default_id, names) if isinstance(found, dict) else found


def from_fields(found: Object, names: Names) -> Document | str:
    """The document that some fields make, without an id where they name none, or why there is none."""
    return _document(found, "", names)


def objects(
    chunks: Iterable[bytes], max_line_bytes: int, exact: Sequence[str] = ()
) -> Iterator[tuple[int, Object | str]]:
    """Each line's number, from 1, with its object or what is wrong with it; empty lines are passed over.

    Integers of any size keep their digits in the fields named by `exact`.
    """
    for number, line in _numbered(chunks, max_line_bytes):
        found = _parse(line, max_line_bytes, exact)
        if found is not None:
            yield number, found


def is_line_wise(start: bytes) -> bool:
    """Whether a file that begins so holds an object a line, and not one value laid out over many."""
    first, line_end, _ = start.removeprefix(_BOM).lstrip().partition(b"\n")
    return first.startswith(b"{") and (first.rstrip().endswith(b"}") or not line_end)


def label(value: object) -> str:
    """An id, a date or a name as a string: itself, or its JSON where it is a number or has parts.

    Items and rows may also hold what JSON has no form for, such as a moment; that is called what Python calls it.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return "" if value is None else str(value)


def _numbered(chunks: Iterable[bytes], max_line_bytes: int) -> Iterator[tuple[int, bytes]]:
    return enumerate(chain.from_iterable(map(lines, blocks(chunks, max_line_bytes))), start=1)


def _split(names: str) -> tuple[str, ...]:
    return tuple(name for part in names.split(",") if (name := part.strip()))


def _document(found: Object, default_id: str, names: Names) -> Document | str:
    text = _first(found, names.text)
    if not isinstance(text, str):
        return _why_no_text(found, text, names.text)
    return Document(
        id=label(_first(found, names.id)) or default_id,
        text=text,
        url=label(_first(found, names.url)),
        source=label(_first(found, names.source)),
        date=label(_first(found, names.date)),
    )


def _first(found: Object, names: Sequence[str]) -> Json:
    for name in names:
        value = found.get(name)
        if value is not None:
            return value
    return None


def _why_no_text(found: Object, text: Json, names: Sequence[str]) -> str:
    present = [name for name in names if name in found]
    if not present:
        return "no field " + " or ".join(f'"{name}"' for name in names)
    return f'field "{present[0]}" is {_kind(text)}, not a string'


def _parse(line: bytes, max_line_bytes: int, exact: Sequence[str]) -> Object | str | None:
    content = line.removeprefix(_BOM)
    if len(content) > max_line_bytes:
        return f"line longer than {max_line_bytes:,} bytes"
    return _object(content, exact) if content and not content.isspace() else None


def _object(line: bytes, exact: Sequence[str]) -> Object | str:
    try:
        found: Json = orjson.loads(line)
    except ValueError:
        # orjson refuses lone surrogates and NaN, which crawls hold; whatever else it refuses is refused again.
        return _lenient(line)
    if not isinstance(found, dict):
        return f"not a JSON object but {_kind(found)}"
    # orjson makes a float of an integer beyond 64 bits.
    if any(isinstance(found.get(name), float) for name in exact):
        again = _lenient(line)
        return found if isinstance(again, str) else again
    return found


def _lenient(line: bytes) -> Object | str:
    try:
        found: Json = json.loads(line.decode())
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start}"
    except json.JSONDecodeError as error:
        return f"malformed JSON: {error.msg.removesuffix(' at')} at character {error.pos}"
    except RecursionError:
        return "JSON nested too deeply"
    except ValueError as error:  # an integer of thousands of digits
        return f"JSON with a number out of range: {error}"
    return found if isinstance(found, dict) else f"not a JSON object but {_kind(found)}"


def _kind(value: Json) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    kinds = {str: "a string", int: "a number", float: "a number", list: "an array", dict: "an object"}
    return kinds.get(type(value), f"of type {type(value).__name__}")
