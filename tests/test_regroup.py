"""Clusters anew from kept matches."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import ClusterConfig, Config
from dedup.pipeline import scan
from dedup.records import Cluster
from dedup.regroup import Link, decide, regroup
from tests.shown import documents


def link(left: str, right: str, relation: str = "near", confidence: float = 0.9) -> Link:
    return Link(min(left, right), max(left, right), relation, confidence, 0.5)


def sets(clusters: list[Cluster]) -> list[set[str]]:
    return [{member.id for member in cluster.members} for cluster in clusters]


def test_regroup__with_the_scans_own_settings_gives_its_clusters():
    report = scan(documents(), Config())
    links = [Link(m.left, m.right, m.relation, m.confidence, m.resemblance) for m in report.matches]
    ids = [decision.id for decision in report.decisions]
    kept = {cluster.representative for cluster in report.clusters}
    found = regroup(ids, kept, links, ClusterConfig())
    assert [(c.id, c.representative, c.members) for c in found] == [
        (c.id, c.representative, c.members) for c in report.clusters
    ]
    assert decide(ids, found) == list(report.decisions)


def test_regroup__keeps_what_was_there_before_and_decides_of_the_new_only(parts):
    new, before = parts
    report = scan(new, against=before)
    links = [Link(m.left, m.right, m.relation, m.confidence, m.resemblance) for m in report.matches]
    ids = [decision.id for decision in report.decisions]
    kept = {cluster.representative for cluster in report.clusters}
    clusters = regroup(ids, kept, links, ClusterConfig())
    old = {document.id for document in before}
    for found in clusters:
        assert found.representative in old or not old.intersection(member.id for member in found.members)
    decisions = decide(ids, clusters)
    assert [decision.id for decision in decisions] == sorted(ids)
    # Pairs of old documents are never compared, and pairs that a scan has not reported count for nothing here.
    differing = [a for a, b in zip(decisions, report.decisions, strict=True) if a.keep != b.keep]
    assert len(differing) <= 2
    assert sum(decision.keep for decision in decisions) < len(ids)


@pytest.mark.parametrize("least", [0.0, 0.3, 0.8])
def test_regroup__what_does_not_reach_the_bar_still_tells_what_is_apart(least):
    links = [link("a", "b"), link("a", "c"), link("b", "c"), link("a", "d", "rewrite", 0.85)]
    links += [link("b", "d", "excerpt", 0.09), link("c", "d", "excerpt", 0.09)]
    assert sets(regroup("abcd", {"a"}, links, ClusterConfig(), least)) == [{"a", "b", "c"}]
    assert sets(regroup("abcd", {"a"}, links[:4], ClusterConfig(), least)) == [{"a", "b", "c", "d"}]


@pytest.mark.parametrize(("least", "is_joined"), [(0.5, False), (0.3, True)])
def test_regroup__a_match_below_the_bar_joins_nothing(least, is_joined):
    links = [link("a", "b"), link("c", "d", "rewrite", 0.35)]
    found = regroup("abcd", {"a"}, links, ClusterConfig(mean_floor=0.3), least)
    assert ({"c", "d"} in sets(found)) == is_joined


def test_regroup__leaves_out_relations_that_do_not_join():
    links = [link("a", "b"), link("b", "c", "excerpt")]
    assert sets(regroup("abc", {"a"}, links, ClusterConfig())) == [{"a", "b"}]
    assert sets(regroup("abc", {"a"}, links, ClusterConfig(joining=("excerpt",)))) == [{"b", "c"}]


def test_regroup__copies_of_copies_are_one_though_compared_with_one_of_them_only():
    links = [link("a", "b", "exact", 1.0), link("a", "c", "exact", 1.0), link("b", "d", "same_text", 1.0)]
    (found,) = regroup("abcde", {"d"}, links, ClusterConfig())
    assert found.representative == "d"
    assert [(m.id, m.relation) for m in found.members] == [
        ("a", "same_text"), ("b", "same_text"), ("c", "same_text"), ("d", "exact"),
    ]  # fmt: skip


def test_regroup__of_many_copies_takes_time_in_proportion_to_them():
    names = [f"{number:05}" for number in range(20_000)]
    links = [link(names[0], name, ("exact", "same_text")[k % 2], 1.0) for k, name in enumerate(names[1:])]
    (found,) = regroup(names, {names[0]}, links, ClusterConfig())
    assert [member.relation for member in found.members[1:]] == ["exact", "same_text"] * 9_999 + ["exact"]


def test_regroup__no_member_is_below_the_bar():
    links = [link("a", "b", confidence=0.95), link("b", "c", confidence=0.6), link("a", "c", confidence=0.6)]
    assert sets(regroup("abc", {"b"}, links, ClusterConfig())) == [{"a", "b", "c"}]
    high = ClusterConfig(member_floor=0.8)
    assert sets(regroup("abc", {"b"}, links[:1], high)) == [{"a", "b"}]


def test_regroup__without_a_bar_takes_no_member_that_was_not_compared_with_the_representative():
    links = [link("a", "b"), link("b", "c", confidence=0.8), link("c", "d", confidence=0.8)]
    found = regroup("abcd", {"a"}, links, ClusterConfig(member_floor=0.0, mean_floor=0.0))
    assert found
    pairs = {frozenset((one.left, one.right)): one.relation for one in links}
    for cluster in found:
        others = [member for member in cluster.members if member.id != cluster.representative]
        assert all(member.relation == pairs[frozenset((member.id, cluster.representative))] for member in others)


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), st.floats(0, 1)), max_size=20))
def test_regroup__does_not_depend_on_the_order_of_matches(drawn):
    links = list({(min(a, b), max(a, b)): link(a, b, confidence=c) for a, b, c in drawn if a != b}.values())
    mixed = random.Random(1).sample(links, len(links))
    found = regroup("abcdefgh", {"b"}, links, ClusterConfig())
    assert found == regroup("abcdefgh", {"b"}, mixed, ClusterConfig())
    members = [name for own in sets(found) for name in own]
    assert len(members) == len(set(members))
    assert all(cluster.representative in own for cluster, own in zip(found, sets(found), strict=True))


@pytest.mark.parametrize("least", [0.3, 0.9])
def test_decide__keeps_one_of_each_cluster(least):
    found = regroup("abc", {"a"}, [link("a", "b")], ClusterConfig(member_floor=least))
    assert [(d.id, d.keep) for d in decide("abc", found)] == [("a", True), ("b", False), ("c", True)]
