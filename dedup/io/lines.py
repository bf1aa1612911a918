"""Chunks of bytes to whole lines, with a bound on what one line may cost."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

__all__ = ["SCATTERED", "Lines", "blocks", "gathered", "lines", "with_line_feeds"]

FIRST_END = re.compile(rb"\r*\n|\r+[^\r\n]")
BARE_RETURN = re.compile(rb"\r(?!\n)")
FIRST_LINE_BYTES = 1 << 20
"""The first line end is looked for so far."""
SCATTERED = -1


class Lines(NamedTuple):
    """Whole lines, and the byte of the input at which they begin: `SCATTERED` where not all that followed was kept."""

    content: bytes
    begin: int


def blocks(chunks: Iterable[bytes], max_line_bytes: int) -> Iterator[bytes]:
    """Whole lines, about a chunk of them at a time; only the last may lack its line end.

    Of a line of more than `max_line_bytes` some more than that is kept, so that its length still tells.
    """
    carry = bytearray()
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        if not end:
            if len(carry) <= max_line_bytes:
                carry += chunk
            continue
        start = 0 if len(carry) <= max_line_bytes else chunk.find(b"\n")
        yield b"".join((carry, memoryview(chunk)[start:end])) if carry else chunk[:end]
        carry = bytearray(chunk[end:])
    if carry:
        yield bytes(carry)


def gathered(chunks: Iterable[bytes], max_line_bytes: int, least_bytes: int, behind: bytes) -> Iterator[Lines]:
    """The lines of `blocks`, copied once, `least_bytes` of them or more at a time and `behind` after each time's.

    An error comes after all lines that were whole before it.
    """
    held: list[bytes | memoryview] = []
    tail: list[bytes | memoryview] = []
    n_held = n_tail = n_read = begin = last_end = 0
    try:
        for chunk in chunks:
            end = chunk.rfind(b"\n") + 1
            fits = n_tail <= max_line_bytes
            if end:
                start = 0 if fits else chunk.find(b"\n")
                held += [*tail, memoryview(chunk)[start:end]]
                n_held += n_tail + end - start
                tail, n_tail, last_end = [], 0, n_read + end
            if len(chunk) > end and (end or fits):
                tail.append(memoryview(chunk)[end:])
                n_tail += len(chunk) - end
            n_read += len(chunk)
            if end and n_held >= least_bytes:
                yield _joined(held, behind, begin, last_end)
                held, n_held, begin = [], 0, last_end
    except OSError:
        if held:
            yield _joined(held, behind, begin, last_end)
        raise
    if held or tail:
        yield _joined([*held, *tail], behind, begin, n_read)


def _joined(parts: Sequence[bytes | memoryview], behind: bytes, begin: int, end: int) -> Lines:
    is_all = sum(map(len, parts)) == end - begin
    return Lines(b"".join([*parts, behind]), begin if is_all else SCATTERED)


def lines(block: bytes) -> list[bytes]:
    """The lines of a block, without their ends."""
    found = block.split(b"\n")
    if not found[-1]:
        found.pop()
    return found


def with_line_feeds(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes; but if the first line ends in a return alone, as on old Macs, a line feed for each such one."""
    rest, start, end = iter(chunks), b"", None
    for chunk in rest:
        start += chunk
        end = FIRST_END.search(start)
        if end is not None or len(start) >= FIRST_LINE_BYTES:
            break
    whole = chain([start], rest)
    return whole if end is None or end[0].endswith(b"\n") else _fed(whole)


def _fed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in chunks:
        found = held + chunk
        # Of a return at the end of a chunk the next one tells whether it is alone.
        held = b"\r" if found.endswith(b"\r") else b""
        yield BARE_RETURN.sub(b"\n", found.removesuffix(b"\r"))
    if held:
        yield b"\n"
