"""Payloads of the web that are not packed as their headers say: unpacked on the way, or in a form that is kin."""

import re
import zlib
from collections.abc import Sequence

__all__ = ["PACKED", "comes_to_its_end", "unpacked"]

PACKED = ("gzip", "x-gzip", "deflate")
_GZIP_OR_ZLIB, _RAW = 47, -15
_PIECE_BYTES = 1 << 20
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


def unpacked(payload: bytes, codings: Sequence[str], most_bytes: int) -> bytes | None:
    """The payload without its codings, of which the last was put on last; None where one cannot be undone.

    What is text already stays as it is. A little more than `most_bytes` is given of a payload that is longer.
    """
    found: bytes | None = payload
    for coding in reversed(codings):
        found = None if found is None else _undone(found, coding, most_bytes)
    return None if found is payload and not _is_text(payload) else found


def _undone(payload: bytes, coding: str, most_bytes: int) -> bytes | None:
    if coding == "chunked":
        return _joined(payload) if _CHUNK.match(payload) else payload
    if coding in PACKED:
        for form in (_GZIP_OR_ZLIB, _RAW):
            if (found := _inflated(payload, form, most_bytes)) is not None:
                return found
    return payload if _is_text(payload) else None


def _joined(payload: bytes) -> bytes | None:
    """The chunks of a payload, up to the empty one; None where there is no such."""
    parts, at = list[bytes](), 0
    while (head := _CHUNK.match(payload, at)) is not None:
        n_bytes, at = int(head[1], 16), head.end()
        if not n_bytes:
            return b"".join(parts)
        parts.append(payload[at : at + n_bytes])
        at += n_bytes + (2 if payload.startswith(b"\r\n", at + n_bytes) else 1)
    return None


def _inflated(packed: bytes, form: int, most_bytes: int) -> bytes | None:
    unpacker = zlib.decompressobj(form)
    try:
        found = unpacker.decompress(packed, most_bytes + 1)
    except zlib.error:
        return None
    return found if (unpacker.eof and not unpacker.unused_data) or len(found) > most_bytes else None


def _is_text(payload: bytes) -> bool:
    """Whether this is markup, or characters in UTF-8, and not something packed."""
    if payload.lstrip().startswith(b"<"):
        return True
    try:
        return "\0" not in payload.decode()
    except UnicodeDecodeError:
        return False


def comes_to_its_end(packed: bytes) -> bool:
    """Whether all that can be unpacked does; what stands behind a page, or is packed otherwise, tells nothing."""
    while packed:
        unpacker, n_unpacked = zlib.decompressobj(_GZIP_OR_ZLIB), 0
        try:
            while packed and not unpacker.eof:
                n_unpacked += len(unpacker.decompress(packed, _PIECE_BYTES))
                packed = unpacker.unconsumed_tail
        except zlib.error:
            return n_unpacked == 0
        if not unpacker.eof:
            return False
        packed = unpacker.unused_data
    return True
