"""One piece of work at a time beside the writer's own: the merging of segments."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from dedup.io.store.segments import Segment

__all__ = ["Background", "Done"]


class Done(NamedTuple):
    """A merge that is finished: what went into which segment."""

    parts: Sequence[Segment]
    name: str


class Background:
    """A thread for merges, which are kernels and file writes and so leave the interpreter to others."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._running: Future[bool] | None = None
        self._done: Done | None = None
        self._stop = threading.Event()

    @property
    def busy(self) -> bool:
        """Whether a merge runs, or has run and waits to be installed."""
        return self._running is not None

    def stopped(self) -> bool:
        """Whether the work at hand should leave off."""
        return self._stop.is_set()

    def start(self, parts: Sequence[Segment], name: str, work: Callable[[], bool]) -> None:
        """Let `work` run; it says whether it came to its end."""
        self._pool = self._pool or ThreadPoolExecutor(1, "dedup-merge")
        self._done, self._running = Done(parts, name), self._pool.submit(work)

    def result(self, *, wait: bool) -> Done | None:
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
        self.result(wait=True)
        if self._pool:
            self._pool.shutdown()
        self._pool = None
        self._stop.clear()
