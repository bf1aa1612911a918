"""A whole scan on an engine: it runs the shares of every step; stages and kernels are the same everywhere."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, chdir, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache, partial
from threading import BoundedSemaphore, Lock
from typing import Generic, TypeVar

import numpy as np
import pyarrow as pa

from dedup.arrays import Rows
from dedup.clock import Clock
from dedup.engines import local
from dedup.engines.components import components
from dedup.engines.protocol import Batches, Engine
from dedup.io import arrow_batches
from dedup.pipeline import Learned, Tell, reported, silent
from dedup.records import Grouping, Report
from dedup.rehearsal import rehearse_scan
from dedup.spread import steps
from dedup.spread.tasks import Job, lay_texts, merge, merged, n_sketch_bytes, sketch_files, sketch_rows
from dedup.stages import found, unique

__all__ = ["scanned"]

DONE = {"number": "bigint", "done": "bigint"}
FEW_PAIRS = 1 << 24
"""Up to this many links one process has the components sooner than an engine has begun."""

WARMING = Lock()
AT_ONCE = BoundedSemaphore(local.n_workers(0))
"""Shares that a process works on: Sail begins all of a step at once, and each takes the memory of a thread."""

F = TypeVar("F")
S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run(Generic[F]):
    """A job on an engine, a step in at most `n_shares`; `moved` are bytes that crossed, by what they are."""

    engine: Engine[F]
    job: Job
    n_shares: int
    clock: Clock
    moved: dict[str, int] = field(default_factory=dict)

    def step(self, timing: str, step: str) -> None:
        work = partial(steps.link, self.job) if step == steps.LINKS else partial(steps.compare, self.job, step)
        n_bytes = self.clock(timing, each, self.engine, steps.shares(self.job, step, self.n_shares), work)
        self.moved["texts"] = self.moved.get("texts", 0) + n_bytes


@contextmanager
def scanned(engine: Engine[F], job: Job, n_shares: int, tell: Tell = silent) -> Iterator[Report]:
    """The report of a job over files, which is made when looked at, within the context."""
    run = _Run(engine=engine, job=_for_a_worker(job), n_shares=n_shares, clock=Clock())
    run.clock("sketch", each, engine, range(job.n_tasks), partial(sketch_files, run.job))
    with _compared(run, job, tell, None) as report:
        yield report


@contextmanager
def scanned_rows(engine: Engine[F], rows: F, job: Job, n_shares: int) -> Iterator[Report]:
    """The same of rows that the engine has, with the columns `io.arrow_batches.FIELDS`."""
    run = _Run(engine=engine, job=_for_a_worker(job), n_shares=n_shares, clock=Clock())
    pieces = run.clock("sketch", _pieces, engine, rows, run.job)
    with _compared(run, job, silent, pieces) as report:
        yield report


@contextmanager
def _compared(run: _Run[F], job: Job, tell: Tell, pieces: list[str] | None) -> Iterator[Report]:
    """All that follows on sketches; `job` is that of the driver."""
    pieces = run.clock("merge", merge, job, pieces)
    run.clock("merge", each, run.engine, range(len(pieces)), partial(lay_texts, run.job, pieces))
    run.moved["sketches"] = n_sketch_bytes(job)
    steps.propose(job, run.clock, tell)
    learned = steps.proposal(job)
    run.step("verify", steps.PROPOSED)
    with merged(job) as store:
        steps.lay_parts(job, steps.gathered(job, [steps.PROPOSED], run.n_shares, store), learned.known)
    run.step("cluster", steps.PARTS)
    with merged(job) as store:
        matched = steps.gathered(job, [steps.PROPOSED, steps.PARTS], run.n_shares, store)
        made = _grouped(run, learned, matched)
    with merged(job) as store:
        matched = steps.gathered(job, [steps.PROPOSED, steps.PARTS, steps.MEMBERS], run.n_shares, store)
        run.moved["verdicts"] = store.n_disk_bytes
        report = reported(learned, matched, made, job.config, run.clock)
        yield replace(report, summary={**report.summary, "moved_bytes": run.moved})


def _grouped(run: _Run[F], learned: Learned, matched: found.Found) -> list[Grouping]:
    """The clusters; every member is measured against its representative when this is done."""
    pairs, n_nodes = matched.pairs(), len(learned.known.rows)
    groups = run.clock("components", partial(_components, run.engine, n_nodes), *steps.likely(run.job, pairs))
    steps.lay_links(run.job, pairs, groups)
    run.step("cluster", steps.LINKS)
    made = steps.groupings(run.job, run.n_shares)
    steps.lay_members(run.job, made, matched, learned.known)
    run.step("cluster", steps.MEMBERS)
    return made


def each(engine: Engine[F], shares: Sequence[S], work: Callable[[S], int]) -> int:
    """Do `work` for every share wherever the engine likes; the sum of what it returns."""
    if not shares:
        return 0
    done = engine.collect(engine.map(engine.numbers(len(shares)), partial(_numbered, os.getcwd(), shares, work), DONE))
    return sum(done["done"].to_pylist())


def _pieces(engine: Engine[F], rows: F, job: Job) -> list[str]:
    """The names of what workers have made of the rows; what a lost one had made is not among them."""
    done = engine.collect(engine.map(rows, partial(_sketched, os.getcwd(), _for_a_worker(job)), {"piece": "string"}))
    return sorted(done["piece"].to_pylist())


def _sketched(folder: str, job: Job, batches: Batches) -> Batches:
    _warm()
    with _within(folder):
        name = sketch_rows(job, arrow_batches.batches(batches, job.config.input))
    yield pa.RecordBatch.from_pydict({"piece": pa.array([name])})


def _for_a_worker(job: Job) -> Job:
    """The engine has a task running on every core already, so one thread each unless told otherwise."""
    return replace(job, config=replace(job.config, threads=job.config.threads or 1))


def _warm() -> None:
    """Load the kernels, once a process: Sail's workers are threads of one, and two must not compile at once."""
    with WARMING:
        _warmed()


@cache
def _warmed() -> None:
    rehearse_scan()


def _numbered(folder: str, shares: Sequence[S], work: Callable[[S], int], batches: Batches) -> Batches:
    _warm()
    for batch in batches:
        for number in batch["number"].to_pylist():
            with AT_ONCE, _within(folder):
                done = work(shares[number])
            yield pa.RecordBatch.from_pydict({"number": pa.array([number]), "done": pa.array([done])})


def _within(folder: str) -> AbstractContextManager[None]:
    """In the driver's folder, where relative paths begin, if this machine has it; Spark's workers have one each."""
    return chdir(folder) if os.getcwd() != folder and os.path.isdir(folder) else nullcontext()


def _components(engine: Engine[F], n_nodes: int, left: Rows, right: Rows) -> tuple[Rows, Rows]:
    """The nodes of some pairs, ascending, and the least node of the component of each."""
    if len(left) > FEW_PAIRS:
        return components(engine, left, right)
    nodes = np.unique(np.concatenate([left, right]))
    return nodes, unique.components(left, right, n_nodes)[nodes]
