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


def gathered(parts: Iterable[bytes], least_bytes: int) -> Iterator[bytes]:
    """Parts joined up to `least_bytes`; an error comes after all that was read before it."""
    held: list[bytes] = []
    n_bytes = 0
    try:
        for part in parts:
            held.append(part)
            n_bytes += len(part)
            if n_bytes >= least_bytes:
                yield b"".join(held)
                held, n_bytes = [], 0
    except OSError:
        if held:
            yield b"".join(held)
        raise
    if held:
        yield b"".join(held)


def lines(block: bytes) -> list[bytes]:
    """The lines of a block, without their ends."""
    found = block.split(b"\n")
    if not found[-1]:
        found.pop()
    return found
