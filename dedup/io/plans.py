"""The plan of a run beside its results, so that the run can say afterwards how true it came."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from dedup.errors import InputError, OutputError
from dedup.io import outputs

__all__ = ["check", "check_room", "content", "read", "write"]

NAME = "plan.json"


def check(folder: Path, inputs: Sequence[str]) -> None:
    """OutputError where a plan cannot go to the folder, or must not."""
    outputs.check_free(folder, inputs)
    outputs.check_no_file(folder)
    outputs.check_writable(folder)


def check_room(folder: Path, n_bytes: int) -> None:
    """OutputError where the disk of the folder has less room."""
    place = Path(os.path.abspath(folder))
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if n_bytes > free:
        raise OutputError(f"results need {n_bytes:,} bytes of disk, and {place} has {free:,}")


def content(plan: Mapping[str, object]) -> bytes:
    """A plan as JSON, with its end."""
    return orjson.dumps(plan, option=orjson.OPT_INDENT_2) + b"\n"


def write(plan: Mapping[str, object], folder: Path) -> None:
    """Write a plan into the folder of the results to come."""
    outputs.write_file(folder / NAME, [content(plan)])


def read(folder: Path) -> dict[str, object] | None:
    """The plan in a folder; None where there is none."""
    try:
        found = json.loads((folder / NAME).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {folder / NAME}: {error}") from None
    return found if isinstance(found, dict) else None
