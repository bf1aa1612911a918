"""`dedup scan --task` and `--finish`: one scan by many processes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from dedup import tasks
from dedup.cli.limits import Inputs
from dedup.cli.progress import Watch, progress
from dedup.config import Config
from dedup.engines.store import Store
from dedup.errors import ConfigError
from dedup.io import runs

__all__ = ["Share", "finishing", "run_task", "share"]


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


def run_task(inputs: Inputs, config: Config, output: Path | None, task: Share, out: Console, *, quiet: bool) -> None:
    """Do one share of the work."""
    job = tasks.join(*_checked(inputs), config, _folder(output), task.n_tasks)
    with progress(out, quiet=quiet, watch=Watch()) as tell:
        n_documents = tasks.sketch_files(job, task.number - 1, tell)
    if not quiet:
        documents = "document" if n_documents == 1 else "documents"
        out.print(f"task {task.number} of {task.n_tasks} is done: {n_documents:,} {documents}")


@contextmanager
def finishing(inputs: Inputs, config: Config, output: Path | None) -> Iterator[Store]:
    """The store of a run whose tasks are all done, as if one process had read and sketched everything."""
    folder = _folder(output)
    job = tasks.join(*_checked(inputs), config, folder)
    with Store(config.memory_bytes, job.folder, disk_bytes=config.disk_bytes, keeps=True) as store:
        tasks.merge(job, store)
    with Store(config.memory_bytes, job.folder, disk_bytes=config.disk_bytes, keeps=True) as store:
        yield store
    runs.end(folder)


def _folder(output: Path | None) -> Path:
    if output is None:
        raise ConfigError("tasks of one scan meet in its output: give -o as well")
    return output


def _checked(inputs: Inputs) -> Inputs:
    if "-" in [*inputs.paths, *inputs.against]:
        raise ConfigError("standard input cannot be divided among tasks")
    return inputs
