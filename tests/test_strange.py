"""Commands in strange circumstances: streams that are closed, names that no one expects, folders of others."""

import os
import shlex
import subprocess
import sys

import pytest

from tests.inputs import put
from tests.test_cli import TEXT, jsonl


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
