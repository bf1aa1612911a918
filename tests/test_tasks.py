"""A scan in tasks gives the bytes of one scan, in whatever order, how often and by how many processes they are done."""

import json
import random

import pytest

from dedup.cli.share import share
from dedup.errors import ConfigError, OutputError
from dedup.io import runs
from tests.commands import run_text, start

FILES = ("matches.jsonl", "clusters.jsonl", "decisions.jsonl")


def dedup(*arguments):
    return run_text("scan", *arguments)


def written(folder):
    return [(folder / name).read_bytes() for name in FILES]


def skipped(folder):
    found = json.loads((folder / "summary.json").read_text())["skipped"]
    return sorted((item["place"], item["reason"]) for item in found)


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    """Copies of stories over five files: ids that repeat within and between files, an empty text, a broken line."""
    rng, folder = random.Random(5), tmp_path_factory.mktemp("docs")
    lines = []
    for story in range(60):
        words = [f"{rng.choice('bdfgklmnprst')}{rng.choice('aeiou')}{rng.randrange(3000)}x" for _ in range(120)]
        for copy in range(3):
            words[rng.randrange(120)] = f"other{copy}"
            lines.append({"id": f"{story}-{copy % 2}", "text": " ".join(words), "source": f"site{copy}"})
    rng.shuffle(lines)
    for k in range(4):
        rows = [json.dumps(line) for line in lines[k::4]] + (["{", json.dumps({"id": "e", "text": " "})] if k else [])
        (folder / f"part{k}.jsonl").write_text("".join(row + "\n" for row in rows))
    (folder / "single.txt").write_text(lines[0]["text"])
    return folder


@pytest.fixture(scope="module")
def whole(collection, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "out"
    assert dedup(collection, "-o", out, "-q").returncode == 0
    return out


def test_tasks__in_any_order_and_one_twice_give_the_bytes_of_one_scan(collection, whole, tmp_path):
    out = tmp_path / "out"
    for number in (3, 1, 3, 2):
        done = dedup(collection, "-o", out, "--task", f"{number}/3")
        assert done.returncode == 0, done.stderr
        assert f"task {number} of 3 is done" in done.stderr
    assert dedup(collection, "-o", out, "--finish", "-q").returncode == 0
    assert written(out) == written(whole)
    assert skipped(out) == skipped(whole)
    assert not (out / runs.FOLDER).exists()


def test_tasks__keep_no_text_that_stands_in_the_input(collection, tmp_path):
    out = tmp_path / "out"
    for number in (1, 2):
        assert dedup(collection, "-o", out, "--task", f"{number}/2", "-q").returncode == 0
    kept = b"".join(path.read_bytes() for path in sorted((out / runs.FOLDER).glob("*/texts.column")))
    assert kept == (collection / "single.txt").read_bytes()


def test_tasks__at_once_with_more_tasks_than_files_and_old_documents(collection, tmp_path):
    new, old = sorted(collection.glob("part[01]*")), sorted(collection.glob("part[23]*"))
    options = [*new, *(word for path in old for word in ("--against", path))]
    assert dedup(*options, "-o", tmp_path / "whole", "-q").returncode == 0
    out = tmp_path / "out"
    running = [start("scan", *options, "-o", out, "--task", f"{k % 6 + 1}/6", "-q") for k in range(7)]
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0] * 7
    assert dedup(*options, "-o", out, "--finish", "-q").returncode == 0
    assert written(out) == written(tmp_path / "whole")


def test_tasks__killed_and_repeated_give_the_same_bytes(collection, whole, tmp_path):
    out, rng = tmp_path / "out", random.Random(3)
    for arguments in (["--task", "1/2"], ["--task", "2/2"], ["--finish"]):
        running = start("scan", collection, "-o", out, *arguments, "-q")
        running.join(rng.uniform(0.02, 0.4))
        running.kill()
        running.join()
        assert not (out / FILES[0]).exists() or arguments == ["--finish"]
        if not (out / "summary.json").exists():
            assert dedup(collection, "-o", out, *arguments, "-q").returncode == 0
    assert written(out) == written(whole)


def test_tasks__refuse_what_has_changed_and_say_what(collection, tmp_path):
    out, folder = tmp_path / "out", tmp_path / "docs"
    folder.mkdir()
    for path in collection.glob("part*"):
        (folder / path.name).write_bytes(path.read_bytes())
    assert dedup(folder, "-o", out, "--task", "1/2", "-q").returncode == 0
    for arguments, said in (
        (["--task", "2/2", "--relations", "near"], "settings.report.relations"),
        (["--task", "2/3"], "tasks"),
        (["--finish"], "of 2 tasks these have not been done: 2"),
    ):
        done = dedup(folder, "-o", out, *arguments)
        assert done.returncode == 1
        assert said in done.stderr
    with (folder / "part1.jsonl").open("a") as file:
        file.write('{"text": "one more"}\n')
    done = dedup(folder, "-o", out, "--task", "2/2")
    assert done.returncode == 1
    assert "part1.jsonl" in done.stderr
    assert "unfinished" in done.stderr


def test_tasks__are_not_thrown_away_by_a_scan_of_its_own(collection, tmp_path):
    out = tmp_path / "out"
    assert dedup(collection, "-o", out, "--task", "1/2", "-q").returncode == 0
    done = dedup(collection, "-o", out)
    assert done.returncode == 1
    assert f"remove {out / runs.FOLDER} to begin anew" in done.stderr
    for resume in (False, True):
        with pytest.raises(OutputError, match="--finish"):
            runs.begin(out, {}, resume=resume)
    assert not (out / FILES[0]).exists()
    assert (out / runs.FOLDER / "sketched-00001").exists()


def test_tasks__go_on_with_and_without_resume_which_says_where_nothing_was_stopped(collection, whole, tmp_path):
    out = tmp_path / "out"
    anew = f"no run was stopped in {out}, so this one begins anew"
    done = run_text("scan", collection, "-o", out, "--task", "1/2", "--resume", COLUMNS="500")
    assert (done.returncode, anew in done.stderr) == (0, True)
    stamp = (sketched := out / runs.FOLDER / "sketched-00001").stat().st_mtime_ns
    for arguments in (["--task", "1/2"], ["--task", "2/2"], ["--finish"]):
        done = run_text("scan", collection, "-o", out, *arguments, "--resume", COLUMNS="500")
        assert (done.returncode, anew in done.stderr) == (0, False)
        assert not sketched.exists() or sketched.stat().st_mtime_ns == stamp
    assert written(out) == written(whole)
    done = run_text("scan", collection, "-o", tmp_path / "new", "--finish", "--resume")
    assert (done.returncode, done.stderr) == (1, f"dedup: no task has been done in {tmp_path / 'new'}\n")


def test_tasks__are_put_together_by_one(collection, whole, tmp_path):
    out = tmp_path / "out"
    assert dedup(collection, "-o", out, "--task", "1/1", "-q").returncode == 0
    with runs.held(out, together=True):
        done = dedup(collection, "-o", out, "--finish")
    assert (done.returncode, done.stderr) == (1, f"dedup: another run is writing to {out}\n")
    assert dedup(collection, "-o", out, "--finish", "-q").returncode == 0
    assert written(out) == written(whole)


def test_tasks__write_events(collection, tmp_path):
    events = tmp_path / "events.jsonl"
    assert dedup(collection, "-o", tmp_path / "out", "--task", "1/1", "--events", events, "-q").returncode == 0
    assert {json.loads(line)["counted"] for line in events.read_text().splitlines()} == {"documents"}


def test_tasks__say_what_is_missing(collection, tmp_path):
    for arguments, code, said in (
        (["-o", tmp_path / "new", "--finish"], 1, "no task has been done in"),
        (["--task", "1/2"], 2, "give -o as well"),
        (["-o", tmp_path / "new", "--task", "1/2", "--finish"], 2, "--task is for a part"),
    ):
        done = dedup(collection, *arguments)
        assert done.returncode == code
        assert said in done.stderr.replace("\n", " ")


def test_tasks__refuse_what_is_of_results(collection, tmp_path):
    results = ["--tables", "--split", tmp_path / "kept.jsonl", tmp_path / "removed.jsonl", "--json"]
    done = dedup(collection, "-o", tmp_path / "out", "--task", "1/2", *results)
    assert (done.returncode, done.stdout) == (2, "")
    assert "writes no results: give --tables, --split, --json with --finish" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("empty", ["new", "old"])
def test_tasks__without_a_new_or_an_old_document_are_an_error_as_one_scan_is(tmp_path, empty):
    for name in ("new", "old"):
        (tmp_path / f"{name}.jsonl").write_text("" if name == empty else '{"id": "a", "text": "Rain is expected."}\n')
    given = (tmp_path / "new.jsonl", "--against", tmp_path / "old.jsonl", "-q", "-o")
    alone = dedup(*given, tmp_path / "alone")
    assert dedup(*given, tmp_path / "shared", "--task", "1/1").returncode == 0
    shared = dedup(*given, tmp_path / "shared", "--finish")
    assert (shared.returncode, shared.stderr) == (alone.returncode, alone.stderr)
    assert shared.stderr == f"dedup: no document found in {tmp_path / f'{empty}.jsonl'}\n"


@pytest.mark.parametrize("task", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2"])
def test_share__refuses_what_is_none(task):
    with pytest.raises(ConfigError, match="1/8"):
        share(task)
