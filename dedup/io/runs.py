"""What a run has done so far, in a folder beside its output, so that a killed one goes on and does not begin anew."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from dedup.errors import OutputError
from dedup.io.paths import expand

__all__ = ["FOLDER", "begin", "end", "inputs"]

FOLDER = "unfinished"
STAMP = "about.json"

About = Mapping[str, object]
"""What a run is of: its inputs and settings; JSON can hold it."""


def begin(output: Path, about: About, *, resume: bool) -> Path:
    """The folder for what a run has done: empty, or with `resume` as an earlier run of the same left it.

    OutputError where the earlier run was of other inputs or settings, or where the folder cannot be made.
    """
    folder = output / FOLDER
    said = json.loads(json.dumps(about))
    if resume:
        before = _read(folder / STAMP)
        if before is not None:
            _check_same(folder, before, said)
            return folder
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        temporary = folder / f"{STAMP}.tmp"
        temporary.write_text(json.dumps(said))
        os.replace(temporary, folder / STAMP)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from None
    return folder


def end(output: Path) -> None:
    """Nothing is left to go on with."""
    shutil.rmtree(output / FOLDER, ignore_errors=True)


def inputs(paths: Sequence[str]) -> dict[str, list[int]]:
    """Size and time of the last change of every input file; nothing for what lies elsewhere."""
    found = {}
    for file in expand(paths)[0]:
        try:
            state = os.stat(file.path)
        except OSError:
            continue
        found[file.path] = [state.st_size, state.st_mtime_ns]
    return found


def _read(path: Path) -> Mapping[str, object] | None:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _check_same(folder: Path, before: Mapping[str, object], now: Mapping[str, object]) -> None:
    changed = sorted(_differences("", before, now))
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise OutputError(
            f"cannot resume {folder.parent}, since these have changed: {', '.join(changed[:3])}{more};"
            " without --resume the run begins anew"
        )


def _differences(name: str, before: object, now: object) -> list[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            found
            for key in before.keys() | now.keys()
            for found in _differences(f"{name}.{key}" if name else key, before.get(key), now.get(key))
        ]
    return [] if before == now else [name]
