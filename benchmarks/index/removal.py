"""Removing and expiring: how long it takes, and what room compaction gives back."""

import time
from pathlib import Path

from benchmarks.index.measures import save
from dedup.index import Index
from dedup.io.store.directory import n_bytes

__all__ = ["run"]


def run(path: Path, n: int) -> None:
    """Remove `n` documents spread over an index, expire half of what is left, and compact it."""
    with Index.open(path) as index:
        ids = [stored.id for stored in index.documents()]
        step = max(len(ids) // n, 1)
        wanted = ids[::step][:n]
        before = n_bytes(path)
        start = time.perf_counter()
        n_removed = index.remove(wanted)
        removing_s = time.perf_counter() - start
        print(f"{n_removed:,} removed in {removing_s:.1f} s", flush=True)
        seen = sorted(stored.seen_s for stored in index.documents())
        start = time.perf_counter()
        n_expired = index.expire(0.0, now_s=seen[len(seen) // 2])
        expiring_s = time.perf_counter() - start
        start = time.perf_counter()
        index.compact()
        compacting_s = time.perf_counter() - start
        n_faults, n_left = len(index.verify()), index.n_documents
    save(
        "removal",
        {
            "documents": len(ids),
            "removed": n_removed,
            "remove_s": round(removing_s, 1),
            "expired": n_expired,
            "expire_s": round(expiring_s, 1),
            "compact_s": round(compacting_s, 1),
            "left": n_left,
            "bytes_before": before,
            "bytes_after": n_bytes(path),
            "faults": n_faults,
        },
    )
