"""Sequences made when asked for, and strings in order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.arrays import offsets
from dedup.errors import InputError
from dedup.sequences import Labels, Lazy, Lists, pack, take
from dedup.stages import gather
from tests import naive

strings = st.lists(st.text(st.characters(max_codepoint=0x10FFFF), max_size=6) | st.text("ab", max_size=30), max_size=60)


def labels(listed):
    values, sizes = pack(listed)
    return Labels(values, offsets(sizes))


@given(strings)
def test_labels__are_the_strings(listed):
    found = labels(listed)
    assert list(found) == listed
    assert found == listed
    assert found[1:] == listed[1:]


@given(strings, st.data())
def test_take__gives_the_strings_and_lists_of_some_rows(listed, data):
    rows = data.draw(st.lists(st.integers(0, len(listed) - 1), max_size=9) if listed else st.just([]))
    wanted = [listed[row] for row in rows]
    assert take(labels(listed), np.array(rows, np.int64)) == take(listed, np.array(rows, np.int64)) == wanted
    lists = [tuple(listed[:n]) for n in (0, len(listed), 0, 1, 3)]
    some = np.array(data.draw(st.lists(st.integers(0, 4), max_size=9)), np.int64)
    assert Lists.packed(lists).take(some) == [lists[at] for at in some]


@given(strings.map(set).map(list))
def test_ranks__are_the_places_in_the_order_of_strings(listed):
    assert gather.ranks(labels(listed)).tolist() == naive.ranks(listed)
    assert gather.ranks(listed).tolist() == naive.ranks(listed)


def test_ranks__names_an_id_that_stands_twice():
    with pytest.raises(InputError, match="ids must be unique, got 'b' twice"):
        gather.ranks(["a", "b", "c", "b"])


def test_lazy__makes_only_what_is_asked_for():
    made = []
    squares = Lazy(10, lambda i: made.append(i) or i * i)
    assert (squares[3], squares[-1], len(squares), squares[8:]) == (9, 81, 10, [64, 81])
    assert made == [3, 9, 8, 9]
    with pytest.raises(IndexError):
        squares[10]


def test_labels__of_nothing():
    assert list(Labels(np.empty(0, np.uint8), np.zeros(1, np.int64))) == []
