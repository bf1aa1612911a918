"""CSV and TSV: what the standard library writes comes back, and a row that does not fit costs itself only."""

import csv
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import InputError
from dedup.io import compressed
from dedup.records import Document
from tests.inputs import ROWS, faults, found, in_table, pack, put, read


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


def test_csv__empty_lines_before_the_header_say_nothing_of_the_delimiter(tmp_path):
    path = put(tmp_path / "a.csv", "\ufeff\r\n\r\nid;text\r\n;one, two\r\n")
    assert read(path) == [Document(id="a.csv:4", text="one, two")]


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


def test_csv__utf_16_that_is_damaged_loses_the_damaged_rows_only(tmp_path):
    rows = [row.encode("utf-16-le") for row in ("id,text\n", "a,one\n", "b,", "two\n", "c,three\n", "d,four")]
    data = b"\xff\xfe" + b"".join([*rows[:3], b"\x00\xdc", *rows[3:]])
    for content in (data[:-1], data + b"\x00\xdc\x00\xdc"):
        items = read(put(tmp_path / "a.csv", content), encoding="utf-16")
        assert found(items) == {"a": "one", "c": "three"}
        assert faults(items) == [("a.csv:3", "not utf-16"), ("a.csv:5", "not utf-16")]


def test_csv__in_an_encoding_that_is_none_of_texts_is_no_traceback(tmp_path):
    with pytest.raises(InputError, match="no document found"):
        read(put(tmp_path / "a.csv", b"id,text\na,\xff\n"), encoding="punycode")


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


@pytest.mark.parametrize("chunk_bytes", [1, 7, 1 << 20])
def test_csv__lines_that_end_in_a_return_alone(tmp_path, monkeypatch, chunk_bytes):
    monkeypatch.setattr(compressed, "CHUNK_BYTES", chunk_bytes)
    rows = 'id,text\ra,one\rb,"two\nand ""more"""\r\rc,three'
    expected = {"a": "one", "b": 'two\nand "more"', "c": "three"}
    assert found(read(put(tmp_path / "a.csv", rows))) == expected
    assert found(read(put(tmp_path / "b.csv", rows + "\r"))) == expected
    assert found(read(put(tmp_path / "c.csv", rows.encode("utf-16")), encoding="utf-16")) == expected
    mixed = put(tmp_path / "d.csv", rows + "\nd,four\r\ne,five\r")
    assert found(read(mixed)) == {**expected, "d": "four", "e": "five"}
    nameless = put(tmp_path / "e.csv", "text\rone\r\rtwo\r")
    assert found(read(nameless)) == {"e.csv:2": "one", "e.csv:4": "two"}


def test_csv__a_return_within_a_line_that_ends_otherwise_stays(tmp_path):
    path = put(tmp_path / "a.csv", 'id,text\r\r\na,"one\rtwo"\r\r\nb,three\r\r\n')
    assert found(read(path)) == {"a": "one\rtwo", "b": "three"}
