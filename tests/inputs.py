"""Inputs for tests: what is read of paths, and files of each format from its own reference tool."""

import bz2
import csv
import gzip
import io
import json
import os
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from dedup.config import InputConfig
from dedup.io import documents
from dedup.records import Document, Skipped


def read(*paths: Path | str, **settings: object) -> list[Document | Skipped]:
    return list(documents.read([str(path) for path in paths], InputConfig(**settings)))


def found(items: Iterable[Document | Skipped]) -> dict[str, str]:
    return {item.id: item.text for item in items if isinstance(item, Document)}


def faults(items: Iterable[Document | Skipped]) -> list[tuple[str, str]]:
    return [(Path(item.place).name, item.reason) for item in items if isinstance(item, Skipped)]


def put(path: Path, content: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def in_lines(path: Path, *objects: object) -> Path:
    return put(path, "".join(json.dumps(item) + "\n" for item in objects))


def many_lines(n: int) -> bytes:
    return b"".join(b'{"id": %d, "text": "%s"}\n' % (i, os.urandom(40).hex().encode()) for i in range(n))


def same_in_batches(batch_bytes: int, *paths: Path, **settings: object) -> bool:
    """Whether batches hold what `read` gives, ids and notes and all, whether lines are read by the block or not."""
    names, config = [str(path) for path in paths], InputConfig(**settings)
    items = sorted(documents.read(names, config), key=lambda item: isinstance(item, Skipped))
    return all(_in_batches(least, batch_bytes, names, config) == items for least in (1, 300, 1 << 20))


def _in_batches(least: int, batch_bytes: int, names: list[str], config: InputConfig) -> list[Document | Skipped]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "LEAST_BLOCK_BYTES", least)
        found_batches = list(documents.read_batches(names, config, batch_bytes))
    in_batches = [document for batch in found_batches for document in rows(batch)]
    return in_batches + [item for batch in found_batches for item in batch.skipped]


def rows(batch: documents.Batch) -> list[Document]:
    values, offsets = batch.texts.values.tobytes(), batch.texts.offsets.tolist()
    texts = [values[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise(offsets)]
    columns = zip(batch.ids, texts, batch.urls, batch.sources, batch.dates, strict=True)
    return [Document(id=i, text=text, url=url, source=source, date=date) for i, text, url, source, date in columns]


ROWS = [
    {"id": "a", "text": 'He said "no",\r\nand left; so did we.', "url": "https://x.org/1", "date": "2024-01-02"},
    {"id": "b", "text": "", "url": "", "date": ""},
    {"id": "c", "text": "Füße, 東京 | 🙂\tend", "url": "", "date": ""},
]
TEXTS = {row["id"]: row["text"] for row in ROWS}


def in_table(path: Path, rows: list[dict[str, str]] = ROWS, **form: object) -> Path:
    content = io.StringIO(newline="")
    writer = csv.DictWriter(content, list(rows[0]), **form)
    writer.writeheader()
    writer.writerows(rows)
    return put(path, content.getvalue())


def pack(suffix: str, data: bytes) -> bytes:
    if suffix == "bz2":
        return bz2.compress(data)
    return gzip.compress(data) if suffix == "gz" else pytest.importorskip("backports.zstd").compress(data)


def page(body: str, head: str = "") -> str:
    navigation = "<nav><ul><li><a href=/>Home</a><li><a href=/news>News</a></ul></nav>"
    return f"<!doctype html><html><head>{head}</head><body>{navigation}<article>{body}</article></body></html>"


BODY = "".join(f"<p>Paragraph {i} of the article says what happened, and when, and why.</p>" for i in range(9))
BODY_TEXT = "\n\n".join(f"Paragraph {i} of the article says what happened, and when, and why." for i in range(9))


DATE = "2024-01-02T03:04:05Z"


class Archive:
    """A WARC in the making by warcio, which knows where its records begin."""

    def __init__(self, packed: bool = False) -> None:
        self.content = io.BytesIO()
        self.writer = WARCWriter(self.content, gzip=packed)
        self.starts: list[int] = []

    def add(self, kind: str, uri: str, payload: bytes, status: str = "", media: str = "text/html", **more: str) -> None:
        self.starts.append(self.content.tell())
        headers = [("Content-Type", media), *((name.replace("_", "-"), value) for name, value in more.items())]
        self.writer.write_record(
            self.writer.create_warc_record(
                uri,
                kind,
                payload=io.BytesIO(payload),
                length=len(payload),
                http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1") if status else None,
                warc_content_type="" if status else media,
                warc_headers_dict={"WARC-Date": DATE},
            )
        )

    def bytes(self) -> bytes:
        return self.content.getvalue()


def crawl(n_pages: int, packed: bool = False) -> Archive:
    archive = Archive(packed)
    for i in range(n_pages):
        archive.add("response", f"http://x.org/{i}", page(f"<p>Page {i} of the crawl.</p>").encode(), "200 OK")
    return archive


TABLE = pa.Table.from_pylist(ROWS)


def in_arrow(table: pa.Table, *, as_stream: bool, rows_each: int = 10) -> bytes:
    content = io.BytesIO()
    new = pa.ipc.new_stream if as_stream else pa.ipc.new_file
    with new(content, table.schema) as writer:
        writer.write_table(table, max_chunksize=rows_each)
    return content.getvalue()


def in_parquet(table: pa.Table, **form: object) -> bytes:
    content = io.BytesIO()
    parquet.write_table(table, content, **form)
    return content.getvalue()


LONG = pa.table({"id": [str(i) for i in range(3000)], "text": [os.urandom(50).hex() for _ in range(3000)]})
