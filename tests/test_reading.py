"""Clusters that were read: the interval around their precision."""

import json

import pytest

from benchmarks.quality.reading import precision, wilson


def test_wilson__holds_the_share_and_is_the_textbook_s():
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 10)[0] == pytest.approx(0)
    assert wilson(10, 10)[1] == pytest.approx(1)


def test_precision__counts_labels_by_relation_and_leaves_out_what_is_unsure(tmp_path):
    rows = [("near", "yes"), ("near", "no"), ("near", "unsure"), ("rewrite", "unsure"), ("exact", "yes")]
    path = tmp_path / "read.jsonl"
    path.write_text("".join(json.dumps({"relation": r, "label": label}) + "\n" for r, label in rows))
    found = precision(path)
    assert {name: row["precision"] for name, row in found.items()} == {
        "all": 2 / 3, "near": 1 / 2, "rewrite": None, "exact": 1.0,
    }  # fmt: skip
    assert found["all"]["unsure"] == 2
    assert found["rewrite"]["interval"] is None
