"""Arrow batches of an engine to batches of documents, whose texts stay where Arrow has them."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from dedup.batches import Batch
from dedup.config import InputConfig
from dedup.io.json_lines import wanted
from dedup.io.text_files import misfit
from dedup.records import Skipped, Texts

__all__ = ["FIELDS", "batches", "chosen"]

FIELDS = ("id", "text", "url", "source", "date")
"""The columns that `batches` looks at, all strings, but texts may be bytes; null where there is nothing."""


def chosen(columns: Iterable[str], config: InputConfig) -> dict[str, list[str]]:
    """For each of `FIELDS` the columns that hold it, in the order in which they are tried."""
    names, given = wanted(config), set(columns)
    fields = (names.id, names.text, names.url, names.source, names.date)
    return {name: [column for column in own if column in given] for name, own in zip(FIELDS, fields, strict=True)}


def batches(found: Iterable[Any], config: InputConfig) -> Iterator[Batch]:
    """Documents of Arrow record batches with the columns `FIELDS`; a row without an id or a text is skipped."""
    import pyarrow.compute as pc

    for rows in found:
        text = _decoded(rows["text"])
        fits = pc.less_equal(pc.binary_length(text), config.max_document_bytes)
        is_named = pc.greater(pc.binary_length(rows["id"]), 0)
        usable = pc.fill_null(pc.and_(is_named, fits), False)
        skipped = [_skipped(row, config) for row in rows.filter(pc.invert(usable)).to_pylist()]
        rows, text = rows.filter(usable), text.filter(usable)
        labels = {name: pc.fill_null(rows[name], "").to_pylist() for name in FIELDS if name != "text"}
        yield Batch(
            ids=labels["id"], texts=_texts(text), urls=labels["url"], sources=labels["source"], dates=labels["date"],
            skipped=skipped,
        )  # fmt: skip


def _decoded(text: Any) -> Any:
    """Texts as strings, null where they are no UTF-8."""
    import pyarrow as pa

    try:
        return text.cast(pa.large_string())
    except pa.ArrowInvalid:
        return pa.array([None if _misfit(data) else data.decode() for data in text.to_pylist()], pa.large_string())


def _misfit(data: bytes | None) -> str:
    """What is wrong with the bytes of a text, if anything."""
    if data is None:
        return "no text"
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return misfit(error, "utf-8")
    return ""


def _texts(text: Any) -> Texts:
    _, places, values = text.buffers()
    begin = text.offset
    offsets = np.frombuffer(places, np.int64)[begin : begin + len(text) + 1] if len(text) else np.zeros(1, np.int64)
    held = np.frombuffer(values, np.uint8) if values is not None else np.empty(0, np.uint8)
    return Texts(values=held[offsets[0] : offsets[-1]], offsets=offsets - offsets[0])


def _skipped(row: dict[str, Any], config: InputConfig) -> Skipped:
    if not row["id"]:
        return Skipped(place="a row", reason="no id")
    text = row["text"]
    fault = _misfit(text if text is None or isinstance(text, bytes) else b"")
    return Skipped(place=row["id"], reason=fault or f"the text is longer than {config.max_document_bytes:,} bytes")
