"""The one thread that writes to an index: requests queue, and those that wait together are one step.

What makes a step durable costs the same for ten documents as for a thousand, so under load the requests of several
clients are remembered at once, in the order in which they came.
"""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from dedup.errors import EngineError
from dedup.records import Answer, Document

if TYPE_CHECKING:
    from dedup.index import Index

__all__ = ["BusyError", "Writer"]

STEP_DOCUMENTS = 1_000
Kind = Literal["add", "filter", "remove"]


class BusyError(EngineError):
    """So much waits already that the wait would be too long."""


@dataclass(slots=True, kw_only=True)
class _Job:
    """One request."""

    kind: Kind
    documents: Sequence[Document] = ()
    ids: Sequence[str] = ()
    answers: Future[list[Answer]] = field(default_factory=Future)
    n_removed: Future[int] = field(default_factory=Future)

    @property
    def future(self) -> "Future[list[Answer]] | Future[int]":
        """What whoever asks waits for."""
        return self.n_removed if self.kind == "remove" else self.answers


class Writer:
    """Takes requests from any thread and does them one step after another; `most` documents may wait."""

    def __init__(self, index: "Index", most: int) -> None:
        self._index, self._most = index, most
        self._jobs, self._n_waiting, self._is_closed = deque[_Job](), 0, False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="writer")
        self._thread.start()

    @property
    def n_waiting(self) -> int:
        """How many documents wait."""
        return self._n_waiting

    @property
    def is_alive(self) -> bool:
        """Whether requests are taken."""
        return self._thread.is_alive() and not self._is_closed

    def take(self, kind: Literal["add", "filter"], documents: Sequence[Document]) -> Future[list[Answer]]:
        """Add or filter documents in their turn; `BusyError` where too many wait."""
        job = _Job(kind=kind, documents=documents)
        self._put(job)
        return job.answers

    def remove(self, ids: Sequence[str]) -> Future[int]:
        """Remove documents in their turn."""
        job = _Job(kind="remove", ids=ids)
        self._put(job)
        return job.n_removed

    def close(self) -> None:
        """Finish what waits, and take no more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()

    def _put(self, job: _Job) -> None:
        with self._changed:
            if self._is_closed:
                raise BusyError("the server is being stopped")
            if self._n_waiting + len(job.documents) > self._most:
                raise BusyError(f"{self._n_waiting:,} documents wait already")
            self._jobs.append(job)
            self._n_waiting += len(job.documents)
            self._changed.notify()

    def _run(self) -> None:
        while jobs := self._next():
            self._do(jobs)

    def _next(self) -> list[_Job]:
        """The next jobs that are one step; none when there will be no more. Jobs given up meanwhile are left out."""
        with self._changed:
            jobs = list[_Job]()
            while not jobs:
                while not self._jobs and not self._is_closed:
                    self._changed.wait()
                if not self._jobs:
                    return []
                jobs = [job for job in self._taken() if job.future.set_running_or_notify_cancel()]
            return jobs

    def _taken(self) -> list[_Job]:
        first = self._jobs.popleft()
        taken, n_documents = [first], len(first.documents)
        while first.kind != "remove" and self._jobs and self._jobs[0].kind == first.kind:
            n_documents += len(self._jobs[0].documents)
            if n_documents > STEP_DOCUMENTS:
                break
            taken.append(self._jobs.popleft())
        self._n_waiting -= sum(len(job.documents) for job in taken)
        return taken

    def _do(self, jobs: Sequence[_Job]) -> None:
        try:
            if jobs[0].kind == "remove":
                jobs[0].n_removed.set_result(self._index.remove(jobs[0].ids))
                return
            documents = [document for job in jobs for document in job.documents]
            take = self._index.filter if jobs[0].kind == "filter" else self._index.add
            answers = iter(take(documents))
            for job in jobs:
                job.answers.set_result([next(answers) for _ in job.documents])
        except Exception as error:
            for job in jobs:
                if not job.future.done():
                    job.future.set_exception(error)
