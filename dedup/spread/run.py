"""A whole scan on an engine: it runs the shares of every step; stages and kernels are the same everywhere."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa

from dedup.arrays import Rows
from dedup.clock import Clock
from dedup.engines.components import components
from dedup.engines.protocol import Batches, Engine
from dedup.io import arrow_batches
from dedup.pipeline import Tell, reported, silent
from dedup.records import Report
from dedup.spread import steps
from dedup.spread.tasks import Job, merge, merged, sketch_files, sketch_rows
from dedup.stages import unique

__all__ = ["scanned"]

DONE = {"number": "bigint", "done": "bigint"}
FEW_PAIRS = 1 << 24
"""Up to this many links one process has the components sooner than an engine has begun."""

F = TypeVar("F")
S = TypeVar("S")


@contextmanager
def scanned(engine: Engine[F], job: Job, n_shares: int, tell: Tell = silent) -> Iterator[Report]:
    """The report of a job over files, which is made when looked at, within the context."""
    clock = Clock()
    clock("sketch", each, engine, range(job.n_tasks), partial(sketch_files, _for_a_worker(job)))
    clock("merge", merge, job)
    with _compared(engine, job, n_shares, clock, tell) as report:
        yield report


@contextmanager
def scanned_rows(engine: Engine[F], rows: F, job: Job, n_shares: int) -> Iterator[Report]:
    """The same of rows that the engine has, with the columns `io.arrow_batches.FIELDS`."""
    clock = Clock()
    pieces = clock("sketch", _pieces, engine, rows, job)
    clock("merge", merge, job, pieces)
    with _compared(engine, job, n_shares, clock, silent) as report:
        yield report


@contextmanager
def _compared(engine: Engine[F], job: Job, n_shares: int, clock: Clock, tell: Tell) -> Iterator[Report]:
    steps.propose(job, clock, tell)
    whole, job = job, _for_a_worker(job)
    learned = steps.proposal(job)
    with merged(job) as store:
        clock("verify", _step, engine, job, steps.PROPOSED, n_shares)
        matched = steps.gathered(job, [steps.PROPOSED], n_shares, store)
        pairs = matched.pairs()
        groups = clock("components", partial(_components, engine, len(learned.known.rows)), *steps.likely(job, pairs))
        steps.lay_links(job, pairs, groups)
        clock("cluster", _step, engine, job, steps.LINKS, n_shares)
        made = steps.groupings(job, n_shares)
        steps.lay_members(job, made, matched, learned.known)
        clock("cluster", _step, engine, job, steps.MEMBERS, n_shares)
    with merged(job) as store:
        matched = steps.gathered(job, [steps.PROPOSED, steps.MEMBERS], n_shares, store)
        yield reported(learned, matched, made, whole.config, clock)


def _step(engine: Engine[F], job: Job, step: str, n_shares: int) -> int:
    work = partial(steps.link, job) if step == steps.LINKS else partial(steps.compare, job, step)
    return each(engine, steps.shares(job, step, n_shares), work)


def each(engine: Engine[F], shares: Sequence[S], work: Callable[[S], int]) -> int:
    """Do `work` for every share wherever the engine likes; the sum of what it returns."""
    if not shares:
        return 0
    done = engine.collect(engine.map(engine.numbers(len(shares)), partial(_numbered, shares, work), DONE))
    return sum(done["done"].to_pylist())


def _pieces(engine: Engine[F], rows: F, job: Job) -> list[str]:
    """The names of what workers have made of the rows; what a lost one had made is not among them."""
    done = engine.collect(engine.map(rows, partial(_sketched, _for_a_worker(job)), {"piece": "string"}))
    return sorted(done["piece"].to_pylist())


def _sketched(job: Job, batches: Batches) -> Batches:
    name = sketch_rows(job, arrow_batches.batches(batches, job.config.input))
    yield pa.RecordBatch.from_pydict({"piece": pa.array([name])})


def _for_a_worker(job: Job) -> Job:
    """The engine has a task running on every core already, so one thread each unless told otherwise."""
    return replace(job, config=replace(job.config, threads=job.config.threads or 1))


def _numbered(shares: Sequence[S], work: Callable[[S], int], batches: Batches) -> Batches:
    for batch in batches:
        for number in batch["number"].to_pylist():
            yield pa.RecordBatch.from_pydict({"number": pa.array([number]), "done": pa.array([work(shares[number])])})


def _components(engine: Engine[F], n_nodes: int, left: Rows, right: Rows) -> tuple[Rows, Rows]:
    """The nodes of some pairs, ascending, and the least node of the component of each."""
    if len(left) > FEW_PAIRS:
        return components(engine, left, right)
    nodes = np.unique(np.concatenate([left, right]))
    return nodes, unique.components(left, right, n_nodes)[nodes]
