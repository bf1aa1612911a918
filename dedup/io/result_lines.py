"""The lines of results from their columns, a block at a time: the same bytes as one by one, with no object a line.

A line is snippets end to end: what does not change, and strings and numbers that were written in bulk.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
import orjson

from dedup import reasons
from dedup.arrays import Bytes, Positions, Rows, Scores, offsets, ranges
from dedup.io.reports import SpreadBlocks
from dedup.kernels import snippets as kernel
from dedup.laid import n_characters
from dedup.records import EQUAL, RELATIONS, SOURCES
from dedup.reported import (
    ClusterColumns,
    Clusters,
    DecisionColumns,
    Decisions,
    MatchColumns,
    Matches,
    cluster_id,
    in_memory,
)
from dedup.sequences import Labels, Lists

__all__ = ["lines"]

BLOCK = 1 << 10
"""Rows that a thread writes at once."""
BLOCK_OF_MATCHES = 1 << 9
HELD = 1 << 16
"""Matches that are brought into memory at once, for they stand in another order than that of their columns."""
EQUAL_CODES = [code for code, name in enumerate(RELATIONS) if name in EQUAL]
_N_DIGITS = 6
_UNSURE = 1e-6
"""How far from one half a number of units is that is sure to be rounded as Python rounds."""

T = TypeVar("T")
Plain = Callable[[T], bytes]


def lines(
    found: Sequence[T], plain: Plain[T], between: Callable[[], None] = lambda: None, spread: SpreadBlocks = map
) -> Iterator[bytes]:
    """The lines of some results, many at a time where they are columns, else one by one with `plain`.

    `spread` maps over blocks of them in their order, in threads perhaps; each calls `between` after a block.
    """
    for held in _held(found, between):
        write = _writer(held)
        if write is None:
            yield from (plain(item) + b"\n" for item in held)
            return
        n_rows = BLOCK_OF_MATCHES if isinstance(held, Matches) else BLOCK
        yield from spread(partial(_block, write, held, plain, between), _slices(len(held), n_rows))


def _held(found: Sequence[T], between: Callable[[], None]) -> Iterator[Sequence[T]]:
    """What is written, part by part where it has to be brought into memory."""
    if not isinstance(found, Matches):
        yield found
        return
    for part in _slices(len(found), HELD):
        held: Any = in_memory(found, part, between)
        yield held


def _slices(n: int, n_at_once: int) -> Iterator[slice]:
    return (slice(first, min(first + n_at_once, n)) for first in range(0, n, n_at_once))


def _block(
    write: Callable[[slice], bytes], found: Sequence[T], plain: Plain[T], between: Callable[[], None], block: slice
) -> bytes:
    try:
        return write(block)
    except _NoJsonError:
        return b"".join(plain(item) + b"\n" for item in found[block])
    finally:
        between()


def _writer(found: Sequence[T]) -> Callable[[slice], bytes] | None:
    match found:
        case Decisions():
            return lambda block: _decisions(found.columns, block)
        case Clusters():
            return lambda block: _clusters(found.columns, block)
        case Matches():
            return lambda block: _matches(found.columns, block)
    return None


class _NoJsonError(Exception):
    """A lone surrogate, which only the slow writer knows how to write."""


class _Snippets:
    """Pieces of lines, each called by its number."""

    def __init__(self) -> None:
        self._values: list[Bytes] = []
        self._sizes: list[Rows] = []
        self._n = 0

    def _add(self, values: Bytes, sizes: Rows) -> Rows:
        self._values.append(values)
        self._sizes.append(sizes)
        self._n += len(sizes)
        return np.arange(self._n - len(sizes), self._n)

    def pieces(self, *pieces: bytes) -> Rows:
        """Some pieces as they are; their numbers."""
        return self._add(np.frombuffer(b"".join(pieces), np.uint8), np.array([len(p) for p in pieces], np.int64))

    def numbers(self, values: list[int] | list[float]) -> Rows:
        """Numbers of JSON."""
        return self.pieces(*orjson.dumps(values)[1:-1].split(b",")) if values else np.empty(0, np.int64)

    def scores(self, values: Scores) -> Rows:
        """Numbers with as many digits as reports have."""
        scaled = values * 10**_N_DIGITS
        rounded = np.rint(scaled) / 10**_N_DIGITS
        # Python rounds the number as it is, and not a product that was rounded before.
        for at in np.flatnonzero(np.abs(np.abs(scaled - np.rint(scaled)) - 0.5) < _UNSURE).tolist():
            rounded[at] = round(float(values[at]), _N_DIGITS)
        return self.numbers(rounded.tolist())

    def strings(self, labels: Labels, rows: Rows) -> Rows:
        """Strings in quotes."""
        begins, ends = labels.offsets[rows], labels.offsets[rows + 1]
        n_bytes = kernel.quoted_bytes(labels.values, begins, ends)
        if n_bytes < 0:
            raise _NoJsonError
        values, sizes = np.empty(n_bytes, np.uint8), np.empty(len(rows), np.int64)
        kernel.quote(labels.values, begins, ends, values, sizes)
        return self._add(values, sizes)

    def quotes(self, lists: Lists, rows: Rows) -> Rows:
        """Lists of strings as the field of quotes."""
        labels, begins, ends = lists.labels, lists.offsets[rows], lists.offsets[rows + 1]
        own = ranges(begins, ends)
        n_bytes = kernel.quoted_bytes(labels.values, labels.offsets[own], labels.offsets[own + 1])
        if n_bytes < 0:
            raise _NoJsonError
        values, sizes = np.empty(n_bytes + len(own) + 16 * len(rows), np.uint8), np.empty(len(rows), np.int64)
        n_bytes = kernel.list_strings(labels.values, labels.offsets, begins, ends, values, sizes)
        return self._add(values[:n_bytes], sizes)

    def passages(self, passages: Positions, begins: Rows) -> Rows:
        """Lists of passages."""
        n_lists = len(begins) - 1
        values = np.empty(kernel.passages_bytes(len(passages), n_lists), np.uint8)
        sizes = np.empty(n_lists, np.int64)
        n_bytes = kernel.list_passages(passages, begins, values, sizes)
        return self._add(values[:n_bytes], sizes)

    def reasons(self, measures: Positions) -> Rows:
        """Lists of reasons without their ends."""
        return self._add(*reasons.listed(measures))

    def laid(self, numbers: Rows) -> bytes:
        """Snippets end to end, by their numbers."""
        sizes = np.concatenate(self._sizes)
        out = np.empty(int(sizes[numbers].sum()), np.uint8)
        kernel.join(np.concatenate(self._values), offsets(sizes), numbers, out)
        return out.tobytes()


def _decisions(columns: DecisionColumns, block: slice) -> bytes:
    made, clusters, keeps = _Snippets(), columns.clusters[block], columns.keeps[block]
    numbers = np.empty((len(clusters), 7), np.int64)
    nothing, numbers[:, 0], alone = made.pieces(
        b"", b'{"id":', b',"keep":true,"cluster":null,"representative":null,"relation":null}\n'
    )
    removed, kept = made.pieces(b',"keep":false,"cluster":"', b',"keep":true,"cluster":"')
    representative, kept_end = made.pieces(b'","representative":', b',"relation":null}\n')
    ends = made.pieces(*(f',"relation":"{name}"}}\n'.encode() for name in RELATIONS))
    numbers[:, 1] = made.strings(columns.ids, columns.rows[block])
    numbers[:, 2], numbers[:, 3:] = alone, nothing
    inside = np.flatnonzero(clusters >= 0)
    own, places = np.unique(clusters[inside], return_inverse=True)
    names = made.pieces(*_cluster_ids(columns.ids, columns.least[own]))
    best = made.strings(columns.ids, columns.kept[own])
    is_kept = keeps[inside]
    numbers[inside, 2] = np.where(is_kept, kept, removed)
    numbers[inside, 3], numbers[inside, 4], numbers[inside, 5] = names[places], representative, best[places]
    numbers[inside, 6] = np.where(is_kept, kept_end, ends[columns.relations[block][inside]])
    return made.laid(numbers.reshape(-1))


def _cluster_ids(ids: Labels, least: Rows) -> list[bytes]:
    return [cluster_id(ids[row]).encode() for row in least.tolist()]


def _clusters(columns: ClusterColumns, block: slice) -> bytes:
    made, n, n_head, n_member = _Snippets(), block.stop - block.start, 10, 4
    begins = columns.offsets[block.start : block.stop + 1]
    members = slice(int(begins[0]), int(begins[-1]))
    begins, rows = begins - begins[0], columns.rows[members]
    heads = np.empty((n, n_head), np.int64)
    heads[:, 0], heads[:, 2], heads[:, 4], heads[:, 6], heads[:, 8], heads[:, 9] = made.pieces(
        b'{"cluster":"', b'","representative":', b',"size":', b',"weakest":', b',"members":[', b"}]}\n"
    )
    heads[:, 1] = made.pieces(*_cluster_ids(columns.ids, rows[begins[:-1]]))
    heads[:, 3] = made.strings(columns.ids, columns.kept[block])
    heads[:, 5], heads[:, 7] = made.numbers(np.diff(begins).tolist()), made.scores(columns.weakest[block])
    bodies = np.empty((len(rows), n_member), np.int64)
    first, bodies[:, 0] = made.pieces(b'{"id":', b'},{"id":')
    bodies[begins[:-1], 0] = first
    relations = made.pieces(*(f',"relation":"{name}","resemblance":'.encode() for name in RELATIONS))
    bodies[:, 1], bodies[:, 2] = made.strings(columns.ids, rows), relations[columns.relations[members]]
    bodies[:, 3] = made.scores(columns.resemblance[members])
    numbers = np.empty(heads.size + bodies.size, np.int64)
    starts = n_head * np.arange(n) + n_member * begins[:-1]
    numbers[starts[:, None] + np.arange(n_head - 1)] = heads[:, :-1]
    numbers[starts + n_head - 1 + n_member * np.diff(begins)] = heads[:, -1]
    own = np.repeat(np.arange(n), np.diff(begins))
    at = n_head * own + n_head - 1 + n_member * np.arange(len(rows))
    numbers[at[:, None] + np.arange(n_member)] = bodies
    return made.laid(numbers)


def _matches(columns: MatchColumns, block: slice) -> bytes:
    made, which, relations = _Snippets(), columns.which[block], columns.relations[block]
    is_measured = which >= 0
    scores, sources = np.ones((len(which), 5)), np.full(len(which), SOURCES.index("unknown"))
    measured = which[is_measured]
    scores[is_measured, :3], scores[is_measured, 4] = (
        columns.found.scores[measured, :3],
        columns.found.scores[measured, 3],
    )
    scores[:, 3] = scores[:, 1:3].max(axis=1)
    sources[is_measured] = columns.found.codes[measured, 1]
    numbers = np.empty((len(which), 21), np.int64)
    numbers[:, 0], numbers[:, 2], numbers[:, 6], numbers[:, 8], numbers[:, 10] = made.pieces(
        b'{"left":', b',"right":', b',"left_in_right":', b',"right_in_left":', b',"coverage":'
    )
    numbers[:, 14], numbers[:, 16], numbers[:, 17], numbers[:, 19], numbers[:, 20] = made.pieces(
        b',"reasons":', b"]", b',"confidence":', b"", b"}\n"
    )
    numbers[:, 1:4:2] = made.strings(columns.ids, columns.rows[block].reshape(-1)).reshape(-1, 2)
    named = made.pieces(*(f',"relation":"{name}","resemblance":'.encode() for name in RELATIONS))
    numbers[:, 4], numbers[:, [5, 7, 9, 11, 18]] = named[relations], made.scores(scores.reshape(-1)).reshape(-1, 5)
    said = made.pieces(*(f',"source":"{name}","passages":'.encode() for name in SOURCES))
    numbers[:, 12], numbers[:, 13] = said[sources], made.passages(*_passages(columns, block))
    numbers[is_measured, 15] = made.reasons(columns.found.measures[measured])
    equal = made.pieces(*(orjson.dumps([EQUAL.get(name, "")])[:-1] for name in RELATIONS))
    is_equal = np.isin(relations, EQUAL_CODES)
    numbers[is_equal, 15] = equal[relations[is_equal]]
    numbers[is_measured, 16] = made.pieces(*_origins(columns.found.origins.take(measured)))
    numbers[is_measured, 19] = made.quotes(columns.found.quotes, measured)
    return made.laid(numbers.reshape(-1))


def _passages(columns: MatchColumns, block: slice) -> tuple[Positions, Rows]:
    """The passages of all matches of a block, those of equal texts being the whole of both, and where each begins."""
    which = columns.which[block]
    copies, found = np.flatnonzero(which < 0), columns.found
    begins, ends = found.passage_offsets[which], found.passage_offsets[which + 1]
    begins[copies], ends[copies] = 0, 1
    listed, counts = ranges(begins, ends), ends - begins
    places = offsets(counts)
    passages = np.empty((len(listed), 6), np.int32)
    measured = np.repeat(which >= 0, counts)
    passages[measured] = found.passages[listed[measured]]
    whole = np.zeros((len(copies), 6), np.int32)
    sizes = n_characters(columns.texts, columns.rows[block][copies].reshape(-1)).reshape(-1, 2)
    whole[:, 1], whole[:, 3], whole[:, 4] = sizes[:, 0], sizes[:, 1], columns.n_tokens[block][copies]
    passages[places[copies]] = whole
    return passages, places


def _origins(said: list[tuple[str, ...]]) -> list[bytes]:
    """Further reasons, each list as the end of one that holds something."""
    try:
        return [b"," + orjson.dumps(one)[1:] if one else b"]" for one in said]
    except TypeError:
        raise _NoJsonError from None
