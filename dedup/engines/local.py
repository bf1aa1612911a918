"""The local engine: chunks mapped over threads, which the kernels let run since they release the GIL."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

__all__ = ["n_workers", "ordered_map"]


def n_workers(threads: int) -> int:
    """`threads`, or one a core that this process may use when it is 0."""
    return threads or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))


def ordered_map(function: Callable[[T], R], chunks: Iterable[T], threads: int = 0) -> Iterator[R]:
    """Results in the order of the chunks, at most two chunks a thread in flight; no threads for a single chunk."""
    workers, rest = n_workers(threads), iter(chunks)
    first = list(islice(rest, 2)) if workers > 1 else []
    if len(first) < 2:
        yield from map(function, chain(first, rest))
        return
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[R]] = deque()
        for chunk in chain(first, rest):
            waiting.append(pool.submit(function, chunk))
            if len(waiting) >= 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
