"""What is foretold of larger runs on an engine, held against runs that follow a known law."""

import pytest

from benchmarks.engines.model import predicted


def run(n_texts):
    pairs = 0.5 * n_texts
    return {
        "n_texts": n_texts, "candidates": pairs, "own": {"cpu_s": 3 + 6e-5 * n_texts + 1e-4 * pairs},
        "moved_bytes": {"sketches": 1900 * n_texts, "texts": 700 * n_texts, "verdicts": 300 * n_texts},
    }  # fmt: skip


def test_predicted__as_the_law_says():
    small, large, largest = (run(n) for n in (20_000, 100_000, 1_000_000))
    found = predicted(small, large, 1_000_000)
    assert found["candidates"] == pytest.approx(largest["candidates"])
    assert found["moved_bytes"] == pytest.approx(sum(largest["moved_bytes"].values()))
    assert found["cpu_s"] == pytest.approx(largest["own"]["cpu_s"])


def test_predicted__is_never_less_for_more_texts():
    small, large = run(20_000), run(100_000)
    small["candidates"], small["own"]["cpu_s"] = 2 * large["candidates"], 99.0
    for name in ("cpu_s", "candidates"):
        costs = [predicted(small, large, n)[name] for n in (100_000, 300_000, 1_000_000)]
        assert costs == sorted(costs)
