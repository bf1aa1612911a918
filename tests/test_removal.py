"""How much of each source is removed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.stages import removal
from dedup.stages.removal import N_LEAST


def shares(kept):
    """Of pairs of source and whether it is kept."""
    names = [source for source, _ in kept]
    sites = np.array([ord(name) if name else 0 for name in names], np.uint64)
    return removal.shares(sites, np.array([keep for _, keep in kept], bool), names.__getitem__)


def test_shares__largest_first():
    kept = [("a", k >= 6) for k in range(10)] + [("b", k >= 9) for k in range(10)] + [("c", True)] * 10
    found = [(one.source, one.n_documents, one.n_removed, one.share) for one in shares(kept)]
    assert found == [("b", 10, 9, 0.9), ("a", 10, 6, 0.6)]


def test_shares__say_nothing_of_sources_with_few_documents():
    assert shares([("a", False)] * (N_LEAST - 1)) == []
    assert len(shares([("a", False)] * N_LEAST)) == 1


def test_shares__documents_that_name_no_source_are_one():
    assert [one.source for one in shares([("", False)] * 20)] == [""]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=60))
def test_shares__are_the_plain_counts_in_any_order(kept):
    flags = {source: [keep for s, keep in kept if s == source] for source in "abc"}
    expected = {
        source: (len(keeps), keeps.count(False))
        for source, keeps in flags.items()
        if len(keeps) >= N_LEAST and not all(keeps)
    }
    found = shares(kept)
    assert {one.source: (one.n_documents, one.n_removed) for one in found} == expected
    assert found == shares(kept[::-1])
