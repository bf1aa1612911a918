"""`dedup filter`: lines in, new ones out, in step with an index."""

import signal
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from dedup.cli import view
from dedup.config import InputConfig
from dedup.errors import ConfigError, InputError, OutputError
from dedup.io import filtering
from dedup.io.filtering import Line, Outputs, Position
from dedup.io.outputs import check_apart, check_free, check_no_folder, check_outside
from dedup.records import Answer, Document

if TYPE_CHECKING:
    from dedup.index import Index

__all__ = ["STOPPED", "Wanted", "run"]

STOPPED = 143
"""The exit code of a job that was told to stop, as the shell has it: 128 and the number of SIGTERM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What goes where."""

    output: Path | None
    rejects: Path | None
    annotate: bool
    checkpoint: str | None
    quiet: bool


class _Stopped(Exception):  # noqa: N818 - no error
    """SIGTERM came while nothing was at hand."""


def run(index: str, paths: Sequence[str], fields: InputConfig, wanted: Wanted, *, fast: bool) -> int:
    """Filter all lines; the exit code."""
    from dedup.index import Index

    if str(wanted.rejects) == "-":
        raise OutputError("--rejects needs a file, got -: stdout is for what is let through")
    if str(wanted.output) == "-":
        wanted = replace(wanted, output=None)
    if wanted.checkpoint == "":
        raise ConfigError("--checkpoint must be a name, got ''")
    if wanted.checkpoint and wanted.output is None:
        raise OutputError("--checkpoint needs --output: what went to stdout cannot be taken back")
    check_outside(index, paths)
    check_apart([wanted.output, wanted.rejects])
    for path in (wanted.output, wanted.rejects):
        if path is not None:
            check_free(path, [*paths, index])
            check_no_folder(path)
    with Index.open(index, synced=not fast) as opened:
        job = _Job(opened, paths, wanted)
        with _stoppable() as stop, job.outputs:
            try:
                for block in stop.blocks(filtering.read(paths, fields)):
                    job.take(job.unread(block))
                if not stop.asked:
                    job.check_passed()
            except _Stopped:
                stop.asked = True
    if not wanted.quiet:
        view.console().print(job.summary())
    if not stop.asked:
        job.check_found(paths)
    return STOPPED if stop.asked else 0


class _Job:
    """One run: what it has counted, and the lines of the step at hand."""

    def __init__(self, index: "Index", paths: Sequence[str], wanted: Wanted) -> None:
        self._index, self._wanted = index, wanted
        self._note = f"filter:{wanted.checkpoint}"
        stored = index.note(self._note) if wanted.checkpoint else None
        position = Position.of(stored, [str(path) for path in paths], wanted.output, wanted.rejects)
        self._n_to_skip, self._passed, self._is_first = position.n_lines, "", not position.n_lines
        self.outputs = Outputs(wanted.output, wanted.rejects, position)
        self._waiting = deque[Line]()
        self._counts = {"new": 0, "copy": 0, "known": 0, "rejected": 0}
        self._first_rejected: Line | None = None

    def unread(self, block: Sequence[Line]) -> Sequence[Line]:
        """Those of some lines that the checkpoint does not say were read; InputError where it is of other lines."""
        if not self._n_to_skip:
            return block
        passed = block[: self._n_to_skip]
        self._n_to_skip -= len(passed)
        self._passed = filtering.mark_of(passed) or self._passed
        position = self.outputs.position
        if not self._n_to_skip and position.mark not in ("", self._passed):
            raise InputError(
                f"checkpoint {self._wanted.checkpoint} is of other lines: of the {position.n_lines:,} that were read "
                "the last document is not what it was"
            )
        return block[len(passed) :]

    def check_passed(self) -> None:
        """InputError where the input ended before the lines that the checkpoint says were read."""
        n_lines = self.outputs.position.n_lines
        if self._n_to_skip:
            raise InputError(
                f"checkpoint {self._wanted.checkpoint} is of other lines: {n_lines:,} were read, and now there are "
                f"{n_lines - self._n_to_skip:,}"
            )

    def check_found(self, paths: Sequence[str]) -> None:
        """InputError where every line was rejected, in this run and before: a field has another name, as a rule."""
        n_rejected = self._counts["rejected"]
        if self._is_first and n_rejected and n_rejected == sum(self._counts.values()):
            raise InputError(f"no document found in {', '.join(paths)}: {n_rejected:,} rejected")

    def take(self, block: Sequence[Line]) -> None:
        """Ask the index about the documents of some lines, and write what comes of them."""
        self._waiting.extend(block)
        documents = [line.found for line in self._waiting if isinstance(line.found, Document)]
        for _ in self._index.filter_steps(documents, before=self._before_step):
            pass
        if self._waiting:
            # Rejected lines behind the last document: the next step, or the next run, finds them written.
            self._write([])

    def _before_step(self, answers: list[Answer]) -> Mapping[str, bytes]:
        position = self._write(answers)
        return {self._note: position.content()} if self._wanted.checkpoint else {}

    def _write(self, answers: Sequence[Answer]) -> Position:
        """Write the lines up to the last that was answered, or all that wait where none was."""
        kept, rejected, taken, left = list[bytes](), list[bytes](), list[Line](), deque(answers)
        while self._waiting and (left or not answers):
            line = self._waiting.popleft()
            taken.append(line)
            if not isinstance(line.found, Document):
                rejected.append(filtering.rejection(line))
                self._first_rejected = self._first_rejected or line
                continue
            answer = left.popleft()
            self._counts[answer.kind] += 1
            if self._wanted.annotate:
                kept.append(filtering.annotated(line, answer))
            elif answer.keep:
                kept.append(line.content + b"\n")
        self._counts["rejected"] += len(rejected)
        return self.outputs.write(b"".join(kept), b"".join(rejected), taken)

    def summary(self) -> str:
        """What came of the lines; of rejected ones that no file tells of, the first."""
        counts = ", ".join(f"{n:,} {name}" for name, n in self._counts.items())
        first = self._first_rejected
        if first is None or self._wanted.rejects is not None:
            return counts
        return f"{counts}\n! {view.plain(first.place)}: {view.plain(str(first.found))}; --rejects FILE tells of all"


class _Stop:
    """Whether SIGTERM came; while the next block is awaited it breaks off, otherwise the block is finished first."""

    def __init__(self) -> None:
        self.asked = self._idle = False

    def blocks(self, source: Iterator[list[Line]]) -> Iterator[list[Line]]:
        """The blocks of `source` until SIGTERM comes."""
        while not self.asked:
            self._idle = True
            block = next(source, None)
            self._idle = False
            if block is None:
                return
            yield block

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """Stop now or at the end of the block."""
        self.asked = True
        if self._idle:
            raise _Stopped


@contextmanager
def _stoppable() -> Iterator[_Stop]:
    stop = _Stop()
    before = signal.signal(signal.SIGTERM, stop.on_signal)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)
