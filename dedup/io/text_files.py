"""A text file is one document."""

from collections.abc import Iterable

from dedup.config import InputConfig
from dedup.records import Document

__all__ = ["document"]


def document(chunks: Iterable[bytes], name: str, config: InputConfig) -> Document | str:
    """The file's document, or why there is none."""
    parts: list[bytes] = []
    n_bytes = 0
    for chunk in chunks:
        n_bytes += len(chunk)
        if n_bytes > config.max_document_bytes:
            return f"longer than {config.max_document_bytes:,} bytes"
        parts.append(chunk)
    return _decoded(b"".join(parts), name, config.encoding)


def _decoded(data: bytes, name: str, encoding: str) -> Document | str:
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        return "binary, not text" if b"\0" in data else _misfit(error, encoding)
    if "\0" in text:
        return "binary, not text"
    return Document(id=name, text=text.removeprefix("\ufeff"))


def _misfit(error: UnicodeError, encoding: str) -> str:
    start = getattr(error, "start", None)
    return f"not {encoding}" if start is None else f"not {encoding} at byte {start}"
