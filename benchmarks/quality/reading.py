"""Precision of clusters that were read one by one: one member of each, held against the representative."""

import json
from collections import defaultdict
from math import sqrt
from pathlib import Path

from dedup.errors import InputError

__all__ = ["precision", "wilson"]

CONFIDENT = 1.96
"""Standard deviations of a normal distribution that hold 95 % of it."""


def precision(path: Path) -> dict[str, dict[str, float | list[float] | None]]:
    """The share of pairs labelled `yes`, with its interval, of each `relation` and of all; `unsure` counts for neither.

    `path` has one JSON object a line: `relation` and `label`, one of `yes`, `no` and `unsure`.
    """
    counted: dict[str, dict[str, int]] = defaultdict(lambda: {"yes": 0, "no": 0, "unsure": 0})
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from None
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            for name in ("all", row["relation"]):
                counted[name][row["label"]] += 1
        except (ValueError, TypeError, KeyError):
            raise InputError(f"{path}:{number} has no relation and label, one of yes, no and unsure") from None
    return {name: _row(**labels) for name, labels in counted.items()}


def wilson(right: int, n: int) -> tuple[float, float]:
    """The interval of 95 % around a share of `n` > 0 draws [Wilson 1927]."""
    spread = CONFIDENT * sqrt(right * (n - right) / n + CONFIDENT**2 / 4)
    middle = right + CONFIDENT**2 / 2
    return (middle - spread) / (n + CONFIDENT**2), (middle + spread) / (n + CONFIDENT**2)


def _row(yes: int, no: int, unsure: int) -> dict[str, float | list[float] | None]:
    n = yes + no
    counts: dict[str, float | list[float] | None] = {"yes": yes, "no": no, "unsure": unsure}
    return counts | {"precision": yes / n if n else None, "interval": [*wilson(yes, n)] if n else None}
