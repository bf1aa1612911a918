"""What a scan would find and take, before it is run."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.bench.corpus.generate import chunks
from dedup.bench.corpus.mixes import MIXES
from dedup.config import CandidateConfig, Config, SketchConfig, of_near_copies
from dedup.described import Described
from dedup.errors import ConfigError, OutputError
from dedup.io import plans, samples
from dedup.pipeline import scan
from dedup.plan import Trial, Whole, beside, grown, recall, refusal
from dedup.records import Document
from dedup.sequences import Lists
from dedup.trial import planned
from tests.commands import run_anew
from tests.inputs import in_lines
from tests.test_cli import dedup

TIMINGS = {"sketch": 2.0, "candidates": 1.0, "verify": 3.0, "cluster": 0.3, "report": 0.1}


def trial(n, n_candidates, seconds=1.0, **more):
    timings = {name: s * seconds for name, s in TIMINGS.items()}
    made = Trial(
        n_documents=n, n_candidates=n_candidates, n_measured=n_candidates, n_matches=n_candidates // 2,
        n_copies=n // 10, match_bytes=1000.0, held_bytes=500.0, timings=timings, memory_bytes=10**8 + 1000 * n,
        disk_bytes=0,
    )  # fmt: skip
    return replace(made, **more)


def banded(n_bands, n_rows, **more):
    return Config(candidates=CandidateConfig(n_bands=n_bands, n_rows=n_rows, **more))


def near():
    bands, passages = of_near_copies()
    return Config(candidates=bands, passages=passages)


def test_recall__is_the_curve_of_bands_where_no_agreement_is_asked_for():
    assert recall(banded(42, 3, min_agreement=0), 0.5) == pytest.approx(1 - (1 - 0.125) ** 42)
    assert recall(banded(500, 20, min_agreement=0), 0.8) == pytest.approx(1 - (1 - 0.8**20) ** 6)


def test_recall__of_near_copies_is_what_their_settings_say():
    assert round(recall(near(), 0.8), 5) == 0.99997


@pytest.mark.parametrize("config", [Config(), near()])
@pytest.mark.parametrize("resemblance", [0.2, 0.5, 0.6, 0.8])
def test_recall__is_the_share_of_drawn_signatures_that_meet_and_agree_enough(config, resemblance):
    bands, n_places = config.candidates, config.sketch.n_hashes
    agree = np.random.default_rng(5).random((20_000, n_places)) < resemblance
    met = agree[:, : bands.n_bands * bands.n_rows].reshape(-1, bands.n_bands, bands.n_rows).all(2).any(1)
    proposed = met & (agree.sum(1) >= bands.min_agreement * n_places)
    assert recall(config, resemblance) == pytest.approx(proposed.mean(), abs=0.015)


@given(st.integers(1, 60), st.integers(1, 20), st.floats(0, 1), st.floats(0, 1))
def test_recall__grows_with_resemblance_and_with_bands(n_bands, n_rows, one, other):
    low, high = sorted((one, other))
    config = banded(n_bands, n_rows)
    assert 0 <= recall(config, low) <= recall(config, high) + 1e-9 <= 1 + 1e-9
    assert recall(config, low) <= recall(banded(n_bands + 1, n_rows), low) + 1e-9


@pytest.mark.parametrize(
    ("candidates", "says"),
    [
        (CandidateConfig(n_bands=2, n_rows=20), "propose 2% of the pairs of resemblance 0.8"),
        (CandidateConfig(n_rows=20), "6 bands of 20 rows propose 7% of the pairs of resemblance 0.8"),
    ],
)
def test_refusal__says_why_settings_cannot_be_meant(candidates, says):
    with pytest.raises(ConfigError, match=says):
        refusal(Config(candidates=candidates))


def test_refusal__lets_usual_settings_pass():
    for bands, rows, n_hashes in ((42, 3, 128), (14, 8, 128), (20, 13, 260), (42, 7, 128)):
        refusal(Config(candidates=CandidateConfig(n_bands=bands, n_rows=rows), sketch=SketchConfig(n_hashes=n_hashes)))


def test_grown__of_a_sample_that_is_the_whole_is_what_was_measured():
    large = trial(4000, 800, 1.0)
    plan = grown(Whole(n_documents=4000, text_bytes=1), trial(1000, 50, 0.25), large, Config())
    assert (plan.candidates, plan.memory_bytes) == (800, large.memory_bytes)
    assert plan.stages["sketch"] == 2.0
    assert plan.seconds == pytest.approx(sum(TIMINGS.values()), rel=0.05)


def test_grown__pairs_grow_with_the_square_where_they_did_among_the_samples():
    plan = grown(Whole(n_documents=40_000, text_bytes=1), trial(1000, 50), trial(4000, 800), Config())
    assert plan.candidates == pytest.approx(80_000, rel=0.01)
    plan = grown(Whole(n_documents=40_000, text_bytes=1), trial(1000, 200), trial(4000, 800), Config())
    assert plan.candidates == pytest.approx(8_000, rel=0.01)


@pytest.mark.parametrize(("n_small", "seconds"), [(300, 8000 * 6.3 / 700), (100, 6.0 + 7600 * 6.0 / 400)])
def test_grown__the_time_of_a_pair_is_of_both_samples_unless_one_has_far_more(n_small, seconds):
    small, large = trial(1000, 200, 0.1, n_measured=n_small), trial(4000, 800, 2.0, n_measured=400)
    plan = grown(Whole(n_documents=40_000, text_bytes=1), small, large, Config())
    assert plan.candidates == 8000
    assert plan.stages["verify"] == pytest.approx(seconds)


def test_grown__what_pairs_everything_with_everything_is_refused():
    with pytest.raises(ConfigError, match="pairs would be compared, 2,500 a document"):
        grown(Whole(n_documents=5000, text_bytes=1), trial(1250, 10**6), trial(5000, 12_500_000), Config())


def test_beside__has_what_is_known_of_both():
    assert beside({"a": 1, "b": 2}, {"b": 3.0, "c": 4.0}) == {"b": {"planned": 2, "true": 3.0}}


def collection(tmp_path, n=1500):
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"".join(part.lines.tobytes() for part in chunks(n, 3, MIXES["short"])))
    return path


def test_samples__are_the_same_texts_in_any_order_one_within_the_other(tmp_path):
    path = collection(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    (tmp_path / "other.jsonl").write_bytes(b"".join(reversed(lines)))
    drawn = []
    for name in ("in.jsonl", "other.jsonl"):
        folder = tmp_path / f"of-{name}"
        folder.mkdir()
        counted = samples.draw([str(tmp_path / name)], Config().input, folder, 400_000)
        found = [{json.loads(line)["id"] for line in (folder / part).read_bytes().splitlines()}
                 for part in (samples.SMALL, samples.LARGE)]  # fmt: skip
        assert found[0] < found[1]
        assert (counted.n_small, counted.n_large) == tuple(map(len, found))
        assert counted.n_documents == 1500
        assert (folder / samples.LARGE).stat().st_size <= 400_000
        drawn.append(found)
    assert drawn[0] == drawn[1]


def test_samples__of_a_text_repeated_hold_it_and_others(tmp_path):
    others = [json.loads(line) for line in collection(tmp_path, 100).read_bytes().splitlines()]
    copies = [{"id": f"copy {k}", "text": "the same as before"} for k in range(10_000)]
    for number, docs in enumerate(([*copies, *others], [*others, *copies], copies)):
        path = in_lines(tmp_path / f"{number}.jsonl", *docs)
        samples.draw([str(path)], Config().input, tmp_path, 200_000)
        texts = [json.loads(line)["text"] for line in (tmp_path / samples.LARGE).read_bytes().splitlines()]
        assert 100 < texts.count("the same as before") < 2000
        assert len({*texts}) > 25 or docs is copies


def test_plan__stands_beside_what_came_true(tmp_path):
    path, out = collection(tmp_path), tmp_path / "out"
    done = dedup("plan", path, "-o", out)
    assert done.returncode == 0, done.stderr
    assert "1,500 documents" in done.stderr.decode()
    plan = json.loads((out / "plan.json").read_text())
    # Not forked: what has compiled the kernels first holds twice the memory, and so do all that come of it.
    assert run_anew("scan", path, "-o", out, "-q").returncode == 0
    summary = json.loads((out / "summary.json").read_text())
    assert summary["plan"]["candidates"] == {"planned": plan["candidates"], "true": summary["candidates"]}
    assert plan["candidates"] == summary["candidates"]
    assert {*summary["plan"]} == {"candidates", "seconds", "memory_bytes"}
    assert 0.5 < summary["plan"]["memory_bytes"]["planned"] / summary["plan"]["memory_bytes"]["true"] < 2
    assert dedup("scan", path, "-o", out, "-q", "--bands", 20).returncode == 0
    assert "plan" not in json.loads((out / "summary.json").read_text())


def test_described__takes_as_many_bytes_as_its_columns():
    lists = Lists.packed([("one", "two"), ()])
    found = Described(
        pairs=np.zeros((2, 2), np.int64), codes=np.zeros((2, 2), np.uint8), scores=np.zeros((2, 4)),
        measures=np.zeros((2, 5), np.int32), passages=np.zeros((3, 6), np.int32), passage_offsets=np.zeros(3, np.int64),
        origins=lists, quotes=lists,
    )  # fmt: skip
    # Of each of the lists six characters, three bounds of two strings, and three of two lists.
    assert found.n_bytes == 32 + 4 + 64 + 40 + 72 + 24 + 2 * (6 + 24 + 24)


def crowds():
    """Texts of which in twenty groups fifty are the same but for one word."""
    rng = np.random.default_rng(3)
    texts = [rng.integers(200_000, size=120) for _ in range(1_000)]
    for text in texts[:20]:
        for _ in range(50):
            copy = text.copy()
            copy[rng.integers(120)] = rng.integers(200_000)
            texts.append(copy)
    return [Document(id=f"{k}", text=" ".join(f"w{word}" for word in text)) for k, text in enumerate(texts)]


def test_plan__a_crowd_is_one_in_its_samples_too(tmp_path):
    documents = crowds()
    path = in_lines(tmp_path / "docs.jsonl", *({"id": d.id, "text": d.text} for d in documents))
    true = scan(documents).summary["candidates"]
    plan = planned([str(path)], Config(), path.stat().st_size * 2 // 3)
    assert len(documents) / 3 < plan.sampled < len(documents) * 2 / 3
    assert true / 1.5 < plan.candidates < true * 1.5


def test_plan__of_near_copies_is_of_the_scan_that_looks_for_no_others(tmp_path):
    path, out = collection(tmp_path), tmp_path / "out"
    assert dedup("plan", path, "-o", out, "--near").returncode == 0
    assert dedup("scan", path, "-o", out, "-q", "--near").returncode == 0
    summary = json.loads((out / "summary.json").read_text())
    assert summary["plan"]["candidates"]["planned"] == summary["candidates"] > 0
    assert not summary["settings"]["passages"]["sampled"]
    assert dedup("scan", path, "-o", out, "-q", "--near", "--rows", 8, "--bands", 16).returncode == 0
    candidates = json.loads((out / "summary.json").read_text())["settings"]["candidates"]
    assert (candidates["n_bands"], candidates["n_rows"], candidates["min_agreement"]) == (16, 8, 0.6)


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [(["--bands", 2, "--rows", 30], 2, "resemblance 0.8"), (["-"], 2, "stdin")],
)
def test_plan__refuses_with_the_reason(tmp_path, options, code, says):
    path = in_lines(tmp_path / "in.jsonl", {"text": "one"})
    done = dedup("plan", path, *options, "-o", tmp_path / "out")
    assert (done.returncode, done.stdout) == (code, b"")
    assert says in done.stderr.decode()
    assert not (tmp_path / "out").exists()


def test_plan__of_a_few_texts_is_a_plan(tmp_path):
    path = in_lines(tmp_path / "in.jsonl", *({"text": f"text {k} of a few"} for k in range(5)))
    assert json.loads(dedup("plan", path, "--json").stdout)["documents"] == 5


def test_plan__of_more_bands_than_fit_is_of_the_scan_that_uses_as_many_as_fit(tmp_path):
    path, out = collection(tmp_path), tmp_path / "out"
    assert dedup("plan", path, "-o", out, "--rows", 7).returncode == 0
    assert dedup("scan", path, "-o", out, "-q", "--rows", 7).returncode == 0
    summary = json.loads((out / "summary.json").read_text())
    assert summary["plan"]["candidates"]["planned"] == summary["candidates"] > 0


def test_check_room__an_output_larger_than_the_disk_is_refused(tmp_path):
    plans.check_room(tmp_path / "new", 1)
    with pytest.raises(OutputError, match="bytes of disk"):
        plans.check_room(tmp_path / "new", 1 << 60)
