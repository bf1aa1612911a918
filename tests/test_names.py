"""Names that are given out once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.io.names import LEAST_SLOTS, MOST_FULL, Names
from dedup.kernels.names import hash_names
from dedup.kernels.strings import first_repeated, sort_strings
from dedup.sequences import labels
from tests import naive

NAMES = st.lists(st.sampled_from(["a", "a#2", "a#3", "a#2#2", "b", "", "\udc80", "é"]), max_size=12)


@given(st.lists(NAMES, max_size=4))
def test_own__equals_the_naive_twin(parts):
    names = Names()
    assert [own for part in parts for own in names.own(part)] == naive.own_names(
        [name for part in parts for name in part]
    )


def test_own__hands_on_what_is_new_as_it_is():
    names, called = Names(), labels(["a", "b"])
    assert names.own(called) is called
    assert names.own(called) == ["a#2", "b#2"]


def test_own__takes_few_bytes_a_name_and_forgets_none_as_it_grows():
    names, n = Names(), 5 * LEAST_SLOTS
    called = [f"https://example.org/{k:09}" for k in range(n)]
    for first in range(0, n, 1000):
        part = called[first : first + 1000]
        assert names.own(part) is part
    assert 12 / MOST_FULL <= names.n_bytes / n <= 20
    assert names.own(called) == [f"{name}#2" for name in called]


def test_own__of_a_name_that_all_bear_does_not_slow_down():
    assert Names().own(["a"] * 20_000)[-1] == "a#20000"


def test_hash_names__spreads_names_that_differ_in_little():
    called = labels([f"{k:07}" for k in range(100_000)] + ["x" * k for k in range(1000)])
    high, low = np.empty(len(called), np.uint64), np.empty(len(called), np.uint32)
    hash_names(called.values, called.offsets, high, low)
    assert len(np.unique(high)) == len(np.unique(high >> np.uint64(8))) == len(called)
    counts = np.bincount((high >> np.uint64(54)).astype(np.int64), minlength=1024)
    squares = ((counts - len(called) / 1024) ** 2 / (len(called) / 1024)).sum()
    assert abs(squares - 1023) < 5 * np.sqrt(2 * 1023)
    assert len(np.unique(low)) > 0.9999 * len(called) - len(called) ** 2 / 2**33


@given(st.lists(st.text(max_size=3), max_size=8))
def test_first_repeated__is_the_first_of_two_equal_neighbors(strings):
    packed, order = labels(strings), np.arange(len(strings))
    sort_strings(packed.values, packed.offsets, order)
    ordered = [strings[at] for at in order.tolist()]
    expected = next((at for at in range(len(ordered) - 1) if ordered[at] == ordered[at + 1]), -1)
    assert first_repeated(packed.values, packed.offsets, order) == expected
