"""One `dedup scan` in a process of its own, watched from outside."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dedup.bench.process import Usage, run

FILES = ("matches.jsonl", "clusters.jsonl", "decisions.jsonl")


def scan(inputs: Sequence[Path], output: Path, *options: str) -> Usage:
    """Run to the end; RuntimeError when it fails."""
    return _ended(_command("scan", inputs, output, "-q", *options))


def plan(inputs: Sequence[Path], output: Path, *options: str) -> Usage:
    """Plan a scan into that folder; RuntimeError when it fails."""
    return _ended(_command("plan", inputs, output, *options))


def begin(inputs: Sequence[Path], output: Path, *options: str) -> subprocess.Popen[bytes]:
    """Begin a run."""
    return subprocess.Popen(_command("scan", inputs, output, "-q", *options))


def _ended(command: Sequence[str]) -> Usage:
    used = run(command)
    if used.error:
        raise RuntimeError(used.error)
    return used


def _command(name: str, inputs: Sequence[Path], output: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "dedup", name, *map(str, inputs), "-o", str(output), *options]


def written(output: Path) -> list[bytes]:
    """The bytes that must not depend on how the run went."""
    return [(output / name).read_bytes() for name in FILES]
