"""WARC and WET: the pages of a crawl, each with the address and the time of its capture."""

import io
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup import dates
from dedup.config import InputConfig
from dedup.errors import InputError
from dedup.io import html
from dedup.io.web_records import web_records
from dedup.records import Document

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

__all__ = ["documents"]

_HTML = ("text/html", "application/xhtml+xml")
_PLAIN = "text/plain"
_MOST_COMMON = 5
_PACKED = ("gzip", "deflate")
_CUT_OFF = "the page is cut off: what there is of it is taken"
_GZIP_OR_ZLIB = 47
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Capture:
    """One captured page: `media` is its type without parameters, `status` that of HTTP, 0 where none is given.

    `is_whole` unless the payload was packed and ends too early.
    """

    uri: str
    date: str
    media: str
    charset: str
    status: int
    payload: bytes
    is_whole: bool


def documents(chunks: Iterator[bytes], name: str, config: InputConfig) -> Iterator[tuple[int, Document | str]]:
    """Each record's number, from 1, with its document or why there is none; at last, how many are no documents.

    Pages are responses and resources of HTML or text whose status is no error, and all conversions. A record without an
    address is called by its place.
    """
    _check_installed()
    left_out: Counter[str] = Counter()
    damage: OSError | None = None
    try:
        for number, record in enumerate(web_records(chunks, config.max_document_bytes), start=1):
            capture = record if isinstance(record, str) else _capture(record, config.max_document_bytes)
            if isinstance(capture, str):
                yield number, capture
            elif capture and (why := _why_left_out(capture)):
                left_out[why] += 1
            elif capture:
                yield from ((number, found) for found in _read(capture, f"{name}:{number}", config))
    except OSError as error:
        damage = error
    if left_out:
        yield 0, _note(left_out)
    if damage:
        raise damage


def _check_installed() -> None:
    try:
        import fastwarc.warc  # noqa: F401
    except ImportError:
        raise InputError('WARC needs an extra: pip install "dedup[warc]"') from None
    html.check_installed()


def _capture(record: bytes, max_bytes: int) -> _Capture | str | None:
    """What a record captured, or what is wrong with it; None for a record of another kind, such as a request."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    wanted = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
    try:
        for found in ArchiveIterator(io.BytesIO(record), record_types=wanted, auto_decode="all"):
            payload = found.reader.read(max_bytes + 1)
            if len(payload) > max_bytes:
                return f"record longer than {max_bytes:,} bytes"
            return _described(found, payload, is_whole=_is_whole(found, record))
    except OSError as error:
        # It may hold all that stands where a length should.
        return f"the record is damaged ({error!s:.80})"
    return None


def _is_whole(found: "WarcRecord", record: bytes) -> bool:
    """Whether the payload of a record comes to its end; that of gzip does not have to for whoever unpacks it."""
    from fastwarc.warc import ArchiveIterator

    packing = (found.http_headers.get("Content-Encoding") or "") if found.is_http else ""
    if packing.rpartition(",")[2].strip().lower() not in _PACKED:
        return True
    packed = next(iter(ArchiveIterator(io.BytesIO(record), auto_decode="transfer"))).reader.read()
    return _comes_to_its_end(packed)


def _comes_to_its_end(packed: bytes) -> bool:
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


def _described(record: "WarcRecord", payload: bytes, *, is_whole: bool) -> _Capture:
    given = record.http_content_type if record.is_http else record.headers.get("Content-Type")
    media = given or record.headers.get("WARC-Identified-Payload-Type") or ""
    return _Capture(
        uri=(record.headers.get("WARC-Target-URI") or "").strip("<> "),
        date=record.headers.get("WARC-Date") or "",
        media=media.partition(";")[0].strip().lower(),
        charset=(record.http_charset or "") if record.is_http else "",
        status=(record.http_headers.status_code or 0) if record.is_http else 0,
        payload=payload,
        is_whole=is_whole,
    )


def _why_left_out(capture: _Capture) -> str:
    if capture.status and not 200 <= capture.status < 300:
        return f"status {capture.status}"
    return "" if capture.media in (*_HTML, _PLAIN) else capture.media or "no media type"


def _read(capture: _Capture, default_id: str, config: InputConfig) -> Iterator[Document | str]:
    if capture.media == _PLAIN:
        page = html.Page(text=html.decoded(capture.payload, capture.charset))
    else:
        found = html.page(capture.payload, config, capture.charset, capture.uri)
        if isinstance(found, str):
            yield found
            return
        page = found
    if "\0" in page.text:
        yield "binary, not text"
        return
    captured = f"{dates.CAPTURED}{capture.date}" if capture.date else ""
    yield Document(id=capture.uri or default_id, text=page.text, url=capture.uri, date=page.date or captured)
    if page.note:
        yield page.note
    if not capture.is_whole:
        yield _CUT_OFF


def _note(left_out: Counter[str]) -> str:
    kinds = ", ".join(f"{kind} {n:,}" for kind, n in left_out.most_common(_MOST_COMMON))
    others = ", ..." if len(left_out) > _MOST_COMMON else ""
    return f"{left_out.total():,} records are not pages ({kinds}{others})"
