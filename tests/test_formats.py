"""Formats other than text and JSON lines, each from files of its own reference tool, whole and damaged."""

import bz2
import csv
import gzip
import io
import os
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather, parquet
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from dedup.errors import ConfigError, InputError
from dedup.config import InputConfig
from dedup.io import documents
from dedup.records import Document, Skipped
from tests.test_documents import faults, found, many_lines, put, read, same_in_batches

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


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.csv", {}),
        ("a.csv", {"quoting": csv.QUOTE_ALL, "lineterminator": "\n"}),
        ("a.csv", {"delimiter": ";"}),
        ("a.csv", {"delimiter": "\t"}),
        ("a.tsv", {"dialect": "excel-tab"}),
        ("a.tsv", {}),
    ],
)
def test_csv__what_the_csv_module_writes(tmp_path, name, form):
    items = read(in_table(tmp_path / name, **form))
    assert items == [Document(**row) for row in ROWS]


def test_csv__a_row_without_an_id_is_called_by_its_first_line(tmp_path):
    path = put(tmp_path / "a.csv", 'text,id\n"a\nb",\n\n"",\nc,x\n')
    assert found(read(path)) == {"a.csv:2": "a\nb", "a.csv:5": "", "x": "c"}


def test_csv__fields_of_other_names_and_the_first_that_is_not_empty(tmp_path):
    path = put(tmp_path / "a.csv", "uid, body ,content\n7,,one\n8,two,three\n")
    assert found(read(path, id_field="uid", text_field="body,content")) == {"7": "one", "8": "two"}


def test_csv__a_mark_at_the_beginning_is_no_part_of_a_name(tmp_path):
    assert found(read(put(tmp_path / "a.csv", '\ufeff"text",id\r\nwords,x\r\n'))) == {"x": "words"}


def test_csv__a_row_that_does_not_fit_is_skipped_and_the_next_is_read(tmp_path):
    path = put(tmp_path / "a.csv", "id,text\na,one\nb\nc,two,three\nd,four\n")
    items = read(path)
    assert found(items) == {"a": "one", "d": "four"}
    assert faults(items) == [
        ("a.csv:3", "1 columns, not 2 as in the header"),
        ("a.csv:4", "3 columns, not 2 as in the header"),
    ]


def test_csv__a_quotation_mark_that_is_never_closed_costs_one_row(tmp_path):
    path = put(tmp_path / "a.csv", 'id,text\na,"one"\nb,"two\n' + "".join(f"c{i},three\n" for i in range(1000)))
    items = read(path)
    assert len(found(items)) == 1001
    assert faults(items) == [("a.csv:3", "a quotation mark is never closed")]


def test_csv__a_quotation_mark_that_is_closed_beyond_the_bound_costs_its_rows_only(tmp_path):
    rows = "".join(f"c{i},three\n" for i in range(1000))
    items = read(put(tmp_path / "a.csv", 'id,text\nb,"two\n' + rows), max_document_bytes=100)
    assert len(found(items)) == 1000
    assert faults(items) == [("a.csv:2", "row longer than 100 bytes, or a quotation mark that is never closed")]


def test_csv__a_line_over_the_bound_is_skipped(tmp_path):
    path = put(tmp_path / "a.csv", "id,text\na,one\nb," + "x" * 3_000_000 + "\nc,two\n")
    items = read(path, max_document_bytes=1000)
    assert found(items) == {"a": "one", "c": "two"}
    assert faults(items) == [("a.csv:3", "row longer than 1,000 bytes")]


def test_csv__a_field_of_a_megabyte(tmp_path):
    text = 'words, "quoted"\n' * 70_000
    assert found(read(in_table(tmp_path / "a.csv", [{"id": "a", "text": text}]))) == {"a": text}


def test_csv__bytes_that_do_not_fit_the_encoding_cost_their_row(tmp_path):
    path = put(tmp_path / "a.csv", b'id,text\na,one\nb,"two\n\xff"\nc,three\n')
    items = read(path)
    assert found(items) == {"a": "one", "c": "three"}
    assert faults(items) == [("a.csv:3", "not utf-8 at byte 0")]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252", "gb18030"])
def test_csv__in_another_encoding(tmp_path, encoding):
    path = put(tmp_path / "a.csv", 'id,text\r\na,"Füße\r\nzwei"\r\n'.encode(encoding))
    assert found(read(path, encoding=encoding)) == {"a": "Füße\r\nzwei"}


def test_csv__utf_16_that_is_damaged_keeps_what_was_read(tmp_path):
    data = "id,text\na,one\n".encode("utf-16")
    items = read(put(tmp_path / "a.csv", data + b"\x00\xdc\x00\xdc"), put(tmp_path / "b.txt", ""), encoding="utf-16")
    assert faults(items)[-1][1] == "cannot be read: not utf-16"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("id,body\na,b\n", 'a.csv:1: no column "text" in the header'),
        ('id,"text\n', "a.csv:1: a quotation mark is"),
        ("", "no document"),
    ],
)
def test_csv__without_a_column_of_text_is_an_error_that_says_so(tmp_path, content, reason):
    with pytest.raises(InputError, match=reason):
        read(put(tmp_path / "a.csv", content))


@pytest.mark.parametrize("suffix", ["gz", "zst", "bz2"])
def test_csv__packed_and_cut_off_keeps_what_was_read(tmp_path, suffix):
    data = in_table(
        tmp_path / "a.csv", [{"id": str(i), "text": os.urandom(200).hex()} for i in range(4000)]
    ).read_bytes()
    plain = read(tmp_path / "a.csv")
    packed = pack(suffix, data)
    assert read(put(tmp_path / f"b.csv.{suffix}", packed)) == plain
    items = read(put(tmp_path / f"c.csv.{suffix}", packed[: len(packed) * 2 // 3]))
    assert len(found(items)) > 1000
    assert faults(items)[-1][1] == "cannot be read any further: the archive ends too early"


def pack(suffix: str, data: bytes) -> bytes:
    if suffix == "bz2":
        return bz2.compress(data)
    return gzip.compress(data) if suffix == "gz" else pytest.importorskip("backports.zstd").compress(data)


CELLS = st.text(st.sampled_from('ab ",;\t\n\r|é'), max_size=6)


@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1), form=st.sampled_from(["excel", "excel-tab", "unix"]))
def test_csv__any_fields_come_back_as_they_were_written(tmp_path_factory, rows, form):
    content = io.StringIO(newline="")
    csv.writer(content, form).writerows([("text", "date"), *rows])
    name = "a.tsv" if form == "excel-tab" else "a.csv"
    items = read(put(tmp_path_factory.mktemp("fuzz") / name, content.getvalue()))
    assert [(item.text, item.date) for item in items if isinstance(item, Document)] == rows


@given(content=st.text(st.sampled_from('ab",\n\r\0é'), max_size=60), max_bytes=st.integers(7, 30))
def test_csv__any_characters_are_documents_or_reasons_and_lose_no_row_after(tmp_path_factory, content, max_bytes):
    path = put(tmp_path_factory.mktemp("fuzz") / "a.csv", "id,text\n" + content + '"\nz,end\nz,end\nz,end\n')
    items = read(path, put(path.parent / "b.txt", ""), max_document_bytes=max_bytes)
    assert "end" in [item.text for item in items if isinstance(item, Document)]


def page(body: str, head: str = "") -> str:
    navigation = "<nav><ul><li><a href=/>Home</a><li><a href=/news>News</a></ul></nav>"
    return f"<!doctype html><html><head>{head}</head><body>{navigation}<article>{body}</article></body></html>"


BODY = "".join(f"<p>Paragraph {i} of the article says what happened, and when, and why.</p>" for i in range(9))
BODY_TEXT = "\n\n".join(f"Paragraph {i} of the article says what happened, and when, and why." for i in range(9))


def test_html__main_text_or_all_of_it(tmp_path):
    path = put(tmp_path / "a.html", page(BODY))
    assert found(read(path)) == {"a.html": BODY_TEXT}
    everything = found(read(path, html="all"))["a.html"]
    assert everything.endswith(BODY_TEXT)
    assert everything.split()[:2] == ["Home", "News"]
    with pytest.raises(ConfigError, match="html must be one of main, all"):
        InputConfig(html="some")


@pytest.mark.parametrize(
    ("title", "first"),
    [
        ("The bridge is gone", "The bridge is gone"),
        ("What\n happened &amp; why - The Site", "What happened & why - The Site"),
        ("Paragraph 0 of the ARTICLE | The Site", BODY_TEXT[:11]),
        ("", BODY_TEXT[:11]),
    ],
)
def test_html__the_title_comes_first_unless_it_stands_in_the_text(tmp_path, title, first):
    text = found(read(put(tmp_path / "a.htm", page(BODY, f"<title>{title}</title>"))))["a.htm"]
    assert text.startswith(first)
    assert text.endswith(BODY_TEXT)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('<link rel="canonical" href="https://x.org/a?b=1&amp;c=2">', "https://x.org/a?b=1&c=2"),
        ("<link href=' https://x.org/a ' rel='nofollow Canonical'>", "https://x.org/a"),
        ('<link rel="canonical" href="/a">', ""),
        ('<link rel="canonical" href="javascript:alert(1)">', ""),
        ('<link rel="canonical" href="http://[x">', ""),
        ('<link rel="canonical">', ""),
        ("", ""),
    ],
)
def test_html__the_canonical_link_is_the_url(tmp_path, link, url):
    assert read(put(tmp_path / "a.html", page(BODY, link)))[0].url == url


@pytest.mark.parametrize(
    ("encoding", "declared", "text"),
    [
        ("utf-8", "", "Straße"),
        ("utf-8", "<meta charset=latin1>", "Straße"),
        ("cp1252", "<meta charset=iso-8859-1>", "Straße “so”"),
        ("cp1251", '<meta http-equiv=content-type content="text/html; charset=windows-1251">', "Улица была пуста"),
        ("gb18030", "<meta charset=gb2312>", "街道空无一人"),
        ("iso2022_jp", "<meta charset=iso-2022-jp>", "通りは空だった"),
        ("utf-16", "", "Straße"),
        ("cp1252", "", "Die Straße war leer, und Füße hörte man auch über Nacht nicht."),
        ("cp1252", "<meta charset=utf-16>", "Die Straße war leer, und Füße hörte man auch über Nacht nicht."),
    ],
)
def test_html__in_the_encoding_that_it_has(tmp_path, encoding, declared, text):
    path = put(tmp_path / "a.html", page(f"<p>{text}</p>", declared).encode(encoding))
    assert text in found(read(path))["a.html"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "words",
        "<p",
        "<frameset><frame src=a></frameset>",
        "</html>",
        "<!--",
        "\ud800".encode("utf-8", "surrogatepass"),
    ],
)
def test_html__anything_is_a_page(tmp_path, content):
    assert len(found(read(put(tmp_path / "a.html", content)))) == 1


def test_html__what_is_only_furniture_is_taken_as_it_is(tmp_path):
    content = "<nav>" + "<ul><li>Home<li>News</ul>" + "</nav>"
    assert found(read(put(tmp_path / "a.html", content)))["a.html"].split() == ["Home", "News"]


def test_html__binary_or_too_long_is_skipped(tmp_path):
    put(tmp_path / "a.html", b"<html>\0\0")
    put(tmp_path / "b.html", page(BODY * 9))
    put(tmp_path / "c.html", page(BODY))
    items = read(tmp_path, max_document_bytes=2000)
    assert list(found(items)) == ["c.html"]
    assert faults(items) == [("a.html", "binary, not HTML"), ("b.html", "longer than 2,000 bytes")]


@pytest.mark.parametrize("nested", ["<div>", "<div><p>text", "<ul><li>a", "<blockquote>", "<table><tr><td>a"])
def test_html__nested_without_end_costs_no_time(tmp_path, nested):
    path = put(tmp_path / "a.html", page(nested * 100_000 + "words at the end"))
    start = time.process_time()
    items = read(path)
    assert time.process_time() - start < 5
    assert found(items)["a.html"].endswith("words at the end")
    assert "nested more than 128 deep" in faults(items)[0][1]


@given(
    content=st.lists(
        st.sampled_from(
            [
                "<div>",
                "</div>",
                "<p>",
                "<title>",
                "<",
                ">",
                "x",
                "\r",
                "&#0;",
                "&#xd800;",
                "<svg>",
                "<link rel=canonical href=http://a>",
                "<!--",
                "é",
                "<template>",
                "<head>",
                "<plaintext>",
            ]
        )
    ).map("".join),
    way=st.sampled_from(["main", "all"]),
)
def test_html__any_tags_give_one_document(tmp_path_factory, content, way):
    path = put(tmp_path_factory.mktemp("fuzz") / "a.html", content)
    assert len(found(read(path, html=way))) == 1


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
        Document(id="http://x.org/1", text=BODY_TEXT, url="http://x.org/1", date=DATE),
        Document(id="http://x.org/2", text=BODY_TEXT, url="http://x.org/2", date=DATE),
        Document(id="file:///a.html", text=BODY_TEXT, url="file:///a.html", date=DATE),
        Document(id="http://x.org/3", text="Füße", url="http://x.org/3", date=DATE),
    ]


@pytest.mark.parametrize("name", ["a.wet", "a.warc.wet.gz", "a.wet.zst", "a.wet.bz2"])
def test_wet__conversions_are_documents(tmp_path, name):
    archive = Archive(packed=name.endswith("gz"))
    archive.add("conversion", "http://x.org/1", "Füße\n東京".encode(), media="text/plain")
    data = archive.bytes()
    content = pack(name.rpartition(".")[2], data) if name.endswith(("zst", "bz2")) else data
    assert read(put(tmp_path / name, content)) == [
        Document(id="http://x.org/1", text="Füße\n東京", url="http://x.org/1", date=DATE)
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
