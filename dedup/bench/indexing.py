"""The index, for `python -m dedup.bench.indexing FOLDER N`: one process's figures as JSON."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from dedup.bench.corpus.generate import chunks
from dedup.bench.corpus.mixes import MIXES
from dedup.index import Index
from dedup.io.store.directory import n_bytes
from dedup.records import Document

__all__ = ["main", "measure"]

BATCH = 1_000
N_CHECKS = 200


def measure(folder: Path, n: int) -> dict[str, float]:
    """CPU microseconds a document added, bytes on disk of it, and milliseconds of a single check."""
    batches = list(_batches(n, 1))
    probes = [replace(d, id=f"probe {d.id}") for batch in _batches(N_CHECKS, 99) for d in batch]
    with Index.create(folder) as index:
        index.add([Document(id="first", text="One text, so that nothing is loaded for the first time later.")])
        added = sum(_seconds(index.add, batch, process_time) for batch in batches)
        index.check(probes[:1])
        checks = [_seconds(index.check, [probe], perf_counter) for probe in probes]
    return {"add": 1e6 * added / n, "bytes": n_bytes(folder) / n, "check": 1e3 * median(checks)}


def _batches(n: int, seed: int) -> Iterator[list[Document]]:
    found = _documents(n, seed)
    while batch := list(islice(found, BATCH)):
        yield batch


def _documents(n: int, seed: int) -> Iterator[Document]:
    for chunk in chunks(n, seed, MIXES["short"], 1):
        for line in bytes(chunk.lines).splitlines():
            yield Document(**json.loads(line))


def _seconds(work: Callable[[list[Document]], object], documents: list[Document], clock: Callable[[], float]) -> float:
    start = clock()
    work(documents)
    return clock() - start


def main() -> None:
    """Print what this process found."""
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))


if __name__ == "__main__":
    main()
