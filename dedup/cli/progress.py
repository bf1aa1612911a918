"""What is said while a run goes on: a bar on a terminal, now and then a line elsewhere."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

__all__ = ["prepare", "progress"]

Tell = Callable[[str, int, int], None]
"""Stage, how much of it is done, of how much; 0 where the whole is not known."""
SECONDS_BETWEEN_LINES = 10.0
PLAIN = (".txt", ".md", ".jsonl", ".ndjson")
"""Endings of files that hold no more than their size says."""
SHOW_AFTER_SECONDS = 3.0


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
        out.print(
            "First run on this machine: compiling the kernels, half a minute, once. `dedup warmup` does it ahead."
        )


@contextmanager
def progress(out: Console, *, quiet: bool) -> Iterator[Tell]:
    """A function to tell progress to. Runs of a few seconds say nothing."""
    if quiet:
        yield lambda _stage, _done, _total: None
    elif out.is_terminal:
        yield from _bars(out)
    else:
        yield _lines(out)


def _bars(out: Console) -> Iterator[Tell]:
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.completed:,}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=out, transient=True) as bars:
        tasks = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield tell


def _lines(out: Console) -> Tell:
    last = time.monotonic() + SHOW_AFTER_SECONDS - SECONDS_BETWEEN_LINES

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES and done != total:
            last = now
            out.print(f"{stage}: {done:,} of {total:,}" if total else f"{stage}: {done:,}")

    return tell
