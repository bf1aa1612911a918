"""Documents in: what each kind of input gives, and that nothing is lost without a line that says so."""

import gzip
import io
import json
import os
import sys
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import InputConfig
from dedup.errors import ConfigError, InputError
from dedup.io import compressed, documents
from dedup.io.lines import blocks, lines
from dedup.io.names import Names
from dedup.records import Document, Skipped
from tests import naive
from tests.inputs import faults, found, in_lines, many_lines, pack, put, read, same_in_batches


def test_text_file__its_name_is_the_id_and_its_characters_stay(tmp_path):
    path = put(tmp_path / "a.txt", "\ufeffOne\r\ntwo\n")
    assert read(path) == [Document(id="a.txt", text="One\r\ntwo\n")]


def test_text_file__a_name_of_any_form_is_text(tmp_path):
    assert found(read(put(tmp_path / "README", "words"))) == {"README": "words"}


def test_text_file__an_empty_one_is_a_document(tmp_path):
    assert found(read(put(tmp_path / "a.txt", ""), put(tmp_path / "b.txt", " \n"))) == {"a.txt": "", "b.txt": " \n"}


def test_text_file__is_unpacked(tmp_path):
    assert found(read(put(tmp_path / "a.txt.gz", gzip.compress(b"words")))) == {"a.txt.gz": "words"}


def test_text_file__in_another_encoding(tmp_path):
    path = put(tmp_path / "a.txt", "Füße".encode("latin-1"))
    assert found(read(path, encoding="latin-1")) == {"a.txt": "Füße"}
    wide = put(tmp_path / "b.txt", "Füße".encode("utf-16"))
    assert found(read(wide, encoding="utf-16")) == {"b.txt": "Füße"}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_text_file__that_begins_with_a_mark_of_utf_16_is_of_it(tmp_path, encoding):
    path = put(tmp_path / "a.txt", "\ufeffFüße".encode(encoding))
    assert found(read(path)) == {"a.txt": "Füße"}
    table = put(tmp_path / "a.csv", "\ufeffid,text\na,Füße\n".encode(encoding))
    assert faults(read(path, table)) == [("a.csv:1", "UTF-16, not utf-8: give --encoding utf-16")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_text_file__of_utf_16_that_is_cut_off_or_damaged_is_told_where_and_not_called_binary(tmp_path, encoding):
    mark, text = b"\xff\xfe", "Füße\U0001f642".encode("utf-16-le")
    put(tmp_path / "a.txt", mark + text[:5])
    put(tmp_path / "b.txt", mark + text[:10])
    put(tmp_path / "c.txt", mark + text[:4] + b"\0\xdc" + text[4:])
    put(tmp_path / "e.txt", mark + text)
    cut = "ends in the middle of a character: not utf-16 at byte"
    expected = [("a.txt", f"{cut} 6"), ("b.txt", f"{cut} 10"), ("c.txt", "not utf-16 at byte 6")]
    assert faults(read(tmp_path / "*.txt", encoding=encoding)) == expected
    put(tmp_path / "d.txt", b"\0\1\xff" * 9)
    assert faults(read(tmp_path / "d.txt", put(tmp_path / "f.txt", "one"))) == [("d.txt", "binary, not text")]


def test_text_file__not_utf8_is_skipped_with_the_byte(tmp_path):
    put(tmp_path / "a.txt", b"good")
    put(tmp_path / "b.txt", b"bad \xff")
    items = read(tmp_path)
    assert found(items) == {"a.txt": "good"}
    assert faults(items) == [("b.txt", "not utf-8 at byte 4")]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", b"plain\0"])
def test_text_file__a_binary_one_is_skipped(tmp_path, content):
    put(tmp_path / "a.txt", b"good")
    assert faults(read(tmp_path / "a.txt", put(tmp_path / "b.png", content))) == [("b.png", "binary, not text")]


def test_text_file__one_over_the_bound_is_skipped(tmp_path):
    put(tmp_path / "a.txt", "x" * 100)
    put(tmp_path / "b.txt", "x" * 101)
    items = read(tmp_path, max_document_bytes=100)
    assert list(found(items)) == ["a.txt"]
    assert faults(items) == [("b.txt", "longer than 100 bytes")]


def test_folder__all_files_by_name_without_hidden_ones(tmp_path):
    for name in ("b.txt", "sub/a.txt", "a.txt", ".hidden", ".git/config", "sub/.hidden"):
        put(tmp_path / name, name)
    assert list(found(read(tmp_path))) == ["a.txt", "b.txt", "sub/a.txt"]


def test_folder__json_lines_in_it_are_json_lines(tmp_path):
    in_lines(tmp_path / "b.jsonl", {"id": "x", "text": "one"}, {"id": "y", "text": "two"})
    put(tmp_path / "a.txt", "three")
    assert found(read(tmp_path)) == {"a.txt": "three", "x": "one", "y": "two"}


def test_folder__a_link_in_a_circle_ends(tmp_path):
    put(tmp_path / "sub/a.txt", "words")
    (tmp_path / "sub/up").symlink_to(tmp_path)
    assert list(found(read(tmp_path))) == ["sub/a.txt"]


def test_folder__what_is_no_file_is_skipped(tmp_path):
    put(tmp_path / "a.txt", "words")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "torn").symlink_to(tmp_path / "nowhere")
    assert faults(read(tmp_path)) == [
        ("pipe", "not a regular file"),
        ("torn", "cannot be read: No such file or directory"),
    ]


def test_path__that_cannot_be_looked_at_is_not_said_to_be_missing(tmp_path):
    (tmp_path / "ring").symlink_to(tmp_path / "ring")
    with pytest.raises(InputError, match=r"cannot read .*ring: Too many levels"):
        read(tmp_path / "ring")
    with pytest.raises(InputError, match="no such file or folder"):
        read(tmp_path / "nothing")


def test_folder__a_file_that_vanishes_is_skipped(tmp_path):
    put(tmp_path / "a.txt", "words")
    put(tmp_path / "b.txt", "words")
    items = documents.read([str(tmp_path)], InputConfig())
    next(items)
    (tmp_path / "b.txt").unlink()
    assert faults(items) == [("b.txt", "cannot be read: No such file or directory")]


def test_folder__one_that_cannot_be_listed_is_skipped(tmp_path, monkeypatch):
    put(tmp_path / "a.txt", "words")
    put(tmp_path / "sub/b.txt", "words")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    items = read(tmp_path)
    assert list(found(items)) == ["a.txt"]
    assert faults(items) == [("sub", "cannot be read: Permission denied")]


def test_paths__equal_names_are_told_apart_by_their_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "a/x.txt", "one")
    put(tmp_path / "b/x.txt", "two")
    put(tmp_path / "b/y.txt", "three")
    assert found(read("a", "b")) == {"a/x.txt": "one", "b/x.txt": "two", "y.txt": "three"}
    assert found(read("a/x.txt", "b/x.txt")) == {"a/x.txt": "one", "b/x.txt": "two"}


def test_paths__a_file_named_twice_is_read_once(tmp_path):
    path = put(tmp_path / "a.txt", "words")
    items = read(tmp_path, path)
    assert found(items) == {"a.txt": "words"}
    assert faults(items) == [("a.txt", "named twice, read once")]


def test_paths__globs(tmp_path):
    for name in ("b.txt", "a.txt", "c.md", "sub/d.txt"):
        put(tmp_path / name, name)
    assert list(found(read(f"{tmp_path}/*.txt"))) == ["a.txt", "b.txt"]
    assert list(found(read(f"{tmp_path}/**/*.txt"))) == ["a.txt", "b.txt", "d.txt"]
    assert faults(read(f"{tmp_path}/**")) == []


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_paths__links_that_lead_nowhere_or_back(tmp_path):
    put(tmp_path / "in" / "a.txt", "words")
    put(tmp_path / "up.txt", "up")
    (tmp_path / "in" / "none.txt").symlink_to("nowhere")
    (tmp_path / "in" / "self").symlink_to(".")
    (tmp_path / "in" / "back").symlink_to("..")
    for pattern, names in (
        ("in/**/*.txt", ["a.txt", "up.txt"]),
        ("in/**", ["a.txt", "up.txt"]),
        ("in/*.txt", ["a.txt"]),
    ):
        items = read(f"{tmp_path}/{pattern}")
        assert sorted(found(items)) == names
        assert faults(items) == [("none.txt", "cannot be read: No such file or directory")]
    both = read(tmp_path / "in", tmp_path)
    assert sorted(found(both)) == ["a.txt", "back/up.txt"]
    assert ("up.txt", "named twice, read once") in faults(both)


def test_paths__a_file_whose_name_looks_like_a_glob(tmp_path):
    assert found(read(put(tmp_path / "[a].txt", "words"))) == {"[a].txt": "words"}


@pytest.mark.parametrize("name", ["nowhere", "nowhere/*.txt", "null\0byte"])
def test_paths__a_wrong_name_is_an_error(tmp_path, name):
    with pytest.raises(InputError, match=r"nowhere|null"):
        read(tmp_path / name)


def test_paths__no_document_at_all_is_an_error_that_says_why(tmp_path):
    with pytest.raises(InputError, match="no document found"):
        read(tmp_path)
    with pytest.raises(InputError, match="no path at all"):
        read()
    path = put(tmp_path / "a.jsonl", "{\n")
    with pytest.raises(InputError, match=r"a\.jsonl:1: malformed JSON"):
        read(path)


def test_json_lines__all_fields(tmp_path):
    line = {"id": "a", "text": "words", "url": "https://x.org/1", "source": "X", "date": "2024-01-02", "other": [1]}
    expected = Document(id="a", text="words", url="https://x.org/1", source="X", date="2024-01-02")
    assert read(in_lines(tmp_path / "a.jsonl", line)) == [expected]


def test_json_lines__fields_of_other_names(tmp_path):
    path = in_lines(tmp_path / "a.ndjson", {"uid": 7, "body": "one"}, {"uid": 8, "content": "two", "body": None})
    assert found(read(path, id_field="uid", text_field="content, body")) == {"7": "one", "8": "two"}


def test_json_lines__a_missing_id_is_the_place(tmp_path):
    path = in_lines(tmp_path / "a.jsonl", {"text": "one"}, {"id": None, "text": "two"}, {"id": "", "text": "three"})
    assert found(read(path)) == {"a.jsonl:1": "one", "a.jsonl:2": "two", "a.jsonl:3": "three"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12", "12"),
        ("-1.5", "-1.5"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("18446744073709551615", "18446744073709551615"),
        ("true", "true"),
        ("NaN", "NaN"),
        ('{"$oid": "5f"}', '{"$oid":"5f"}'),
        ('"\\ud800"', "\ud800"),
    ],
)
def test_json_lines__ids_that_are_no_strings(tmp_path, value, expected):
    assert list(found(read(put(tmp_path / "a.jsonl", f'{{"id": {value}, "text": ""}}')))) == [expected]


def test_json_lines__a_date_that_is_a_number(tmp_path):
    assert read(in_lines(tmp_path / "a.jsonl", {"id": 1, "text": "", "date": 1704153600}))[0].date == "1704153600"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "x"', "malformed JSON: Expecting ',' delimiter at character 12"),
        (b'{"text": "x"} {"text": "y"}', "malformed JSON: Extra data at character 14"),
        (b"words", "malformed JSON: Expecting value at character 0"),
        (b'["text"]', "not a JSON object but an array"),
        (b"null", "not a JSON object but null"),
        (b"[NaN]", "not a JSON object but an array"),
        (b"{}", 'no field "text"'),
        (b'{"text": null}', 'field "text" is null, not a string'),
        (b'{"text": 3}', 'field "text" is a number, not a string'),
        (b'{"text": true}', 'field "text" is true, not a string'),
        (b'{"text": {"a": "b"}}', 'field "text" is an object, not a string'),
        (b'{"text": "\xff"}', "not UTF-8 at byte 10"),
        (b'{"text": "\xed\xa0\x80"}', "not UTF-8 at byte 10"),
        (b'{"text": "\x00"}', "malformed JSON: Invalid control character at character 10"),
        (b'{"text": ' + b"[" * 100_000, "JSON nested too deeply"),
        (b'{"text": "' + b"x" * 200_000 + b'"}', "line longer than 200,000 bytes"),
    ],
)
def test_json_lines__a_line_that_cannot_be_used_is_skipped_and_the_next_is_read(tmp_path, line, reason):
    path = put(tmp_path / "a.jsonl", b'{"id": "a", "text": ""}\n' + line + b'\n{"id": "b", "text": ""}\n')
    items = read(path, max_document_bytes=200_000)
    assert list(found(items)) == ["a", "b"]
    assert faults(items) == [("a.jsonl:2", reason)]


def test_json_lines__missing_text_names_every_field_tried(tmp_path):
    path = in_lines(tmp_path / "a.jsonl", {}, {"text": ""})
    assert faults(read(path, text_field="body,text")) == [("a.jsonl:1", 'no field "body" or "text"')]


def test_json_lines__what_only_the_standard_library_reads(tmp_path):
    path = put(
        tmp_path / "a.jsonl", b'{"id": "a", "text": "\\ud800 \\u0000", "x": NaN}\n{"id": "b", "text": "", "n": 1e999}'
    )
    assert found(read(path)) == {"a": "\ud800 \0", "b": ""}


def test_json_lines__bom_crlf_and_empty_lines(tmp_path):
    path = put(
        tmp_path / "a.jsonl", b'\xef\xbb\xbf{"text": "a"}\r\n\r\n \t\n\n\xef\xbb\xbf{"text": "b"}\r\n\xef\xbb\xbf'
    )
    assert read(path) == [Document(id="a.jsonl:1", text="a"), Document(id="a.jsonl:5", text="b")]


def test_json_lines__other_line_separators_do_not_end_a_line(tmp_path):
    path = put(tmp_path / "a.jsonl", '{"id": 1, "text": "a\u2028b\u0085c"}\n')
    assert found(read(path)) == {"1": "a\u2028b\u0085c"}


def test_json_lines__a_second_document_of_one_id_gets_its_own(tmp_path):
    path = in_lines(tmp_path / "a.jsonl", *({"id": name, "text": ""} for name in ("x", "x#2", "x", "y", "x", "x#2")))
    items = read(path)
    assert list(found(items)) == ["x", "x#2", "x#3", "y", "x#4", "x#2#2"]
    assert faults(items)[0] == (
        "a.jsonl:3",
        'id "x" stands for more than one document; this one is called "x#3"',
    )
    assert [place for place, _ in faults(items)] == ["a.jsonl:3", "a.jsonl:5", "a.jsonl:6"]


def test_json_lines__ten_thousand_documents_of_one_id(tmp_path):
    path = put(tmp_path / "a.jsonl", b'{"id": "x", "text": ""}\n' * 10_000)
    assert len(found(read(path))) == 10_000


def test_json__line_wise_is_json_lines(tmp_path):
    path = in_lines(tmp_path / "a.json", {"id": "x", "text": "a"}, {"id": "y", "text": "b"})
    assert found(read(path)) == {"x": "a", "y": "b"}


@pytest.mark.parametrize("content", ['[\n{"text": "a"}\n]', '{\n  "text": "a"\n}', '[{"text": "a"}]'])
def test_json__one_value_over_many_lines_is_skipped_as_a_whole(tmp_path, content):
    put(tmp_path / "a.json", content)
    put(tmp_path / "b.txt", "")
    assert faults(read(tmp_path)) == [("a.json", "not JSON lines: an object must fill a line of its own")]


@pytest.fixture(params=["with isal", "without isal"])
def either_gzip(request, monkeypatch):
    if request.param == "without isal":
        monkeypatch.setitem(sys.modules, "isal", None)


@pytest.mark.parametrize("suffix", ["gz", "zst"])
@pytest.mark.usefixtures("either_gzip")
def test_archive__is_read_like_the_plain_file(tmp_path, suffix):
    data = many_lines(20_000)
    plain = read(put(tmp_path / "a.jsonl", data))
    assert read(put(tmp_path / f"a.jsonl.{suffix}", pack(suffix, data))) == plain
    halves = pack(suffix, data[: len(data) // 2]) + pack(suffix, data[len(data) // 2 :])
    assert read(put(tmp_path / f"b.jsonl.{suffix}", halves)) == plain


@pytest.mark.usefixtures("either_gzip")
def test_archive__zero_bytes_around_a_member_are_passed_over(tmp_path):
    data = pack("gz", b'{"id": 1, "text": ""}\n') + bytes(100_000) + pack("gz", b'{"id": 2, "text": ""}\n') + bytes(9)
    assert list(found(read(put(tmp_path / "a.jsonl.gz", data)))) == ["1", "2"]


def test_archive__the_content_decides_and_not_the_name(tmp_path):
    data = many_lines(3)
    assert len(found(read(put(tmp_path / "a.jsonl.gz", data)))) == 3
    assert len(found(read(put(tmp_path / "b.jsonl", pack("gz", data))))) == 3


@pytest.mark.parametrize("suffix", ["gz", "zst"])
@pytest.mark.usefixtures("either_gzip")
def test_archive__cut_off_keeps_what_was_read(tmp_path, suffix):
    packed = pack(suffix, many_lines(20_000))
    items = read(put(tmp_path / f"a.jsonl.{suffix}", packed[: len(packed) // 2]))
    n_read = len(found(items))
    assert n_read > 5_000
    assert faults(items) == [
        (f"a.jsonl.{suffix}:{n_read + 1}", "cannot be read any further: the archive ends too early")
    ]


@pytest.mark.usefixtures("either_gzip")
def test_archive__a_small_one_cut_off_keeps_what_was_read(tmp_path):
    packed = pack("gz", many_lines(50))
    assert len(found(read(put(tmp_path / "a.jsonl.gz", packed[:-8])))) == 50


@pytest.mark.usefixtures("either_gzip")
def test_archive__damaged_is_skipped_once_and_the_next_file_is_read(tmp_path):
    packed = bytearray(pack("gz", many_lines(20_000)))
    packed[len(packed) // 2 :] = os.urandom(len(packed) // 2)
    put(tmp_path / "a.jsonl.gz", bytes(packed))
    put(tmp_path / "b.txt", "words")
    items = read(tmp_path)
    assert "b.txt" in found(items)
    assert "the archive is damaged" in faults(items)[-1][1]


@pytest.mark.usefixtures("either_gzip")
def test_archive__that_holds_an_endless_line_costs_no_memory(tmp_path):
    bomb = gzip.compress(b'{"id": 1, "text": "' + bytes(100_000_000) + b'"}\n{"id": 2, "text": ""}\n', 1)
    path = put(tmp_path / "a.jsonl.gz", bomb)
    tracemalloc.start()
    items = read(path, max_document_bytes=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found(items) == {"2": ""}
    assert faults(items) == [("a.jsonl.gz:1", "line longer than 1,048,576 bytes")]
    assert peak < 16 << 20


def test_archive__zstd_without_its_package_is_an_error_that_names_the_extra(tmp_path, monkeypatch):
    path = put(tmp_path / "a.jsonl.zst", pack("zst", b"{}"))
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    with pytest.raises(InputError, match=r"dedup\[zstd\]"):
        read(path)


@pytest.mark.parametrize("packed", [False, True])
def test_stdin__is_json_lines(monkeypatch, packed):
    data = b'{"id": "x", "text": "one"}\n{"text": "two"}\n['
    stream = io.TextIOWrapper(io.BytesIO(gzip.compress(data) if packed else data))
    monkeypatch.setattr(sys, "stdin", stream)
    items = read("-")
    assert found(items) == {"x": "one", "stdin:2": "two"}
    assert [place for place, _ in faults(items)] == ["stdin:3"]


def test_stdin__closed_is_an_error(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="standard input is closed"):
        read("-")


def test_pipe__given_by_name_is_read(tmp_path):
    reader, writer = os.pipe()
    os.write(writer, b"w")
    os.write(writer, b"ords")
    os.close(writer)
    assert list(found(read(f"/dev/fd/{reader}")).values()) == ["words"]
    os.close(reader)


def test_size__a_document_of_50_mb(tmp_path):
    text = "a word and äöü " * (50_000_000 // 18)
    put(tmp_path / "a.txt", text)
    in_lines(tmp_path / "b.jsonl", {"id": "b", "text": text})
    assert found(read(tmp_path)) == {"a.txt": text, "b": text}


def test_count_bytes__sums_files_as_they_lie(tmp_path):
    put(tmp_path / "a.txt", "12345")
    put(tmp_path / "sub/b.txt", "123")
    assert documents.count_bytes([str(tmp_path), "-"]) == 8


def test_read__tells_of_every_byte_of_the_disk(tmp_path):
    put(tmp_path / "a.txt", "12345")
    put(tmp_path / "b.jsonl.gz", pack("gz", many_lines(20_000)))
    told = []
    list(documents.read([str(tmp_path)], InputConfig(), told.append))
    assert len(told) > 2
    assert sum(told) == documents.count_bytes([str(tmp_path)])


@pytest.mark.parametrize("batch_bytes", [1, 20, 1 << 20])
def test_read_batches__gives_what_read_gives(tmp_path, batch_bytes):
    put(tmp_path / "a.txt", "Füße")
    line = {"text": "\ud800 x", "url": "u", "source": "s", "date": 7}
    in_lines(tmp_path / "b.jsonl", {"id": 1, "text": ""}, [], {"id": 1, "text": "words " * 9}, line, {})
    put(tmp_path / "c.txt", b"\xff")
    packed = pack("gz", many_lines(20_000))
    put(tmp_path / "d.jsonl.gz", packed[: len(packed) // 2])
    put(tmp_path / "e.ndjson", "")
    assert same_in_batches(batch_bytes, tmp_path)


def test_read_parts__may_be_made_in_any_order_and_are_named_in_that_of_the_input(tmp_path):
    for name in ("a.jsonl", "b.jsonl"):
        lines = [f'{{"id": "{k % 3}", "text": "{name} {k}"}}' for k in range(6)]
        (tmp_path / name).write_text("\n".join([*lines[:3], "not JSON", "", *lines[3:]]))
    (tmp_path / "c.txt").write_text("said")
    paths = [str(tmp_path / name) for name in ("a.jsonl", "b.jsonl", "c.txt")]
    parts = list(documents.read_parts(paths, InputConfig(), 1, lambda _: None, Names()))
    made = [part.make() for part in reversed(parts)][::-1]
    found = [part.settle(batch) for part, batch in zip(parts, made, strict=True)]
    expected = list(documents.read(paths, InputConfig()))
    names = [item.id for item in expected if isinstance(item, Document)]
    notes = [item for item in expected if isinstance(item, Skipped)]
    assert [name for batch in found for name in batch.ids] == names
    assert [note for batch in found for note in batch.skipped] == notes
    assert len(names) == 13
    assert len(notes) == 11


def test_read_batches__no_document_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"no document found in .*a\.jsonl:1"):
        list(documents.read_batches([str(put(tmp_path / "a.jsonl", "[]"))], InputConfig()))


def test_read_pairs__of_either_names(tmp_path):
    path = in_lines(tmp_path / "a.jsonl", {"a": "x", "b": 7}, {"left": "y", "right": "z"}, {"a": "x"}, [])
    items = list(documents.read_pairs(str(path)))
    assert items[:2] == [("x", "7"), ("y", "z")]
    assert [item.place for item in items[2:]] == [f"{path}:3", f"{path}:4"]


def test_read_pairs__a_missing_file_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        list(documents.read_pairs(str(tmp_path / "nowhere")))


def test_config__refuses_what_cannot_work():
    with pytest.raises(ConfigError, match="encoding"):
        InputConfig(encoding="klingon")
    with pytest.raises(ConfigError, match="encoding must be one of texts that Python knows, got idna"):
        InputConfig(encoding="idna")
    with pytest.raises(ConfigError, match="text_field"):
        InputConfig(text_field=" ,")
    with pytest.raises(ConfigError, match="max_document_bytes"):
        InputConfig(max_document_bytes=1 << 31)


ODD_VALUES = st.sampled_from(
    ["NaN", "1e999", "-0", '"\\ud800"', '"\\udc00\\ud800"', "9" * 30, "[[]]", "tru", '"a', "{}"]
)
VALUES = st.one_of(st.text(max_size=9).map(json.dumps), st.integers().map(str), st.floats().map(json.dumps), ODD_VALUES)
KEYS = st.sampled_from(['"id"', '"text"', '"te\\u0078t"', '"url"', '"date"', '"other"'])
OBJECTS = st.lists(st.tuples(KEYS, VALUES), max_size=5).map(
    lambda pairs: ("{" + ",".join(f"{key}:{value}" for key, value in pairs) + "}").encode("utf-8", "surrogatepass")
)
LINES = st.one_of(OBJECTS, OBJECTS, OBJECTS.map(lambda line: b"\xef\xbb\xbf" + line + b"\r"), st.binary(max_size=20))
CONTENTS = st.lists(LINES, max_size=12).map(b"\n".join).filter(lambda data: data[:1] not in (b"\x1f", b"\x28"))


@given(content=CONTENTS)
def test_json_lines__any_bytes_give_what_the_obvious_reader_gives_and_lose_no_line(tmp_path_factory, content):
    path = put(tmp_path_factory.mktemp("fuzz") / "a.jsonl", content)
    end = in_lines(path.parent / "b.jsonl", {"id": "end", "text": ""})
    items = read(path, end)
    expected, n_empty = naive.json_lines(content, "a.jsonl")
    texts = [item for item in items if isinstance(item, Document)][:-1]
    assert [item.text for item in texts] == [text for _, text in expected]
    assert [item.id.split("#")[0] for item in texts] == [name.split("#")[0] for name, _ in expected]
    n_faults = sum("stands for more than one" not in reason for _, reason in faults(items))
    assert len(texts) + n_faults + n_empty == content.count(b"\n") + (not content.endswith(b"\n") and content != b"")


@given(content=CONTENTS, batch_bytes=st.integers(1, 50), max_bytes=st.integers(26, 60))
def test_read_batches__any_bytes_give_what_read_gives(tmp_path_factory, content, batch_bytes, max_bytes):
    path = put(tmp_path_factory.mktemp("fuzz") / "a.jsonl", content)
    end = in_lines(path.parent / "b.jsonl", {"id": "end", "text": ""}, {"text": "", "date": "d"})
    fields = {"text_field": "body,text", "id_field": "other,id", "url_field": "url,text"}
    assert same_in_batches(batch_bytes, path, end, max_document_bytes=max_bytes, **fields)


@given(content=st.binary(max_size=60))
def test_text_file__any_bytes_give_one_document_or_one_reason(tmp_path_factory, content):
    path = put(tmp_path_factory.mktemp("fuzz") / "a.txt", content)
    items = read(path, put(path.parent / "b.txt", "end"))
    assert [Path(item.id if isinstance(item, Document) else item.place).name for item in items] == ["a.txt", "b.txt"]


@given(content=st.binary(max_size=300), name=st.sampled_from(["gz", "zst"]), place=st.integers(0, 2_000))
def test_archive__any_damage_is_a_reason_and_no_crash(tmp_path_factory, content, name, place):
    packed = pack(name, many_lines(30))
    spoiled = packed[: place % len(packed)] + content
    path = put(tmp_path_factory.mktemp("fuzz") / f"a.jsonl.{name}", spoiled)
    items = read(path, put(path.parent / "b.txt", "end"))
    assert items[-1] == Document(id="b.txt", text="end")


@given(data=st.lists(st.sampled_from([b"\n", b"a", b"bb", b"\r"])).map(b"".join), cuts=st.lists(st.integers(0, 40)))
def test_lines__the_same_however_the_bytes_arrive(data, cuts):
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parts = [data[start:end] for start, end in pairwise(places) if end > start]
    expected = data.split(b"\n")
    found_lines = [line for block in blocks(iter(parts), 1000) for line in lines(block)]
    assert found_lines == (expected if expected[-1] else expected[:-1])


@given(sizes=st.lists(st.integers(0, 30), max_size=20), max_bytes=st.integers(1, 10), size=st.integers(1, 7))
def test_lines__one_over_the_bound_still_shows_that_it_is(sizes, max_bytes, size):
    data = b"".join(b"x" * n + b"\n" for n in sizes)
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    kept = [len(line) for block in blocks(parts, max_bytes) for line in lines(block)]
    assert len(kept) == len(sizes)
    assert all(k == n or min(k, n) > max_bytes for k, n in zip(kept, sizes, strict=True))
    assert all(k <= max_bytes + size for k in kept)


def test_chunks__are_of_bounded_size():
    data = gzip.compress(bytes(5_000_000))
    assert max(len(chunk) for chunk in compressed.chunks(io.BufferedReader(io.BytesIO(data)))) <= 1 << 20


def test_read_lasting__takes_an_id_that_looks_like_a_place_for_what_it_is(tmp_path):
    rows, page = tmp_path / "a.jsonl", tmp_path / "b.txt"
    rows.write_text('{"id": "a.jsonl:1", "text": "one"}\n{"text": "two"}\n{"text": "three", "url": "u"}\n')
    page.write_text("four")
    items = documents.read_lasting([str(rows), str(page)], InputConfig())
    named, by_text, by_url, file = (document.id for document in items)
    assert (named, by_text[:5], by_url, file) == ("a.jsonl:1", "text:", "u", "b.txt")
