"""Whole runs over damaged inputs and onto disks that fill up: a clear error or a counted skip, nothing half-written."""

import gzip
import json

import pytest

from tests.commands import run_text
from tests.inputs import DATE, LONG, TABLE, crawl, in_arrow, in_lines, in_parquet, in_table, many_lines, pack, page, put

FILES = ["clusters.jsonl", "decisions.jsonl", "matches.jsonl", "summary.json"]


def test_scan__takes_every_format_and_skips_every_kind_of_damage_with_its_place(tmp_path):
    folder, archive = tmp_path / "in", crawl(3)
    in_table(folder / "a.csv")
    in_table(folder / "b.tsv", delimiter="\t")
    in_lines(folder / "c.jsonl", {"id": "c1", "text": "one"})
    put(folder / "d.parquet", in_parquet(TABLE))
    put(folder / "e.arrow", in_arrow(TABLE, as_stream=False))
    put(folder / "f.txt", "words")
    put(folder / "g.html", page("<p>A page of words.</p>"))
    put(folder / "h.warc", archive.bytes())
    for suffix in ("gz", "zst", "bz2"):
        put(folder / f"i.jsonl.{suffix}", pack(suffix, f'{{"id":"{suffix}","text":"one"}}\n'.encode()))
    packed = gzip.compress(many_lines(2000))
    put(folder / "x1.jsonl.gz", packed[: len(packed) // 2])
    table = bytearray(in_parquet(LONG, row_group_size=1000, compression="none", write_page_checksum=True))
    table[len(table) // 2] ^= 255
    put(folder / "x2.parquet", bytes(table))
    put(folder / "x3.warc", archive.bytes().replace(f"WARC-Date: {DATE}".encode(), b"WARC-Date: \xff\xfe", 1)[:-40])
    done = run_text("scan", folder, "-o", tmp_path / "out", "-q")
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    reasons = {item["place"].rpartition("/")[2].partition(":")[0]: item["reason"] for item in summary["skipped"]}
    assert "ends too early" in reasons["x1.jsonl.gz"]
    assert "rows cannot be read" in reasons["x2.parquet"]
    assert "x3.warc" in reasons
    names = {json.loads(line)["id"] for line in (tmp_path / "out/decisions.jsonl").read_text().splitlines()}
    assert {"c1", "f.txt", "g.html", "gz", "zst", "bz2", "http://x.org/0"} <= names
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES


@pytest.mark.parametrize("limit", [0, 3000, 200_000])
def test_scan__a_disk_that_fills_up_is_an_error_that_leaves_the_earlier_report(tmp_path, limit):
    path = put(tmp_path / "a.jsonl", many_lines(4000))
    out = tmp_path / "out"
    assert run_text("scan", path, "-o", out, "-q").returncode == 0
    before = {entry.name: entry.read_bytes() for entry in out.iterdir()}
    done = run_text("scan", path, "-o", out, "-q", file_bytes=limit)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert done.stderr.startswith("dedup: cannot write")
    assert len(done.stderr.splitlines()) == 1
    assert {entry.name: entry.read_bytes() for entry in out.iterdir()} == before


def test_scan__events_that_would_take_the_place_of_an_input_or_a_result_are_refused_untouched(tmp_path):
    path = in_lines(tmp_path / "a.jsonl", {"id": "a", "text": "one"})
    (tmp_path / "b.jsonl").hardlink_to(path)
    for events in (path, tmp_path / "b.jsonl", tmp_path / "out" / "matches.jsonl"):
        done = run_text("scan", path, "-o", tmp_path / "out", "--events", events)
        assert done.returncode == 1
        assert "must lie apart" in done.stderr
        assert path.stat().st_size > 0


@pytest.mark.parametrize("how", ["folder", "inside", "above", "file", "link", "glob", "list"])
def test_scan__an_output_that_is_also_an_input_is_refused_untouched(tmp_path, how):
    folder = tmp_path / "in"
    path = in_lines(folder / "a.jsonl", {"id": "a", "text": "one"})
    (tmp_path / "link").symlink_to(folder)
    put(tmp_path / "list", f"{folder}\n")
    source, out = {
        "folder": (folder, folder),
        "inside": (folder, folder / "out"),
        "above": (path, tmp_path),
        "file": (path, path),
        "link": (folder, tmp_path / "link"),
        "glob": (f"{tmp_path}/*/*.jsonl", folder),
        "list": (f"@{tmp_path / 'list'}", folder / "out"),
    }[how]
    done = run_text("scan", source, "-o", out)
    assert done.returncode == 1
    assert "output must lie apart from the input" in done.stderr
    assert [entry.name for entry in folder.iterdir()] == ["a.jsonl"]
    assert json.loads(path.read_text()) == {"id": "a", "text": "one"}
