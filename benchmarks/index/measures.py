"""What is measured of a process and a folder."""

import json
import os
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

__all__ = ["children_s", "memory_mb", "quantiles", "save", "seconds_each"]

T = TypeVar("T")

RESULTS = Path(__file__).parent.parent / "results" / "index.json"


def memory_mb() -> dict[str, int]:
    """What the process holds: memory of its own, and pages of files, which the system takes back when it needs them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    found = dict(line.split(":", 1) for line in lines if ":" in line)
    return {name: int(found[key].split()[0]) >> 10 for name, key in (("own", "RssAnon"), ("files", "RssFile"))}


def children_s() -> float:
    """CPU time of processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds_each(work: Callable[[T], object], items: Sequence[T]) -> list[float]:
    """Wall time of the work on each item."""
    taken = []
    for item in items:
        start = time.perf_counter()
        work(item)
        taken.append(time.perf_counter() - start)
    return taken


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """The median and the 99th percentile, in milliseconds."""
    return {
        "p50_ms": round(1000 * statistics.median(seconds), 3),
        "p99_ms": round(1000 * sorted(seconds)[int(0.99 * len(seconds))], 3),
    }


def save(name: str, found: dict[str, object]) -> None:
    """Put a result into the file of results, with how busy the machine was."""
    stored = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    stored[name] = {**found, "load_average": [round(load, 1) for load in os.getloadavg()]}
    RESULTS.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n")
    print(json.dumps({name: stored[name]}, indent=1))
