"""Two versions of the sources measured in turns: whatever the machine does in a minute, it does to both.

A machine that others use too is half as fast again in one minute as in the next, and more runs do not mend that. So the
unit is a pair: a process of the one and at once a process of the other, which of them first by turns. The hot loop has
both processes alive on one core, and a window of some milliseconds of each by turns.
"""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from statistics import median
from uuid import uuid4

from dedup.bench.measures import Measure, Results, merge
from dedup.bench.process import Program, surrounded
from dedup.bench.profile import Collections, Profile, Task, Tell, tasks, warm_up
from dedup.bench.suites import hashing_measures
from dedup.bench.surroundings import describe, load
from dedup.errors import EngineError, InputError

__all__ = ["IN_TURNS", "are_sources", "measure_both"]

IN_TURNS = Profile(rounds=12, seconds=900, sizes=(500, 2_000, 6_000), index_documents=2_000)
"""Fewer pairs than eleven could not show anything of some thirty measures, however large."""
N_WINDOWS = 24
PACKAGE = "dedup"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One of the two: what it was called, and how it is run."""

    name: str
    program: Program


def are_sources(name: str) -> bool:
    """Whether it is a folder with the package in it, or a commit of the repository that one stands in."""
    return (Path(name) / PACKAGE / "__init__.py").exists() or bool(_git("rev-parse", "-q", "--verify", f"{name}^{{}}"))


def measure_both(before: str, after: str, profile: Profile, tell: Tell) -> tuple[Results, Results]:
    """Measure sources or commits; the runs of the two results belong together one by one."""
    start, busy, started = time.perf_counter(), load(), datetime.now(UTC).isoformat(timespec="seconds")
    with tempfile.TemporaryDirectory(prefix="dedup-bench-") as made:
        folder = Path(made)
        # Paths of one length: where they lie moves the stack of a process, and with it its speed.
        sides = [_side(name, folder / place) for name, place in ((before, "a"), (after, "b"))]
        tell("collections")
        collections = Collections.make(folder, profile)
        for side in sides:
            tell(f"warm-up of {side.name}")
            warm_up(side.program, collections, folder)
        found: tuple[list[list[Measure]], ...] = ([], [])
        for k in range(profile.rounds):
            tell(f"pair {k + 1} of {profile.rounds}")
            for rounds, measures in zip(found, _pair(sides, tasks(collections, folder), k), strict=True):
                rounds.append(measures)
    about: dict[str, object] = {
        "profile": "in turns", "settings": asdict(profile), "rounds": profile.rounds, "turns": uuid4().hex,
        "started": started, "wall_s": round(time.perf_counter() - start, 1),
        "load": {"before": busy, "after": load()},
    }  # fmt: skip
    first, second = (
        Results(about={**about, "machine": {**describe(), "commit": side.name}}, measures=merge(rounds))  # type: ignore[dict-item]
        for side, rounds in zip(sides, found, strict=True)
    )
    return first, second


def _side(name: str, place: Path) -> _Side:
    """A copy of the package, so that neither bytecode nor the place of the sources tells the two apart."""
    place.mkdir()
    given = Path(name)
    if (given / PACKAGE / "__init__.py").exists():
        shutil.copytree(given / PACKAGE, place / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
        return _Side(name=str(given.resolve().name), program=Program(sources=place))
    packed = subprocess.run(["git", "archive", name, PACKAGE], capture_output=True)  # noqa: S603, S607
    if packed.returncode:
        raise InputError(f"{name} has no package {PACKAGE} at the top: {packed.stderr.decode().strip()}")
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(place, filter="data")
    return _Side(name=_git("describe", "--always", name) or name, program=Program(sources=place))


def _git(*command: str) -> str:
    try:
        return subprocess.run(["git", *command], capture_output=True, text=True).stdout.strip()  # noqa: S603, S607
    except FileNotFoundError:
        return ""


def _pair(sides: Sequence[_Side], parts: Sequence[Task], k: int) -> tuple[list[Measure], list[Measure]]:
    """Everything once for each of the two; `k` says which goes first."""
    first, second = _hot_loops(sides, k)
    found = (first, second)
    for j, part in enumerate(parts):
        order = (0, 1) if (j + k) % 2 == 0 else (1, 0)
        for which in order:
            found[which].extend(part(sides[which].program))
    return found


def _hot_loops(sides: Sequence[_Side], k: int) -> tuple[list[Measure], list[Measure]]:
    """The steps of the hot loop: the median of the first, and the median of the windows' ratios times as much."""
    with ExitStack() as stack:
        loops = []
        for side in sides:
            loops.append(_Loop(side, k))
            stack.callback(loops[-1].stop)
        windows: list[list[dict[str, float]]] = [[], []]
        for j in range(N_WINDOWS):
            for which in (0, 1) if (j + k) % 2 == 0 else (1, 0):
                windows[which].append(loops[which].window())
        n_tokens, n_bytes = loops[0].n_tokens, loops[0].n_bytes / loops[0].n_tokens
    first, second = dict[str, float](), dict[str, float]()
    for name in (one for one in windows[0][0] if one in windows[1][0]):
        pairs = [(a[name], b[name]) for a, b in zip(*windows, strict=True)]
        first[name] = 1e9 * median(a for a, _ in pairs) / n_tokens
        second[name] = first[name] * median(b / a for a, b in pairs)
    return list(hashing_measures(first, n_bytes)), list(hashing_measures(second, n_bytes))


class _Loop:
    """A process with the hot loop of one side, on the core that both have in this round."""

    def __init__(self, side: _Side, k: int) -> None:
        self._side = side
        self._process = subprocess.Popen(  # noqa: S603
            side.program.command("dedup.bench.hot", "turns"), env=surrounded(side.program.environment()), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        if hasattr(os, "sched_setaffinity"):
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(self._process.pid, {cores[k % len(cores)]})
        found = self._line()
        self.n_tokens, self.n_bytes = found["tokens"], found["bytes"]

    def window(self) -> dict[str, float]:
        """Seconds of each step."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._line()

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _line(self) -> dict[str, float]:
        assert self._process.stdout is not None
        try:
            return dict(json.loads(self._process.stdout.readline()))
        except ValueError as error:
            self.stop()
            raise EngineError(f"the hot loop of {self._side.name} cannot be measured in turns") from error
