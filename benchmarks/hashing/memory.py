"""Memory of signatures and bands: what a document should take, beside what a whole process is seen to take.

`python -m benchmarks.hashing.memory N` prints how many bytes a process has held at most that has sketched N documents
and found their candidates.
"""

import json
import subprocess
import sys
from collections.abc import Iterator

import numpy as np

from dedup import machine
from dedup.batches import batches
from dedup.config import CandidateConfig, PassageConfig, SketchConfig
from dedup.engines.store import Store
from dedup.records import Document
from dedup.stages import candidates, collection, gather, sketch

SIZES = (100_000, 400_000)
N_WORDS = 60
COPIES = 10
"""One document in so many is a copy of the one before it."""
BATCH_BYTES = 1 << 22

HASHES = 2 * 16
N_TOKENS, N_FINGERPRINTS, FINGERPRINT_OFFSETS = 4, 4, 8
ROWS, ORDER = 3 * 8, 2 * 8
KEYS, MEMBERS, STARTS, CROWDED = (candidates.AT_ONCE + 1) * 8, 3 * 4, 4, 1
PAIR = 3 * 16
"""The parts, put together, and as rows."""


def stated(n_hashes: int, fingerprints: float, pairs: float) -> dict[str, float]:
    """Bytes a document of the sketches, and of the search for candidates on top of them while it runs."""
    kept = 4 * n_hashes + HASHES + N_TOKENS + N_FINGERPRINTS + FINGERPRINT_OFFSETS + 8 * fingerprints
    bands = ROWS + ORDER + KEYS + MEMBERS + STARTS + CROWDED + PAIR * pairs
    return {"sketches": round(kept, 1), "candidates": round(bands, 1), "both": round(kept + bands, 1)}


def measure() -> dict[str, float]:
    """Bytes a document, from the difference of two processes; their texts, ids and keys are taken off."""
    less, more = (_process(n) for n in SIZES)
    n_more = more["n"] - less["n"]
    found = {name: (more[name] - less[name]) / n_more for name in ("peak_bytes", "others", "fingerprints", "pairs")}
    expected = stated(SketchConfig().n_hashes, found["fingerprints"], found["pairs"])
    seen = found["peak_bytes"] - found["others"]
    return {
        "fingerprints a document": round(found["fingerprints"], 1), "pairs a document": round(found["pairs"], 2),
        **{f"{name}, stated": n_bytes for name, n_bytes in expected.items()},
        "both, measured": round(seen, 1), "measured over stated": round(seen / expected["both"], 3),
    }  # fmt: skip


def documents(n: int, seed: int = 0) -> Iterator[Document]:
    """Documents of random words."""
    draw = np.random.default_rng(seed)
    text = ""
    for i in range(n):
        if i % COPIES != 1:
            text = " ".join(map(str, draw.integers(0, 1 << 20, N_WORDS).tolist()))
        yield Document(id=f"{i:09}", text=text)


def held(n: int) -> dict[str, float]:
    """The most bytes that this process has held once it is through `n` documents, and how many are not of sketches."""
    config = SketchConfig()
    gathered = gather.Gathering(Store(), config)
    n_others = 0
    for batch in batches(documents(n), BATCH_BYTES):
        sketches = sketch.build(batch.texts, config, PassageConfig(), 1)
        keys = collection.keys(batch.sources, batch.urls, batch.dates)
        gathered.add(batch, sketches, keys)
        gathered.add_fingerprints(sketch.deal([sketches]))
        # Beside its text and id a document has five sizes of labels and texts, and the keys of its site and page.
        n_others += len(batch.texts.values) + sum(map(len, batch.ids)) + len(batch.ids) * (5 * 4 + 2 * 8)
    proposed = candidates.propose(gathered.sketches(), CandidateConfig())
    kept = {"fingerprints": len(gathered.fingerprints().values), "pairs": len(proposed)}
    return {"n": n, "peak_bytes": machine.peak_bytes(), "others": n_others, **kept}


def _process(n: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.hashing.memory", str(n)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(held(int(sys.argv[1]))))
