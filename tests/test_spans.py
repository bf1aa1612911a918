"""Spans of a file into memory."""

import errno
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import spans

CONTENT = bytes(range(256)) * 4
SPANS = st.lists(st.tuples(st.integers(0, len(CONTENT)), st.integers(0, 60)), max_size=12)


def read(path, listed, *, gap):
    """The bytes of spans that begin somewhere and have some length, read to places with a gap between them."""
    begins = np.array([begin for begin, _ in listed], np.int64)
    sizes = np.array([min(size, len(CONTENT) - begin) for begin, size in listed], np.int64)
    places = np.cumsum(sizes + gap) - sizes - gap
    out = np.zeros(int((sizes + gap).sum()) + 1, np.uint8)
    with path.open("rb") as file:
        spans.read_spans(file.fileno(), begins, begins + sizes, places, out)
    return [out[place : place + size].tobytes() for place, size in zip(places.tolist(), sizes.tolist(), strict=True)]


def never_at_once(preadv):
    """A system in which nothing can be read without waiting."""

    def read_or_not(descriptor, buffers, offset, flags=0):
        if flags:
            raise OSError(errno.EAGAIN, "not in memory")
        return preadv(descriptor, buffers, offset)

    return read_or_not


def one_byte_at_once(preadv):
    """A system that reads little of what is asked for."""
    return lambda descriptor, buffers, offset, flags=0: preadv(descriptor, [buffers[0][:1]], offset)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("spans") / "content"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize("system", [lambda preadv: preadv, never_at_once, one_byte_at_once])
@pytest.mark.parametrize("no_wait", [spans.NO_WAIT, 0])
@given(listed=SPANS, gap=st.integers(0, 1))
def test_read_spans__what_stands_there(file, system, no_wait, listed, gap):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spans, "NO_WAIT", no_wait)
        patch.setattr(os, "preadv", system(os.preadv))
        assert read(file, listed, gap=gap) == [CONTENT[begin : begin + size] for begin, size in listed]


def test_read_spans__a_file_that_ends_before_is_an_error(file):
    begins = np.array([len(CONTENT) - 2])
    with file.open("rb") as opened, pytest.raises(EOFError, match="ends before byte 1,025"):
        spans.read_spans(opened.fileno(), begins, begins + 3, np.array([0]), np.zeros(3, np.uint8))
