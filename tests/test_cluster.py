"""Stage 5: clusters around verified centers."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import ClusterConfig
from dedup.stages import cluster
from tests import naive

CONFIG = ClusterConfig(member_floor=0.5, mean_floor=0.4, unproposed_floor=0.7, n_representative_tries=2)


def columns(pairs: dict[tuple[int, int], float]):
    rows = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1], np.array([pairs[a, b] for a, b in rows.tolist()])


def build(
    edges: dict[tuple[int, int], float], truth: dict[tuple[int, int], float], n_rows: int, measured=None, config=CONFIG
):
    """Clusters of `edges`; whatever else is asked for is looked up in `truth`, 0 where it says nothing."""

    def verify(left, right):
        return np.array([truth.get((a, b), 0.0) for a, b in zip(left.tolist(), right.tolist(), strict=True)])

    return cluster.build(columns(edges), columns(measured or edges), verify, np.arange(n_rows), config)


def test_build__a_pair_is_a_cluster():
    (found,) = build({(0, 1): 0.9}, {}, 2)
    assert (found.members, found.representative, found.weakest) == ((0, 1), 0, 0.9)


def test_build__a_chain_of_links_does_not_pull_strangers_together():
    chain = {(i, i + 1): 0.9 for i in range(9)}
    for found in build(chain, {}, 10):
        for member in found.members:
            pair = tuple(sorted((member, found.representative)))
            assert member == found.representative or chain[pair] >= CONFIG.member_floor


def test_build__a_chain_whose_ends_verify_is_one_cluster():
    truth = {(a, b): 0.8 for a in range(5) for b in range(a + 1, 5)}
    (found,) = build({(i, i + 1): 0.9 for i in range(4)}, truth, 5)
    assert found.members == (0, 1, 2, 3, 4)
    assert found.weakest == 0.8


def test_build__whoever_was_not_even_proposed_needs_more_evidence():
    chain = {(0, 1): 0.9, (1, 2): 0.9, (2, 3): 0.9}
    truth = {(0, 2): 0.6, (0, 3): 0.6, (1, 3): 0.6}
    assert [c.members for c in build(chain, truth, 4)] == [(0, 1, 2)]
    assert [c.members for c in build(chain, truth, 4, measured={**chain, **truth})] == [(0, 1, 2, 3)]


def test_build__no_more_representatives_are_tried_than_there_are_members():
    chain, truth = {(0, 1): 0.9, (1, 2): 0.9}, {(0, 2): 0.1}
    endless, enough = (replace(CONFIG, n_representative_tries=n) for n in (2**31 - 1, 3))
    assert build(chain, truth, 3, config=endless) == build(chain, truth, 3, config=enough)


def test_build__two_groups_joined_by_one_wrong_link_come_apart():
    left = {(a, b): 0.9 for a in range(4) for b in range(a + 1, 4)}
    right = {(a + 4, b + 4): c for (a, b), c in left.items()}
    found = build({**left, **right, (3, 4): 0.55}, {}, 8)
    assert [c.members for c in found] == [(0, 1, 2, 3), (4, 5, 6, 7)]


def test_build__copies_find_one_another_before_a_weak_match_can_tear_them_apart():
    copies = {(0, 1): 0.95, (2, 3): 0.95}
    weak = {(0, 2): 0.55, (1, 2): 0.55}
    unlike = {(0, 3): 0.1, (1, 3): 0.1}
    found = build({**copies, **weak}, {}, 4, measured={**copies, **weak, **unlike})
    assert [c.members for c in found] == [(0, 1), (2, 3)]


def test_build__the_best_by_policy_represents_only_whom_it_is_verified_against():
    edges = {(0, 1): 0.9, (1, 2): 0.9}
    (alone,) = build(edges, {(0, 2): 0.1}, 3)
    (all_verified,) = build(edges, {(0, 2): 0.7}, 3)
    assert alone.representative == 1
    assert all_verified.representative == 0


def test_build__who_resembles_one_member_and_was_found_unlike_the_others_stays_out():
    group = {(a, b): 0.9 for a in range(4) for b in range(a + 1, 4)}
    unlike = {(1, 4): 0.1, (2, 4): 0.1, (3, 4): 0.1}
    (found,) = build({**group, (0, 4): 0.6}, {}, 5, measured={**group, (0, 4): 0.6, **unlike})
    assert found.members == (0, 1, 2, 3)


def test_build__a_pair_that_was_measured_anew_is_not_taken_for_more_when_it_is_verified():
    edges, roundup = {(0, 1): 0.9, (1, 2): 0.9}, {(0, 2): 0.05}
    (found,) = build(edges, {(0, 2): 0.9}, 3, measured={**edges, **roundup})
    assert (found.members, found.representative) == ((0, 1, 2), 1)


@st.composite
def graphs(draw):
    n_rows = draw(st.integers(2, 9))
    pairs = [(a, b) for a in range(n_rows) for b in range(a + 1, n_rows)]
    truth = {pair: draw(st.sampled_from([0.0, 0.3, 0.5, 0.7, 0.9])) for pair in pairs}
    edges = {pair: c for pair, c in truth.items() if c >= 0.7 and draw(st.booleans())}
    measured = {pair: c for pair, c in truth.items() if pair in edges or draw(st.booleans())}
    anew = st.sampled_from([0.05, 1.0])
    measured |= {pair: min(draw(anew), c) for pair, c in measured.items() if pair not in edges}
    return n_rows, edges, truth, measured


@given(graphs())
def test_build__every_member_is_verified_against_its_representative_and_stands_once(graph):
    n_rows, edges, truth, measured = graph
    seen = []
    for found in build(edges, truth, n_rows, measured):
        seen += found.members
        values = [truth[tuple(sorted((m, found.representative)))] for m in found.members if m != found.representative]
        assert found.weakest == min(values) >= CONFIG.member_floor
    assert len(seen) == len(set(seen))


@given(graphs())
def test_build__equals_the_naive_twin(graph):
    n_rows, edges, truth, measured = graph
    found = [(c.members, c.representative) for c in build(edges, truth, n_rows, measured)]
    assert found == naive.clusters(edges, measured, truth, n_rows, CONFIG)
