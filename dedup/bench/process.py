"""A command as a process of its own: what it took of the processor, the clock and memory, with all its children."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Usage", "run"]

PROC = Path("/proc")
PAUSE_S = 0.02
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
SHOWN_CHARACTERS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """`cpu_s` of user and system, `peak_bytes` the most resident memory of the whole tree of processes at one time.

    `error` is the end of what a command that failed said, else empty.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int
    output: str
    error: str


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, timeout_s: float = 3600) -> Usage:
    """Run to the end, or kill after `timeout_s`."""
    # Without bytecode every process would compile its imports anew, and be timed for that.
    known = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | dict(environment or {})
    start = time.perf_counter()
    before = _children_s()
    process = subprocess.Popen(command, env=known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    peaks = [0]
    watch = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
    watch.start()
    try:
        output, error = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        output, error = process.communicate()
        error += f"stopped after {timeout_s:.0f} s"
    wall_s = time.perf_counter() - start
    watch.join()
    said = "" if process.returncode == 0 else _end(error) or f"exit code {process.returncode}"
    return Usage(wall_s=wall_s, cpu_s=_children_s() - before, peak_bytes=peaks[0], output=output, error=said)


def _children_s() -> float:
    taken = os.times()
    return taken.children_user + taken.children_system


def _end(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return "\n".join(lines[-3:])[-SHOWN_CHARACTERS:]


def _watch(process: "subprocess.Popen[str]", peaks: list[int]) -> None:
    while process.poll() is None:
        peaks[0] = max(peaks[0], tree_bytes(process.pid) if PROC.exists() else 0)
        time.sleep(PAUSE_S)
    if not PROC.exists():
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        peaks[0] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit


def tree_bytes(root: int) -> int:
    """Resident memory of a process and all its descendants; pages of shared files count with each of them."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            total += int((PROC / str(pid) / "statm").read_text().split()[1]) * PAGE_BYTES
            for task in (PROC / str(pid) / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, IndexError):
            continue
    return total
