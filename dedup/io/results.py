"""What a scan wrote, read back to be shown: settings, matches in the form that a page takes, and texts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson

from dedup.errors import InputError
from dedup.io import json_lines
from dedup.io.compressed import chunks

__all__ = ["Kept", "dump", "joined", "matches", "readable", "summary"]

MAX_LINE_BYTES = (1 << 31) - 1
SURROGATES = dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)


class Kept(NamedTuple):
    """A match with its measures and passages already packed as JSON, since few of many are ever looked at.

    `packed` has `relation`, `resemblance`, `left_in_right`, `right_in_left`, `confidence`, `source`, `reasons`, and
    `passages` as one flat list: start and end in the left text, in the right text, tokens, 1 if quoted.
    """

    left: str
    right: str
    relation: str
    source: str
    confidence: float
    coverage: float
    packed: bytes


def summary(folder: Path) -> json_lines.Object:
    """The content of `summary.json`; InputError where the folder is not the output of a scan."""
    path = Path(folder) / "summary.json"
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{folder} must be the output of a scan: {path.name}: {error.strerror or error}") from None
    except ValueError as error:
        raise InputError(f"{path} is damaged: {error}") from None
    if not isinstance(found, dict):
        raise InputError(f"{path} must hold an object, got {type(found).__name__}")
    return found


def matches(folder: Path) -> Iterator[Kept]:
    """Every match of `matches.jsonl`, in its order; InputError where a line is none."""
    path = Path(folder) / "matches.jsonl"
    try:
        with path.open("rb") as stream:
            for number, found in json_lines.objects(chunks(stream), MAX_LINE_BYTES):
                try:
                    yield _kept(found)
                except (KeyError, TypeError, ValueError) as error:
                    raise InputError(f"{path}:{number}: not a match: {error}") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def readable(text: str) -> str:
    """`text` with each lone surrogate replaced by one character, so that it can be written as UTF-8."""
    return text if text.isascii() else text.translate(SURROGATES)


def dump(value: object) -> bytes:
    """Compact JSON."""
    return orjson.dumps(value)


def joined(pieces: list[bytes]) -> bytes:
    """A JSON array of values that are JSON already."""
    return b"[" + b",".join(pieces) + b"]"


def _kept(found: json_lines.Object | str) -> Kept:
    if not isinstance(found, dict):
        raise ValueError(found)
    return Kept(
        left=_string(found["left"]), right=_string(found["right"]), relation=_string(found["relation"]),
        source=_string(found["source"]), confidence=_number(found["confidence"]), coverage=_number(found["coverage"]),
        packed=_packed(found),
    )  # fmt: skip


def _packed(found: json_lines.Object) -> bytes:
    names = ("relation", "resemblance", "left_in_right", "right_in_left", "confidence", "source")
    reasons, passages = found["reasons"], found["passages"]
    if not isinstance(reasons, list) or not isinstance(passages, list):
        raise TypeError("reasons and passages must be lists")
    flat: list[json_lines.Json] = []
    for passage in passages:
        if not isinstance(passage, dict):
            raise TypeError("a passage must be an object")
        left, right = passage["left"], passage["right"]
        if not (isinstance(left, list) and isinstance(right, list) and len(left) == len(right) == 2):
            raise TypeError("a span must be a start and an end")
        flat += (*left, *right, passage["n_tokens"], 1 if passage.get("quoted") is True else 0)
    told = {name: found[name] for name in names}
    return dump(told | {"reasons": [readable(_string(reason)) for reason in reasons], "passages": flat})


def _string(value: json_lines.Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a string was expected, got {value}")
    return value


def _number(value: json_lines.Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a number was expected, got {value}")
    return float(value)
