"""The limit on what is removed of a source."""

from hypothesis import given
from hypothesis import strategies as st

from dedup.stages.removal import N_LEAST, above


def test_above__names_the_sources_worst_first():
    kept = [("a", k >= 6) for k in range(10)] + [("b", k >= 9) for k in range(10)] + [("c", k >= 5) for k in range(10)]
    found = above(kept, 0.5)
    assert [(one.source, one.n_documents, one.n_removed, one.share) for one in found] == [
        ("b", 10, 9, 0.9),
        ("a", 10, 6, 0.6),
    ]


def test_above__says_nothing_of_sources_with_few_documents():
    assert above([("a", False)] * (N_LEAST - 1), 0.0) == []
    assert len(above([("a", False)] * N_LEAST, 0.0)) == 1


def test_above__documents_that_name_no_source_are_one():
    assert [one.source for one in above([("", False)] * 20, 0.9)] == [""]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=60), st.floats(0, 1))
def test_above__is_the_plain_count_in_any_order(kept, most):
    expected = {
        source
        for source in "abc"
        if (flags := [k for s, k in kept if s == source])
        and len(flags) >= N_LEAST
        and flags.count(False) > most * len(flags)
    }
    found = above(kept, most)
    assert {one.source for one in found} == expected
    assert found == above(reversed(kept), most)
