"""Lines of results in bulk."""

import json
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.arrays import offsets
from dedup.described import Described
from dedup.engines import local
from dedup.io import reports, result_lines
from dedup.kernels.phrases import most_bytes
from dedup.reasons import SAID, listed, reasons
from dedup.records import RELATIONS, SOURCES, Texts
from dedup.reported import ClusterColumns, Clusters, DecisionColumns, Decisions, MatchColumns, Matches
from dedup.sequences import Labels, Lists, labels, pack
from tests import naive

NAMES = st.lists(st.text(st.characters(exclude_categories=()), max_size=6), min_size=1, max_size=9)
HALVES = st.integers(0, 2_000_000).map(lambda n: n / 2e6)
"""Half of them stand between two numbers of six digits."""
SCORES = HALVES | st.floats(0, 1) | st.sampled_from([0.0, 1e-6, 4e-7, 0.1234565, 0.5, 1 / 3, 0.9999996, 1.0])


def packed(names: list[str]) -> Labels:
    return Labels(*columns(names))


def columns(names: list[str]):
    values, sizes = pack(names)
    return values, offsets(sizes)


def one_by_one(found, plain) -> bytes:
    return b"".join(plain(item) + b"\n" for item in found)


@st.composite
def decisions(draw):
    names = draw(NAMES)
    n, n_clusters = len(names), draw(st.integers(1, 3))
    rows = st.integers(0, n - 1)
    clusters = np.array(draw(st.lists(st.integers(-1, n_clusters - 1), min_size=n, max_size=n)))
    keeps = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    return Decisions(DecisionColumns(
        ids=packed(names), rows=np.array(draw(st.permutations(range(n)))), clusters=clusters,
        keeps=keeps | (clusters < 0),
        relations=np.array(draw(st.lists(st.integers(0, len(RELATIONS) - 1), min_size=n, max_size=n)), np.uint8),
        kept=np.array(draw(st.lists(rows, min_size=n_clusters, max_size=n_clusters))),
        least=np.array(draw(st.lists(rows, min_size=n_clusters, max_size=n_clusters))),
    ))  # fmt: skip


@st.composite
def clusters(draw):
    names, sizes = draw(NAMES), draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    rows, n = st.integers(0, len(names) - 1), sum(sizes)
    return Clusters(ClusterColumns(
        ids=packed(names), kept=np.array([draw(rows) for _ in sizes]), weakest=np.array([draw(SCORES) for _ in sizes]),
        offsets=offsets(np.array(sizes)), rows=np.array([draw(rows) for _ in range(n)]),
        relations=np.array([draw(st.integers(0, len(RELATIONS) - 1)) for _ in range(n)], np.uint8),
        resemblance=np.array([draw(SCORES) for _ in range(n)]),
    ))  # fmt: skip


@st.composite
def lists(draw, n):
    return Lists.packed([draw(st.lists(st.text(max_size=4), max_size=3)) for _ in range(n)])


@st.composite
def described(draw, n):
    n_passages = np.array([draw(st.integers(0, 3)) for _ in range(n)])
    passages = np.array([[draw(st.integers(0, 2**31 - 1)) for _ in range(5)] + [draw(st.integers(0, 1))]
                         for _ in range(n_passages.sum())], np.int32)  # fmt: skip
    measures = [[draw(st.integers(0, 99)) for _ in SAID] for _ in range(n)]
    for row in measures:
        row[SAID.index("n_tokens_left")] += 1
        row[SAID.index("n_tokens_right")] += 1
    codes = [[draw(st.integers(0, len(RELATIONS) - 1)), draw(st.integers(0, len(SOURCES) - 1))] for _ in range(n)]
    return Described(
        pairs=np.zeros((n, 2), np.int64), codes=np.array(codes, np.uint8),
        scores=np.array([[draw(SCORES) for _ in range(4)] for _ in range(n)]), measures=np.array(measures, np.int32),
        passages=passages.reshape(-1, 6), passage_offsets=offsets(n_passages), origins=draw(lists(n)),
        quotes=draw(lists(n)),
    )  # fmt: skip


@st.composite
def matches(draw):
    names, n_found = draw(NAMES), draw(st.integers(1, 4))
    found, n = draw(described(n_found)), draw(st.integers(1, 6))
    which = np.array([draw(st.integers(-1, n_found - 1)) for _ in range(n)])
    copied = np.array(
        [draw(st.sampled_from([RELATIONS.index("exact"), RELATIONS.index("same_text")])) for _ in range(n)]
    )
    rows = [[draw(st.integers(0, len(names) - 1)) for _ in range(2)] for _ in range(n)]
    values, begins = columns(names)
    return Matches(MatchColumns(
        ids=packed(names), texts=Texts(values=values, offsets=begins), rows=np.array(rows),
        relations=np.where(which < 0, copied, found.codes[which, 0]).astype(np.uint8), which=which,
        n_tokens=np.arange(n, dtype=np.int32), found=found,
    ))  # fmt: skip


CASES = (
    (decisions(), reports.decision_json), (clusters(), reports.cluster_json), (matches(), reports.match_json),
)  # fmt: skip


@pytest.mark.parametrize(("made", "plain"), CASES, ids=["decisions", "clusters", "matches"])
@given(data=st.data(), block=st.integers(1, 5), held=st.integers(1, 7), threads=st.integers(1, 2))
def test_lines__are_those_of_one_result_after_another(made, plain, data, block, held, threads):
    found = data.draw(made)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(result_lines, "BLOCK", block)
        patch.setattr(result_lines, "BLOCK_OF_MATCHES", block)
        patch.setattr(result_lines, "HELD", held)
        patch.setattr("dedup.described.AT_ONCE", block)
        spread = partial(local.ordered_map, threads=threads)
        assert b"".join(result_lines.lines(found, plain, spread=spread)) == one_by_one(found, plain)


def test_lines__of_a_list_are_made_one_by_one():
    assert b"".join(result_lines.lines(["a", "b"], str.encode)) == b"a\nb\n"


def test_labels__are_packed_once():
    found = labels(["a", "b\udc80"])
    assert list(found) == ["a", "b\udc80"]
    assert labels(found) is found


MEASURES = st.lists(
    st.sampled_from([0, 1, 2, 3, 8]) | st.integers(0, 2**31 - 1), min_size=len(SAID), max_size=len(SAID)
).map(lambda own: [own[0], *(max(number, 1) for number in own[1:5]), *own[5:]])


@given(st.lists(MEASURES, max_size=5))
def test_reasons__as_plainly(measures):
    columns = np.array(measures, np.int32).reshape(-1, len(SAID))
    values, sizes = listed(columns)
    ends = offsets(sizes)
    found = [json.loads(values[a:b].tobytes() + b"]") for a, b in pairwise(ends.tolist())]
    assert found == [naive.reasons(own) for own in measures]
    assert [list(reasons("near", own)) for own in columns] == found


def test_reasons__fit_into_the_room_for_them():
    most = np.full((3, len(SAID)), 2**31 - 1, np.int32)
    most[1, SAID.index("n_passages")], most[2, SAID.index("in_order")] = 1, 5
    assert (listed(most)[1] <= most_bytes()).all()
