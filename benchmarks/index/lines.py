"""`dedup filter` on a file of JSON lines: a second run, and a run that is killed on the way and started again."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.index.measures import children_s, save
from dedup.index import Index

__all__ = ["run"]

N_KILLS = 3


def run(path: Path, source: Path) -> None:
    """Filter `source` in folder `path`: whole, again, and killed three times."""
    whole, parts = path / "whole", path / "parts"
    for place in (whole, parts):
        Index.create(place).close()
    start = time.perf_counter()
    subprocess.run([*_command(whole, source), "-o", str(path / "whole.jsonl")], check=True)
    taken, cpu_s = time.perf_counter() - start, children_s()
    subprocess.run([*_command(whole, source), "-o", str(path / "second.jsonl")], check=True)
    n_kills = _killed([*_command(parts, source), "-o", str(path / "parts.jsonl"), "--checkpoint", "job"], taken)
    with Index.open(whole, read_only=True) as index:
        n_documents, n_merges = index.n_documents, len(index.merges())
    save(
        "lines",
        {
            "source": source.name,
            "documents": n_documents,
            "a_second": round(n_documents / taken),
            "cpu_us_each": round(1e6 * cpu_s / n_documents),
            "passed": _count(path / "whole.jsonl"),
            "passed_the_second_time": _count(path / "second.jsonl"),
            "merges": n_merges,
            "kills": n_kills,
            "same_output_as_without_kills": (path / "whole.jsonl").read_bytes() == (path / "parts.jsonl").read_bytes(),
        },
    )


def _command(index: Path, source: Path) -> list[str]:
    return [sys.executable, "-m", "dedup", "filter", "--index", str(index), str(source)]


def _killed(command: list[str], seconds: float) -> int:
    """Run a command to its end, killing it when a part of the time is over; how often it was killed."""
    n_kills = 0
    while True:
        with subprocess.Popen(command) as running:
            try:
                running.wait(None if n_kills == N_KILLS else seconds / (N_KILLS + 1))
            except subprocess.TimeoutExpired:
                running.send_signal(signal.SIGKILL)
                n_kills += 1
                continue
        if running.returncode == 0:
            return n_kills


def _count(path: Path) -> int:
    return path.read_bytes().count(b"\n")
