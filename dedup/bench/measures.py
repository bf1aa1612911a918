"""What a benchmark writes: measures with all their runs, curves for charts, and where they were taken."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Literal, TypeAlias, cast

from dedup.errors import InputError

__all__ = ["FORMAT", "Better", "Curve", "Measure", "Results", "merge", "read", "write"]

FORMAT = 1
Better: TypeAlias = Literal["less", "more"]
Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | int | bool | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure, as often as it was measured; `name` is "suite: figure".

    `yardstick` has, for each run, the time of a loop that never changes, or nothing. A measure without noise (`exact`)
    has one run, and any change of it is one.
    """

    name: str
    unit: str
    better: Better
    runs: tuple[float, ...]
    yardstick: tuple[float, ...] = ()
    exact: bool = False

    @property
    def median(self) -> float:
        """The median of all runs."""
        return median(self.runs)

    @property
    def spread(self) -> float:
        """Half of the distance between the quartiles, as a share of the median."""
        ordered, middle = sorted(self.runs), abs(self.median)
        quarter = len(ordered) // 4
        return (ordered[-1 - quarter] - ordered[quarter]) / 2 / middle if middle else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Lines over a common axis: `lines` by their label, each as long as `x`."""

    name: str
    title: str
    x_title: str
    y_title: str
    x: tuple[float, ...]
    lines: dict[str, tuple[float | None, ...]]
    x_log: bool = False
    y_log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All of one benchmark; `about` says when, where and how."""

    about: dict[str, Json]
    measures: tuple[Measure, ...]
    curves: tuple[Curve, ...] = ()


def merge(rounds: Iterable[Iterable[Measure]]) -> tuple[Measure, ...]:
    """The rounds' measures of one name as one, in the order of their first appearance."""
    merged: dict[str, Measure] = {}
    for measures in rounds:
        for one in measures:
            known = merged.get(one.name)
            if known is None:
                merged[one.name] = one
            elif not one.exact:
                merged[one.name] = replace(known, runs=known.runs + one.runs, yardstick=known.yardstick + one.yardstick)
    return tuple(merged.values())


def write(results: Results, path: Path) -> None:
    """Write JSON, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps({"format": FORMAT, **asdict(results)}, indent=1) + "\n", "utf-8")
    part.replace(path)


def read(path: Path) -> Results:
    """Read what `write` wrote; InputError where it is something else."""
    try:
        found = json.loads(path.read_text("utf-8"))
        if found["format"] != FORMAT:
            raise InputError(f"{path} has format {found['format']}, known is {FORMAT}")
        measures = [Measure(**{**one, **_tuples(one, "runs", "yardstick")}) for one in found["measures"]]
        curves = [Curve(**{**one, "x": tuple(one["x"]), "lines": _lines(one)}) for one in found["curves"]]
        return Results(about=found["about"], measures=tuple(measures), curves=tuple(curves))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} holds no results of dedup bench") from error


def _tuples(found: dict[str, Json], *names: str) -> dict[str, tuple[float, ...]]:
    return {name: tuple(cast("list[float]", found[name])) for name in names}


def _lines(found: dict[str, Json]) -> dict[str, tuple[float, ...]]:
    return {label: tuple(line) for label, line in cast("dict[str, list[float]]", found["lines"]).items()}
