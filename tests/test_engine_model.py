"""What is foretold of larger runs on an engine, held against runs that follow a known law."""

import pytest

from benchmarks.engines.model import predicted


def run(n_texts, chance=0.0):
    pairs = 0.5 * n_texts + chance * n_texts**2
    timings = {"sketch": 4e-5 * n_texts, "passages": 2e-5 * n_texts, "verify": 1e-4 * pairs}
    return {
        "n_texts": n_texts, "candidates": pairs, "timings": timings, "own": {"cpu_s": 3 + sum(timings.values())},
        "moved_bytes": {"sketches": 1900 * n_texts, "texts": 700 * n_texts, "verdicts": 300 * n_texts},
    }  # fmt: skip


@pytest.mark.parametrize("chance", [0.0, 1e-6])
def test_predicted__as_the_law_says(chance):
    small, large, largest = (run(n, chance) for n in (20_000, 100_000, 1_000_000))
    found = predicted(small, large, 1_000_000)
    assert found["candidates"] == pytest.approx(largest["candidates"])
    assert found["moved_bytes"] == pytest.approx(sum(largest["moved_bytes"].values()))
    # That what grows faster is told from the fixed part only by the large run makes it a little too little.
    assert found["cpu_s"] == pytest.approx(largest["own"]["cpu_s"], rel=0.12 if chance else 1e-9)


def test_predicted__is_never_less_for_more_texts():
    small, large = run(20_000), run(100_000)
    small["candidates"] *= 2
    costs = [predicted(small, large, n)["cpu_s"] for n in (100_000, 300_000, 1_000_000)]
    assert costs == sorted(costs)
