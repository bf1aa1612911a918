"""The lines of a filter: documents in with the lines that they came from, lines out, and how far both have come."""

import hashlib
import json
import os
import stat
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

import orjson

from dedup.config import InputConfig
from dedup.errors import InputError, OutputError
from dedup.io import json_lines, reports
from dedup.io.formats import read_with
from dedup.io.lines import gathered, lines
from dedup.io.paths import InputFile, expand
from dedup.records import Answer, Document

__all__ = [
    "Line",
    "Outputs",
    "Position",
    "annotated",
    "answer_json",
    "lasting",
    "listed",
    "mark_of",
    "read",
    "rejection",
]

BLOCK_BYTES = 1 << 21

D = TypeVar("D")


class Line(NamedTuple):
    """One line of the input: where it stands, its bytes, and its document or what is wrong with it."""

    place: str
    content: bytes
    found: Document | str


class Position(NamedTuple):
    """How far a filter has come, after a step: lines of these inputs read, bytes written to these files.

    `mark` is of the last of those lines that was a document, by which the same input is known again.
    """

    inputs: tuple[str, ...]
    n_lines: int = 0
    output_bytes: int = 0
    reject_bytes: int = 0
    output: str = ""
    rejects: str = ""
    mark: str = ""

    def content(self) -> bytes:
        """As bytes."""
        return json.dumps(tuple(self)).encode()

    @staticmethod
    def of(content: bytes | None, inputs: Sequence[str], output: Path | None, rejects: Path | None) -> "Position":
        """What `content` wrote, the beginning where there is none.

        InputError when it is of other inputs, OutputError when what has been written lies in other files.
        """
        files = [os.path.realpath(path) if path is not None else "" for path in (output, rejects)]
        if content is None:
            return Position(tuple(inputs), output=files[0], rejects=files[1])
        found = Position(*json.loads(content))
        if list(found.inputs) != list(inputs):
            raise InputError(f"this checkpoint is of {', '.join(found.inputs)}, not of {', '.join(inputs)}")
        for n_bytes, before, file in zip(found[2:4], found[4:6], files, strict=True):
            if n_bytes and before and before != file:
                raise OutputError(f"this checkpoint wrote to {before}, not to {file or 'nothing'}")
        return found._replace(inputs=tuple(inputs), output=files[0], rejects=files[1])


def mark_of(taken: Sequence[Line]) -> str:
    """A hash of the last of some lines that is a document, "" where none is; the last line may not yet be whole."""
    last = next((line for line in reversed(taken) if isinstance(line.found, Document)), None)
    return "" if last is None else hashlib.blake2b(last.content, digest_size=16).hexdigest()


def read(paths: Sequence[str], config: InputConfig) -> Iterator[list[Line]]:
    """The lines of all inputs, as many at a time as there are now; empty lines are passed over."""
    files, skipped = expand(paths)
    if skipped:
        yield [Line(note.place, b"", note.reason) for note in skipped]
    for file in files:
        for number, found in read_with(_blocks, file, config):
            place = f"{file.place}:{number}" if number else file.place
            yield [Line(place, b"", found)] if isinstance(found, str) else found


def _blocks(parts: Iterator[bytes], file: InputFile, config: InputConfig) -> Iterator[tuple[int, list[Line] | str]]:
    names, number, most = json_lines.wanted(config), 0, config.max_document_bytes
    # What a pipe has now is not made to wait for more.
    for block, _ in gathered(parts, most, 1 if file.path == "-" else BLOCK_BYTES, b""):
        found = list[Line]()
        for content in lines(block):
            number += 1
            item = json_lines.document(content, "", names, most)
            if item is not None:
                found.append(Line(f"{file.place}:{number}", content, lasting(item)))
        yield number, found


def lasting(found: D) -> Document | D:
    """Without an id a document is known by its URL, else by its text: the place of a line means nothing tomorrow."""
    if not isinstance(found, Document) or found.id:
        return found
    digest = hashlib.blake2b(found.text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return replace(found, id=found.url or f"text:{digest}")


def annotated(line: Line, answer: Answer) -> bytes:
    """The line with one more field, `dedup`: what the index says of it; without a mark of UTF-8 before it.

    A field of that name that it had, as a line that another index has annotated, gives way.
    """
    content = line.content.removeprefix(BOM_UTF8)
    # A line that is nested too deeply for it keeps both, of which readers take the last.
    with suppress(RecursionError):
        if b'"dedup"' in content and "dedup" in json.loads(content):
            content = _without(content, "dedup")
    return content.rstrip()[:-1] + b',"dedup":' + answer_json(answer) + b"}\n"


def _without(content: bytes, name: str) -> bytes:
    """An object of JSON without a field, all others as they are written."""
    text, at, kept = content.decode(), content.index(b"{") + 1, list[str]()
    read = json.JSONDecoder().raw_decode
    while text[at := _behind_space(text, at)] != "}":
        begin = _behind_space(text, at + (text[at] == ","))
        key, end = read(text, begin)
        _, at = read(text, _behind_space(text, _behind_space(text, end) + 1))
        kept += [text[begin:at]] if key != name else []
    return f"{{{','.join(kept)}}}".encode()


def _behind_space(text: str, at: int) -> int:
    while text[at] in " \t\r\n":
        at += 1
    return at


def answer_json(answer: Answer) -> bytes:
    """An answer as one line of JSON, without its end."""
    fields = {
        "id": answer.id,
        "kind": answer.kind,
        "keep": answer.keep,
        "cluster": answer.cluster,
        "representative": answer.representative,
        "relation": answer.relation,
        "replaces": answer.replaces,
        "merged": answer.merged,
    }
    matches = [reports.match_json(match) for match in answer.matches]
    try:
        return orjson.dumps({**fields, "matches": [orjson.Fragment(match) for match in matches]})
    except TypeError:
        # orjson refuses lone surrogates, which an id may hold.
        return json.dumps({**fields, "matches": [json.loads(match) for match in matches]}).encode()


def listed(path: Path) -> list[str]:
    """The lines of a file, such as ids."""
    try:
        return [line for line in path.read_text(encoding="utf-8-sig").split("\n") if line]
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read {path}: {error}") from None


def rejection(line: Line) -> bytes:
    """A line that is no document: where it stands, why, and what it says."""
    said = line.content.decode("utf-8", "replace")
    fields = {"place": line.place, "reason": line.found, "line": said}
    try:
        return orjson.dumps(fields) + b"\n"
    except TypeError:
        # The name of a file need not be UTF-8.
        return json.dumps(fields).encode() + b"\n"


class Outputs:
    """Where lines and rejects go: files that go on where a position says, or stdout, and for rejects nowhere."""

    def __init__(self, output: Path | None, rejects: Path | None, position: Position) -> None:
        self._output = _Sink(output, position.output_bytes, sys.stdout.buffer)
        self._rejects = _Sink(rejects, position.reject_bytes, None)
        self.position = position

    def write(self, content: bytes, rejected: bytes, taken: Sequence[Line]) -> Position:
        """Write what has come of some more lines, through to the disk."""
        self._output.write(content)
        self._rejects.write(rejected)
        position = self.position
        self.position = position._replace(
            n_lines=position.n_lines + len(taken), output_bytes=self._output.n_bytes,
            reject_bytes=self._rejects.n_bytes, mark=mark_of(taken) or position.mark,
        )  # fmt: skip
        return self.position

    def __enter__(self) -> "Outputs":
        return self

    def __exit__(self, *_: object) -> None:
        self._output.close()
        self._rejects.close()


class _Sink:
    """A file cut off at `n_bytes`, or what stands in its stead."""

    def __init__(self, path: Path | None, n_bytes: int, otherwise: BinaryIO | None) -> None:
        self._path, self.n_bytes, self._file, self._is_synced = path, n_bytes, otherwise, False
        if path is not None:
            self._file = self._opened(path, n_bytes)

    def _opened(self, path: Path, n_bytes: int) -> BinaryIO:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("r+b" if n_bytes else "wb")
            state = os.fstat(file.fileno())
            self._is_synced = stat.S_ISREG(state.st_mode)
            if state.st_size < n_bytes:
                raise OutputError(f"{path} holds less than the checkpoint says was written to it")
            if n_bytes:
                file.truncate(n_bytes)
                file.seek(n_bytes)
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
        return file

    def write(self, content: bytes) -> None:
        if self._file is None or not content:
            return
        try:
            self._file.write(content)
            self._file.flush()
            if self._is_synced:
                os.fsync(self._file.fileno())
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"cannot write {self._path or 'stdout'}: {error.strerror or error}") from None
        self.n_bytes += len(content)

    def close(self) -> None:
        if self._file is not None and self._path is not None:
            self._file.close()
