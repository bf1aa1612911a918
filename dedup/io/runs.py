"""What a run has done so far, in a folder beside its output, so that a killed one goes on and does not begin anew.

A run may be shared by many processes, on many machines that see the folder: each piece of work is a folder of its own,
which appears when it is complete, whoever did it, and however often.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from dedup.errors import OutputError
from dedup.io import remote
from dedup.io.paths import expand

__all__ = ["FOLDER", "begin", "check_unshared", "end", "held", "inputs", "join", "piece", "read"]

FOLDER = "unfinished"
ENDED = ".ended-"
"""How the name begins that it has while it is removed; what a kill leaves of it goes with the next run's."""
STAMP = "about.json"
LAYOUT = 5
"""Of what runs keep in their folders; raised whenever that changes, as none may go on with what it misreads."""

About = Mapping[str, object]
"""What a run is of: its inputs and settings; JSON can hold it."""


def begin(output: Path, about: About, *, resume: bool) -> Path:
    """The folder for what a run has done: empty, or with `resume` as an earlier run of the same left it.

    OutputError where the earlier run was of other inputs or settings, or is shared, or where the folder cannot be made.
    """
    check_unshared(output)
    folder, said = output / FOLDER, _said(about)
    if resume:
        before = read(output)
        if before is not None:
            _check_same(f"cannot resume {output}", "without --resume the run begins anew", before, said)
            return folder
    try:
        end(output)
        folder.mkdir(parents=True)
        temporary = folder / f"{STAMP}.tmp"
        temporary.write_text(json.dumps(said))
        os.replace(temporary, folder / STAMP)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from None
    return folder


def join(output: Path, about: About) -> Path:
    """The folder of a run that is shared, made by whoever comes first.

    OutputError where what is there is of other inputs or settings, or where the folder cannot be made.
    """
    folder, said = output / FOLDER, _said(about)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".about-") as file:
            file.write(json.dumps(said))
            file.flush()
            # Of several that come at once one is first, and all others see its stamp and no half of one.
            with suppress(FileExistsError):
                os.link(file.name, folder / STAMP)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from None
    before = read(output)
    remedy = f"remove {folder} to begin anew"
    _check_same(f"cannot share the run in {output}", remedy, before or {}, said)
    return folder


def check_unshared(output: Path) -> None:
    """OutputError where the folder holds work of tasks, which whoever begins a run of its own would throw away."""
    if "tasks" in (read(output) or {}):
        raise OutputError(
            f"{output} holds tasks of a scan by many processes: --finish or --engine goes on with them; "
            f"remove {output / FOLDER} to begin anew"
        )


@contextmanager
def held(output: Path, *, together: bool = False) -> Iterator[None]:
    """A folder of output that no other run writes to, or none but others that do their work `together`.

    OutputError where one does, or where the folder cannot be made. A lock ends with its process, however that ends.
    """
    # Windows can neither open nor lock a folder.
    if os.name != "posix":
        yield
        return
    import fcntl

    try:
        output.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(output, os.O_RDONLY)
    except OSError as error:
        raise OutputError(f"cannot write {output}: {error.strerror or error}") from None
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if together else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(f"another run is writing to {output}") from None
        except OSError:
            # Not every file system has locks.
            pass
        yield
    finally:
        os.close(descriptor)


@contextmanager
def piece(folder: Path, name: str) -> Iterator[Path]:
    """A new folder to do one piece of work in; it is called `name` when the context ends without error.

    Where another was quicker its work stays, which is the same.
    """
    own = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=folder))
    try:
        yield own
        with suppress(OSError):
            os.rename(own, folder / name)
    finally:
        shutil.rmtree(own, ignore_errors=True)
    if not (folder / name).is_dir():
        raise OutputError(f"cannot write {folder / name}")


def end(output: Path) -> None:
    """Nothing is left to go on with: the folder is gone at once, as half of one would be taken for a run's."""
    if (output / FOLDER).exists():
        with suppress(OSError):
            os.rename(output / FOLDER, Path(tempfile.mkdtemp(prefix=ENDED, dir=output)) / FOLDER)
    for ended in output.glob(f"{ENDED}*"):
        shutil.rmtree(ended, ignore_errors=True)


def inputs(paths: Sequence[str]) -> dict[str, list[int | str]]:
    """Of every input file its place in their order, size and time of the last change; of an address what is known."""
    return {remote.shown(file.path): [at, *_state(file.path)] for at, file in enumerate(expand(paths)[0])}


def _said(about: About) -> Mapping[str, object]:
    """As it is read again."""
    said: Mapping[str, object] = json.loads(json.dumps({**about, "layout of work files": LAYOUT}))
    return said


def _state(path: str) -> list[int | str]:
    if remote.is_remote(path):
        # What is shown of an address is without passwords, which no file of a run should hold.
        return [hashlib.blake2b(path.encode(), digest_size=8).hexdigest(), remote.size_of(path)]
    try:
        state = os.stat(path)
    except OSError:
        return []
    return [state.st_size, state.st_mtime_ns]


def read(output: Path) -> Mapping[str, object] | None:
    """What the unfinished run in a folder is of; None where there is none."""
    try:
        found = json.loads((output / FOLDER / STAMP).read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _check_same(refusal: str, remedy: str, before: Mapping[str, object], now: Mapping[str, object]) -> None:
    changed = sorted(_differences("", before, now))
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise OutputError(f"{refusal}, since these have changed: {', '.join(changed[:3])}{more}; {remedy}")


def _differences(name: str, before: object, now: object) -> list[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            found
            for key in before.keys() | now.keys()
            for found in _differences(f"{name}.{key}" if name else key, before.get(key), now.get(key))
        ]
    return [] if before == now else [name]
