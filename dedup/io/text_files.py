"""A text file is one document."""

import codecs
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable

from dedup.config import InputConfig
from dedup.records import Document

__all__ = ["UTF_16", "document", "misfit", "whole"]

UTF_16 = (BOM_UTF16_LE, BOM_UTF16_BE)
"""Marks that a file in UTF-16 begins with, and none in UTF-8."""


def document(chunks: Iterable[bytes], name: str, config: InputConfig) -> Document | str:
    """The file's document, or why there is none."""
    data = whole(chunks, config.max_document_bytes)
    return data if isinstance(data, str) else _decoded(data, name, config.encoding)


def whole(chunks: Iterable[bytes], max_bytes: int) -> bytes | str:
    """All bytes of a file, or why they are not taken."""
    parts: list[bytes] = []
    n_bytes = 0
    for chunk in chunks:
        n_bytes += len(chunk)
        if n_bytes > max_bytes:
            return f"longer than {max_bytes:,} bytes"
        parts.append(chunk)
    return b"".join(parts)


def misfit(error: UnicodeError, encoding: str) -> str:
    """Why bytes are not of the encoding, and where the first that is not."""
    start = getattr(error, "start", None)
    return f"not {encoding}" if start is None else f"not {encoding} at byte {start}"


def _decoded(data: bytes, name: str, encoding: str) -> Document | str:
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        if encoding != "utf-16" and data.startswith(UTF_16):
            return _decoded(data, name, "utf-16")
        if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
            # Zeros are in every text of these.
            return _cut_off(error, encoding) if getattr(error, "end", -1) == len(data) else misfit(error, encoding)
        return "binary, not text" if b"\0" in data else misfit(error, encoding)
    if "\0" in text:
        return "binary, not text"
    return Document(id=name, text=text.removeprefix("\ufeff"))


def _cut_off(error: UnicodeError, encoding: str) -> str:
    return f"ends in the middle of a character: {misfit(error, encoding)}"
