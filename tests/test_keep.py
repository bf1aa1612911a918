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


@given(st.lists(st.tuples(st.sampled_from(DATES), st.integers(0, 3)), min_size=1, max_size=20), st.integers(0, 5))
def test_precedence__is_the_rank_by_days_and_lengths_with_old_ones_first(drawn, n_old):
    documents = [Document(id=str(i), text="x" * n, date=date) for i, (date, n) in enumerate(drawn)]
    (batch,) = batches(documents, 1 << 62)
    corpus = replace(gather.corpus_of(batch, _keys(batch)), n_old=min(n_old, len(drawn)))
    rows = np.arange(len(drawn))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keep, "AT_ONCE", 3)
        found = keep.precedence(corpus, rows)
    expected = keep.rank(corpus, rows, rows, ("earliest", "longest"))
    assert np.lexsort((rows, found)).tolist() == np.argsort(expected).tolist()
