"""A scan in tasks: what each of many processes does in a folder that all of them see, and how the parts become one.

A task depends on nothing but its number, and what it leaves appears when it is complete. So tasks may run anywhere, in
any order, twice, and again after a kill. The files of the input are divided among them in their order, which is why
what they have done, end to end, is what one process would have done. Texts are not sent around: they are read again
where they stand in the input, or lie in the folder where that cannot be, and whoever compares two of them reads both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from uuid import uuid4

import numpy as np

from dedup.arrays import Bytes
from dedup.batches import Batch, Deferred, as_old
from dedup.config import Config
from dedup.engines.store import Store
from dedup.errors import InputError, OutputError
from dedup.io import documents, reread, runs
from dedup.io.names import Names
from dedup.io.paths import InputFile, expand
from dedup.pipeline import BATCH_BYTES, Tell, silent, sketched
from dedup.records import Skipped
from dedup.stages import gather
from dedup.versions import versions

__all__ = [
    "Job", "gathering", "join", "lay_texts", "merge", "merged", "n_sketch_bytes", "own_store", "sketch_files",
    "sketch_rows",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A scan that is shared: its inputs, those that they are compared with, its settings, and its folder."""

    paths: tuple[str, ...]
    against: tuple[str, ...]
    config: Config
    folder: Path
    n_tasks: int


def join(paths: list[str], against: list[str], config: Config, output: Path, n_tasks: int = 0) -> Job:
    """The job of a folder of output; of as many tasks as it was begun with when `n_tasks` is 0.

    OutputError where the folder has tasks of other inputs or settings, or `n_tasks` is 0 and there are none.
    """
    n_tasks = n_tasks or _n_tasks(output)
    about = {"settings": config.settings(), "versions": versions(), "inputs": runs.inputs([*paths, *against])}
    about |= {"against": against, "tasks": n_tasks}
    folder = runs.join(output, about)
    return Job(paths=tuple(paths), against=tuple(against), config=config, folder=folder, n_tasks=n_tasks)


def sketch_files(job: Job, task: int, tell: Tell = silent) -> int:
    """Read and sketch the files of one task, numbered from 0; returns how many documents they held."""
    name = _sketched(task)
    if not (job.folder / name).exists():
        with runs.piece(job.folder, name) as folder, own_store(job, folder) as store:
            sketched(_batches(job, task), job.config, store, tell)
            store.commit()
    with own_store(job, job.folder / name) as store:
        return gathering(job, store).n_documents


def sketch_rows(job: Job, rows: Iterator[Batch]) -> str:
    """Sketch documents that come from elsewhere; returns the name of the piece that holds them."""
    name = f"rows-{uuid4().hex}"
    with runs.piece(job.folder, name) as folder, own_store(job, folder) as store:
        sketched(rows, job.config, store, silent)
        store.commit()
    return name


def merge(job: Job, names: Sequence[str] | None = None) -> list[str]:
    """All tasks' documents and sketches, or those of the pieces `names`, as the columns of one run; returns the pieces.

    What is left is to lay the texts that they keep. OutputError where a task has not been done.
    """
    names = _all_done(job) if names is None else list(names)
    with merged(job) as store:
        if store.done.get("tasks"):
            return names
        gathered, names_given, n_old = gathering(job, store), Names(), 0
        for task, name in enumerate(names):
            with own_store(job, job.folder / name) as own:
                part = gathering(job, own)
                corpus = part.corpus()
                called, n_old = corpus.ids, n_old + corpus.n_old
                # Rows have no place that a note could name, so there ids that repeat are an error, further on.
                ids = names_given.own(called) if job.paths else called
                gathered.extend(part, ids, _renamed(job, task, called, ids) if ids is not called else [])
                # Of texts that stand in the input nothing is kept.
                store.leave(gather.TEXTS, len(corpus.texts.values))
        _check_found(job.paths, gathered.n_documents - n_old)
        if job.against:
            _check_found(job.against, n_old)
        store.commit(tasks=len(names))
    return names


def _check_found(paths: Sequence[str], n_documents: int) -> None:
    if not n_documents:
        raise InputError(f"no document found in {', '.join(paths) or 'the rows'}")


def lay_texts(job: Job, names: Sequence[str], task: int) -> int:
    """Write the texts that one of the pieces keeps to their place in the run; returns how many bytes."""
    sizes = [_texts(job, name).nbytes for name in names[: task + 1]]
    with merged(job) as store:
        store.fill(gather.TEXTS, sum(sizes[:-1]), _texts(job, names[task]))
    return sizes[-1]


def n_sketch_bytes(job: Job) -> int:
    """Bytes of the columns that are read in one place: all but the texts."""
    with merged(job) as store:
        held = gathering(job, store)
        return store.n_disk_bytes - len(held.corpus().texts.values)


def gathering(job: Job, store: Store) -> gather.Gathering:
    """The documents and sketches in a run's columns, or in those of a piece."""
    return gather.Gathering(store, job.config.sketch, reread.read)


def _texts(job: Job, name: str) -> Bytes:
    with own_store(job, job.folder / name) as own:
        return own.column(gather.TEXTS, np.uint8).array()


def _all_done(job: Job) -> list[str]:
    missing = [task + 1 for task in range(job.n_tasks) if not (job.folder / _sketched(task)).exists()]
    if missing:
        named = ", ".join(map(str, missing[:5])) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise OutputError(f"of {job.n_tasks} tasks these have not been done: {named}")
    return [_sketched(task) for task in range(job.n_tasks)]


def merged(job: Job) -> Store:
    """The columns of the run."""
    return own_store(job, job.folder)


def own_store(job: Job, folder: Path) -> Store:
    """The columns of one piece of work."""
    return Store(job.config.memory_bytes, folder, disk_bytes=job.config.disk_bytes, keeps=True)


def _sketched(task: int) -> str:
    return f"sketched-{task + 1:05}"


def _n_tasks(output: Path) -> int:
    found = (runs.read(output) or {}).get("tasks")
    if not isinstance(found, int):
        raise OutputError(f"no task has been done in {output}")
    return found


def _parts(job: Job, task: int) -> tuple[list[InputFile], list[InputFile], list[Skipped]]:
    """The new and the old files of a task, and with the first what is wrong with the paths."""
    (new, faults), (old, more) = expand(job.paths), expand(job.against) if job.against else ([], [])
    own = documents.in_parts([*new, *old], job.n_tasks)[task]
    olds = {id(file) for file in old}
    return (
        [file for file in own if id(file) not in olds],
        [file for file in own if id(file) in olds],
        [*faults, *more] if task == 0 else [],
    )


def _batches(job: Job, task: int) -> Iterator[Batch | Deferred | Skipped]:
    new, old, faults = _parts(job, task)
    read = (documents.read_as_named(files, job.config.input, BATCH_BYTES) for files in (new, old))
    return chain(faults, next(read), as_old(next(read), BATCH_BYTES))


def _renamed(job: Job, task: int, called: Sequence[str], ids: Sequence[str]) -> list[Skipped]:
    """Notes for the documents whose id stands for another one too; what they were read from says where they stand."""
    own_ids = {k: own for k, (id_, own) in enumerate(zip(called, ids, strict=True)) if id_ != own}
    new, old, _ = _parts(job, task)
    return documents.renamed([*new, *old], job.config.input, own_ids)
