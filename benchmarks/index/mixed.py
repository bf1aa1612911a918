"""One writer and several readers at once."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.index.documents import batches
from benchmarks.index.measures import quantiles, save
from dedup.index import Index

__all__ = ["read", "run"]

BATCH = 100
MOST = 10_000_000


def read(path: Path, seconds: float) -> None:
    """Check documents of batches that the writer has written: of each batch all are known, or none."""
    end, taken, n_torn, n_known = time.monotonic() + seconds, [], 0, 0
    with Index.open(path, read_only=True) as index:
        while time.monotonic() < end:
            for batch in batches(MOST, 1, BATCH):
                if time.monotonic() > end:
                    break
                start = time.perf_counter()
                answers = index.check(batch)
                taken.append(time.perf_counter() - start)
                kinds = {answer.kind == "known" for answer in answers}
                n_torn += len(kinds) > 1
                n_known += len(batch) if kinds == {True} else 0
                if kinds != {True}:
                    time.sleep(0.2)
                    break
    print(n_torn, n_known, *quantiles(taken).values())


def run(path: Path, n_readers: int, seconds: float) -> None:
    """Write for some time, with readers beside; now and then remove and bring back a batch."""
    with Index.create(path) as index:
        index.filter(next(batches(MOST, 1, BATCH)))
        command = [sys.executable, "-m", "benchmarks.index", "read", str(path), "--seconds", str(seconds)]
        readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(n_readers)]
        end, n_written = time.monotonic() + seconds, 0
        for number, batch in enumerate(batches(MOST, 1, BATCH)):
            if time.monotonic() > end:
                break
            index.filter(batch)
            n_written += len(batch)
            if number % 50 == 49:
                gone = [replace(document, id=f"gone {document.id}") for document in batch]
                index.add(gone)
                index.remove([document.id for document in gone])
        said = [reader.communicate()[0].split() for reader in readers]
        n_faults = len(index.verify())
    save(
        "mixed",
        {
            "seconds": seconds,
            "readers": n_readers,
            "written": n_written,
            "reader_errors": sum(reader.returncode != 0 for reader in readers),
            "torn_batches_seen": sum(int(words[0]) for words in said if words),
            "known_seen": sum(int(words[1]) for words in said if words),
            "check_of_100_p50_ms": [float(words[2]) for words in said if words],
            "faults": n_faults,
        },
    )
