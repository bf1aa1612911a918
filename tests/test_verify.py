"""Pairs in chunks: every pair once, texts of a chunk within bounds, connected texts near one another."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.kernels.ordering import cut, near_one_another
from tests import naive

graphs = st.integers(2, 12).flatmap(
    lambda n: st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] < p[1]), min_size=1)
)


def columns(pairs):
    left, right = np.array(sorted(pairs), np.int64).T
    return np.ascontiguousarray(left), np.ascontiguousarray(right), int(right.max()) + 1


@given(graphs)
def test_near_one_another__equals_the_slow_twin(pairs):
    left, right, n_rows = columns(pairs)
    places = np.empty(n_rows, np.int64)
    near_one_another(left, right, places)
    assert places.tolist() == naive.near_one_another(sorted(pairs), n_rows)


def test_near_one_another__brings_the_rows_of_a_chain_side_by_side():
    order = np.random.default_rng(1).permutation(1000)
    places = np.empty(1000, np.int64)
    near_one_another(order[:-1].copy(), order[1:].copy(), places)
    assert np.count_nonzero(np.abs(places[order[:-1]] - places[order[1:]]) > 1) <= 1


def test_near_one_another__keeps_families_together_that_others_tie():
    families = np.random.default_rng(1).permutation(200).reshape(20, 10)
    within = {(int(min(p)), int(max(p))) for family in families for p in combinations(family, 2)}
    others = np.roll(families, 5, axis=0)
    ties = {(int(min(p)), int(max(p))) for p in zip(families.ravel(), others.ravel(), strict=True)}
    left, right, n_rows = columns(within | ties)
    places = np.empty(n_rows, np.int64)
    near_one_another(left, right, places)
    assert sum(np.ptp(places[family]) == 9 for family in families) >= 19  # the first row's may be left for another


@given(graphs, st.lists(st.integers(1, 50), min_size=12, max_size=12), st.integers(1, 200))
def test_cut__bounds_the_texts_of_a_chunk(pairs, sizes, most):
    left, right, n_rows = columns(pairs)
    cuts = np.empty(len(left), np.int64)
    n_cuts = cut(left, right, np.array(sizes[:n_rows]), most, np.full(n_rows, -1, np.int64), cuts)
    chunks = np.split(np.arange(len(left)), cuts[:n_cuts])
    assert np.concatenate(chunks).tolist() == list(range(len(left)))
    for number, chunk in enumerate(chunks):
        texts = {*left[chunk].tolist(), *right[chunk].tolist()}
        assert len(chunk) == 1 or sum(sizes[row] for row in texts) <= most
        if number + 1 < len(chunks):
            more = texts | {int(left[chunk[-1] + 1]), int(right[chunk[-1] + 1])}
            assert sum(sizes[row] for row in more) > most or 100 * len(chunk) > most
