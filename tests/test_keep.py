from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.batches import batches
from dedup.pipeline import _keys
from dedup.records import Document
from dedup.stages import gather, keep

DATES = ("", "soon", "1969-07-20", "2001-02-03", "2001-02-04", "9999-12-31")
URLS = ("", "https://a.example/x", "https://a.example/2001/02/03/x")


@given(
    st.lists(st.tuples(st.sampled_from(DATES), st.integers(0, 3), st.sampled_from(URLS)), min_size=1, max_size=20),
    st.integers(0, 5),
)
def test_precedence__is_the_rank_by_days_and_lengths_with_old_ones_first(drawn, n_old):
    documents = [Document(id=str(i), text="x" * n, date=date, url=url) for i, (date, n, url) in enumerate(drawn)]
    (batch,) = batches(documents, 1 << 62)
    corpus = replace(gather.corpus_of(batch, _keys(batch)), n_old=min(n_old, len(drawn)))
    rows = np.arange(len(drawn))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keep, "AT_ONCE", 3)
        found = keep.precedence(corpus, rows)
    expected = keep.rank(corpus, rows, rows, ("earliest", "longest"))
    assert np.lexsort((rows, found)).tolist() == np.argsort(expected).tolist()


@pytest.mark.parametrize(
    ("source", "url", "is_preferred"),
    [
        ("", "http://www.Example.com/a", True), ("", "https://example.com:8080", True), ("Example.com", "", True),
        ("", "http://[example.com/", False), ("", "http://badexample.com", False), ("", "", False),
    ],
)  # fmt: skip
def test_rank__a_host_is_preferred_in_any_letters_and_a_broken_url_has_none(source, url, is_preferred):
    documents = [Document(id="a", text="x", source="other"), Document(id="b", text="x", source=source, url=url)]
    (batch,) = batches(documents, 1 << 62)
    corpus, rows = gather.corpus_of(batch, _keys(batch)), np.arange(2)
    assert keep.rank(corpus, rows, rows, ("host:Example.com",)).tolist() == ([1, 0] if is_preferred else [0, 1])
