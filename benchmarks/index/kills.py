"""A writer killed at random moments: nothing that it acknowledged is lost, nothing is half there."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.index.documents import batches
from benchmarks.index.measures import save
from dedup.index import Index

__all__ = ["run", "write"]

N_DOCUMENTS, BATCH = 1_000_000, 50


def write(path: Path) -> None:
    """Filter documents behind those that are known, and say of each batch that it is remembered."""
    from dedup.io.store import embedded

    # Segments are made and merged all the time, so that kills meet that too.
    embedded.SEGMENT_ROWS = 500
    with Index.open(path) as index:
        known = int(index.stats()["arrived"])
        for number, batch in enumerate(batches(N_DOCUMENTS, 1, BATCH)):
            if (number + 1) * BATCH > known:
                index.filter(batch)
                print((number + 1) * BATCH, flush=True)


def run(path: Path, n_kills: int) -> None:
    """Kill the writer `n_kills` times; what each reopening finds."""
    rng = random.Random(1)
    Index.create(path).close()
    n_faults = n_lost = n_torn = 0
    for number in range(n_kills):
        command = [sys.executable, "-m", "benchmarks.index", "write", str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            acknowledged = int(writer.stdout.readline())
            time.sleep(rng.random() * 2)
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().split(b"\n")
        acknowledged = max([acknowledged, *(int(line) for line in rest[:-1])])
        with Index.open(path) as index:
            arrived = int(index.stats()["arrived"])
            n_faults += len(index.verify())
            n_lost += arrived < acknowledged
            n_torn += arrived % BATCH != 0
        print(number + 1, arrived, acknowledged, n_faults, n_lost, n_torn, flush=True)
    save("kills", {"kills": n_kills, "documents": arrived, "faults": n_faults, "lost": n_lost, "torn": n_torn})
