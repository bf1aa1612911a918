"""A scan in tasks: what each of many processes does in a folder that all of them see, and how the parts become one.

A task depends on nothing but its number, and what it leaves appears when it is complete. So tasks may run anywhere, in
any order, twice, and again after a kill; the files of the input are divided among them in their order, which is why
what they have done, end to end, is what one process would have done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from dedup.batches import Batch, as_old
from dedup.config import Config
from dedup.engines.store import Store
from dedup.errors import InputError, OutputError
from dedup.io import documents, runs
from dedup.io.paths import InputFile, expand
from dedup.pipeline import BATCH_BYTES, Tell, sketched
from dedup.records import Skipped
from dedup.stages import gather
from dedup.versions import versions

__all__ = ["Job", "join", "merge", "sketch_files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A scan that is shared: its inputs, those that they are compared with, its settings, and its folder."""

    paths: list[str]
    against: list[str]
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
    return Job(paths=paths, against=against, config=config, folder=runs.join(output, about), n_tasks=n_tasks)


def sketch_files(job: Job, task: int, tell: Tell) -> int:
    """Read and sketch the files of one task, numbered from 0; returns how many documents they held."""
    name = _name(task)
    if not (job.folder / name).exists():
        with runs.piece(job.folder, name) as folder, _store(job, folder) as store:
            sketched(_batches(job, task), job.config, store, tell)
            store.commit()
    with _store(job, job.folder / name) as store:
        return gather.Gathering(store, job.config.sketch).n_documents


def merge(job: Job, store: Store) -> None:
    """All tasks' documents and sketches as the columns of one run, which goes on from there.

    OutputError where a task has not been done.
    """
    missing = [task + 1 for task in range(job.n_tasks) if not (job.folder / _name(task)).exists()]
    if missing:
        named = ", ".join(map(str, missing[:5])) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise OutputError(f"of {job.n_tasks} tasks these have not been done: {named}")
    if store.done.get("tasks"):
        return
    gathered, taken = gather.Gathering(store, job.config.sketch), dict[str, int]()
    for task in range(job.n_tasks):
        with _store(job, job.folder / _name(task)) as own:
            part = gather.Gathering(own, job.config.sketch)
            called = part.corpus().ids
            ids = [documents.own_name(id_, taken) for id_ in called]
            gathered.extend(part, ids, _renamed(job, task, called, ids))
    if not gathered.n_documents:
        raise InputError(f"no document found in {', '.join(job.paths)}")
    store.commit(tasks=job.n_tasks)


def _name(task: int) -> str:
    return f"sketched-{task + 1:05}"


def _store(job: Job, folder: Path) -> Store:
    return Store(job.config.memory_bytes, folder, disk_bytes=job.config.disk_bytes, keeps=True)


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


def _batches(job: Job, task: int) -> Iterator[Batch | Skipped]:
    new, old, faults = _parts(job, task)
    read = (documents.read_as_named(files, job.config.input, BATCH_BYTES) for files in (new, old))
    return chain(faults, next(read), as_old(next(read), BATCH_BYTES))


def _renamed(job: Job, task: int, called: Sequence[str], ids: list[str]) -> list[Skipped]:
    """Notes for the documents whose id stands for another one too; what they were read from says where they stand."""
    own_ids = {k: own for k, (id_, own) in enumerate(zip(called, ids, strict=True)) if id_ != own}
    if not own_ids:
        return []
    new, old, _ = _parts(job, task)
    return documents.renamed([*new, *old], job.config.input, own_ids)
