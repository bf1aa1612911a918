"""The input split into what is kept and what is removed."""

import gzip
import io
import json
import os
import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv, parquet

from dedup.config import InputConfig
from dedup.errors import ConfigError, InputError, OutputError
from dedup.io import pending, split
from dedup.io.split import Targets
from dedup.records import Document
from tests.commands import CHANGING
from tests.inputs import LONG, faults, found, in_lines, in_parquet, put, read


def parts(folder, suffix, keeps, *paths, **settings):
    targets = Targets(kept=folder / f"out/kept{suffix}", removed=folder / f"out/removed{suffix}")
    with split.split([str(path) for path in paths], keeps, targets, InputConfig(**settings)) as appear:
        appear()
    return targets.kept, targets.removed


def test_lines__stand_as_they_stood(tmp_path):
    lines = [b'{ "text": "one",  "x": 1.50 }\r\n', b"\n", b"broken\n", b'{"text":"two"}\n', b'{"text":"three"}']
    path = put(tmp_path / "a.jsonl", b"".join(lines))
    kept, removed = parts(tmp_path, ".jsonl", [True, False, True], path)
    assert kept.read_bytes() == lines[0] + lines[4] + b"\n"
    assert removed.read_bytes() == lines[3]


def test_lines__bring_no_mark_of_utf_8_into_the_middle_of_a_part(tmp_path):
    first, second = (put(tmp_path / f"{name}.jsonl", f'\ufeff{{"text":"{name}"}}\n') for name in "ab")
    kept, _ = parts(tmp_path, ".jsonl", [True, True], first, second)
    assert kept.read_bytes() == b'{"text":"a"}\n{"text":"b"}\n'


def test_scan__of_an_input_that_has_changed_meanwhile_writes_no_parts(tmp_path):
    path = in_lines(tmp_path / "a.jsonl", {"id": "a", "text": "one"}, {"id": "b", "text": "two"})
    targets = [tmp_path / "kept.jsonl", tmp_path / "removed.jsonl"]
    told = [sys.executable, "-c", CHANGING, "scan", path, "--split", *targets, "-q"]
    done = subprocess.run([str(word) for word in told], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("dedup: the input has changed since it was read")
    assert not any(target.exists() for target in targets)


def test_parts__last_and_what_killed_runs_left_of_them_goes(tmp_path, monkeypatch):
    synced, path = [], in_lines(tmp_path / "a.jsonl", {"text": "one"})
    monkeypatch.setattr(pending, "sync_folder", synced.append)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        mine = {f".kept.jsonl.{other.pid}.tmp", ".kept.jsonl.old.tmp", ".other.jsonl.999999999.tmp"}
        for name in (*mine, ".kept.jsonl.999999999.tmp", ".removed.jsonl.999999999.tmp"):
            put(tmp_path / "out" / name, "half")
        parts(tmp_path, ".jsonl", [True], path)
        other.communicate(b"\n")
    assert {entry.name for entry in (tmp_path / "out").iterdir()} == mine | {"kept.jsonl", "removed.jsonl"}
    assert synced == [tmp_path / "out"] * 2


def test_lines__of_several_files_packed_or_not(tmp_path):
    first = put(tmp_path / "a.jsonl.gz", gzip.compress(b'{"text":"one"}\n'))
    second = put(tmp_path / "b.jsonl", b'{"text":"two"}\n')
    kept, removed = parts(tmp_path, ".jsonl.gz", [False, True], first, second)
    assert gzip.decompress(kept.read_bytes()) == b'{"text":"two"}\n'
    assert gzip.decompress(removed.read_bytes()) == b'{"text":"one"}\n'
    again, _ = parts(tmp_path / "again", ".jsonl.gz", [False, True], first, second)
    assert again.read_bytes() == kept.read_bytes()


@pytest.mark.parametrize("suffix", [".jsonl.zst", ".jsonl.bz2"])
def test_lines__packed_as_the_name_says(tmp_path, suffix):
    path = in_lines(tmp_path / "a.jsonl", {"id": "x", "text": "one"}, {"id": "y", "text": "two"})
    kept, removed = parts(tmp_path, suffix, [True, False], path)
    assert (found(read(kept)), found(read(removed))) == ({"x": "one"}, {"y": "two"})


def test_texts__go_to_lines_by_the_names_of_the_fields(tmp_path):
    put(tmp_path / "in/a.txt", "one")
    put(tmp_path / "in/b.txt", "zwölf\n")
    kept, removed = parts(tmp_path, ".jsonl", [True, False], tmp_path / "in", text_field="body,text")
    assert json.loads(kept.read_text()) == {"id": "a.txt", "body": "one"}
    assert json.loads(removed.read_text()) == {"id": "b.txt", "body": "zwölf\n"}


def test_csv__rows_stand_as_they_stood_under_the_header(tmp_path):
    rows = ["id;text;n\r\n", 'x;"one\nand ""more""";1\r\n', "short\n", "y;two;2\n", "z;three;3"]
    path = put(tmp_path / "a.csv", "\ufeff" + "".join(rows))
    kept, removed = parts(tmp_path, ".csv", [True, False, True], path)
    assert kept.read_bytes().decode() == "\ufeff" + rows[0] + rows[1] + rows[4] + "\n"
    assert removed.read_bytes().decode() == "\ufeff" + rows[0] + rows[3]


@pytest.mark.parametrize("end", ["", "\r"])
def test_csv__whose_lines_end_in_a_return_alone_is_split_into_lines(tmp_path, end):
    path = put(tmp_path / "a.csv", f'id,text\ra,one\rb,"two\rmore"\rc,three{end}')
    kept, removed = parts(tmp_path, ".csv", [True, False, True], path)
    assert kept.read_bytes() == b"id,text\na,one\nc,three\n"
    assert removed.read_bytes() == b'id,text\nb,"two\nmore"\n'


def test_csv__of_several_files_has_one_header(tmp_path):
    first = put(tmp_path / "a.csv", "id,text\nx,one\n")
    second = put(tmp_path / "b.csv", "id,text\ny,two\n")
    kept, removed = parts(tmp_path, ".csv", [True, True], first, second)
    assert kept.read_text() == "id,text\nx,one\ny,two\n"
    assert removed.read_text() == "id,text\n"
    third = put(tmp_path / "c.csv", "\ufeffid,text\r\nz,three\r\n")
    kept, _ = parts(tmp_path, ".csv", [True, True], first, third)
    assert kept.read_bytes() == b"id,text\nx,one\nz,three\r\n"


def test_csv__whose_archive_is_cut_off_is_written_up_to_the_last_whole_row(tmp_path):
    rows = [f'r{k},"one {k}\ntwo\nthree {k}"\n' for k in range(4000)]
    packed = gzip.compress("".join(["id,text\n", *rows]).encode(), 1)
    first = put(tmp_path / "a.csv.gz", packed[: len(packed) // 2])
    second = put(tmp_path / "b.csv", "id,text\nz,end\n")
    n_whole = len(found(read(first)))
    assert 100 < n_whole < 4000
    assert faults(read(first)) == [
        (f"a.csv.gz:{3 * n_whole + 2}", "cannot be read any further: the archive ends too early")
    ]
    kept, _ = parts(tmp_path, ".csv", [True] * (n_whole + 1), first, second)
    assert kept.read_text() == "".join(["id,text\n", *rows[:n_whole], "z,end\n"])


def test_parquet__rows_keep_all_their_columns(tmp_path):
    table = pa.table({"id": [str(k) for k in range(100)], "text": ["t"] * 99 + [None], "n": [[k] for k in range(100)]})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=30)
    keeps = [k % 3 > 0 for k in range(99)]
    kept, removed = (parquet.read_table(path) for path in parts(tmp_path, ".parquet", keeps, tmp_path / "a.parquet"))
    assert kept.equals(table.filter(pa.array([*keeps, False])))
    assert removed.equals(table.filter(pa.array([*(not keep for keep in keeps), False])))


@pytest.mark.parametrize("view", [pa.string_view(), pa.list_(pa.string_view())])
def test_parquet__of_views_keeps_its_types(tmp_path, view):
    plain = [f"{k}" if pa.types.is_string_view(view) else [f"{k}"] for k in range(9)]
    table = pa.table({"text": [f"text {k}" for k in range(9)], "seen": pa.array(plain, view)})
    parquet.write_table(table, tmp_path / "a.parquet")
    keeps = [k % 3 != 1 for k in range(9)]
    kept, removed = (parquet.read_table(path) for path in parts(tmp_path, ".parquet", keeps, tmp_path / "a.parquet"))
    assert kept.schema == removed.schema == table.schema
    assert kept["seen"].to_pylist() == [one for one, keep in zip(plain, keeps, strict=True) if keep]
    assert removed["seen"].to_pylist() == plain[1::3]


def test_parquet__whose_name_is_no_utf_8(tmp_path):
    folder = tmp_path / os.fsdecode(b"in\xff")
    folder.mkdir()
    with (folder / "a.parquet").open("wb") as file:
        parquet.write_table(pa.table({"text": ["one", "two"]}), file)
    kept, removed = parts(folder, ".parquet", [True, False], folder / "a.parquet")
    read_back = (parquet.read_table(io.BytesIO(path.read_bytes())) for path in (kept, removed))
    assert [table["text"].to_pylist() for table in read_back] == [["one"], ["two"]]


def test_parquet__whose_pages_are_damaged_goes_as_far_as_a_scan_reads_it(tmp_path):
    data = bytearray(in_parquet(LONG, row_group_size=1500, use_dictionary=["id"], data_page_size=1, compression="gzip"))
    last = parquet.read_metadata(io.BytesIO(data)).row_group(0).column(1)
    data[last.data_page_offset + last.total_compressed_size - 1000] ^= 255
    texts = found(read(path := put(tmp_path / "a.parquet", bytes(data))))
    assert 1500 < len(texts) < 3000
    kept, _ = parts(tmp_path, ".parquet", [True] * len(texts), path)
    assert parquet.read_table(kept).to_pylist() == [{"id": id_, "text": text} for id_, text in texts.items()]


def test_parquet__of_other_columns_is_refused(tmp_path):
    parquet.write_table(pa.table({"text": ["one"]}), tmp_path / "a.parquet")
    parquet.write_table(pa.table({"text": ["one"], "n": [1]}), tmp_path / "b.parquet")
    with pytest.raises(InputError, match="other columns"):
        parts(tmp_path, ".parquet", [True, True], tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_check__refuses_files_of_other_columns_before_the_run(tmp_path, suffix):
    for name, columns in (("a", {"id": ["x"], "text": ["one"]}), ("b", {"text": ["one"], "id": ["y"]})):
        csv.write_csv(table := pa.table(columns), tmp_path / f"{name}.csv")
        parquet.write_table(table, tmp_path / f"{name}.parquet")
    put(tmp_path / f"c{suffix}", "")
    targets = Targets(kept=tmp_path / f"k{suffix}", removed=tmp_path / f"r{suffix}")
    files = [str(tmp_path / f"{name}{suffix}") for name in "cab"]
    split.check(files[:2], targets, InputConfig())
    with pytest.raises(InputError, match=f"cannot split .*b{suffix}, which has (another header|other columns)"):
        split.check(files, targets, InputConfig())


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("id,text", "\n\nid,text,n"), ("\r\n\r\nid,text", "\r\n\r\ntext,id"), ("id,text", "\ufeff\n\rid,text,n"),
        ('id,text,"a\nb"', 'id,text,"a\nc"'), ("id,text", "\n\nid,body"),
    ],
)  # fmt: skip
def test_check__refuses_another_header_behind_empty_lines_and_of_several_lines(tmp_path, first, other):
    one, two = (put(tmp_path / name, f"{h}\nx,y,z\n") for name, h in (("a.csv", first), ("b.csv", other)))
    targets = Targets(kept=tmp_path / "k.csv", removed=tmp_path / "r.csv")
    with pytest.raises(InputError, match=r"cannot split .*b\.csv, which has another header than .*a\.csv"):
        split.check([str(one), str(two)], targets, InputConfig())


def test_csv__may_have_empty_lines_before_one_and_the_same_header(tmp_path):
    contents = "\n\nid,text\nx,one\n", "id,text\n\ny,two\n", "\ufeff\r\nid,text\r\nz,three\r\n", "\n\n", "\nid,text\n"
    paths = [put(tmp_path / f"{name}.csv", content) for name, content in zip("abcde", contents, strict=True)]
    targets = Targets(kept=tmp_path / "k.csv", removed=tmp_path / "r.csv")
    split.check([str(path) for path in paths], targets, InputConfig())
    kept, removed = parts(tmp_path, ".csv", [True, False, True], *paths)
    assert found(read(kept)) == {"x": "one", "z": "three"}
    assert found(read(removed)) == {"y": "two"}


@pytest.mark.parametrize("keeps", [[True], [True] * 3])
def test_input__that_has_changed_is_refused_and_nothing_is_written(tmp_path, keeps):
    path = in_lines(tmp_path / "a.jsonl", {"text": "one"}, {"text": "two"})
    put(tmp_path / "out/kept.jsonl", "before")
    with pytest.raises(InputError, match="has changed"):
        parts(tmp_path, ".jsonl", keeps, path)
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["kept.jsonl"]
    assert (tmp_path / "out/kept.jsonl").read_text() == "before"


@pytest.mark.parametrize(
    ("inputs", "kept", "removed", "reason"),
    [
        (["-"], "k.jsonl", "r.jsonl", "stdin cannot be split"),
        (["a.csv"], "k.jsonl", "r.jsonl", "a.csv is CSV, which cannot go to k.jsonl"),
        (["a.txt"], "k.csv", "r.csv", "neither lines nor rows"),
        (["a.jsonl"], "k.jsonl", "r.csv", "two different files of one format"),
        (["a.jsonl"], "k.jsonl", "k.jsonl", "two different files of one format"),
        (["a.jsonl"], "k.txt", "r.txt", "ends in .jsonl"),
        (["a.parquet"], "k.parquet.gz", "r.parquet.gz", "ends in .jsonl"),
    ],
)
def test_check__refuses_what_cannot_be_split(tmp_path, monkeypatch, inputs, kept, removed, reason):
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "a.txt", "a.jsonl", "a.parquet"):
        put(tmp_path / name, "")
    with pytest.raises(ConfigError, match=reason):
        split.check(inputs, Targets(kept=tmp_path / kept, removed=tmp_path / removed), InputConfig())


@pytest.mark.skipif(os.name != "posix", reason="there are no such files")
def test_check__refuses_a_pipe(tmp_path):
    os.mkfifo(pipe := tmp_path / "in.jsonl")
    with pytest.raises(ConfigError, match=r"in\.jsonl cannot be split, as it is no file that can be read twice"):
        split.check([str(pipe)], Targets(kept=tmp_path / "k.jsonl", removed=tmp_path / "r.jsonl"), InputConfig())


def test_csv__in_a_wide_encoding_is_refused(tmp_path):
    path = put(tmp_path / "a.csv", "text\none\n".encode("utf-16"))
    with pytest.raises(ConfigError, match="utf-16 cannot be split"):
        parts(tmp_path, ".csv", [True], path, encoding="utf-16")


def test_target__that_cannot_be_written_is_an_error(tmp_path):
    path = in_lines(tmp_path / "a.jsonl", {"text": "one"})
    put(tmp_path / "out", "a file")
    with pytest.raises(OutputError, match="cannot write"):
        parts(tmp_path, ".jsonl", [True], path)


LINE = st.one_of(
    st.builds(lambda text: json.dumps({"text": text}).encode(), st.text(max_size=5)),
    st.binary(max_size=6).filter(lambda line: b"\n" not in line),
)


@given(lines=st.lists(LINE, max_size=8), draws=st.randoms())
def test_lines__each_document_stands_in_one_part_once(tmp_path_factory, lines, draws):
    folder = tmp_path_factory.mktemp("split")
    path = put(folder / "a.jsonl", b'{"text":"first"}\n' + b"\n".join([*lines, b'{"text":"last"}']))
    texts = [item.text for item in read(path) if isinstance(item, Document)]
    keeps = [True, *(draws.random() < 0.5 for _ in texts[2:]), False]
    written = [[item.text for item in read(part)] for part in parts(folder, ".jsonl", keeps, path)]
    chosen = zip(texts, keeps, strict=True)
    assert written[0] + written[1] == [text for text, _ in sorted(chosen, key=lambda pair: not pair[1])]
