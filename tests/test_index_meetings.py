"""Whom arriving documents meet by their keys: the kernel against plain Python."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.kernels import meetings
from tests import naive

SITES = st.integers(0, 3)
KEYS = st.tuples(st.integers(0, 6), st.booleans())
ASKERS = st.lists(
    st.tuples(st.integers(50, 90), SITES, st.lists(KEYS, max_size=8, unique=True)), min_size=1, max_size=5
)
HOLDERS = st.lists(st.tuples(st.integers(0, 20), SITES), max_size=9, unique_by=lambda holder: holder[0])


@given(ASKERS, st.lists(HOLDERS, min_size=14, max_size=14), st.dictionaries(st.integers(1, 3), st.integers(2, 6)))
def test_meet__sums_what_is_rare_and_no_site_s_own(askers, holders, floors):
    lists = {(key, is_rare): (len(h := holders[2 * key + is_rare]), h) for key in range(7) for is_rare in (False, True)}
    asked = [key for _, _, keys in askers for key in keys]
    hits = [holder for key in asked for holder in lists[key][1]]
    sites = sorted(floors)
    out = np.empty((len(hits), 3), np.int64)
    n, _ = meetings.meet(
        (np.array([number for number, _, _ in askers]), np.array([site for _, site, _ in askers], np.uint64)),
        (
            np.cumsum([0, *(len(keys) for _, _, keys in askers)]),
            np.arange(len(asked)),
            np.array([is_rare for _, is_rare in asked], bool),
        ),
        (
            np.array([lists[key][0] for key in asked], np.int32),
            np.cumsum([0, *(len(lists[key][1]) for key in asked)]),
            np.array([number for number, _ in hits], np.int64),
            np.array([site for _, site in hits], np.uint64),
        ),
        (np.array(sites, np.uint64), np.array([floors[site] for site in sites], np.int32)),
        np.array([6, 1000, 4096, 4], np.float64),
        out,
    )
    found = {}
    for asker, number, score in out[:n].tolist():
        one = found.setdefault((asker, number), [0, False])
        one[0] += max(score, 0)
        one[1] |= score < 0
    assert found == naive.meetings(askers, lists, floors, 6, 1000, 4096, 4)
