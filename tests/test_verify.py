"""Pairs in chunks: every pair once, texts of a chunk within bounds, connected texts near one another."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import verify
from dedup.batches import batches
from dedup.config import Config
from dedup.kernels.ordering import cut, near_one_another
from dedup.records import Document
from dedup.stages import collection, gather
from tests import naive
from tests.test_pipeline import articles

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


@pytest.mark.parametrize("chunk_bytes", [verify.CHUNK_BYTES, 2000])
@pytest.mark.parametrize("seed", range(3))
def test_judge__says_of_each_pair_what_it_is_in_whatever_order_they_are_asked(monkeypatch, chunk_bytes, seed):
    monkeypatch.setattr(verify, "CHUNK_BYTES", chunk_bytes)
    texts = articles(6)
    copies = [Document(id=f"{one.id}-copy", text=f"{one.text} {'and so on ' * k}") for k, one in enumerate(texts)]
    known, config = known_of([*texts, *copies]), Config()
    pairs = np.array(list(combinations(range(12), 2)))
    alone = [verify.judge(known, tuple(pair[:, None]), (), config).verdicts.confidence[0] for pair in pairs]
    assert len({*alone}) > 2
    order = np.random.default_rng(seed).permutation(len(pairs))
    judged = verify.judge(known, tuple(pairs[order].T), (), config)
    assert judged.left.tolist() == pairs[order, 0].tolist()
    assert judged.right.tolist() == pairs[order, 1].tolist()
    assert judged.verdicts.confidence.tolist() == [alone[place] for place in order]


def known_of(documents):
    (batch,) = batches(documents, 1 << 62)
    keys = collection.keys(batch.sources, batch.urls, batch.dates)
    rows, evidence = np.arange(len(documents)), collection.background(Config().evidence)
    return verify.Known(corpus=gather.corpus_of(batch, keys), rows=rows, order=rows, evidence=evidence)
