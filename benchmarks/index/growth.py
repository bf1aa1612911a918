"""An index as it grows: documents added a second, bytes on disk, memory, and how long a single check takes."""

import time
from dataclasses import replace
from pathlib import Path

from benchmarks.index.documents import batches
from benchmarks.index.measures import memory_mb, quantiles, save, seconds_each
from dedup.index import Index
from dedup.io.store.directory import n_bytes

__all__ = ["run"]

BATCH = 1_000
N_CHECKS = 1_000


def run(path: Path, n: int, marks: list[int], *, ask: bool) -> None:
    """Add, or filter, `n` documents to a new index in batches of 1,000; check single ones at the marks."""
    seconds = cpu = 0.0
    worst, points, recent = 0.0, list[dict[str, object]](), list[float]()
    probes = [replace(d, id=f"probe {d.id}") for batch in batches(N_CHECKS, 99, BATCH) for d in batch]
    index, done = Index.create(path), 0
    for batch in batches(n, 1, BATCH):
        start, start_cpu = time.perf_counter(), time.process_time()
        (index.filter if ask else index.add)(batch)
        taken = time.perf_counter() - start
        seconds, cpu, worst = seconds + taken, cpu + time.process_time() - start_cpu, max(worst, taken)
        recent = [*recent[-99:], taken]
        done += len(batch)
        if done in marks:
            seconds_each(lambda d: index.check([d]), probes[:50])
            checks = quantiles(seconds_each(lambda d: index.check([d]), probes))
            points.append(
                {
                    "documents": done,
                    "a_second": round(done / seconds),
                    "a_second_recently": round(BATCH * len(recent) / sum(recent)),
                    "cpu_us_each": round(1e6 * cpu / done),
                    "worst_batch_s": round(worst, 2),
                    "memory_mb": memory_mb(),
                    "check": checks,
                }
            )
            _save(path, done, seconds, cpu, points, ask=ask)
    index.close()
    _save(path, done, seconds, cpu, points, ask=ask)


def _save(path: Path, n: int, seconds: float, cpu: float, points: list[dict[str, object]], *, ask: bool) -> None:
    """Also at every mark, so that a long run that is broken off has measured something."""
    save(
        "filter" if ask else "add",
        {
            "documents": n,
            "a_second": round(n / seconds),
            "cpu_us_each": round(1e6 * cpu / n),
            "bytes_each": round(n_bytes(path) / n, 1),
            "bytes": {part.name: n_bytes(part) for part in sorted(path.iterdir()) if part.is_dir()},
            "points": points,
        },
    )
