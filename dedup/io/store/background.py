"""One piece of work at a time beside the writer's own: the merging of segments."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from dedup.io.store import directory, segments
from dedup.io.store.parts import Parts
from dedup.io.store.segments import Segment

__all__ = ["Background", "Merged"]

MOST_SEGMENTS = 32


class Done(NamedTuple):
    """A merge that is finished: what went into which segment."""

    parts: Sequence[Segment]
    name: str


class Merged(NamedTuple):
    """All segments after a merge, and the names of those that went into it."""

    segments: list[Segment]
    old: set[str]


class Background:
    """A thread for merges, which are kernels and file writes and so leave the interpreter to others."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._running: Future[bool] | None = None
        self._done: Done | None = None
        self._stop = threading.Event()

    def begin(self, parts: Parts, folder: Path, most: int, new_name: Callable[[int], str]) -> None:
        """Begin to merge the oldest run of segments of one level that is long enough, unless a merge is under way."""
        run = directory.alike(parts.segments)
        if self._running is not None or not run:
            return
        name = new_name(directory.level(run[0]) + 1)
        self._pool = self._pool or ThreadPoolExecutor(1, "dedup-merge")
        self._done = Done(run, name)
        self._running = self._pool.submit(segments.merge, folder, name, run, most, self._stop.is_set)

    def merged(self, parts: Parts, folder: Path) -> Merged | None:
        """The segments with a merged one in the place of its parts, if one is ready; too many wait for it."""
        done = self._result(wait=len(parts.segments) > MOST_SEGMENTS)
        if done is None:
            return None
        new, old = segments.open_segment(folder, done.name), {part.name for part in done.parts}
        at = next(i for i, part in enumerate(parts.segments) if part.name in old)
        for part in parts.segments[at : at + len(old)]:
            new.bury(part.numbers[part.alive == 0])
        return Merged([*parts.segments[:at], new, *parts.segments[at + len(old) :]], old)

    def _result(self, *, wait: bool) -> Done | None:
        """The merge that has come to its end since last asked, if any; an error of its disk costs the merge only."""
        if self._running is None or not (wait or self._running.done()):
            return None
        running, self._running = self._running, None
        try:
            return self._done if running.result() else None
        except OSError:
            return None

    def stop(self) -> None:
        """Leave off whatever is under way."""
        self._stop.set()
        self._result(wait=True)
        if self._pool:
            self._pool.shutdown()
        self._pool = None
        self._stop.clear()
