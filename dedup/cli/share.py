"""`dedup scan --task`, `--finish` and `--engine`: one scan by many processes."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from dedup.cli.extras import needs
from dedup.cli.limits import Inputs
from dedup.config import Config
from dedup.engines.store import Store
from dedup.errors import ConfigError
from dedup.io import runs
from dedup.io.paths import expand
from dedup.pipeline import Tell
from dedup.records import Report
from dedup.spread import tasks

__all__ = ["Share", "finishing", "on_engine", "run_task", "share"]

N_SHARES = 32
"""Tasks of a step on an engine: few enough to cost little, enough for a dozen workers to end together."""


Hearing: TypeAlias = Callable[[], AbstractContextManager[Tell]]
"""Gives whom to tell of progress, for as long as there is any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Task `number` of `n_tasks`, from 1."""

    number: int
    n_tasks: int


def share(task: str) -> Share:
    """The share that is written as 3/8; ConfigError when it is none."""
    found = re.fullmatch(r"(\d+)/(\d+)", task)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise ConfigError(f"a task must be written as 1/8 to 8/8, got {task}")
    return Share(number=int(found[1]), n_tasks=int(found[2]))


def run_task(inputs: Inputs, config: Config, output: Path | None, task: Share, hearing: Hearing) -> str:
    """Do one share of the work; returns what was done, in words."""
    folder = _folder(output)
    with runs.held(folder, together=True):
        job = tasks.join(*_checked(inputs), config, folder, task.n_tasks)
        with hearing() as tell:
            n_documents = tasks.sketch_files(job, task.number - 1, tell)
    documents = "document" if n_documents == 1 else "documents"
    return f"task {task.number} of {task.n_tasks} is done: {n_documents:,} {documents}"


@contextmanager
def finishing(inputs: Inputs, config: Config, output: Path | None) -> Iterator[Store]:
    """The store of a run whose tasks are all done, as if one process had read and sketched everything."""
    folder = _folder(output)
    # All tasks are done, and what puts them together is written by one.
    with runs.held(folder):
        job = tasks.join(*_checked(inputs), config, folder)
        pieces = tasks.merge(job)
        for task in range(len(pieces)):
            tasks.lay_texts(job, pieces, task)
        with tasks.merged(job) as store:
            yield store
        runs.end(folder)


@contextmanager
def on_engine(
    inputs: Inputs, config: Config, output: Path | None, engine: str, hearing: Hearing
) -> Iterator[Report]:  # fmt: skip
    """The report of a scan on an engine, which goes on where an earlier one was stopped."""
    from dedup.engines.spark import Spark, session

    folder = _folder(output)
    needs("pyarrow", "arrow")
    with runs.held(folder), session(engine) as client:
        from dedup.spread.run import scanned

        n_files = len(expand([*inputs.paths, *inputs.against])[0])
        job = tasks.join(*_checked(inputs), config, folder, min(n_files, N_SHARES))
        rows = Spark(client, str(job.folder.absolute() / "engine"), N_SHARES)
        with hearing() as tell, scanned(rows, job, N_SHARES, tell) as report:
            yield report
    runs.end(folder)


def _folder(output: Path | None) -> Path:
    if output is None:
        raise ConfigError("tasks of one scan meet in its output: give -o as well")
    return output


def _checked(inputs: Inputs) -> Inputs:
    if "-" in [*inputs.paths, *inputs.against]:
        raise ConfigError("standard input cannot be divided among tasks")
    return inputs
