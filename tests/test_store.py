"""Columns in memory and in files: the same values, whatever the limit, and after a kill."""

import os
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engines.store import Reader, Store, machine_bytes, resident_bytes
from dedup.errors import EngineError, OutputError
from dedup.io import arrays

parts = st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=50), max_size=20)


@given(parts, st.sampled_from([1, 2, 4, 1 << 30]))
def test_column__holds_what_was_appended_in_memory_and_in_files(values, memory_bytes):
    with Store(memory_bytes) as store:
        flat, rows = store.column("flat", np.uint32), store.column("rows", np.uint64, 3)
        for part in values:
            flat.append(np.array(part, np.uint32))
            rows.append(np.array([[v, v + 1, v + 2] for v in part], np.uint64).reshape(-1, 3))
        everything = [v for part in values for v in part]
        assert flat.array().tolist() == everything
        assert rows.array().tolist() == [[v, v + 1, v + 2] for v in everything]
        assert rows.n == len(everything)


def test_column__arrays_stay_as_they_were_while_more_is_appended():
    with Store(1 << 30) as store:
        column, seen = store.column("values", np.int64), []
        for size in (10, 1_000, 100_000, 200_000, 300_000):
            column.append(np.arange(column.n, column.n + size))
            seen.append(column.array())
        assert [(values == np.arange(len(values))).all() for values in seen] == [True] * 5
        assert not any(np.shares_memory(values, column.array()) for values in seen[:-1])


@given(st.binary(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8), st.booleans())
def test_column__reads_spans_from_its_file(content, spans, in_file):
    values = np.frombuffer(content, np.uint8)
    begins, ends = np.array([sorted(min(at, len(values)) for at in span) for span in spans], np.int64).reshape(-1, 2).T
    with Store(1 if in_file else 1 << 30) as store:
        column = store.column("bytes", np.uint8)
        column.append(values)
        read = column.reader()
        if read is None:
            assert not in_file or not content
            return
        out = np.zeros(int((ends - begins).sum()) + 3, np.uint8)
        read(begins, ends, out)
        assert out.tobytes() == b"".join(content[a:b] for a, b in zip(begins, ends, strict=True)) + bytes(3)


def test_column__says_so_where_its_file_was_cut_off():
    with Store(1) as store:
        column = store.column("bytes", np.uint8)
        column.append(np.arange(10, dtype=np.uint8))
        read = column.reader()
        with pytest.raises(EngineError, match=r"bytes\.column ends before byte 12"):
            read(np.array([8]), np.array([12]), np.zeros(4, np.uint8))


def test_column__says_so_where_its_file_cannot_be_read(tmp_path):
    with pytest.raises(EngineError, match=r"cannot read .*gone: No such file"):
        Reader(tmp_path / "gone")
    with pytest.raises(EngineError, match=r"cannot read .*: Is a directory"):
        Reader(tmp_path)(np.array([0]), np.array([1]), np.zeros(1, np.uint8))


def test_column__leaves_memory_to_the_work_once_not_all_columns_fit():
    with Store(400) as store:
        small, large = store.column("small", np.uint8), store.column("large", np.uint8)
        small.append(np.zeros(150, np.uint8))
        large.append(np.zeros(100, np.uint8))
        assert (small.reader() is None, large.reader() is None) == (True, False)
        small.append(np.zeros(1, np.uint8))
        assert small.reader() is not None


def test_column__goes_on_behind_what_was_committed(tmp_path):
    with Store(folder=tmp_path, keeps=True) as store:
        column = store.column("numbers", np.int64)
        column.append(np.arange(5))
        store.commit(batches=1)
        column.append(np.arange(100))
        column.flush()
    with Store(folder=tmp_path, keeps=True) as store:
        column = store.column("numbers", np.int64)
        assert store.done == {"batches": 1}
        assert column.n == 5
        column.append(np.arange(2))
        assert column.array().tolist() == [0, 1, 2, 3, 4, 0, 1]


def test_column__shorter_than_its_run_had_noted_is_refused(tmp_path):
    """As a power failure may leave it: the note on the disk, and not all of what it is of."""
    with Store(folder=tmp_path, keeps=True) as store:
        store.column("hashes", np.uint64).append(np.arange(10, dtype=np.uint64))
        store.commit(read=1)
    os.truncate(tmp_path / "hashes.column", 79)
    with Store(folder=tmp_path, keeps=True) as store, pytest.raises(EngineError, match="has 79 of 80 bytes; remove"):
        store.column("hashes", np.uint64)
    (tmp_path / "hashes.column").unlink()
    with Store(folder=tmp_path, keeps=True) as store, pytest.raises(EngineError, match="has 0 of 80 bytes"):
        store.column("hashes", np.uint64)


@pytest.mark.parametrize("content", ["", '{"done": {"read"', "[]", '{"done": 1, "columns": 2}', '{"done": {}}'])
def test_store__whose_notes_are_not_whole_is_refused(tmp_path, content):
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(EngineError, match=r"run\.json cannot be read"), Store(folder=tmp_path, keeps=True):
        pass


def test_load__of_an_array_that_is_not_whole_says_which(tmp_path):
    arrays.save(tmp_path, {"small": np.arange(9), "large": np.arange(1 << 16)})
    assert arrays.load(tmp_path)["small"].tolist() == list(range(9))
    for name, n_bytes in (("small", 100), ("small", 0), ("large", 1 << 17)):
        arrays.save(tmp_path, {"small": np.arange(9)})
        os.truncate(tmp_path / f"{name}.npy", n_bytes)
        with pytest.raises(OutputError, match=rf"cannot read .*{name}\.npy"):
            arrays.load(tmp_path)


def test_column__that_a_second_run_did_not_come_to_holds_what_the_first_had_committed(tmp_path):
    with Store(folder=tmp_path, keeps=True) as store:
        store.column("texts", np.int64).append(np.arange(3))
        store.column("pairs", np.int64).append(np.arange(5))
        store.commit(batches=1, parts=2)
    with Store(folder=tmp_path, keeps=True) as store:
        store.column("texts", np.int64)
        store.commit()
    with Store(folder=tmp_path, keeps=True) as store:
        assert store.done == {"batches": 1, "parts": 2}
        assert store.column("texts", np.int64).array().tolist() == [0, 1, 2]
        assert store.column("pairs", np.int64).array().tolist() == [0, 1, 2, 3, 4]


def test_empty__is_memory_while_there_is_some_and_else_a_file():
    with Store(1 << 40) as roomy, Store(2) as tight:
        assert roomy.empty(1 << 20, np.int64).base is None
        in_file = tight.empty(1 << 20, np.int64)
        assert tight.n_disk_bytes == 8 << 20
        in_file[:] = 7
        assert int(in_file.sum()) == 7 << 20
        del in_file
        assert tight.n_disk_bytes == 0


def test_store__stops_at_its_share_of_the_disk():
    with Store(2, disk_bytes=1000) as store:
        column = store.column("bytes", np.uint8)
        column.append(np.zeros(1000, np.uint8))
        with pytest.raises(EngineError, match="more than the 1,000 bytes of disk"):
            column.append(np.zeros(1, np.uint8))


def test_store__says_so_when_it_cannot_write(tmp_path):
    (tmp_path / "numbers.column").mkdir()
    with Store(2, tmp_path) as store, pytest.raises(EngineError, match=r"cannot write work files in .*directory"):
        store.column("numbers", np.int64).append(np.arange(10))


@pytest.fixture
def full():
    """A file on a full disk, with something that is yet to be written."""
    with suppress(OSError), open("/dev/full", "wb") as file:
        file.write(b"x")
        yield file


def test_store__says_so_when_the_last_rows_cannot_be_written(tmp_path, full):
    store = Store(folder=tmp_path, keeps=True).__enter__()
    column, other = store.column("numbers", np.int64), store.column("others", np.int64)
    column._file.close()
    column._file = full
    with pytest.raises(EngineError, match="cannot write work files"):
        store.__exit__(None, None, None)
    assert other._file.closed


def test_store__keeps_to_the_first_of_two_errors(tmp_path, full):
    store = Store(folder=tmp_path, keeps=True).__enter__()
    column = store.column("numbers", np.int64)
    column._file.close()
    column._file = full
    store.__exit__(ZeroDivisionError, ZeroDivisionError(), None)


def test_store__leaves_nothing_behind():
    with Store(2) as store:
        store.column("bytes", np.uint8).append(np.zeros(10, np.uint8))
        folder = store.folder()
        assert any(folder.iterdir())
    assert not folder.exists()


def test_machine_bytes__is_more_than_this_process_holds():
    assert machine_bytes() > resident_bytes() > 0
