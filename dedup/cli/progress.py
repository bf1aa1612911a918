"""What is said while a run goes on: a bar on a terminal, now and then a line elsewhere, events on request."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

__all__ = ["Resources", "Tell", "Watch", "announce", "prepare", "progress"]

Tell = Callable[[str, int, int], None]
"""What is counted, how many there are by now, of how many; 0 where that is not known."""
SECONDS_BETWEEN_LINES = 10.0
PLAIN = (".txt", ".md", ".jsonl", ".ndjson")
"""Endings of files that hold no more than their size says."""
SHOW_AFTER_SECONDS = 3.0
SMALL_BYTES = 1_000_000
"""An input of less takes long only where the machine is busy with other things."""
SECONDS_BETWEEN_EVENTS = 0.5
MB = 1e6


def prepare(out: Console, paths: Sequence[str], *, quiet: bool = False) -> None:
    """Before any kernel is loaded: where none is compiled yet, run a small input without, else announce the wait."""
    from dedup.io.documents import count_bytes
    from dedup.kernels import compile as compiled

    if not compiled.is_cold():
        return
    if (
        all(path.endswith(PLAIN) or Path(path).is_dir() for path in paths)
        and count_bytes(paths) <= compiled.SMALL_BYTES
    ):
        compiled.interpret()
    elif not quiet:
        announce(out)


def announce(out: Console) -> None:
    """Say that kernels are compiled first, where none is yet."""
    from dedup.kernels.cache import is_cold

    if is_cold():
        out.print(
            "First run on this machine: compiling the kernels, about a minute, once. `dedup warmup` does it ahead."
        )


class Resources(Protocol):
    """What a run holds now."""

    @property
    def held_bytes(self) -> int:
        """Memory."""

    @property
    def n_disk_bytes(self) -> int:
        """Disk."""


@dataclass(slots=True)
class Watch:
    """How far a run is: bytes of the input read, of how many; matches found; and since when its step goes on."""

    n_all_bytes: int = 0
    resources: Resources | None = None
    n_bytes: int = 0
    n_matches: int = 0
    _step: str = ""
    _began: float = field(default_factory=time.monotonic)

    def read(self, n_bytes: int) -> None:
        """Hear of input read."""
        self.n_bytes += n_bytes

    def line(self, what: str, done: int, total: int) -> str:
        """How far the run is, in words."""
        self._enter(what)
        parts = [f"{what}: {done:,} of {total:,}" if total else f"{what}: {done:,}"]
        seconds = time.monotonic() - self._began
        if what == "documents" and self.n_all_bytes:
            parts.append(f"{self.n_bytes / MB:,.0f} of {self.n_all_bytes / MB:,.0f} MB read")
            parts.append(f"{self.n_bytes / MB / max(seconds, 0.1):,.0f} MB/s")
        parts += _left(seconds, *((self.n_bytes, self.n_all_bytes) if what == "documents" else (done, total)))
        if self.n_matches:
            parts.append(f"{self.n_matches:,} matches")
        if self.resources is not None:
            disk = self.resources.n_disk_bytes
            parts.append(f"{self.resources.held_bytes / MB:,.0f} MB of memory")
            parts += [f"{disk / MB:,.0f} MB of disk"] if disk else []
        return ", ".join(parts)

    def event(self, what: str, done: int, total: int) -> str:
        """The same as one line of JSON."""
        held = (self.resources.held_bytes, self.resources.n_disk_bytes) if self.resources is not None else (0, 0)
        values = {
            "time": round(time.time(), 3), "counted": what, "done": done, "total": total, "bytes_read": self.n_bytes,
            "bytes_in_all": self.n_all_bytes, "matches": self.n_matches, "memory_bytes": held[0], "disk_bytes": held[1],
        }  # fmt: skip
        return json.dumps(values) + "\n"

    def _enter(self, step: str) -> None:
        if step != self._step:
            self._step, self._began = step, time.monotonic()


def _left(seconds: float, done: int, total: int) -> list[str]:
    if not done or not total or done >= total or seconds < 1:
        return []
    left = seconds * (total - done) / done
    return [f"{left / 60:,.0f} min left" if left >= 120 else f"{left:,.0f} s left"]


@contextmanager
def progress(out: Console, *, quiet: bool, watch: Watch | None = None, events: TextIO | None = None) -> Iterator[Tell]:
    """A function to tell progress to. Runs of a few seconds say nothing; `events` hears of everything."""
    watch = watch or Watch()
    if quiet:
        yield _told(watch, events, lambda _what, _done, _total: None)
    elif out.is_terminal:
        with _bars(out, watch) as show:
            yield _told(watch, events, show)
    else:
        yield _told(watch, events, _lines(out, watch))


def _told(watch: Watch, events: TextIO | None, show: Tell) -> Tell:
    last = dict[str, float]()

    def tell(what: str, done: int, total: int) -> None:
        if what == "matches":
            watch.n_matches = done
            return
        show(what, done, total)
        now = time.monotonic()
        if events is not None and (now - last.get(what, 0) >= SECONDS_BETWEEN_EVENTS or done == total):
            last[what] = now
            events.write(watch.event(what, done, total))
            events.flush()

    return tell


@contextmanager
def _bars(out: Console, watch: Watch) -> Iterator[Tell]:
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, transient=True) as bars:
        tasks = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=None)
            of_bytes = what == "documents" and watch.n_all_bytes
            counted = (watch.n_bytes, watch.n_all_bytes) if of_bytes else (done, total or None)
            bars.update(tasks[what], completed=counted[0], total=counted[1], description=watch.line(what, done, total))

        yield show


def _lines(out: Console, watch: Watch) -> Tell:
    last = time.monotonic() + SHOW_AFTER_SECONDS - SECONDS_BETWEEN_LINES

    def show(what: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        line = watch.line(what, done, total)
        if now - last >= SECONDS_BETWEEN_LINES and done != total and not 0 < watch.n_all_bytes < SMALL_BYTES:
            last = now
            out.print(line)

    return show
