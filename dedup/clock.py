"""Time taken by the steps of a run."""

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["Clock"]

P = ParamSpec("P")
R = TypeVar("R")


class Clock:
    """Calls functions and adds up the wall time of each name in `timings`, in seconds."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}

    def __call__(self, name: str, function: Callable[P, R], *arguments: P.args, **options: P.kwargs) -> R:
        """Return what `function` returns."""
        start = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            self.timings[name] = round(self.timings.get(name, 0.0) + time.perf_counter() - start, 6)
