"""A writer killed at random moments: nothing that it acknowledged is lost, nothing is half there."""

import random
import time
from itertools import islice
from multiprocessing import connection, get_context
from pathlib import Path

from benchmarks.index.documents import batches
from benchmarks.index.measures import save
from dedup.index import Index
from dedup.io.store import parts
from dedup.records import Document

__all__ = ["run", "write"]

N_DOCUMENTS, BATCH = 20_000, 50
MOST_SECONDS = 1.5


def write(path: Path, documents: list[list[Document]], acknowledged: connection.Connection) -> None:
    """Filter the batches behind those that are known, and say of each that it is remembered."""
    # Segments are made and merged all the time, so that kills meet that too.
    parts.SEGMENT_ROWS = 300
    with Index.open(path) as index:
        first = _arrived(index) // BATCH
        for number, batch in enumerate(documents[first:], start=first):
            index.filter(batch)
            acknowledged.send((number + 1) * BATCH)
    acknowledged.send(N_DOCUMENTS)


def run(path: Path, n_kills: int) -> None:
    """Kill the writer `n_kills` times; what each reopening finds."""
    rng, documents = random.Random(1), list(islice(batches(N_DOCUMENTS, 1, BATCH), N_DOCUMENTS // BATCH))
    start = get_context("forkserver")
    start.set_forkserver_preload(["benchmarks.index.warmed"])
    n_faults = n_lost = n_torn = n_written = arrived = 0
    for number in range(n_kills):
        if arrived == N_DOCUMENTS or not number:
            # A writer that has nothing left to write would be killed in vain.
            n_written, arrived = n_written + arrived, 0
            place = path / str(number)
            Index.create(place).close()
        receiver, sender = start.Pipe(duplex=False)
        writer = start.Process(target=write, args=(place, documents, sender))
        writer.start()
        sender.close()
        acknowledged = receiver.recv()
        time.sleep(rng.random() * MOST_SECONDS)
        writer.kill()
        writer.join()
        acknowledged = max([acknowledged, *_rest(receiver)])
        with Index.open(place) as index:
            arrived, expected = _arrived(index), iter(documents)
            n_faults += len(index.verify())
            known = [stored.id for stored in index.documents()]
        n_lost += arrived < acknowledged
        n_torn += known != [d.id for batch in islice(expected, arrived // BATCH) for d in batch]
        print(number + 1, arrived, acknowledged, n_faults, n_lost, n_torn, flush=True)
    save(
        "kills",
        {"kills": n_kills, "documents": n_written + arrived, "faults": n_faults, "lost": n_lost, "torn": n_torn},
    )


def _arrived(index: Index) -> int:
    n_arrived = index.stats()["arrived"]
    assert isinstance(n_arrived, int)
    return n_arrived


def _rest(receiver: connection.Connection) -> list[int]:
    """Whatever the writer said before it died."""
    said = []
    try:
        while True:
            said.append(receiver.recv())
    except EOFError:
        return said
