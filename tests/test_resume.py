"""A run that is killed goes on and gives what it would have given; one of other inputs or settings does not."""

import json
import random
import shutil
import signal

import pytest

from dedup.cli.limits import Limits, exceeded, n_bytes
from dedup.config import SketchConfig
from dedup.engines.store import Store
from dedup.errors import ConfigError, OutputError
from dedup.io import runs
from dedup.stages.gather import Gathering
from tests.commands import run_text, start

FILES = ("matches.jsonl", "clusters.jsonl", "decisions.jsonl")
SMALL_STEPS = (
    "from dedup.cli import limits; import dedup.pipeline as p; import dedup.verify as v;"
    "limits.KEPT_BYTES = 0; p.BATCH_BYTES = 20_000; v.CHUNK_BYTES = 20_000; p.sketch.LEAST_BYTES_IN_BLOCK = 30_000;"
)

DYING = (
    "import os, signal, dedup.engines.store as s; s.SECONDS_BETWEEN_COMMITS = -1; commit, n = s.Store.commit, [0];"
    "s.Store.commit = lambda self, **done: (commit(self, **done), n.append(0),"
    "len(n) > {n} and os.kill(os.getpid(), signal.SIGKILL));"
)
"""A process that kills itself after some commits, one of which is made wherever one may be."""


def scan(*arguments, first=SMALL_STEPS, **environment):
    return run_text("scan", *arguments, "-q", first=first, **environment)


def written(folder):
    return [(folder / name).read_bytes() for name in FILES]


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    """Stories, each told three times with a word changed, on two sites, and some of them in a digest."""
    rng, path = random.Random(5), tmp_path_factory.mktemp("docs") / "docs.jsonl"
    lines = []
    for story in range(120):
        words = [f"{rng.choice('bdfgklmnprst')}{rng.choice('aeiou')}{rng.randrange(3000)}x" for _ in range(150)]
        for copy in range(3):
            words[rng.randrange(150)] = f"other{copy}"
            lines.append({"id": f"{story}-{copy}", "text": " ".join(words), "source": f"site{copy % 2}"})
    lines.append({"id": "digest", "text": " ".join(line["text"] for line in lines[:9:3]), "source": "site3"})
    rng.shuffle(lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture(scope="module")
def whole(collection, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "out"
    assert scan(collection, "-o", out).returncode == 0
    return written(out)


def test_resume__after_kills_at_any_moment_gives_the_same_bytes(collection, whole, tmp_path):
    rng, out, arguments = random.Random(9), tmp_path / "out", ()
    for _ in range(6):
        running = start("scan", collection, "-o", out, *arguments, "-q", first=SMALL_STEPS)
        running.join(rng.uniform(0.05, 1.5))
        running.kill()
        running.join()
        if (out / "summary.json").exists():
            assert written(out) == whole
            shutil.rmtree(out)
        assert not any((out / name).exists() for name in FILES)
        arguments = ("--resume",)
    assert scan(collection, "-o", out, "--resume").returncode == 0
    assert written(out) == whole
    assert not (out / runs.FOLDER).exists()


@pytest.mark.parametrize("kills", [(20, 1), (1, 20, 1, 2)], ids=str)
def test_resume__killed_again_before_it_came_to_what_was_done_loses_nothing(collection, whole, tmp_path, kills):
    out = tmp_path / "out"
    for n_commits in kills:
        dying = SMALL_STEPS + DYING.format(n=n_commits)
        assert scan(collection, "-o", out, "--resume", first=dying).returncode == -signal.SIGKILL
        assert not any((out / name).exists() for name in FILES)
    assert scan(collection, "-o", out, "--resume").returncode == 0
    assert written(out) == whole


def test_resume__refuses_other_settings_and_other_inputs_and_says_which(collection, tmp_path):
    about = {"settings": {"sketch": {"n_hashes": 128}}, "inputs": {"docs.jsonl": [10, 1]}}
    folder = runs.begin(tmp_path, about, resume=False)
    assert runs.begin(tmp_path, about, resume=True) == folder
    for changed, named in (
        ({**about, "settings": {"sketch": {"n_hashes": 64}}}, "settings.sketch.n_hashes"),
        ({**about, "inputs": {"docs.jsonl": [11, 1]}}, "inputs.docs.jsonl"),
        ({**about, "inputs": {}}, "inputs.docs.jsonl"),
    ):
        with pytest.raises(OutputError, match=f"cannot resume .*: {named}"):
            runs.begin(tmp_path, changed, resume=True)


def test_end__leaves_no_half_of_what_was_done_wherever_it_is_killed(tmp_path, monkeypatch):
    folder = runs.begin(tmp_path, {"tasks": 1}, resume=False)
    for name in ("sketched-00001", "merged"):
        with runs.piece(folder, name) as piece:
            (piece / "some.column").write_bytes(b"all")
    monkeypatch.setattr(runs.shutil, "rmtree", lambda path, **_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        runs.end(tmp_path)
    monkeypatch.undo()
    assert runs.read(tmp_path) is None
    assert not folder.exists()
    runs.check_unshared(tmp_path)
    assert list(runs.begin(tmp_path, {}, resume=True).iterdir()) == [folder / "about.json"]
    assert list(tmp_path.iterdir()) == [folder]


def test_resume__refuses_work_files_of_another_layout(tmp_path, monkeypatch):
    runs.begin(tmp_path, {}, resume=False)
    monkeypatch.setattr(runs, "LAYOUT", runs.LAYOUT + 1)
    with pytest.raises(OutputError, match=r"cannot resume .*: layout of work files;"):
        runs.begin(tmp_path, {}, resume=True)


def test_gathering__has_the_columns_of_this_layout():
    class Columns(Store):
        def column(self, name, dtype, width=1):
            found.append(f"{name} {dtype.__name__} {width}")
            return super().column(name, dtype, width)

    found = []
    Gathering(Columns(), SketchConfig())
    of_strings = ("ids", "urls", "sources", "dates", "places", "reasons", "text_paths")
    assert runs.LAYOUT == 5, "of another layout the columns below are others"
    assert sorted(found) == sorted([
        *(line for name in of_strings for line in (f"{name} uint8 1", f"{name}_sizes int32 1")),
        "texts uint8 1", "text_sizes int32 1", "text_files int32 1", "text_begins int64 1", "text_lengths int32 1",
        "blank int64 1", "sites uint64 1", "pages uint64 1", "days int32 1", "n_old int64 1", "signatures uint16 128",
        "n_tokens int32 1", "text_hashes uint64 2", "token_hashes uint64 2", "fingerprints uint64 1",
        "fingerprint_bins uint32 8192", "n_fingerprints int32 1", "block_sizes int32 1",
    ])  # fmt: skip


def test_resume__of_little_goes_on_with_no_run_of_more_and_says_where_there_is_none(tmp_path):
    (path := tmp_path / "a.txt").write_text("Rain is expected in the north until the weekend.")
    out = tmp_path / "out"
    folder = runs.begin(out, {"inputs": {str(path): [0, 64_000_000, 1]}}, resume=False)
    done = run_text("scan", path, "-o", out, "--resume")
    assert (done.returncode, folder.exists()) == (1, True)
    assert done.stderr.startswith(f"dedup: cannot resume {out}, since these have changed: inputs.{path}, ")
    runs.end(out)
    done = run_text("scan", path, "-o", out, "--resume", COLUMNS="500")
    assert done.returncode == 0
    assert done.stderr.startswith(f"no run was stopped in {out}, so this one begins anew\n")


def test_resume__refuses_another_order_of_the_inputs_and_other_addresses(tmp_path, monkeypatch):
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text("{}")
    paths = [str(tmp_path / f"{name}.jsonl") for name in "ab"]
    runs.begin(tmp_path / "out", {"inputs": runs.inputs(paths)}, resume=False)
    with pytest.raises(OutputError, match=r"cannot resume .*: inputs"):
        runs.begin(tmp_path / "out", {"inputs": runs.inputs(paths[::-1])}, resume=True)
    monkeypatch.setattr(runs.remote, "size_of", lambda path: 5)
    one, other, secret = (runs.inputs([f"https://x/{name}.jsonl"]) for name in ("a", "a?b", "a?token=secret"))
    assert one != other
    assert "secret" not in str(secret)


def test_scan__into_an_output_that_another_run_writes_to_is_refused(collection, tmp_path):
    with runs.held(tmp_path / "out"):
        done = scan(collection, "-o", tmp_path / "out")
        assert done.returncode == 1
        assert done.stderr == f"dedup: another run is writing to {tmp_path / 'out'}\n"
        with pytest.raises(OutputError, match="another run"), runs.held(tmp_path / "out", together=True):
            pass
    with runs.held(tmp_path / "out", together=True), runs.held(tmp_path / "out", together=True):
        pass
    assert scan(collection, "-o", tmp_path / "out").returncode == 0


def test_scan__of_little_keeps_its_output_to_itself_and_ends_what_was_stopped_there(tmp_path):
    (path := tmp_path / "a.txt").write_text("Rain is expected in the north until the weekend.")
    folder = runs.begin(out := tmp_path / "out", {}, resume=False)
    with runs.held(out):
        assert "another run is writing" in run_text("scan", path, "-o", out).stderr
    assert folder.exists()
    assert run_text("scan", path, "-o", out, "-q").returncode == 0
    assert not folder.exists()


def test_begin__without_resume_begins_anew(tmp_path):
    (runs.begin(tmp_path, {}, resume=False) / "texts.column").write_bytes(b"half")
    assert [p.name for p in runs.begin(tmp_path, {}, resume=False).iterdir()] == [runs.STAMP]


def test_scan__in_little_memory_gives_the_same_bytes(collection, whole, tmp_path):
    small = SMALL_STEPS.replace("limits.KEPT_BYTES = 0", "import dedup.engines.store as s; s.machine_bytes = lambda: 4")
    assert scan(collection, "-o", tmp_path / "out", first=small, TMPDIR=str(tmp_path)).returncode == 0
    assert written(tmp_path / "out") == whole
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_scan__of_a_disk_too_small_stops_with_a_clear_error(collection, tmp_path):
    done = scan(collection, "-o", tmp_path / "out", "--disk", "1000")
    assert done.returncode == 1
    assert "work files need more than the 1,000 bytes of disk" in done.stderr
    assert not any((tmp_path / "out" / name).exists() for name in FILES)


def test_events__are_lines_of_json(collection, tmp_path):
    assert scan(collection, "-o", tmp_path / "out", "--events", tmp_path / "events").returncode == 0
    events = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]
    assert {event["counted"] for event in events} == {"documents", "pairs"}
    assert events[-1]["done"] == events[-1]["total"] > 0
    assert events[-1]["matches"] > 0
    assert events[-1]["memory_bytes"] > 0
    assert events[0]["bytes_in_all"] == collection.stat().st_size


@pytest.mark.parametrize(
    ("size", "expected"), [("4GB", 4_000_000_000), ("512MiB", 512 << 20), ("1.5g", 1_500_000_000), ("1000", 1000)]
)
def test_n_bytes__reads_sizes(size, expected):
    assert n_bytes(size) == expected


@pytest.mark.parametrize("size", ["9" * 400, "", "GB", "four", "1..5GB", "4XB", "-1GB"])
def test_n_bytes__refuses_what_is_none(size):
    with pytest.raises(ConfigError, match="a size must be"):
        n_bytes(size)


def test_exceeded__a_run_says_when_its_memory_was_too_little(tmp_path):
    store = Store(1 << 30)
    store.peak_bytes = 1_250_000_000
    assert exceeded(Limits(memory="1GiB"), store) == (
        "the run held up to 1.25 GB of memory, as 1GiB is too little for its input"
    )
    assert exceeded(Limits(), store) == "", "nobody asked for less"
    store.peak_bytes = 1_000_000_000
    assert exceeded(Limits(memory="1GiB"), store) == ""
