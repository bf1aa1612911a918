"""WARC and WET as warcio writes them, whole and damaged."""

import gzip
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.records import Document
from tests.inputs import BODY, BODY_TEXT, DATE, Archive, crawl, faults, found, pack, page, put, read


def in_crawl(*numbers: int) -> dict[str, str]:
    return {f"http://x.org/{i}": f"Page {i} of the crawl." for i in numbers}


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "crawl-0001"])
def test_warc__responses_of_html_are_documents(tmp_path, name):
    archive = Archive(packed=name.endswith("gz"))
    html = page(BODY, "<link rel=canonical href=https://other.org/>").encode()
    archive.add("warcinfo", "", b"software: x\r\n", media="application/warc-fields")
    archive.add("request", "http://x.org/1", b"", "GET / HTTP/1.1")
    archive.add("response", "http://x.org/1", html, "200 OK", "text/html; charset=UTF-8")
    archive.add("response", "http://x.org/2", gzip.compress(html), "200 OK", "Text/HTML", Content_Encoding="gzip")
    archive.add("resource", "file:///a.html", html)
    archive.add("response", "http://x.org/3", "Füße".encode("latin-1"), "200 OK", "text/plain; charset=latin-1")
    archive.add("metadata", "http://x.org/1", b"x: y", media="application/warc-fields")
    assert read(put(tmp_path / name, archive.bytes())) == [
        Document(id="http://x.org/1", text=BODY_TEXT, url="http://x.org/1", date=f"captured {DATE}"),
        Document(id="http://x.org/2", text=BODY_TEXT, url="http://x.org/2", date=f"captured {DATE}"),
        Document(id="file:///a.html", text=BODY_TEXT, url="file:///a.html", date=f"captured {DATE}"),
        Document(id="http://x.org/3", text="Füße", url="http://x.org/3", date=f"captured {DATE}"),
    ]


def test_warc__the_date_that_a_page_gives_itself_comes_before_that_of_its_capture(tmp_path):
    archive = Archive(packed=False)
    html = page(BODY, '<meta property="article:published_time" content="2015-06-12">').encode()
    archive.add("response", "http://x.org/1", html, "200 OK", "text/html")
    (document,) = read(put(tmp_path / "a.warc", archive.bytes()))
    assert document.date == "2015-06-12"


@pytest.mark.parametrize("name", ["a.wet", "a.warc.wet.gz", "a.wet.zst", "a.wet.bz2"])
def test_wet__conversions_are_documents(tmp_path, name):
    archive = Archive(packed=name.endswith("gz"))
    archive.add("conversion", "http://x.org/1", "Füße\n東京".encode(), media="text/plain")
    data = archive.bytes()
    content = pack(name.rpartition(".")[2], data) if name.endswith(("zst", "bz2")) else data
    assert read(put(tmp_path / name, content)) == [
        Document(id="http://x.org/1", text="Füße\n東京", url="http://x.org/1", date=f"captured {DATE}")
    ]


def test_warc__what_is_no_page_is_counted(tmp_path):
    archive = crawl(1)
    archive.add("response", "http://x.org/a.png", b"\x89PNG", "200 OK", "image/png")
    archive.add("response", "http://x.org/b.png", b"\x89PNG", "200 OK", "image/png")
    archive.add("response", "http://x.org/c", page(BODY).encode(), "404 Not Found")
    items = read(put(tmp_path / "a.warc", archive.bytes()))
    assert found(items) == in_crawl(0)
    assert faults(items) == [("a.warc", "3 records are not pages (image/png 2, status 404 1)")]


def test_warc__an_address_captured_twice_makes_two_documents(tmp_path):
    items = read(put(tmp_path / "a.warc", crawl(1).bytes() + crawl(1).bytes()))
    assert list(found(items)) == ["http://x.org/0", "http://x.org/0#2"]
    assert [item.url for item in items if isinstance(item, Document)] == ["http://x.org/0"] * 2


def test_warc__a_record_without_an_address_is_called_by_its_place(tmp_path):
    data = crawl(2).bytes().replace(b"WARC-Target-URI: http://x.org/1\r\n", b"")
    assert list(found(read(put(tmp_path / "a.warc", data)))) == ["http://x.org/0", "a.warc:2"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"WARC/1.0", b"XXXX/1.0", "not a WARC record"),
        (b"Content-Length: ", b"Content-Length: x", "not a WARC record"),
        (b"Content-Length: ", b"Content-Length: 9", "the record is cut off"),
        (b"Content-Length: ", b"Content-Length: 1", "the record's length is wrong"),
        (b"Content-Length: 2", b"Content-Length: 1", "the record's length is wrong"),
        (b"Content-Length: ", b"Content-Length: 999999999", "record longer than 268,435,456 bytes"),
        (b"WARC/1.0", b"\0" * 200_000 + b"\r\n\r\n", "not a WARC record"),
    ],
)
def test_warc__a_broken_record_is_skipped_and_the_others_are_read(tmp_path, old, new, reason):
    archive = crawl(9)
    data, third = archive.bytes(), archive.starts[2]
    items = read(put(tmp_path / "a.warc", data[:third] + data[third:].replace(old, new, 1)))
    assert found(items) == in_crawl(0, 1, 3, 4, 5, 6, 7, 8)
    assert faults(items) == [("a.warc:3", reason)]


def test_warc__a_payload_that_cannot_be_unpacked_is_skipped(tmp_path):
    archive = crawl(1)
    spoiled = gzip.compress(page(BODY).encode())[:40] + b"\xff" * 40
    archive.add("response", "http://x.org/z", spoiled, "200 OK", Content_Encoding="gzip")
    bomb = gzip.compress(bytes(1_000_000))
    archive.add("response", "http://x.org/b", bomb, "200 OK", Content_Encoding="gzip")
    items = read(put(tmp_path / "a.warc", archive.bytes() + crawl(2).bytes()), max_document_bytes=100_000)
    assert list(found(items)) == ["http://x.org/0", "http://x.org/0#2", "http://x.org/1"]
    assert [place for place, _ in faults(items)[:2]] == ["a.warc:2", "a.warc:3"]
    assert "the record is damaged" in faults(items)[0][1]
    assert faults(items)[1][1] == "record longer than 100,000 bytes"


@pytest.mark.parametrize(
    ("packing", "pack"), [("gzip", gzip.compress), ("GZip", gzip.compress), ("deflate", zlib.compress)]
)
def test_warc__a_payload_that_is_cut_off_is_said(tmp_path, packing, pack):
    archive, whole = crawl(1), pack(page(BODY).encode(), 0)
    archive.add("response", "http://x.org/w", whole, "200 OK", Content_Encoding=packing)
    archive.add("response", "http://x.org/c", whole[: len(whole) // 2], "200 OK", Content_Encoding=packing)
    items = read(put(tmp_path / "a.warc", archive.bytes()))
    texts = found(items)
    assert texts["http://x.org/w"] == BODY_TEXT
    assert len(texts["http://x.org/c"]) > 100
    assert BODY_TEXT.startswith(texts["http://x.org/c"])
    assert faults(items) == [("a.warc:3", "the page is cut off: what there is of it is taken")]


def raw_deflate(data):
    raw = zlib.compressobj(wbits=-15)
    return raw.compress(data) + raw.flush()


def in_chunks(data):
    return b"".join(b"%x;q\r\n%b\r\n" % (len(part), part) for part in (data[:99], data[99:], b""))


@pytest.mark.parametrize(
    ("said", "pack"),
    [
        ({"Content_Encoding": "deflate"}, raw_deflate),
        ({"Content_Encoding": "x-gzip"}, gzip.compress),
        ({"Content_Encoding": "x-gzip", "Transfer_Encoding": "chunked"}, lambda data: in_chunks(gzip.compress(data))),
        ({"Content_Encoding": "gzip"}, bytes),
        ({"Content_Encoding": "br"}, bytes),
        ({"Transfer_Encoding": "chunked"}, bytes),
        ({"Content_Encoding": "gzip", "Transfer_Encoding": "chunked"}, gzip.compress),
        ({"Content_Encoding": "gzip", "Transfer_Encoding": "chunked"}, in_chunks),
    ],
)
def test_warc__a_payload_that_is_packed_otherwise_than_is_said_is_read(tmp_path, said, pack):
    archive = crawl(1)
    archive.add("response", "http://x.org/w", pack(page(BODY).encode()), "200 OK", **said)
    path = put(tmp_path / "a.warc", archive.bytes())
    items = read(path)
    assert (found(items), faults(items)) == (in_crawl(0) | {"http://x.org/w": BODY_TEXT}, [])
    assert faults(read(path, max_document_bytes=600)) == [("a.warc:2", "record longer than 600 bytes")]


def test_warc__headers_whose_lines_end_as_those_of_unix_are_read(tmp_path):
    archive, data = crawl(3), b""
    for start, end in pairwise([*archive.starts, None]):
        header, blank, rest = archive.bytes()[start:end].partition(b"\r\n\r\n")
        data += (header + blank).replace(b"\r\n", b"\n") + rest
    items = read(put(tmp_path / "a.warc", data))
    assert (found(items), faults(items)) == (in_crawl(0, 1, 2), [])


def test_warc__a_payload_of_two_archives_is_whole(tmp_path):
    archive = crawl(0)
    halves = gzip.compress(page(BODY).encode()[:300]) + gzip.compress(page(BODY).encode()[300:])
    archive.add("response", "http://x.org/w", halves, "200 OK", Content_Encoding="gzip")
    items = read(put(tmp_path / "a.warc", archive.bytes()))
    assert (found(items), faults(items)) == ({"http://x.org/w": BODY_TEXT}, [])


def test_warc__a_reason_does_not_hold_the_page(tmp_path):
    archive = crawl(1)
    archive.add("response", "http://x.org/c", b"\xff" * 5000, "200 OK", Transfer_Encoding="chunked")
    ((_, reason),) = faults(read(put(tmp_path / "a.warc", archive.bytes())))
    assert reason.startswith("the record is damaged (Invalid chunk header")
    assert len(reason) < 120


def test_warc__cut_off_keeps_what_was_read(tmp_path):
    archive = crawl(9)
    cut = archive.starts[5] + 200
    items = read(put(tmp_path / "a.warc", archive.bytes()[:cut]))
    assert found(items) == in_crawl(0, 1, 2, 3, 4)
    assert faults(items) == [("a.warc:6", "the record is cut off")]


def test_warc__a_damaged_archive_keeps_every_record_before(tmp_path):
    archive = crawl(9, packed=True)
    data = bytearray(archive.bytes())
    data[archive.starts[5] + 20 : archive.starts[5] + 60] = b"\xff" * 40
    items = read(put(tmp_path / "a.warc.gz", bytes(data)))
    assert set(in_crawl(0, 1, 2, 3, 4)) <= set(found(items))


@given(place=st.integers(0, 3000), content=st.binary(max_size=30))
def test_warc__any_damage_is_a_reason_and_no_crash(tmp_path_factory, place, content):
    data = crawl(3).bytes()
    spoiled = data[: place % len(data)] + content + data[place % len(data) + len(content) :]
    end = crawl(9)
    items = read(put(tmp_path_factory.mktemp("fuzz") / "a.warc", spoiled + b"\r\n\r\n" + end.bytes()))
    assert set(in_crawl(3, 4, 5, 6, 7, 8)) <= set(found(items))
