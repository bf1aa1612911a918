"""JSON lines by the block: a kernel finds the wanted fields, and the strict parser reads the lines that it leaves.

The same documents as `json_lines` gives, line for line, with no object a line but for its labels.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from dedup.arrays import Bytes, Rows
from dedup.config import InputConfig
from dedup.io.json_lines import Names, document, label, wanted
from dedup.io.lines import SCATTERED, gathered
from dedup.kernels import json_lines as kernel
from dedup.kernels.blocks import BLOCK
from dedup.records import Document, Texts
from dedup.sequences import Labels

__all__ = ["Block", "Unread", "read"]

BEHIND = b"\n" * (BLOCK + 1)
"""An end for a last line that lacks it, and room for kernels to read past it."""
ENDING_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Documents of some lines as columns, a row each; `numbers` and `faults` are by the number of the line.

    `spans` (n_rows, 2) is where each text stands in the file, -1 where it does not as this block has it.
    """

    numbers: list[int]
    ids: Sequence[str]
    texts: Texts
    spans: Rows
    urls: Labels
    sources: Labels
    dates: Labels
    faults: list[tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """Where the wanted fields of every line stand in a block: what `find_fields` writes."""

    block: bytes
    data: Bytes
    columns: tuple[str, ...]
    lines: Rows
    states: Bytes
    kinds: Bytes
    spans: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One field of every line: its kind, (n_lines,), and span in the block, (n_lines, 2)."""

    kinds: Bytes
    spans: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Whole lines with `BEHIND` after them, `before` others before them in the file; `n_bytes` with their ends.

    They begin at byte `begin` of the file, or are `SCATTERED` in it.
    """

    content: bytes
    begin: int
    n_bytes: int
    n_lines: int
    names: Names
    prefix: str
    before: int
    max_line_bytes: int

    def block(self) -> Block:
        """The documents of the lines."""
        return _block(_table(self), self)

    def last(self) -> int:
        """The number of the last line that is not blank, 0 where all are."""
        ending = self.content[max(0, self.n_bytes - ENDING_BYTES) : self.n_bytes]
        said = ending.rstrip(b" \t\r\n")
        if said:
            return self.before + self.n_lines + 1 - ending.count(b"\n", len(said))
        found = self.block()
        return max(found.numbers[-1:] + [number for number, _ in found.faults[-1:]], default=0)


def read(chunks: Iterable[bytes], name: str, config: InputConfig, least_bytes: int = 1) -> Iterator[tuple[int, Unread]]:
    """Blocks of lines of `least_bytes` or more, each after the number of its last line that is not empty.

    They are cut and counted here; to find the documents in them is left to `Unread.block`, in any thread.
    """
    names, before = wanted(config), 0
    for content, begin in gathered(chunks, config.max_document_bytes, least_bytes, BEHIND):
        n_bytes = len(content) - len(BEHIND)
        n_bytes += not content.endswith(b"\n", 0, n_bytes)
        n_lines = int(kernel.count_lines(np.frombuffer(content, np.uint8), n_bytes))
        unread = Unread(
            content=content, begin=begin, n_bytes=n_bytes, n_lines=n_lines, names=names, prefix=f"{name}:",
            before=before, max_line_bytes=config.max_document_bytes,
        )  # fmt: skip
        last = unread.last()
        if last:
            yield last, unread
        before += n_lines


def _table(unread: Unread) -> _Table:
    data, names, n_lines = np.frombuffer(unread.content, np.uint8), unread.names, unread.n_lines
    columns = tuple(dict.fromkeys(names.text + names.labels()))
    encoded = [column.encode("utf-8", "surrogatepass") for column in columns]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    lines, states = np.zeros(n_lines + 1, np.int64), np.zeros(n_lines, np.uint8)
    kinds, spans = np.zeros((n_lines, len(columns)), np.uint8), np.zeros((n_lines, len(columns), 2), np.int64)
    joined = np.frombuffer(b"".join(encoded), np.uint8)
    kernel.find_fields(data, unread.n_bytes, joined, offsets, lines, states, kinds, spans)
    return _Table(
        block=unread.content, data=data, columns=columns, lines=lines, states=states, kinds=kinds, spans=spans
    )


def _block(table: _Table, unread: Unread) -> Block:
    names, prefix, before, max_line_bytes = unread.names, unread.prefix, unread.before, unread.max_line_bytes
    text = _field(table, names.text)
    is_short = np.diff(table.lines) <= max_line_bytes + 1
    is_string = (text.kinds == kernel.PLAIN) | (text.kinds == kernel.ESCAPED)
    is_taken = (table.states == kernel.TAKEN) & is_short & is_string
    left = np.flatnonzero(~is_taken & ~((table.states == kernel.EMPTY) & is_short)).tolist()
    strict = {i: document(_line(table, i), f"{prefix}{before + i + 1}", names, max_line_bytes) for i in left}
    parsed = {i: found for i, found in strict.items() if isinstance(found, Document)}
    is_taken[list(parsed)] = True
    rows = np.flatnonzero(is_taken)
    numbers = (rows + before + 1).tolist()
    ids, urls, sources, dates = (
        _labels(table, field, rows, {i: getattr(found, name) for i, found in parsed.items()})
        for name, field in (("id", names.id), ("url", names.url), ("source", names.source), ("date", names.date))
    )
    return Block(
        numbers=numbers,
        ids=_called(ids, numbers, prefix),
        texts=_texts(table, text, rows, {i: found.text for i, found in parsed.items()}),
        spans=_in_file(text.spans[rows], unread.begin, np.searchsorted(rows, list(parsed))),
        urls=urls,
        sources=sources,
        dates=dates,
        faults=[(before + i + 1, found) for i, found in strict.items() if isinstance(found, str)],
    )


def _in_file(spans: Rows, begin: int, others: Rows) -> Rows:
    """Spans of a block that begins at `begin` as spans of the file, those of rows that were read otherwise as -1."""
    found = spans + begin
    found[others if begin != SCATTERED else slice(None)] = SCATTERED
    return found


def _line(table: _Table, row: int) -> bytes:
    return table.block[table.lines[row] : table.lines[row + 1] - 1]


def _field(table: _Table, names: Sequence[str]) -> _Field:
    """Of several names the first that a line has, and not as null."""
    kinds, spans = np.zeros(len(table.lines) - 1, np.uint8), np.zeros((len(table.lines) - 1, 2), np.int64)
    for column in reversed([table.columns.index(name) for name in names]):
        own_kinds, own_spans = table.kinds[:, column], table.spans[:, column]
        # No other value begins with this letter.
        is_null = (own_kinds == kernel.OTHER) & (table.data[own_spans[:, 0]] == ord("n"))
        is_given = (own_kinds != kernel.MISSING) & ~is_null
        kinds[is_given], spans[is_given] = own_kinds[is_given], own_spans[is_given]
    return _Field(kinds=kinds, spans=spans)


def _called(ids: Labels, numbers: Sequence[int], prefix: str) -> Sequence[str]:
    """The ids, that of a document without one being its place."""
    if np.diff(ids.offsets).all():
        return ids
    return [own_id or f"{prefix}{number}" for own_id, number in zip(ids, numbers, strict=True)]


def _labels(table: _Table, names: Sequence[str], rows: Rows, parsed: Mapping[int, str]) -> Labels:
    """The field of each row, those in `parsed` as they stand there."""
    field = _field(table, names)
    others = {row: _label(table, field, row) for row in rows[field.kinds[rows] == kernel.OTHER].tolist()}
    found = _texts(table, field, rows, others | {**parsed})
    return Labels(found.values, found.offsets)


def _label(table: _Table, field: _Field, row: int) -> str:
    """A value that is no string."""
    start, end = field.spans[row].tolist()
    return label(orjson.loads(table.block[start:end]))


def _texts(table: _Table, text: _Field, rows: Rows, parsed: Mapping[int, str]) -> Texts:
    """The text of each row, those in `parsed` as they stand there."""
    others = [found.encode("utf-8", "surrogatepass") for found in parsed.values()]
    other_offsets = np.cumsum([0, *map(len, others)], dtype=np.int64)
    chosen = rows.copy()
    chosen[np.searchsorted(rows, list(parsed))] = -1 - np.arange(len(others))
    sizes = np.diff(text.spans[rows][chosen >= 0]).sum()
    values = np.empty(int(sizes) + int(other_offsets[-1]) + BLOCK, np.uint8)
    offsets = np.zeros(len(rows) + 1, np.int64)
    joined = np.frombuffer(b"".join(others), np.uint8)
    kernel.lay(table.data, chosen, text.spans, joined, other_offsets, values, offsets)
    return Texts(values=values[: offsets[-1]], offsets=offsets)
