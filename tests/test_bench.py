"""`dedup bench`: what it writes, how it scores, and when it speaks of a difference."""

import json
import random
import re
import sys
from dataclasses import replace
from itertools import combinations
from math import comb, exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.hashing.__main__ import best
from benchmarks.report import sections
from benchmarks.report.headline import CLASSES
from dedup.bench import markdown, page, turns
from dedup.bench.compare import compare
from dedup.bench.measures import Curve, Measure, Results, merge, read, write
from dedup.bench.process import Program, run
from dedup.bench.ranks import rank_sum, shift, signed_rank
from dedup.bench.sections import Bar, Bars, Section, Table
from dedup.bench.truth import Planted, scores
from dedup.cli.bench import run_compare
from dedup.errors import ConfigError, EngineError, InputError
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


@pytest.fixture
def _few_resamples(monkeypatch):
    """Intervals take most of the time, and no verdict depends on them."""
    monkeypatch.setattr("dedup.bench.compare.N_RESAMPLES", 40)


@pytest.mark.usefixtures("_few_resamples")
def test_compare__errs_seldom_over_many_measures_of_pure_noise():
    draw = random.Random(3)

    def noise():
        runs = [tuple(draw.gauss(1, 0.1) for _ in range(7)) for _ in range(20)]
        return [replace(measure(name=f"m{k}"), runs=one) for k, one in enumerate(runs)]

    wrong = sum(v != "no difference seen" for _ in range(30) for v in verdicts(noise(), noise()))
    assert wrong <= 4


def in_turns(draw, slower=1.0, n_measures=20, rounds=12):
    """Two results of a machine whose speed swings by 40 % from pair to pair, and by a few per cent within one."""
    sides = ([], [])
    for k in range(n_measures):
        swing = [draw.uniform(1, 1.4) for _ in range(rounds)]
        for side, factor in zip(sides, (1.0, 1.0 if k else slower), strict=True):
            runs = tuple(factor * minute * exp(draw.gauss(0, 0.03)) for minute in swing)
            side.append(replace(measure(name=f"m{k}"), runs=runs))
    return [replace(results(*side), about={**ABOUT, "turns": "one"}) for side in sides]


def test_compare__in_turns_errs_seldom_however_the_machine_swings():
    draw = random.Random(5)
    seen = [[one.verdict for one in compare(*in_turns(draw))] for _ in range(60)]
    # A chance of one in twenty for each comparison of twenty measures: 3 of 60, and 8 once in a hundred times.
    assert sum(set(verdicts) != {"no difference seen"} for verdicts in seen) <= 8
    assert all(verdicts.count("no difference seen") >= 19 for verdicts in seen)


@pytest.mark.usefixtures("_few_resamples")
def test_compare__in_turns_sees_ten_per_cent_that_two_samples_do_not_show():
    draw = random.Random(7)
    pairs = [in_turns(draw, slower=1.1) for _ in range(40)]
    seen = sum(compare(*both)[0].verdict == "regression" for both in pairs)
    apart = [(before, replace(after, about=ABOUT)) for before, after in pairs]
    assert seen >= 36
    assert sum(compare(*both)[0].verdict == "regression" for both in apart) <= 12


def test_compare__in_turns_says_by_how_much():
    draw, inside = random.Random(9), 0
    for _ in range(60):
        found = compare(*in_turns(draw, slower=1.1, n_measures=1))[0]
        inside += found.low <= 1.1 <= found.high
    assert inside >= 52


@given(st.permutations(list(range(8))), st.integers(2, 6))
def test_rank_sum__is_that_of_all_arrangements(values, n):
    assert rank_sum(values[:n], values[n:]) == pytest.approx(naive.rank_test(values[:n], values[n:]))


@given(st.lists(st.integers(-6, 6), max_size=8))
def test_signed_rank__is_that_of_all_signs(differences):
    assert signed_rank(differences) == pytest.approx(naive.sign_test(differences))


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=12, unique_by=abs), st.integers(-1000, 1000))
def test_shift__holds_what_the_test_of_signed_ranks_accepts(differences, moved):
    found = shift(differences)
    assert found.low <= found.middle <= found.high
    apart = [one - moved for one in differences]
    if 0 not in apart and len({abs(one) for one in apart}) == len(apart) and len(apart) >= 6:
        assert (found.low < moved < found.high) == (signed_rank(apart) > 0.05)


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

    def code(before, after):
        return run_compare(str(tmp_path / before), str(tmp_path / after), tmp_path, quiet=True)

    assert code("a", "a") == 0
    assert code("b", "a") == 0
    assert code("a", "b") == 1
    assert "regression" in capsys.readouterr().out


def test_run_compare__of_what_is_neither_results_nor_sources_says_so(tmp_path):
    with pytest.raises(ConfigError, match="two source folders or commits, got no-such-commit"):
        run_compare("no-such-commit", str(tmp_path), tmp_path, quiet=True)


def test_page__asks_nothing_of_a_server_and_shows_every_measure():
    names = ["read", "fold", "token hashes", "shingles", "signature"]
    made = page.render(results(*(measure(name=f"hashing: {name}") for name in names)), [EVERYTHING])
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', made)
    assert all(f'<th scope="row" role="rowheader">hashing: {name}</th>' in made for name in names)
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


def test_page__names_the_columns_of_a_wide_table_in_its_cells_too():
    head = tuple(f"column <{k}>" for k in range(7))
    wide = Table(title="wide", head=head, rows=(tuple("1234567"),))
    made = page.render(results(measure()), [Section(title="s", blocks=(wide,))])
    assert 'class="many"' in made
    assert 'data-head="column &lt;6&gt;" class="numeric">7</td>' in made


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


def test_program__runs_the_sources_that_are_meant_wherever_one_stands(tmp_path, monkeypatch):
    for name, said in (("meant", "these"), ("here", "those")):
        (tmp_path / name / "dedup").mkdir(parents=True)
        (tmp_path / name / "dedup" / "__init__.py").touch()
        (tmp_path / name / "dedup" / "word.py").write_text(f"print({said!r})")
    monkeypatch.chdir(tmp_path / "here")
    assert Program(sources=tmp_path / "meant").run("dedup.word").output == "these\n"
    with pytest.raises(EngineError, match=r"No module named dedup\.nothing"):
        Program(sources=tmp_path / "meant").run("dedup.nothing")


def test_hot_loops__of_two_sides_are_measured_window_by_window(tmp_path):
    code = """
import json, sys, time
print(json.dumps({"tokens": 10, "bytes": 50}), flush=True)
for k, _ in enumerate(sys.stdin):
    print(json.dumps({"signature": SECONDS * (1 + k % 3)}), flush=True)
"""
    sides = []
    for name, seconds in (("a", "1e-8"), ("b", "2e-8")):
        (tmp_path / name / "dedup" / "bench").mkdir(parents=True)
        for package in ("dedup", "dedup/bench"):
            (tmp_path / name / package / "__init__.py").touch()
        (tmp_path / name / "dedup" / "bench" / "hot.py").write_text(code.replace("SECONDS", seconds))
        sides.append(turns._side(str(tmp_path / name), tmp_path / f"copy of {name}"))
    before, after = turns._hot_loops(sides, 1)
    assert [one.name for one in before] == ["hashing: signature", "hashing: signature rate"]
    assert [b.runs[0] / a.runs[0] for a, b in zip(before, after, strict=True)] == pytest.approx([2, 0.5])
    (tmp_path / "copy of b" / "dedup" / "bench" / "hot.py").write_text("raise SystemExit")
    with pytest.raises(EngineError, match="the hot loop of b cannot be measured in turns"):
        turns._hot_loops(sides, 1)


def test_process__says_why_a_command_failed_and_stops_what_takes_too_long():
    assert "no such thing" in run([sys.executable, "-c", "raise SystemExit('no such thing')"]).error
    assert "stopped after" in run([sys.executable, "-c", "import time; time.sleep(60)"], timeout_s=0.2).error


def test_results_files__of_packages_have_what_the_report_needs():
    from benchmarks.peers.__main__ import OURS, PACKAGES, RESULTS

    if RESULTS.exists():
        for found in json.loads(RESULTS.read_text()).values():
            for name, one in found["packages"].items():
                assert name in (*OURS, *PACKAGES)
                assert "failed" in one or {"cpu_s", "wall_s", "peak_bytes", "scores"} <= one.keys()


def test_ablations__a_class_with_too_few_pairs_has_an_empty_cell(monkeypatch):
    shares = {kind: {"average": 0.5} for kind in CLASSES} | {"quote": {"average": None}}
    without = {kind: share["average"] for kind, share in shares.items()}
    monkeypatch.setattr(sections, "quality", lambda: {"same_cluster": shares, "ablations": {"no quotes": without}})
    (table,) = sections.ablations()
    assert [row[1 + list(CLASSES).index("quote")] for row in table.rows] == ["", ""]
    assert [row[1 + list(CLASSES).index("copy")] for row in table.rows] == ["50.0 %", "50.0 %"]


def test_arrangements__of_the_rank_test_are_all_of_them():
    from dedup.bench.ranks import _arrangements

    for n, m in combinations(range(1, 6), 2):
        assert sum(_arrangements(n, m, u) for u in range(n * m + 1)) == comb(n + m, n)


def test_rounds__the_best_of_every_figure_is_kept():
    one = {"en": {"fss32": {"MB_per_s": 5.0, "n": 1}, "affine32": {"MB_per_s": 4.0}}, "same": True, "once": {"n": 2}}
    other = {"en": {"fss32": {"MB_per_s": 4.0, "n": 2}, "affine32": {"MB_per_s": 6.0}}, "same": False}
    found = {"en": {"fss32": {"MB_per_s": 5.0, "n": 1}, "affine32": {"MB_per_s": 6.0}}, "same": True, "once": {"n": 2}}
    assert best(one, other) == found
