"""What holds for every format: progress, batches, archives, and packages that are missing."""

import os
import sys

import pytest

from dedup.config import InputConfig
from dedup.errors import InputError
from dedup.io import documents
from tests.inputs import (
    BODY,
    LONG,
    crawl,
    faults,
    found,
    in_arrow,
    in_parquet,
    in_table,
    many_lines,
    pack,
    page,
    put,
    read,
    same_in_batches,
)


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("a.html", "resiliparse", "html"),
        ("a.warc", "fastwarc", "warc"),
        ("a.warc", "resiliparse", "html"),
        ("a.parquet", "pyarrow", "arrow"),
        ("a.feather", "pyarrow", "arrow"),
    ],
)
def test_extra__a_missing_package_is_an_error_that_names_it(tmp_path, monkeypatch, name, package, extra):
    for module in [module for module in sys.modules if module.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=rf"dedup\[{extra}\]"):
        read(put(tmp_path / name, b"words"))


def test_read__tells_of_every_byte_of_every_format(tmp_path):
    put(tmp_path / "a.parquet", in_parquet(LONG))
    put(tmp_path / "b.arrow", in_arrow(LONG, as_stream=False))
    put(tmp_path / "c.csv.bz2", pack("bz2", in_table(tmp_path / "d.csv").read_bytes()))
    put(tmp_path / "e.html", page(BODY * 9))
    put(tmp_path / "f.warc.gz", crawl(3, packed=True).bytes())
    told: list[int] = []
    list(documents.read([str(tmp_path)], InputConfig(max_document_bytes=2000), told.append))
    assert sum(told) == documents.count_bytes([str(tmp_path)])


def test_read_batches__gives_what_read_gives_of_every_format(tmp_path):
    in_table(tmp_path / "a.csv")
    put(tmp_path / "b.jsonl.bz2", pack("bz2", many_lines(200)))
    put(tmp_path / "c.html", page(BODY))
    put(tmp_path / "d.parquet", in_parquet(LONG))
    put(tmp_path / "e.warc", crawl(3).bytes()[:-300])
    assert same_in_batches(1000, tmp_path)


@pytest.mark.parametrize("content", ["BZh is no archive", "BZh9", "BZ"])
def test_bzip2__a_text_that_begins_like_one_is_a_text(tmp_path, content):
    assert found(read(put(tmp_path / "a.txt", content))) == {"a.txt": content}


def test_bzip2__archives_one_after_another_and_damage(tmp_path):
    data = many_lines(20_000)
    path = put(tmp_path / "a.jsonl.bz2", pack("bz2", data[: len(data) // 2]) + pack("bz2", data[len(data) // 2 :]))
    assert len(found(read(path))) == 20_000
    packed = bytearray(pack("bz2", data))
    packed[len(packed) * 3 // 4 :] = os.urandom(len(packed) // 4)
    items = read(put(tmp_path / "b.jsonl.bz2", bytes(packed)))
    assert "the archive is damaged" in faults(items)[-1][1]
    assert found(read(put(tmp_path / "c.txt.bz2", pack("bz2", b"")))) == {"c.txt.bz2": ""}


@pytest.mark.parametrize("suffix", ["gz", "bz2"])
def test_archive__with_something_else_behind_is_read_and_told_of(tmp_path, suffix):
    data = many_lines(200)
    items = read(put(tmp_path / f"a.jsonl.{suffix}", pack(suffix, data) + b"no archive"))
    assert len(found(items)) == 200
    assert [reason for _, reason in faults(items)] == [
        "cannot be read any further: what stands behind the end of the archive is none"
    ]


def test_text__a_text_that_begins_like_another_format_is_a_text(tmp_path):
    put(tmp_path / "a.txt", "WARC/1.0\r\nis how a WARC begins.")
    put(tmp_path / "b", "WARC/1.0 is how a WARC begins.")
    assert list(found(read(tmp_path))) == ["a.txt", "b"]
