"""Intervals from judged samples hold what they promise."""

import random
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dedup.estimate import Counted, beta_quantile, clopper_pearson, ratio, share
from dedup.population import Apart, Drawn, Stratum, draw, together
from dedup.records import Cluster, Member

POPULATIONS = {
    "as a scan finds them": [(3000, 0.999), (800, 0.99), (5000, 0.97), (9000, 0.92), (12000, 0.8)],
    "all right": [(3000, 1.0), (800, 1.0), (5000, 1.0), (9000, 1.0)],
    "one small stratum is wrong": [(10000, 1.0), (9000, 0.995), (300, 0.3)],
    "half right": [(1000, 0.5), (4000, 0.45), (100, 0.6)],
    "few of each": [(12, 0.75), (30, 0.9), (60, 0.95)],
    "rare": [(20000, 0.01), (5000, 0.002)],
}


@given(
    st.floats(0.01, 0.99), st.floats(0.5, 500), st.floats(0.5, 500)
)  # fmt: skip
def test_beta_quantile__is_that_of_scipy(probability, a, b):
    assert beta_quantile(probability, a, b) == pytest.approx(stats.beta.ppf(probability, a, b), abs=1e-9)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_clopper_pearson__is_that_of_scipy(drawn):
    same, n = drawn
    exact = stats.binomtest(same, n).proportion_ci(0.95, method="exact")
    assert clopper_pearson(same, n, 0.95) == pytest.approx((exact.low, exact.high), abs=1e-9)


def sampled(population: list[tuple[int, float]], n: int, seed: int) -> list[Counted]:
    """Judgments of as many pairs a stratum as `draw` takes, at random; of its pairs a share is true."""
    random, weight = np.random.default_rng(seed), sum(sqrt(size) for size, _ in population)
    found = []
    for size, part in population:
        n_judged, n_true = min(size, max(10, round(n * sqrt(size) / weight))), round(size * part)
        found.append(Counted(size, n_judged, int(random.hypergeometric(n_true, size - n_true, n_judged))))
    return found


def true_share(population: list[tuple[int, float]]) -> float:
    return sum(round(n * p) for n, p in population) / sum(n for n, _ in population)


@pytest.mark.parametrize("n", [60, 200])
@pytest.mark.parametrize("name", POPULATIONS)
def test_share__its_interval_holds_the_truth_in_93_of_100_samples(name, n):
    population = POPULATIONS[name]
    found = [share(sampled(population, n, seed)) for seed in range(100)]
    assert sum(e.low - 1e-9 <= true_share(population) <= e.high + 1e-9 for e in found) >= 93


@pytest.mark.parametrize("name", ["as a scan finds them", "half right", "few of each"])
def test_ratio__its_interval_holds_the_truth_in_93_of_100_samples(name):
    inside, outside = POPULATIONS[name], [(4000, 0.02), (9000, 0.0), (150, 0.3)]
    true_in, true_out = (true_share(p) * sum(n for n, _ in p) for p in (inside, outside))
    found = [ratio(sampled(inside, 150, seed), sampled(outside, 100, seed + 1000)) for seed in range(100)]
    assert sum(e.low <= true_in / (true_in + true_out) <= e.high for e in found) >= 93


def test_share__is_certain_when_all_is_judged_and_open_when_nothing_is():
    assert share([Counted(20, 20, 15)]) == (0.75, 0.75, 0.75)
    assert share([Counted(20, 0, 0)]) == (None, 0.0, 1.0)
    half = share([Counted(50, 50, 50), Counted(50, 0, 0)])
    assert half == (1.0, 0.5, 1.0)


def test_ratio__is_not_known_while_nothing_apart_is_judged():
    found = ratio([Counted(10, 10, 10)], [Counted(500, 0, 0)])
    assert (found.value, found.high) == (None, 1.0)
    assert 0 < found.low < 0.1


def test_ratio__is_one_when_nothing_the_same_is_apart():
    assert ratio([Counted(10, 10, 10)], []) == (1.0, 1.0, 1.0)


def test_draw__depends_on_pairs_and_seed_only_and_any_beginning_has_all_strata():
    strata = {
        Stratum("near", together=True): [(f"a{i}", "b") for i in range(500)],
        Stratum("excerpt", together=False): [(f"c{i}", "d") for i in range(40)],
    }
    drawn = draw(strata, 100, 1)
    mixed = {key: random.Random(2).sample(own, len(own)) for key, own in reversed(strata.items())}
    assert draw(mixed, 100, 1) == drawn
    assert {pair.stratum for pair in drawn[:10]} == set(strata)
    assert draw(strata, 100, 2) != drawn
    assert len(set(drawn)) == len(drawn)


def test_together__pairs_each_dropped_document_with_the_kept_one():
    members = tuple(
        Member(id=i, relation=r, resemblance=1.0) for i, r in (("a", "near"), ("b", "exact"), ("c", "exact"))
    )
    cluster = Cluster(id="c1", representative="b", weakest=1.0, members=members)
    assert together([cluster]) == {
        Stratum("near", together=True): [("a", "b")], Stratum("exact", together=True): [("b", "c")],
    }  # fmt: skip


def test_apart__keeps_the_strongest_match_between_the_same_two():
    apart = Apart[str]({"a": "c1", "b": "c1", "x": "c2"})
    assert not apart.add(("a", "b"), "near", (1.0, 1.0), "inside")
    assert apart.add(("a", "x"), "excerpt", (0.2, 0.1), "weak")
    assert apart.add(("b", "x"), "excerpt", (0.4, 0.1), "strong")
    assert apart.add(("a", "y"), "quote", (0.1, 0.1), "outside")
    assert apart.pairs() == {
        Stratum("excerpt", together=False): [("b", "x")], Stratum("quote", together=False): [("a", "y")],
    }  # fmt: skip
    assert Drawn("a", "y", Stratum("quote", together=False)) in draw(apart.pairs(), 5, 1)
