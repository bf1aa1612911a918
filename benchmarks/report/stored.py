"""The results files, and the few figures of them that several tables and charts need."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

__all__ = [
    "NEAR",
    "OURS",
    "RESULTS",
    "Best",
    "Run",
    "best_of",
    "hashing",
    "of_size",
    "peers",
    "quality",
    "ran",
    "result",
    "sizes",
]

RESULTS = Path(__file__).parents[1] / "results"
OURS, NEAR = "dedup", "dedup --near"
Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One package on one task: medians of its runs, and its scores."""

    name: str
    cpu_s: float
    wall_s: float
    peak_bytes: float
    scores: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best of the others at something."""

    name: str
    value: float


def result(name: str) -> Json:
    """The content of `results/NAME.json`; empty where that was not measured yet."""
    path = RESULTS / f"{name}.json"
    found: Json = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def peers() -> Json:
    """Other packages by task."""
    return result("peers")


def hashing() -> Json:
    """The hot loop."""
    return result("hashing")


def quality() -> Json:
    """Labelled pairs."""
    return result("quality")


def sizes(found: Json) -> list[int]:
    """The numbers of texts of generated collections, from small to large."""
    return sorted(int(name) for name in found if name.isdigit())


def of_size(found: Json, n_texts: int) -> Json:
    """The task of that size."""
    task: Json = found[str(n_texts)]
    return task


def ran(task: Json) -> list[Run]:
    """The packages that came to an end, ours first, then by CPU time."""
    runs = [
        Run(
            name=name, cpu_s=median(one["cpu_s"]), wall_s=median(one["wall_s"]), peak_bytes=median(one["peak_bytes"]),
            scores=one["scores"],
        )
        for name, one in task.get("packages", {}).items()
        if "failed" not in one
    ]  # fmt: skip
    return sorted(runs, key=lambda run: (run.name != OURS, run.name != NEAR, run.cpu_s))


def best_of(values: dict[str, float], *, is_more_better: bool) -> Best | None:
    """The best of all but ours."""
    others = {name: value for name, value in values.items() if name not in (OURS, NEAR)}
    if not others:
        return None
    name = (max if is_more_better else min)(others, key=lambda name: others[name])
    n_equal = sum(value == others[name] for value in others.values())
    return Best(name=name if n_equal == 1 else f"{n_equal} of them", value=others[name])
