"""One `dedup scan` in a process of its own, watched from outside."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dedup.bench.process import Usage, run

FILES = ("matches.jsonl", "clusters.jsonl", "decisions.jsonl")


def scan(inputs: Sequence[Path], output: Path, *options: str) -> Usage:
    """Run to the end; RuntimeError when it fails."""
    used = run(_command(inputs, output, options))
    if used.error:
        raise RuntimeError(used.error)
    return used


def begin(inputs: Sequence[Path], output: Path, *options: str) -> subprocess.Popen[bytes]:
    """Begin a run."""
    return subprocess.Popen(_command(inputs, output, options))


def _command(inputs: Sequence[Path], output: Path, options: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "dedup", "scan", *map(str, inputs), "-o", str(output), "-q", *options]


def written(output: Path) -> list[bytes]:
    """The bytes that must not depend on how the run went."""
    return [(output / name).read_bytes() for name in FILES]
