"""Parquet and Arrow as pyarrow writes them, whole and damaged."""

import io
import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather

from dedup.dates import seconds
from dedup.errors import InputError
from dedup.records import Document
from tests.inputs import LONG, ROWS, TABLE, TEXTS, faults, found, in_arrow, in_parquet, pack, put, read


def put_table(path: Path, table: pa.Table) -> Path:
    """The table in the format of the path's name."""
    if path.suffix == ".parquet":
        return put(path, in_parquet(table, row_group_size=2))
    if path.suffix == ".feather":
        feather.write_feather(table, str(path))
        return path
    return put(path, in_arrow(table, as_stream=path.suffix == ".arrows"))


TABLE_NAMES = pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.arrows", "a.feather"])


def with_type(kind: pa.DataType) -> pa.Table:
    return TABLE.set_column(1, "text", TABLE["text"].cast(pa.binary()).cast(kind))


@TABLE_NAMES
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), "dictionary"])
def test_table__strings_of_every_kind(tmp_path, name, kind):
    table = with_type(kind) if kind != "dictionary" else TABLE.set_column(1, "text", TABLE["text"].dictionary_encode())
    assert read(put_table(tmp_path / name, table)) == [Document(**row) for row in ROWS]


def test_table__views_of_strings(tmp_path):
    table = TABLE.set_column(1, "text", TABLE["text"].cast(pa.string_view()))
    assert found(read(put_table(tmp_path / "a.arrow", table))) == TEXTS


@TABLE_NAMES
def test_table__in_a_file_whose_name_is_no_utf_8(tmp_path, name):
    path = put_table(tmp_path / name, TABLE).rename(tmp_path / os.fsdecode(b"\xff" + name.encode()))
    assert read(path) == [Document(**row) for row in ROWS]


@TABLE_NAMES
def test_table__the_first_name_that_is_not_null_counts(tmp_path, name):
    table = pa.table({"body": ["one", None, None], "uid": [7, None, 9], "text": ["x", "two", None], "more": [1, 2, 3]})
    items = read(put_table(tmp_path / name, table), text_field="body,text", id_field="id,uid")
    assert found(items) == {"7": "one", f"{name}:2": "two"}
    assert faults(items) == [(f"{name}:3", 'column "body" is null, not a string')]


@TABLE_NAMES
def test_table__labels_that_are_no_strings(tmp_path, name):
    moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    table = pa.table({"text": [""], "id": [1 << 62], "url": [["u"]], "source": pa.array([b"S\xff"])})
    table = table.append_column("date", pa.array([moment], pa.timestamp("ms", "UTC")))
    (document,) = read(put_table(tmp_path / name, table))
    assert (document.id, document.url, document.source) == (str(1 << 62), '["u"]', "S\ufffd")
    assert seconds(document.date) == moment.timestamp()


@TABLE_NAMES
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Nowhere/Else", "+02:00"])
def test_table__a_zone_that_nobody_knows_costs_no_text(tmp_path, name, zone):
    moments = pa.array([1704164645], pa.timestamp("s")).cast(pa.timestamp("us", zone))
    (document,) = read(put_table(tmp_path / name, pa.table({"text": ["a"], "date": moments})))
    assert seconds(document.date) == 1704164645


@TABLE_NAMES
def test_table__numbers_of_which_some_are_missing(tmp_path, name):
    ids, moments = [12345678901.0, float("nan"), 0.5], [1704164645000.0, None, float("nan")]
    first, second, third = read(
        put_table(tmp_path / name, pa.table({"text": ["a", "b", "c"], "id": ids, "date": moments}))
    )
    assert [first.id, second.id, third.id] == ["12345678901", f"{name}:2", "0.5"]
    assert [seconds(row.date) for row in (first, second, third)] == [1704164645, None, None]


@TABLE_NAMES
def test_table__rows_that_cannot_be_used_are_skipped(tmp_path, name):
    table = pa.table({"text": pa.array([b"a", b"b\xff", None, b"c" * 11, b"d"])})
    items = read(put_table(tmp_path / name, table), max_document_bytes=10)
    assert found(items) == {f"{name}:1": "a", f"{name}:5": "d"}
    assert faults(items) == [
        (f"{name}:2", "not utf-8 at byte 1"),
        (f"{name}:3", 'column "text" is null, not a string'),
        (f"{name}:4", "longer than 10 bytes"),
    ]


@TABLE_NAMES
@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (pa.table({"body": ["a"]}), 'no column "text"'),
        (pa.table({"text": [1]}), 'column "text" is int64, not string'),
        (pa.table({"text": [["a"]]}), r'column "text" is list<.*>, not string'),
    ],
)
def test_table__without_a_column_of_text_is_an_error_that_says_so(tmp_path, name, table, reason):
    with pytest.raises(InputError, match=f"{name}: {reason}"):
        read(put_table(tmp_path / name, table))


def test_parquet__is_told_by_its_content(tmp_path):
    put(tmp_path / "part-0001", in_parquet(TABLE))
    put(tmp_path / "part-0002", in_arrow(TABLE, as_stream=False))
    assert [item.text for item in read(tmp_path) if isinstance(item, Document)] == [*TEXTS.values()] * 2


def test_parquet__a_corrupt_page_costs_the_rest_of_its_group(tmp_path):
    data = bytearray(in_parquet(LONG, row_group_size=1000, write_page_checksum=True, compression="none"))
    place = data.index(LONG["text"][1500].as_py().encode())
    data[place : place + 8] = b"\xff" * 8
    items = read(put(tmp_path / "a.parquet", bytes(data)))
    assert {*map(str, range(1000)), *map(str, range(2000, 3000))} <= set(found(items))
    ((where, reason),) = faults(items)
    n_lost = 3000 - len(found(items))
    assert where == f"a.parquet:{2000 - n_lost + 1}"
    assert reason.startswith(f"{n_lost:,} rows cannot be read: ")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"words that are no Parquet", in_parquet(LONG)[:-50]])
def test_parquet__without_its_end_is_skipped_as_a_whole(tmp_path, content):
    items = read(put(tmp_path / "a.parquet", content), put(tmp_path / "b.txt", "words"))
    assert found(items) == {"b.txt": "words"}
    ((where, reason),) = faults(items)
    assert where == "a.parquet"
    assert reason.startswith("cannot be read: ")


@pytest.mark.parametrize("as_stream", [True, False])
def test_arrow__cut_off_keeps_what_was_read(tmp_path, as_stream):
    data = in_arrow(LONG, as_stream=as_stream)
    items = read(put(tmp_path / "a.arrow", data[: len(data) // 2]))
    n_read = len(found(items))
    assert 1000 < n_read < 2000
    ((where, reason),) = faults(items)
    assert where == f"a.arrow:{n_read + 1}"
    assert reason.startswith("cannot be read any further: Expected to ")


@pytest.mark.parametrize("name", ["a.arrow", "a.arrow.gz"])
def test_arrow__cut_off_between_two_batches_is_said(tmp_path, name):
    content = io.BytesIO()
    with pa.ipc.new_file(content, LONG.schema) as writer:
        writer.write_table(LONG.slice(0, 2000))
        n_bytes = content.tell()
        writer.write_table(LONG.slice(2000))
    cut = content.getvalue()[:n_bytes]
    items = read(put(tmp_path / name, pack("gz", cut) if name.endswith("gz") else cut))
    assert len(found(items)) == 2000
    assert faults(items) == [(f"{name}:2001", "cannot be read any further: the file ends too early")]


@pytest.mark.parametrize("name", ["a.arrow", "a.feather", "part-0001"])
def test_arrow__as_polars_writes_it(tmp_path, name):
    pytest.importorskip("polars").DataFrame(ROWS).write_ipc(tmp_path / name)
    assert read(tmp_path / name) == [Document(**row) for row in ROWS]


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
@pytest.mark.parametrize("name", ["a.arrow.gz", "part-0001"])
def test_arrow__as_polars_writes_it_and_packed(tmp_path, name, compression):
    content = io.BytesIO()
    pytest.importorskip("polars").from_arrow(LONG).write_ipc(content, compression=compression)
    plain = found(read(put(tmp_path / "b.arrow", in_arrow(LONG, as_stream=False))))
    assert found(read(put(tmp_path / name, pack("gz", content.getvalue())))) == plain
    cut = put(tmp_path / name, pack("gz", content.getvalue()[:-10]))
    with pytest.raises(InputError, match="cannot be read: Invalid flatbuffers message"):
        read(cut)


def test_arrow__packed_as_polars_writes_it_says_where_the_disk_is_full(tmp_path, monkeypatch):
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    content = io.BytesIO()
    pytest.importorskip("polars").from_arrow(LONG).write_ipc(content)
    path = put(tmp_path / "a.arrow.gz", pack("gz", content.getvalue()))
    monkeypatch.setattr("dedup.io.arrow_files.TemporaryFile", Full)
    with pytest.raises(InputError, match=r"cannot unpack a\.arrow\.gz into a temporary file: No space left on device"):
        read(path)


@pytest.mark.parametrize("suffix", ["gz", "zst", "bz2"])
def test_arrow__packed_is_unpacked(tmp_path, suffix):
    path = put(tmp_path / f"a.arrow.{suffix}", pack(suffix, in_arrow(LONG, as_stream=False)))
    assert len(found(read(path))) == 3000


TABLE_BYTES = {
    "a.parquet": in_parquet(LONG.slice(0, 30), row_group_size=10),
    "a.arrow": in_arrow(LONG.slice(0, 30), as_stream=False),
    "a.arrows": in_arrow(LONG.slice(0, 30), as_stream=True),
}


@given(name=st.sampled_from(list(TABLE_BYTES)), place=st.floats(0, 0.99), content=st.binary(min_size=1, max_size=9))
def test_table__any_damage_is_a_reason_and_no_crash(tmp_path_factory, name, place, content):
    whole = TABLE_BYTES[name]
    start = int(place * len(whole))
    path = put(tmp_path_factory.mktemp("fuzz") / name, whole[:start] + content + whole[start + len(content) :])
    assert read(path, put(path.parent / "b.txt", "end"))[-1] == Document(id="b.txt", text="end")
