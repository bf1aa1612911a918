"""A command as a process of its own: what it took of the processor, the clock and memory, with all its children."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dedup.errors import EngineError

__all__ = ["Program", "Usage", "descendants", "n_bytes", "run", "surrounded"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """This installation, or the sources in a folder that has `dedup` in it, run by the same Python."""

    sources: Path | None = None

    def run(self, module: str, *options: object, environment: Mapping[str, str] | None = None) -> Usage:
        """Run a module to its end; EngineError where it fails."""
        used = run(self.command(module, *options), {**self.environment(), **(environment or {})})
        if used.error:
            raise EngineError(f"a benchmark failed: {used.error}")
        return used

    def command(self, module: str, *options: object) -> list[str]:
        """The command that runs a module."""
        return [sys.executable, "-m", module, *map(str, options)]

    def environment(self) -> dict[str, str]:
        """What must be set, so that the sources are those meant and not those of the folder that one stands in."""
        if self.sources is None:
            return {}
        return {"PYTHONPATH": str(self.sources), "PYTHONSAFEPATH": "1"}


class Tree:
    """A process and all its descendants, looked at again and again while they run.

    `peak_bytes` is of resident memory; pages of shared files count with each process.
    """

    def __init__(self, root: int) -> None:
        self.root, self.peak_bytes = root, 0
        self.ticks: dict[int, int] = {}

    def look(self) -> None:
        """Take down what each process holds and has used by now."""
        total = 0
        for pid in (self.root, *descendants(self.root)):
            with suppress(OSError, IndexError):
                total += n_bytes(pid)
                fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
                self.ticks[pid] = int(fields[11]) + int(fields[12])
        self.peak_bytes = max(self.peak_bytes, total)

    def cpu_s(self) -> float:
        """Seconds of all processes seen."""
        return sum(self.ticks.values()) / TICKS_A_SECOND


def n_bytes(pid: int) -> int:
    """Resident memory of a process now."""
    return int((PROC / str(pid) / "statm").read_text().split()[1]) * PAGE_BYTES


def descendants(pid: int) -> Iterator[int]:
    """The children of a process, their children and so on, as far as they are there when looked at."""
    waiting = [pid]
    while waiting:
        with suppress(OSError):
            for task in (PROC / str(waiting.pop()) / "task").iterdir():
                for child in map(int, (task / "children").read_text().split()):
                    waiting.append(child)
                    yield child


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, timeout_s: float = 3600) -> Usage:
    """Run to the end, or kill after `timeout_s`."""
    start = time.perf_counter()
    before = _children_s()
    process = subprocess.Popen(  # noqa: S603
        command,
        env=surrounded(environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
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


def surrounded(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of a process that is timed."""
    # Without bytecode every process would compile its imports anew, and be timed for that.
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | dict(environment)


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
