"""Columns in memory and in files: the same values, whatever the limit, and after a kill."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engines.store import Store, machine_bytes, resident_bytes
from dedup.errors import EngineError

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


def test_store__leaves_nothing_behind():
    with Store(2) as store:
        store.column("bytes", np.uint8).append(np.zeros(10, np.uint8))
        folder = store.folder()
        assert any(folder.iterdir())
    assert not folder.exists()


def test_machine_bytes__is_more_than_this_process_holds():
    assert machine_bytes() > resident_bytes() > 0
