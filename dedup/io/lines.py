"""Chunks of bytes to whole lines, with a bound on what one line may cost."""

from collections.abc import Iterable, Iterator

__all__ = ["blocks", "gathered", "lines"]


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


def gathered(chunks: Iterable[bytes], max_line_bytes: int, least_bytes: int, behind: bytes) -> Iterator[bytes]:
    """The lines of `blocks`, copied once, `least_bytes` of them or more at a time and `behind` after each time's.

    An error comes after all lines that were whole before it.
    """
    held: list[bytes | memoryview] = []
    tail: list[bytes | memoryview] = []
    n_held = n_tail = 0
    try:
        for chunk in chunks:
            end = chunk.rfind(b"\n") + 1
            fits = n_tail <= max_line_bytes
            if end:
                start = 0 if fits else chunk.find(b"\n")
                held += [*tail, memoryview(chunk)[start:end]]
                n_held += n_tail + end - start
                tail, n_tail = [], 0
            if len(chunk) > end and (end or fits):
                tail.append(memoryview(chunk)[end:])
                n_tail += len(chunk) - end
            if end and n_held >= least_bytes:
                yield b"".join([*held, behind])
                held, n_held = [], 0
    except OSError:
        if held:
            yield b"".join([*held, behind])
        raise
    if held or tail:
        yield b"".join([*held, *tail, behind])


def lines(block: bytes) -> list[bytes]:
    """The lines of a block, without their ends."""
    found = block.split(b"\n")
    if not found[-1]:
        found.pop()
    return found
