"""The index, for `python -m dedup.bench.indexing FOLDER DOCS PROBES`: one process's figures as JSON."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from dedup.index import Index
from dedup.io.store.directory import n_bytes
from dedup.records import Document

__all__ = ["main", "measure"]

BATCH = 1_000


def measure(folder: Path, docs: Path, probes: Path) -> dict[str, float]:
    """CPU microseconds a document added, bytes on disk of it, and milliseconds of a single check of a new one."""
    documents, others = list(_documents(docs)), [replace(one, id=f"probe {one.id}") for one in _documents(probes)]
    batches = [documents[k : k + BATCH] for k in range(0, len(documents), BATCH)]
    with Index.create(folder) as index:
        index.add([Document(id="first", text="One text, so that nothing is loaded for the first time later.")])
        added = sum(_seconds(index.add, batch, process_time) for batch in batches)
        index.check(others[:1])
        checks = [_seconds(index.check, [one], perf_counter) for one in others]
    return {
        "add": 1e6 * added / len(documents),
        "bytes": n_bytes(folder) / len(documents),
        "check": 1e3 * median(checks),
    }


def _documents(path: Path) -> Iterator[Document]:
    with path.open("rb") as lines:
        for line in lines:
            yield Document(**json.loads(line))


def _seconds(work: Callable[[list[Document]], object], documents: list[Document], clock: Callable[[], float]) -> float:
    start = clock()
    work(documents)
    return clock() - start


def main() -> None:
    """Print what this process found."""
    print(json.dumps(measure(*map(Path, sys.argv[1:]))))


if __name__ == "__main__":
    main()
