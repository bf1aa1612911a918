"""A command as a process of its own: what it took of the processor, the clock and memory, with all its children."""

import os
import resource
import signal
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
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
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


class Tree:
    """A process and all its descendants, looked at again and again while they run.

    `peak_bytes` is of resident memory; pages of shared files count with each process.
    """

    def __init__(self, root: int) -> None:
        self.root, self.peak_bytes = root, 0
        self.ticks: dict[int, int] = {}

    def look(self) -> None:
        """Take down what each process holds and has used by now."""
        total, waiting = 0, [self.root]
        while waiting:
            pid = waiting.pop()
            place = PROC / str(pid)
            try:
                total += int((place / "statm").read_text().split()[1]) * PAGE_BYTES
                fields = (place / "stat").read_text().rpartition(")")[2].split()
                self.ticks[pid] = int(fields[11]) + int(fields[12])
                for task in (place / "task").iterdir():
                    waiting += map(int, (task / "children").read_text().split())
            except (OSError, IndexError):
                continue
        self.peak_bytes = max(self.peak_bytes, total)

    def cpu_s(self) -> float:
        """Seconds of all processes seen."""
        return sum(self.ticks.values()) / TICKS_A_SECOND


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, timeout_s: float = 3600) -> Usage:
    """Run to the end, or kill after `timeout_s`."""
    # Without bytecode every process would compile its imports anew, and be timed for that.
    known = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | dict(environment or {})
    start = time.perf_counter()
    before = _children_s()
    process = subprocess.Popen(  # noqa: S603
        command, env=known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    tree = Tree(process.pid)
    watch = threading.Thread(target=_watch, args=(process, tree), daemon=True)
    watch.start()
    try:
        output, error = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        _stop(process)
        output, error = process.communicate()
        error += f"stopped after {timeout_s:.0f} s"
    wall_s = time.perf_counter() - start
    watch.join()
    said = "" if process.returncode == 0 else _end(error) or f"exit code {process.returncode}"
    # Processes that another one than their parent waits for, as a fork server does, are only seen in the tree.
    cpu_s = max(_children_s() - before, tree.cpu_s())
    return Usage(wall_s=wall_s, cpu_s=cpu_s, peak_bytes=tree.peak_bytes or _own_peak(), output=output, error=said)


def _stop(process: "subprocess.Popen[str]") -> None:
    """End the process and what it started, a worker or a virtual machine that would hold on to the pipes."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _children_s() -> float:
    taken = resource.getrusage(resource.RUSAGE_CHILDREN)
    return taken.ru_utime + taken.ru_stime


def _end(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return " ".join(line.strip() for line in lines[-3:])[-SHOWN_CHARACTERS:]


def _watch(process: "subprocess.Popen[str]", tree: Tree) -> None:
    while process.poll() is None and PROC.exists():
        tree.look()
        time.sleep(PAUSE_S)


def _own_peak() -> int:
    """Where there is no /proc: the most memory of any single process so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
