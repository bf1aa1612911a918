"""Commands in strange circumstances: streams that are closed, names that no one expects, folders of others."""

import json
import os
import shlex
import subprocess
import sys

import pytest

from dedup.__main__ import main
from dedup.io import paths
from tests.commands import run_anew, run_text
from tests.inputs import put
from tests.test_cli import SEEDS, TEXT, jsonl


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """`dedup` as the words after it say, redirections among them."""
    program = f"{shlex.quote(sys.executable)} -m dedup {command}"
    return subprocess.run(["/bin/sh", "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.name != "posix", reason="there is no such shell")
def test_stdout__that_is_closed_is_an_error_for_who_writes_to_it(tmp_path):
    path = put(tmp_path / "a.jsonl", jsonl({"id": "a", "text": TEXT}, {"id": "b", "text": TEXT}))
    done = shell(f"scan {shlex.quote(str(path))} --json >&-")
    assert (done.returncode, done.stderr) == (1, "dedup: cannot read or write the output: Bad file descriptor\n")
    done = shell(f"scan {shlex.quote(str(path))} -q -o {shlex.quote(str(tmp_path / 'out'))} >&-")
    assert (done.returncode, done.stderr) == (0, "")
    assert len((tmp_path / "out/decisions.jsonl").read_text().splitlines()) == 2


def test_ids__of_any_length_are_shown_in_a_few_lines(tmp_path):
    long = ["i" * 100_000, "j" * 100_000]
    path = put(
        tmp_path / "a.jsonl", jsonl(*({"id": id_, "text": TEXT} for id_ in long), {"id": "k" * 9_999, "text": ""})
    )
    done = run_text("scan", path, "-o", tmp_path / "out")
    assert done.returncode == 0
    assert len(done.stderr) < 3_000
    assert f"{'i' * 60}" in done.stderr
    explained = run_text("explain", tmp_path / "out", *long, "--quick")
    assert explained.returncode == 0
    assert len(explained.stderr) < 8_000
    ids = [json.loads(line)["id"] for line in (tmp_path / "out/decisions.jsonl").read_text().splitlines()]
    assert ids[:2] == long


@pytest.mark.parametrize("option", ["--relations", "--keep"])
def test_option__that_is_empty_is_not_taken_for_one_that_is_not_given(option):
    done = run_text("scan", SEEDS, option, "")
    assert (done.returncode, "got ''" in done.stderr) == (2, True)


def test_folder__that_has_two_names_is_read_under_the_first_of_the_alphabet(tmp_path, monkeypatch):
    put(tmp_path / "in/real/x.txt", TEXT)
    (tmp_path / "in/alias").symlink_to("real")
    system_walk = os.walk

    def walked(*arguments, is_reversed, **named):
        for parent, folders, names in system_walk(*arguments, **named):
            folders.sort(reverse=is_reversed)
            yield parent, folders, names

    for is_reversed in (False, True):
        monkeypatch.setattr(
            paths.os, "walk", lambda *a, is_reversed=is_reversed, **n: walked(*a, is_reversed=is_reversed, **n)
        )
        files, skipped = paths.expand([str(tmp_path / "in")])
        assert ([file.name for file in files], list(skipped)) == (["alias/x.txt"], [])


def test_bench__writes_to_no_folder_of_others_and_says_so_before_it_measures(tmp_path):
    put(tmp_path / "index.html", "<p>results of before")
    put(tmp_path / "mine.txt", "mine")
    done = run_text("bench", "-o", tmp_path)
    assert (done.returncode, "holds mine.txt" in done.stderr) == (1, True)
    assert (tmp_path / "index.html").read_text() == "<p>results of before"


def test_terminal__that_does_not_know_its_width_is_told_all_the_same():
    told = [run_anew("scan", SEEDS, COLUMNS=columns).stderr for columns in ("80", "0")]
    assert told[0] == told[1]
    assert b"5 documents, 1 cluster" in told[1]


def test_command__interrupted_while_it_is_loaded_ends_as_one_interrupted_later(monkeypatch, capsys):
    class Interrupting:
        def find_spec(self, name, *_):
            if name == "dedup.cli":
                raise KeyboardInterrupt

    for name in [name for name in sys.modules if name.startswith("dedup.cli")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    assert (main(), capsys.readouterr().err) == (130, "Aborted.\n")
