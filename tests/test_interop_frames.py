"""Frames of every kind into a scan and through an index."""

import uuid

import pytest

import dedup
from dedup.config import Config, InputConfig
from dedup.errors import ConfigError, InputError
from dedup.index import Index
from dedup.interop import frames
from dedup.io import tables
from tests.index_contract import with_copies

pyarrow = pytest.importorskip("pyarrow")
DOCUMENTS = with_copies(20)
COLUMNS = {"id": [d.id for d in DOCUMENTS], "text": [d.text for d in DOCUMENTS]}


def as_arrow(columns):
    return pyarrow.table(columns)


def as_pandas(columns):
    return pytest.importorskip("pandas").DataFrame(columns)


def as_polars(columns):
    return pytest.importorskip("polars").DataFrame(columns)


def as_reader(columns):
    return pyarrow.table(columns).to_reader(max_chunksize=7)


def as_duckdb(columns):
    table = pyarrow.table(columns)
    return pytest.importorskip("duckdb").connect().from_arrow(table).to_arrow_table()


KINDS = pytest.mark.parametrize("made", [as_arrow, as_pandas, as_polars, as_reader, as_duckdb])


@KINDS
def test_scan__takes_a_frame(made):
    expected, found = dedup.scan(DOCUMENTS), dedup.scan(made(COLUMNS))
    assert list(found.decisions) == list(expected.decisions)
    assert list(found.clusters) == list(expected.clusters)


@KINDS
def test_mask__is_true_for_rows_that_are_new(made, tmp_path):
    with Index.create(tmp_path / "a") as index, Index.create(tmp_path / "b") as other:
        expected = [answer.keep for answer in other.filter(DOCUMENTS)]
        assert frames.mask(index, made(COLUMNS)).tolist() == expected
        assert not frames.mask(index, made(COLUMNS)).any()


def test_mask__selects_from_the_frame_that_it_came_from(tmp_path):
    for made in (as_arrow, as_pandas, as_polars):
        with Index.create(tmp_path / made.__name__) as index:
            frame = made(COLUMNS)
            mask = frames.mask(index, frame)
            kept = frame[mask] if made is as_pandas else frame.filter(mask)
            assert len(kept) == 20


def test_scan__takes_columns_of_categories():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(COLUMNS).with_columns(polars.col("id", "text").cast(polars.Categorical))
    assert list(dedup.scan(frame).decisions) == list(dedup.scan(DOCUMENTS).decisions)
    pandas = pytest.importorskip("pandas")
    assert list(dedup.scan(pandas.DataFrame(COLUMNS, dtype="category")).decisions) == list(
        dedup.scan(DOCUMENTS).decisions
    )


def test_answers__are_one_for_each_row_where_a_batch_cannot_be_read(tmp_path, monkeypatch):
    batches = [pyarrow.record_batch({"text": [d.text for d in DOCUMENTS[first : first + 5]]}) for first in (0, 5, 10)]
    binary = tables._binary

    def damaged(column):
        if column.to_pylist() == batches[1]["text"].to_pylist():
            raise pyarrow.ArrowInvalid("it is damaged")
        return binary(column)

    monkeypatch.setattr(tables, "_binary", damaged)
    with Index.create(tmp_path / "index") as index:
        found = frames.answers(index, pyarrow.Table.from_batches(batches))
    assert [isinstance(row, str) for row in found] == [False] * 5 + [True] * 5 + [False] * 5
    assert set(found[5:10]) == {"cannot be read: it is damaged"}
    assert [note.place for note in dedup.scan(pyarrow.Table.from_batches(batches)).skipped] == [
        f"row:{n}" for n in range(6, 11)
    ]


def test_scan__takes_columns_by_the_names_of_the_settings():
    table = pyarrow.table({"name": COLUMNS["id"], "body": COLUMNS["text"]})
    config = Config(input=InputConfig(id_field="name", text_field="body"))
    assert [d.id for d in dedup.scan(table, config).decisions] == [d.id for d in dedup.scan(DOCUMENTS).decisions]


def test_scan__says_what_a_frame_lacks_and_which_rows_it_skips():
    with pytest.raises(InputError, match='no column "text"'):
        dedup.scan(pyarrow.table({"body": ["x"]}))
    (skipped,) = dedup.scan(pyarrow.table({"text": ["one text", None, "and another"]})).skipped
    assert (skipped.place, skipped.reason) == ("row:2", 'column "text" is null, not a string')


@pytest.mark.parametrize("n_rows", [0, 2])
def test_frame__whose_texts_are_all_missing_has_rows_that_are_no_documents(tmp_path, n_rows):
    """As pandas and Polars make one of no rows, or of a batch without texts: its column has no type to speak of."""
    table = pyarrow.table({"id": ["a", "b"][:n_rows], "text": pyarrow.nulls(n_rows)})
    found = dedup.scan(table)
    assert [(note.place, note.reason) for note in found.skipped] == [
        (f"row:{row + 1}", 'column "text" is null, not a string') for row in range(n_rows)
    ]
    with Index.create(tmp_path / "index") as index:
        assert frames.mask(index, table).tolist() == [False] * n_rows


def test_answers__say_why_a_row_is_no_document_and_know_rows_without_ids_by_url_or_text(tmp_path):
    table = pyarrow.table({"text": ["one text", None, "and another"], "url": [None, None, "http://a"]})
    with Index.create(tmp_path / "index") as index:
        first, missing, last = frames.answers(index, table)
        assert missing == 'column "text" is null, not a string'
        assert first.id.startswith("text:")
        assert last.id == "http://a"
        turned = table.take([2, 0])
        assert [answer.kind for answer in frames.answers(index, turned)] == ["known", "known"]


def test_answers__take_an_id_that_looks_like_a_place_for_what_it_is(tmp_path):
    columns = {"id": ["row:1", None], "text": ["Rain is expected in the north.", "The bridge stays closed."]}
    with Index.create(tmp_path / "index") as index:
        named, unnamed = frames.answers(index, as_arrow(columns))
    assert named.id == "row:1"
    assert unnamed.id.startswith("text:")


def test_scan__calls_rows_without_ids_what_no_other_row_is_called():
    ids, texts = ["row:2", None, "row:4", None, None, "row:5"], [document.text for document in DOCUMENTS[:6]]
    report = dedup.scan(pyarrow.table({"id": ids, "text": texts}), against=pyarrow.table({"text": texts[:2]}))
    assert [decision.id for decision in report.decisions] == [
        "row:2", "row:2#2", "row:4", "row:4#2", "row:5", "row:5#2",
    ]  # fmt: skip
    assert {decision.representative for decision in report.decisions} >= {"against:1", "against:2"}


def test_scan__takes_ids_of_types_of_their_own():
    ids = [uuid.UUID(int=1), uuid.UUID(int=(1 << 128) - 1)]
    packed = pyarrow.array([own.bytes for own in ids], pyarrow.binary(16))
    columns = {"id": pyarrow.ExtensionArray.from_storage(pyarrow.uuid(), packed), "text": ["one text", "another one"]}
    assert [d.id for d in dedup.scan(pyarrow.table(columns)).decisions] == [str(own) for own in ids]
    columns["id"] = pyarrow.array([b"abcd", b"\xff\xfe\x00\x01"], pyarrow.binary(4))
    assert [d.id for d in dedup.scan(pyarrow.table(columns)).decisions] == ["abcd", "fffe0001"]


def test_scan_and_index__refuse_a_frame_that_is_yet_to_be_collected(tmp_path):
    lazy = as_polars(COLUMNS).lazy()
    with Index.create(tmp_path / "index") as index:
        for take in (dedup.scan, index.filter, index.add, index.check):
            with pytest.raises(InputError, match="or a frame of them, got one LazyFrame"):
                take(lazy)
        for found in (lazy, DOCUMENTS, None):
            with pytest.raises(InputError, match=f"a frame that Arrow can read, got one {type(found).__name__}"):
                frames.mask(index, found)


def test_scan__says_why_a_frame_cannot_be_read():
    pandas = pytest.importorskip("pandas")
    for frame in (pandas.DataFrame({"id": ["a", "b"], "text": ["one text", 5]}), pandas.Series(["one text"])):
        with pytest.raises(InputError, match="a frame of documents cannot be read"):
            dedup.scan(frame)


def test_scan__says_which_column_of_a_frame_cannot_be_read_and_not_its_text():
    frame = pytest.importorskip("pandas").DataFrame({"id": ["a", "b"], "text": [5, "one text " * 9999]})
    with pytest.raises(InputError, match=r"one text .* column text") as caught:
        dedup.scan(frame)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("asked", [frames.mask, frames.answers])
def test_index__fields_that_are_no_settings_are_refused_and_named(tmp_path, asked):
    says = "the settings must be of type InputConfig, got .'text_field': 'body'"
    with Index.create(tmp_path / "index") as index, pytest.raises(ConfigError, match=says):
        asked(index, as_arrow(COLUMNS), {"text_field": "body"})
