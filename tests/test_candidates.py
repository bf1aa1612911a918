from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.arrays import Means, in_memory
from dedup.config import CandidateConfig
from dedup.engines import local
from dedup.errors import ConfigError
from dedup.kernels import candidates as kernel_of_candidates
from dedup.kernels import group as kernel
from dedup.sketched import Sketches
from dedup.stages import candidates
from dedup.stages.candidates import ON_A_LIST, VERSION_AGREES, VERSIONS
from tests import naive, some

small_signatures = st.lists(st.lists(st.integers(0, 2), min_size=8, max_size=8), max_size=30)


def sketches(signatures):
    """Sketches of which only what the bands need is filled; what is in the signature stands for the content."""
    n_hashes = len(signatures[0]) if signatures else 8
    rows = np.array(signatures, np.uint32).reshape(-1, n_hashes)
    contents = np.zeros((len(rows), 2), np.uint64)
    contents[:, 0] = np.unique(rows, axis=0, return_inverse=True)[1].ravel()
    return Sketches(
        scheme="affine32", signatures=rows, n_tokens=np.ones(len(rows), np.int32),
        text_hashes=contents, token_hashes=contents,
        fingerprints=np.empty(0, np.uint64), fingerprint_offsets=np.zeros(len(rows) + 1, np.int64),
    )  # fmt: skip


def pairs(found):
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True))


@given(st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 9), min_size=8, max_size=8)), max_size=40))
def test_lists__equal_the_slow_twin(texts):
    pages, signatures = [page for page, _ in texts], [signature for _, signature in texts]
    found = candidates.lists(sketches(signatures), np.array(pages, np.uint64), np.arange(len(texts)))
    bounds = {"least": ON_A_LIST, "versions": VERSIONS, "agrees": VERSION_AGREES}
    assert found.tolist() == naive.lists(signatures, pages, **bounds)


def permuted(values, seed):
    """`values` in another order, and for each place of the new order the old one."""
    order = np.random.default_rng(seed).permutation(len(values)).tolist()
    return [values[row] for row in order], order


def grouped(keys):
    out, starts = np.empty(len(keys), np.uint32), np.zeros(len(keys) // 2 + 2, np.int64)
    n = kernel.group(keys, np.arange(len(keys), dtype=np.uint32), out, starts)
    return [out[a:b].tolist() for a, b in pairwise(starts[: n + 1])]


@given(st.lists(st.integers(0, 40), max_size=200))
def test_group__brings_equal_keys_together_in_their_order(keys):
    assert sorted(grouped(np.array(keys, np.uint64))) == naive.groups(keys)


def test_group__as_plainly_when_there_are_many_parts():
    draw = np.random.default_rng(0)
    keys = draw.integers(0, 12_000, 20_000).astype(np.uint64) << np.uint64(40)
    assert sorted(grouped(keys)) == naive.groups(keys.tolist())


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=40), st.integers(0, 99))
def test_join__roots_are_the_least_rows_whatever_the_order_of_the_pairs(edges, seed):
    for shuffled in (edges, permuted(edges, seed)[0]):
        parents = np.arange(21)
        left, right = np.array([*zip(*shuffled, strict=True)] or [[], []], np.int64)
        kernel.join(left, right, parents)
        kernel.roots(parents)
        expected = list(range(21))
        for _ in expected:
            for a, b in edges:
                expected[a] = expected[b] = min(expected[a], expected[b])
        assert parents.tolist() == expected


@given(small_signatures, st.integers(1, 4), st.integers(1, 3), st.sampled_from([0, 0.25, 0.5]))
def test_propose__the_pairs_with_an_equal_band_and_enough_equal_places(signatures, n_bands, n_rows, least):
    config = CandidateConfig(n_bands=n_bands, n_rows=n_rows, min_agreement=least)
    found = candidates.propose(sketches(signatures), config)
    fitting = min(n_bands, 8 // n_rows)
    assert pairs(found) == sorted(naive.banded(signatures, fitting, n_rows, least * 8))
    assert found.cuts == ()


@given(small_signatures, st.integers(1, 3))
def test_propose__the_same_pairs_of_places_of_16_bits(signatures, n_rows):
    config, whole = CandidateConfig(n_bands=3, n_rows=n_rows, max_bucket=4), sketches(signatures)
    halves = replace(whole, signatures=whole.signatures.astype(np.uint16))
    found, of_halves = (candidates.propose(own, config) for own in (whole, halves))
    assert pairs(found) == pairs(of_halves)
    every = np.arange(len(signatures))
    assert np.array_equal(*(candidates.agreement(own, found, every) for own in (whole, halves)))


@given(small_signatures, st.integers(0, 99))
def test_propose__same_pairs_in_any_order_even_where_buckets_are_cut(signatures, seed):
    distinct = [list(s) for s in {tuple(s) for s in signatures}]
    config = CandidateConfig(n_bands=4, n_rows=2, max_bucket=3, n_partners=1, min_agreement=0)
    shuffled, order = permuted(distinct, seed)
    found = [tuple(sorted((order[a], order[b]))) for a, b in pairs(candidates.propose(sketches(shuffled), config))]
    assert sorted(found) == pairs(candidates.propose(sketches(distinct), config))


@given(small_signatures, st.sampled_from([1, 3, 40]), st.integers(1, 2))
def test_propose__same_pairs_and_agreement_where_signatures_are_copied_a_few_at_a_time(signatures, n_copied, threads):
    config = CandidateConfig(n_bands=4, n_rows=2, max_bucket=3, n_partners=1, min_agreement=0)
    held, rows = sketches(signatures), np.arange(len(signatures))
    tight = Means(in_memory, partial(local.ordered_map, threads=threads), 0)
    rows = rows[np.argsort(held.token_hashes[:, 0], kind="stable")]
    expected = candidates.propose(held, config, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "LEAST_COPIED", max(n_copied, 2))
        for name in ("ROWS_AT_ONCE", "BUCKETS_AT_ONCE", "COPIED_AT_ONCE", "PAIRS_AT_ONCE"):
            patch.setattr(candidates, name, 1)
        assert pairs(candidates.propose(held, config, rows)) == pairs(expected)
        found = candidates.propose(held, config, rows, tight)
        assert pairs(found) == pairs(expected)
        assert found.cuts == expected.cuts
        agreement = candidates.agreement(held, found, rows, tight)
    assert agreement.tolist() == candidates.agreement(held, expected, rows).tolist()
    equal = [(held.signatures[rows[a]] == held.signatures[rows[b]]).mean() for a, b in pairs(expected)]
    assert agreement.tolist() == equal


def test_propose__a_crowded_bucket_costs_little_and_stays_connected():
    n = 200
    found = candidates.propose(sketches([[7] * 128] * n), CandidateConfig(n_partners=2))
    assert len(found) == n - 1
    parents = np.arange(n)
    kernel.join(found.left, found.right, parents)
    kernel.roots(parents)
    assert not parents.any()
    (cut,) = found.cuts
    assert (cut.bound, cut.n_times) == ("candidates.max_bucket", CandidateConfig().n_bands)
    looked_at = 2 * (n - 2) + 1
    assert cut.n_left_out == cut.n_times * (n * (n - 1) // 2 - looked_at)


def test_propose__a_crowd_in_every_band_gives_a_text_few_partners_and_leaves_room_for_those_that_are_alike():
    draw = np.random.default_rng(3)
    form = draw.integers(0, 2**32, 128)
    signatures = np.where(draw.random((300, 128)) < 0.6, form, draw.integers(0, 2**32, (300, 128)))
    signatures[1::2] = signatures[::2]
    signatures[1::2, 64:90] = draw.integers(0, 2**32, (150, 26))
    found = pairs(candidates.propose(sketches(signatures.tolist()), CandidateConfig(max_bucket=8)))
    assert {(row, row + 1) for row in range(0, 300, 2)} <= set(found)
    assert len(found) <= 2 * 300


def test_propose__a_crowd_is_bounded_in_its_small_buckets_too():
    draw, n = np.random.default_rng(4), 30 * some(20)
    form = draw.integers(0, 2**32, 128)
    variants = draw.integers(0, 2**32, (20, 128))
    chosen = draw.integers(0, 20, (n, 128))
    signatures = np.where(draw.random((n, 128)) < 0.85, form, variants[chosen, np.arange(128)])
    signatures[:, :3] = form[:3]
    config = CandidateConfig()
    found = candidates.propose(sketches(signatures.tolist()), config)
    assert len(found) <= 3 * config.most_partners * n


def near_one(first, n, n_changed, draw):
    """`n` signatures, `first` with some of its places changed, each time others."""
    copies = np.repeat(first[None], n, axis=0)
    for copy in copies:
        copy[draw.choice(len(first), n_changed, replace=False)] = draw.integers(0, 2**32, n_changed)
    return copies


def test_propose__a_crowd_of_near_copies_is_compared_with_the_one_that_precedes_and_little_else():
    draw, n = np.random.default_rng(5), 50 * some(10)
    signatures = near_one(draw.integers(0, 2**32, 128), n, 13, draw)
    for first in (7, n - 56):
        found = pairs(candidates.propose(
            sketches(signatures.tolist()), CandidateConfig(), precedence=lambda rows, best=first: rows != best
        ))  # fmt: skip
        assert {pair for pair in found if first in pair} == {
            tuple(sorted((first, row))) for row in range(n) if row != first
        }
        assert len(found) < n + 20


def test_propose__of_a_crowd_that_fills_in_a_form_those_that_are_much_nearer_to_one_another_are_compared():
    draw = np.random.default_rng(6)
    form = near_one(draw.integers(0, 2**32, 128), 200, 40, draw)
    signatures = np.concatenate([near_one(own, 2, 8, draw) for own in form])
    found = set(pairs(candidates.propose(sketches(signatures.tolist()), CandidateConfig())))
    assert {(row, row + 1) for row in range(0, 400, 2)} <= found
    assert len(found) < 400 + 200 + 20


@given(
    st.lists(st.lists(st.integers(0, 2), min_size=8, max_size=8), min_size=8, max_size=40, unique_by=tuple),
    st.lists(st.integers(0, 3), min_size=40, max_size=40), st.integers(1, 4),
)  # fmt: skip
def test_propose__who_is_left_out_of_a_crowd_is_reached_by_way_of_its_leaders(signatures, ranks, n_bands):
    least, held = 0.25, sketches(signatures)
    rows = np.argsort(held.token_hashes[:, 0], kind="stable")
    config = CandidateConfig(n_bands=n_bands, n_rows=2, max_bucket=2, n_partners=99, most_partners=255)
    found = candidates.propose(held, config, rows, precedence=lambda of: np.array(ranks, np.uint64)[of])
    signatures = [signatures[row] for row in rows]
    everyone = naive.banded(signatures, min(n_bands, 4), 2, least * 8)
    reached, wanted = (np.arange(len(rows)) for _ in range(2))
    for parents, edges in ((reached, pairs(found)), (wanted, sorted(everyone))):
        kernel.join(*np.array(edges, np.int64).reshape(-1, 2).T, parents)
        kernel.roots(parents)
    assert len({*zip(reached.tolist(), wanted.tolist(), strict=True)}) == len({*wanted.tolist()})


@given(
    st.integers(0, 2**32 - 1), st.integers(8, 60), st.integers(2, 4),
    st.builds(
        CandidateConfig, n_bands=st.integers(1, 8), n_rows=st.integers(1, 3), max_bucket=st.integers(2, 4),
        n_partners=st.integers(1, 3), most_partners=st.integers(1, 4), min_agreement=st.sampled_from([0, 0.25, 0.5]),
    ),
)  # fmt: skip
def test_propose__of_a_crowd_as_plainly(seed, n_rows, n_values, config):
    # Drawn by a seed: chains of leaders are too rare among what is drawn value by value.
    draw = np.random.default_rng(seed)
    held = sketches(np.unique(draw.integers(0, n_values, (n_rows, 8)), axis=0).tolist())
    rows = np.argsort(held.token_hashes[:, 0], kind="stable")
    ranks = draw.integers(0, 30, len(rows)).astype(np.uint64)
    found, crowd = candidates.with_crowd(held, config, rows, precedence=lambda of: ranks[of])
    in_order = held.signatures[rows].tolist()
    expected, leaders = naive.crowded(in_order, ranks[rows].tolist(), config, config.min_agreement * 8)
    assert pairs(found) == expected
    followers = np.flatnonzero(crowd.distances != kernel_of_candidates.APART).tolist()
    assert {row: (crowd.leaders[row], crowd.distances[row]) for row in followers} == leaders


def test_propose__families_in_one_crowded_bucket_stay_connected_each_in_itself():
    draw = np.random.default_rng(2)
    families = draw.integers(0, 2**32, (3, 32))
    families[:, :3] = 7
    signatures = np.repeat(families, 100, axis=0)
    signatures[:, 6:12] = draw.integers(0, 2**32, (300, 6))
    found = candidates.propose(sketches(signatures.tolist()), CandidateConfig(n_bands=1, min_agreement=0.5))
    parents = np.arange(300)
    kernel.join(found.left, found.right, parents)
    kernel.roots(parents)
    assert parents.tolist() == [0] * 100 + [100] * 100 + [200] * 100


def test_propose__texts_without_a_token_take_no_part():
    empty = sketches([[7] * 128] * 2)
    empty.n_tokens[:] = 0
    assert len(candidates.propose(empty, CandidateConfig())) == 0


@pytest.mark.parametrize("resemblance", [0.5, 0.7])
def test_propose__a_pair_of_resemblance_one_half_with_the_probability_stated(resemblance):
    draw = np.random.default_rng(1)
    left = draw.integers(0, 2**32, (300, 128))
    right = np.where(draw.random(left.shape) < resemblance, left, draw.integers(0, 2**32, left.shape))
    found = set(pairs(candidates.propose(sketches([*left, *right]), CandidateConfig())))
    assert np.mean([(row, row + 300) in found for row in range(300)]) >= 0.95


@pytest.mark.parametrize(
    ("name", "value"), [("n_bands", 0), ("n_rows", 0), ("max_bucket", 1), ("n_partners", 0), ("most_partners", 256)]
)
def test_candidate_config__says_which_setting_cannot_be(name, value):
    with pytest.raises(ConfigError, match=name):
        CandidateConfig(**{name: value})
