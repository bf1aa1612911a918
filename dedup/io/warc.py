"""WARC and WET: the pages of a crawl, each with the address and the time of its capture."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dedup import dates
from dedup.config import InputConfig
from dedup.errors import InputError
from dedup.io import html, payloads
from dedup.io.web_records import web_records
from dedup.records import Document

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

__all__ = ["documents"]

_HTML = ("text/html", "application/xhtml+xml")
_PLAIN = "text/plain"
_MOST_COMMON = 5
_CUT_OFF = "the page is cut off: what there is of it is taken"


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
    try:
        for found in _opened(record, "all"):
            payload = found.reader.read(max_bytes + 1)
            return _bounded(found, payload, max_bytes, is_whole=_is_whole(found, record))
    except OSError as error:
        # It may hold all that stands where a length should.
        return _otherwise_packed(record, max_bytes) or f"the record is damaged ({error!s:.80})"
    return None


def _opened(record: bytes, decoded: Literal["none", "transfer", "all"]) -> "Iterator[WarcRecord]":
    """The one record, if it is of a page, with as much of its packing undone; lines may end as those of Unix do."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    wanted = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
    return iter(ArchiveIterator(io.BytesIO(record), record_types=wanted, auto_decode=decoded, quirks_mode=True))


def _bounded(found: "WarcRecord", payload: bytes, max_bytes: int, *, is_whole: bool) -> _Capture | str:
    if len(payload) > max_bytes:
        return f"record longer than {max_bytes:,} bytes"
    return _described(found, payload, is_whole=is_whole)


def _otherwise_packed(record: bytes, max_bytes: int) -> _Capture | str | None:
    """What a record captured whose payload is not packed as it says, if that can be read."""
    try:
        found = next(_opened(record, "none"), None)
        payload = payloads.unpacked(found.reader.read(), _codings(found), max_bytes) if found else None
    except OSError:
        return None
    return None if found is None or payload is None else _bounded(found, payload, max_bytes, is_whole=True)


def _codings(record: "WarcRecord") -> list[str]:
    """What was done to the payload, in its order."""
    if not record.is_http:
        return []
    given = (record.http_headers.get(name) or "" for name in ("Content-Encoding", "Transfer-Encoding"))
    return [coding for value in given for part in value.split(",") if (coding := part.strip().lower())]


def _is_whole(found: "WarcRecord", record: bytes) -> bool:
    """Whether the payload of a record comes to its end; that of gzip does not have to for whoever unpacks it."""
    packing = (found.http_headers.get("Content-Encoding") or "") if found.is_http else ""
    if packing.rpartition(",")[2].strip().lower() not in payloads.PACKED:
        return True
    packed = next(_opened(record, "transfer")).reader.read()
    return payloads.comes_to_its_end(packed)


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
