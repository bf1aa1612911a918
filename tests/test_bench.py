"""`dedup bench`: what it writes, how it scores, and when it speaks of a difference."""

import json
import re
import sys
from dataclasses import replace
from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.bench import markdown, page
from dedup.bench.compare import compare, p_value
from dedup.bench.measures import Curve, Measure, Results, merge, read, write
from dedup.bench.process import run
from dedup.bench.sections import Bar, Bars, Section
from dedup.bench.truth import Planted, scores
from dedup.cli.bench import run_compare
from dedup.errors import InputError
from tests import naive

ABOUT = {
    "profile": "quick", "started": "2026-01-01T00:00:00+00:00", "wall_s": 1.0, "settings": {},
    "load": {"before": [0.1], "after": [0.2]},
    "machine": {
        "processor": "P", "cores": 2, "memory_gb": 8.0, "system": "S", "commit": "", "versions": {"python": "3"},
    },
}  # fmt: skip
NOISE = (0.99, 1.0, 1.01, 0.995, 1.005, 1.002, 0.998)


def measure(name="hashing: fold", better="less", scale=1.0, **more):
    return Measure(name=name, unit="ns", better=better, runs=tuple(scale * n for n in NOISE), **more)


def results(*measures):
    curve = Curve(name="c", title="T <b>", x_title="x", y_title="y", x=(1.0, 2.0), lines={"a": (1.0, None)}, x_log=True)
    return Results(about=ABOUT, measures=measures, curves=(curve,))


BARS = Bars(
    title="Bars", unit="u",
    groups={
        "": (Bar(label="b <i>", parts={"": 3.0}), Bar(label="of parts", parts={"p": 1.0, "q": 2.0})),
        "broken": (Bar(label="gone", parts={}, failed="no such <thing>"),),
    },
)  # fmt: skip
CURVE = Curve(name="c", title="T <b>", x_title="x", y_title="y", x=(1.0, 2.0), lines={"a": (1.0, None)})
EVERYTHING = Section(title="All & more", blocks=(BARS, CURVE, BARS))


def verdicts(before, after):
    return [one.verdict for one in compare(results(*before), results(*after))]


def test_compare__sees_no_difference_between_equals():
    assert verdicts([measure()], [measure()]) == ["no difference seen"]


@pytest.mark.parametrize(
    ("better", "scale", "verdict"),
    [("less", 1.1, "regression"), ("less", 0.9, "gain"), ("more", 1.1, "gain"), ("more", 0.9, "regression")],
)
def test_compare__sees_ten_per_cent_and_which_way_it_goes(better, scale, verdict):
    others = [measure(name=f"m{k}") for k in range(20)]
    found = verdicts([measure(better=better), *others], [measure(better=better, scale=scale), *others])
    assert found == [verdict, *["no difference seen"] * 20]


def test_compare__does_not_speak_of_one_per_cent():
    assert verdicts([measure()], [measure(scale=1.025)]) == ["no difference seen"]


def test_compare__takes_a_slower_machine_out_where_there_is_a_yardstick():
    slow = measure(scale=1.2, yardstick=(1.2,) * 7)
    assert verdicts([measure(yardstick=(1.0,) * 7)], [slow]) == ["no difference seen"]
    rate = measure(better="more", scale=1 / 1.2, yardstick=(1.2,) * 7)
    assert verdicts([measure(better="more", yardstick=(1.0,) * 7)], [rate]) == ["no difference seen"]


def test_compare__speaks_of_any_change_of_what_has_no_noise():
    exact = Measure(name="quality: recall", unit="share", better="more", runs=(0.99,), exact=True)
    assert verdicts([exact], [exact]) == ["no difference seen"]
    assert verdicts([exact], [replace(exact, runs=(0.989,))]) == ["regression"]


def test_compare__says_when_there_are_too_few_runs():
    few = replace(measure(), runs=(1.0, 1.1))
    assert verdicts([few], [few]) == ["too few runs"]


def test_compare__errs_seldom_over_many_measures_of_pure_noise():
    import random

    draw = random.Random(3)

    def noise():
        runs = [tuple(draw.gauss(1, 0.1) for _ in range(7)) for _ in range(20)]
        return [replace(measure(name=f"m{k}"), runs=one) for k, one in enumerate(runs)]

    wrong = sum(v != "no difference seen" for _ in range(30) for v in verdicts(noise(), noise()))
    assert wrong <= 4


@given(st.data())
def test_p_value__is_that_of_all_arrangements(data):
    ranks = st.permutations(list(range(8)))
    values = data.draw(ranks)
    n = data.draw(st.integers(2, 6))
    assert p_value(values[:n], values[n:]) == pytest.approx(naive.rank_test(values[:n], values[n:]))


def test_merge__keeps_every_run_but_of_exact_measures():
    exact = Measure(name="e", unit="", better="more", runs=(1.0,), exact=True)
    one = replace(measure(), runs=(1.0,), yardstick=(2.0,))
    assert merge([[one, exact], [one, exact]]) == (replace(one, runs=(1.0, 1.0), yardstick=(2.0, 2.0)), exact)


def test_results__are_read_as_they_were_written(tmp_path):
    made = results(measure(yardstick=NOISE), measure(name="scan: CPU, 5 texts"))
    write(made, tmp_path / "r.json")
    assert read(tmp_path / "r.json") == made


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 99}', '{"format": 1, "measures": [{"no": 1}]}'])
def test_results__that_are_none_are_refused(tmp_path, content):
    (tmp_path / "r.json").write_text(content)
    with pytest.raises(InputError):
        read(tmp_path / "r.json")


def test_run_compare__ends_with_one_on_a_regression(tmp_path, capsys):
    for name, scale in (("a", 1.0), ("b", 1.2)):
        (tmp_path / name).mkdir()
        write(results(measure(scale=scale)), tmp_path / name / "results.json")
    assert run_compare(tmp_path / "a", tmp_path / "a") == 0
    assert run_compare(tmp_path / "b", tmp_path / "a") == 0
    assert run_compare(tmp_path / "a", tmp_path / "b") == 1
    assert "regression" in capsys.readouterr().out


def test_page__asks_nothing_of_a_server_and_shows_every_measure():
    names = ["read", "fold", "token hashes", "shingles", "signature"]
    made = page.render(results(*(measure(name=f"hashing: {name}") for name in names)), [EVERYTHING])
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', made)
    assert all(f'<th scope="row">hashing: {name}</th>' in made for name in names)
    assert "T <b>" not in made.split("<script", 1)[0]
    assert 'aria-label="T &lt;b&gt;: a from 1' in made


def test_page__has_words_and_numbers_for_every_chart():
    made = page.render(results(measure()), [EVERYTHING])
    assert 'aria-label="b &lt;i&gt;: 3 u"' in made
    assert 'aria-label="of parts: p 1, q 2 u"' in made
    assert 'aria-label="gone: ' not in made
    assert made.count("<summary>Data</summary>") == 3
    assert "no such &lt;thing&gt;" in made


def test_page__has_a_link_to_every_section():
    made = page.render(results(measure()), [EVERYTHING])
    assert set(re.findall(r'href="#([^"]*)"', made)) == set(re.findall(r'<section id="([^"]*)"', made))


def test_bars__are_as_long_as_their_values_or_their_logarithms():
    def widths(**more):
        bars = Bars(
            title="", unit="", groups={"": tuple(Bar(label=str(n), parts={"": n}) for n in (1, 10, 100))}, **more
        )
        made = page.render(results(measure()), [Section(title="s", blocks=(bars,))])
        return re.findall(r'class="whole" x="0.0" width="([\d.]+)"', made)

    assert widths() == ["10.0", "100.0", "1000.0"]
    assert widths(most=200.0) == ["5.0", "50.0", "500.0"]
    assert widths(least=1.0) == ["0.0", "500.0", "1000.0"]


def test_markdown__has_a_row_for_every_measure():
    made = markdown.render(results(measure(), measure(name="scan: CPU, 5 texts")))
    assert "| scan: CPU, 5 texts | 1 | ns |" in made


def pair(kind, left, right, jaccard=0.9):
    return Planted(kind=kind, left=left, right=right, jaccard=jaccard)


def test_scores__are_of_pairs():
    truth = [pair("near", "a", "b"), pair("near", "a", "c"), pair("rewrite", "d", "e", 0.2), pair("template", "f", "g")]
    found = scores({"a": "1", "b": "1", "f": "2", "g": "2", "d": "3", "e": "3"}, truth)
    assert found["recall"] == 0.5
    assert found["precision"] == pytest.approx(2 / 3)
    assert (found["together near"], found["together rewrite"], found["together template"]) == (0.5, 1.0, 1.0)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12), st.lists(st.integers(0, 4), max_size=10))
def test_precision__is_that_of_every_pair_looked_at(links, clusters):
    truth = [pair("near", str(a), str(b)) for a, b in links]
    cluster_of = {str(k): str(cluster) for k, cluster in enumerate(clusters)}
    assert scores(cluster_of, truth)["precision"] == pytest.approx(naive.pair_precision(cluster_of, links))


def test_process__counts_children_of_children():
    code = (
        "import subprocess, sys\n"
        "work = 'x = bytearray(60_000_000)\\nfor _ in range(3_000_000): pass'\n"
        "subprocess.run([sys.executable, '-c', work], check=True)"
    )
    used = run([sys.executable, "-c", code])
    assert used.error == ""
    assert used.cpu_s > 0.05
    assert used.peak_bytes > 60_000_000


def test_process__says_why_a_command_failed_and_stops_what_takes_too_long():
    assert "no such thing" in run([sys.executable, "-c", "raise SystemExit('no such thing')"]).error
    assert "stopped after" in run([sys.executable, "-c", "import time; time.sleep(60)"], timeout_s=0.2).error


def test_results_files__of_packages_have_what_the_report_needs():
    from benchmarks.peers.__main__ import PACKAGES, RESULTS

    if RESULTS.exists():
        for found in json.loads(RESULTS.read_text()).values():
            for name, one in found["packages"].items():
                assert name in ("dedup", *PACKAGES)
                assert "failed" in one or {"cpu_s", "wall_s", "peak_bytes", "scores"} <= one.keys()


def test_arrangements__of_the_rank_test_are_all_of_them():
    from dedup.bench.compare import _arrangements

    for n, m in combinations(range(1, 6), 2):
        assert sum(_arrangements(n, m, u) for u in range(n * m + 1)) == comb(n + m, n)
