"""New documents against an older collection."""

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Document
from dedup.config import Config
from dedup.pipeline import scan
from dedup.records import Grouping
from dedup.stages import keep
from tests import naive
from tests.inputs import in_lines, put
from tests.test_cli import dedup
from tests.test_roundups import pieces


def clusters_of(report):
    return [{member.id for member in cluster.members} for cluster in report.clusters]


def test_against__decides_of_new_documents_only_and_old_ones_represent(parts):
    new, before = parts
    report = scan(new, against=before)
    old = {document.id for document in before}
    assert [decision.id for decision in report.decisions] == sorted(document.id for document in new)
    assert any(members & old for members in clusters_of(report))
    keeps = {decision.id: decision.keep for decision in report.decisions}
    for cluster in report.clusters:
        members = {member.id for member in cluster.members}
        assert members - old, "a cluster of old documents only is nobody's question"
        assert (cluster.representative in old) == bool(members & old)
        assert sum(keeps[name] for name in members - old) == (0 if members & old else 1)
    assert report.summary["documents"] == report.summary["against"] == 200
    assert report.summary["kept"] == sum(keeps.values()) == sum(report.keeps)
    assert len(report.keeps) == 200
    assert report.summary["text_bytes"] == sum(len(document.text.encode()) for document in new)
    assert report.summary["clustered_documents"] == sum(one.cluster is not None for one in report.decisions)


def test_against__two_old_documents_are_compared_only_for_the_sake_of_a_new_one(parts):
    new, before = parts
    old, report = {document.id for document in before}, scan(new, against=before)
    texts = {document.id: document.text for document in [*new, *before]}
    involved = {name for members in clusters_of(report) for name in members}
    repeated = {texts[document.id] for document in new}
    for match in report.matches:
        if {match.left, match.right} <= old:
            assert {match.left, match.right} <= involved or repeated & {texts[match.left], texts[match.right]}


def test_against__nothing_is_a_plain_scan(parts):
    documents = [document for part in parts for document in part]
    report = scan(documents, against=())
    assert list(report.decisions) == list(scan(documents).decisions)
    assert "against" not in report.summary


def test_against__a_copy_that_is_earlier_and_longer_is_removed_all_the_same():
    text = " ".join(f"word{k * 7919 % 997}" for k in range(200))
    old = Document(id="z", text=text, date="2024-01-01")
    new = [Document(id="a", text=f"{text} and more", date="2020-01-01"), Document(id="b", text=text, date="2020-01-01")]
    report = scan(new, against=[old])
    assert [(decision.id, decision.keep, decision.representative) for decision in report.decisions] == [
        ("a", False, "z"),
        ("b", False, "z"),
    ]


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_against__is_the_same_in_any_order(parts, draws: random.Random):
    new, old = (part[:60] for part in parts)
    expected = scan(new, against=old)
    found = scan(draws.sample(new, len(new)), against=draws.sample(old, len(old)))
    assert list(found.decisions) == list(expected.decisions)
    assert list(found.clusters) == list(expected.clusters)


def test_old_first__takes_the_best_old_member_and_its_weakest_match():
    new = Grouping(representative=4, members=(4, 5), weakest=0.8)
    groupings = [Grouping(representative=0, members=(0, 1, 2, 3), weakest=0.9), new]
    is_old = np.array([False, True, True, False, False, False])
    ranks = np.array([0, 3, 1, 2, 4, 5])

    def verify(left, right):
        assert (left < right).all()
        return np.array([0.35 + left[k] / 100 for k in range(len(left))])

    found = keep.old_first(groupings, is_old, ranks, verify, 0.3)
    assert found == [Grouping(representative=2, members=(0, 1, 2, 3), weakest=0.35), new]


@given(st.data())
def test_old_first__no_member_is_below_the_floor_against_the_representative(data):
    n = data.draw(st.integers(2, 8))
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    scores = {pair: data.draw(st.sampled_from([0.0, 0.2, 0.3, 0.9])) for pair in pairs}
    is_old, ranks = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n))), np.arange(n)[::-1]
    scores |= {(0, k): 0.9 for k in range(1, n)}

    def verify(left, right):
        return np.array([scores[pair] for pair in zip(left.tolist(), right.tolist(), strict=True)])

    groupings = [Grouping(representative=0, members=tuple(range(n)), weakest=0.9)]
    found = keep.old_first(groupings, is_old, ranks, verify, 0.3)
    assert found == naive.old_first(groupings, is_old.tolist(), ranks.tolist(), scores, 0.3)
    for one in found:
        own = [
            scores[min(one.representative, m), max(one.representative, m)]
            for m in one.members
            if m != one.representative
        ]
        assert min(own) == one.weakest >= 0.3
        assert is_old[one.representative] or not is_old[list(one.members)].any()


def test_scan__of_no_new_text_is_removed_for_an_old_one_that_it_is_no_member_of():
    rng = random.Random(3)
    report = scan(pieces(rng), against=[replace(one, id=f"old-{one.id}") for one in pieces(rng)[:80]])
    removed = {decision.relation for decision in report.decisions if not decision.keep}
    assert removed
    assert removed <= set(Config().cluster.joining)
    assert min(cluster.weakest for cluster in report.clusters) >= Config().cluster.member_floor


def test_command__splits_the_new_documents_against_the_old(parts, tmp_path):
    documents, before = parts
    new = in_lines(tmp_path / "new.jsonl", *({"id": d.id, "text": d.text} for d in documents))
    old = in_lines(tmp_path / "old.jsonl", *({"id": d.id, "text": d.text} for d in [*before, *documents[:3]]))
    written = tmp_path / "kept.jsonl", tmp_path / "removed.jsonl"
    done = dedup("scan", new, "--against", old, "-o", tmp_path / "out", "--split", *written, "-q")
    assert done.returncode == 0, done.stderr
    kept, removed = ([json.loads(line)["id"] for line in part.read_text().splitlines()] for part in written)
    assert sorted(kept + removed) == sorted(document.id for document in documents)
    assert {document.id for document in documents[:3]} <= {*removed}
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert (summary["documents"], summary["against"], summary["removed"]) == (200, 203, len(removed))


def test_command__texts_are_found_again_where_old_and_new_files_have_one_name(parts, tmp_path):
    for folder, documents in zip(("new", "old"), (parts[0][:3], parts[0][:2]), strict=True):
        for number, document in enumerate(documents):
            put(tmp_path / f"{folder}/{number}.txt", document.text)
    out = tmp_path / "out"
    done = dedup("scan", tmp_path / "new", "--against", tmp_path / "old", "-o", out, "-q")
    assert done.returncode == 0, done.stderr
    done = dedup("explain", out, "0.txt", "0.txt#2")
    assert (done.returncode, b"together" in done.stderr) == (0, True), done.stderr
    done = dedup("report", out)
    assert (done.returncode, b"not found" in done.stderr) == (0, False), done.stderr


def test_command__an_output_in_the_old_collection_is_refused(tmp_path):
    new = in_lines(tmp_path / "new.jsonl", {"text": "one"})
    in_lines(tmp_path / "old/a.jsonl", {"text": "two"})
    done = dedup("scan", new, "--against", tmp_path / "old", "-o", tmp_path / "old")
    assert done.returncode == 1
    assert b"must lie apart" in done.stderr


@pytest.mark.parametrize("wrong", ["nowhere.jsonl"])
def test_command__an_old_collection_that_is_not_there_is_an_error(tmp_path, wrong):
    new = in_lines(tmp_path / "new.jsonl", {"text": "one"})
    done = dedup("scan", new, "--against", tmp_path / wrong)
    assert (done.returncode, b"no such file" in done.stderr) == (1, True)
