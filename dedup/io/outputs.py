"""Files that appear whole or not at all, in a folder that is ours to write to."""

import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from dedup.errors import OutputError
from dedup.io.disk import make_folder, sync_folder
from dedup.io.paths import expand, listed
from dedup.io.remote import is_remote

__all__ = [
    "check_apart", "check_free", "check_no_file", "check_no_folder", "check_ours", "check_outside", "check_writable",
    "remove_left", "write_file", "write_files",
]  # fmt: skip

BESIDE = (
    "report", "judgments.jsonl", "matches.parquet", "clusters.parquet", "decisions.parquet", "plan.json", "unfinished",
)  # fmt: skip
"""What other commands and options put beside results; it is not in their way."""


def check_free(folder: Path, inputs: Sequence[str]) -> None:
    """OutputError where the folder, or file, is an input, lies inside one, or holds one."""
    for found in _local(inputs):
        if _touch(folder, found) or _is_linked(folder, found):
            raise OutputError(f"output must lie apart from the input, got {folder} with {found}")


def check_apart(paths: Sequence[Path | None]) -> None:
    """OutputError where two of several outputs are one, or one lies inside another."""
    given = [path for path in paths if path is not None]
    for n, path in enumerate(given):
        for other in given[:n]:
            if _touch(path, other):
                raise OutputError(f"outputs must lie apart from one another, got {other} and {path}")


def _touch(path: Path | str, other: Path | str) -> bool:
    """Whether two paths are one place under whatever names, or one lies inside the other; devices hold nothing."""
    one, two = Path(os.path.realpath(path)), Path(os.path.realpath(other))
    if one.is_char_device():
        return False
    if one == two or one in two.parents or two in one.parents:
        return True
    try:
        return one.samefile(two)
    except OSError:
        return False


def _is_linked(path: Path, folder: str) -> bool:
    """Whether a file that is there is one of those in a folder, by a link that lies in it."""
    if not path.is_file() or not os.path.isdir(folder):
        return False
    return any(path.samefile(file.path) for file in expand([folder])[0])


def _local(inputs: Sequence[str]) -> Iterator[str]:
    """The paths that inputs stand for on this machine, and lists of them."""
    yield from (path[1:] for path in inputs if path.startswith("@") and not os.path.lexists(path))
    for path in listed(inputs):
        if path != "-" and not is_remote(path):
            yield path
            yield from glob.glob(path, recursive=True) if glob.has_magic(path) else []


def check_ours(folder: Path, names: Iterable[str]) -> None:
    """OutputError where there is such a folder and it holds other files than `names`."""
    check_no_file(folder)
    ours = tuple(names)
    found = _listed(folder)
    foreign = [name for name in found if name not in (*ours, *BESIDE) and not _is_temporary(name, (*ours, *BESIDE))]
    if foreign:
        raise OutputError(f"output folder must be new or hold an earlier output, but {folder} holds {foreign[0]}")


def check_outside(index: str, inputs: Sequence[str]) -> None:
    """OutputError where files of an index would be read as input; hidden folders of a folder are not."""
    if is_remote(index):
        return
    home = Path(os.path.realpath(index))
    for found in _local(inputs):
        place = Path(os.path.realpath(found))
        is_hidden = place in home.parents and any(part.startswith(".") for part in home.relative_to(place).parts)
        if not is_hidden and _touch(home, place):
            raise OutputError(f"the index must lie apart from the input, got {index} with {found}")


def check_no_folder(path: Path) -> None:
    """OutputError where a file is wanted and a folder has its name."""
    if os.path.isdir(path):
        raise OutputError(f"output must be a file, but {path} is a folder")


def check_no_file(folder: Path) -> None:
    """OutputError where a folder is wanted and a file has its name."""
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise OutputError(f"output must be a folder, but {folder} is a file")


def check_writable(path: Path) -> None:
    """OutputError where a file or folder of this name can neither be made nor replaced."""
    place = Path(os.path.abspath(path))
    if _is_special(place) and os.access(place, os.W_OK):
        return
    if not place.is_dir():
        place = place.parent
    while not os.path.lexists(place):
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write {path}: {place} is not a folder that can be written to")


def write_files(
    folder: Path, contents: Mapping[str, Iterable[bytes]], before: Callable[[], None] = lambda: None
) -> None:  # fmt: skip
    """Write all files, then let them appear one after another, in the order given; what was there is replaced.

    The last one says that the others are there: of an earlier output it goes before any of them appears. `before` is
    called when all are on the disk and none has appeared.
    """
    check_ours(folder, contents)

    def ready() -> None:
        before()
        (folder / list(contents)[-1]).unlink(missing_ok=True)
        sync_folder(folder)

    try:
        make_folder(folder)
        _remove_temporaries(folder, (*contents, *BESIDE))
        _write(folder, contents, ready)
    except OSError as error:
        raise _failure(folder, error) from None


def write_file(path: Path, content: Iterable[bytes]) -> None:
    """Write one file, which appears when it is complete; a device or a pipe takes what comes, and stays what it is."""
    try:
        if _is_special(path):
            with path.open("wb") as file:
                file.writelines(content)
            return
        make_folder(path.parent)
        remove_left(path)
        _write(path.parent, {path.name: content})
    except OSError as error:
        raise _failure(path, error) from None


def remove_left(path: Path) -> None:
    """Clear away what killed processes left of one file, where that can be done, in a folder that may hold all else."""
    ours = re.compile(rf"\.{re.escape(path.name)}\.[0-9]+\.tmp")
    with suppress(OSError):
        for entry in os.listdir(path.parent):
            if ours.fullmatch(entry) and not _is_alive(entry.split(".")[-2]):
                (path.parent / entry).unlink()


def _is_special(path: Path) -> bool:
    """Whether it is there, and neither a file nor a folder."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _listed(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder)) if os.path.lexists(folder) else []
    except OSError as error:
        raise _failure(folder, error) from None


def _write(
    folder: Path, contents: Mapping[str, Iterable[bytes]], before: Callable[[], None] = lambda: None
) -> None:  # fmt: skip
    temporaries = {name: folder / f".{name}.{os.getpid()}.tmp" for name in contents}
    try:
        # What is written goes to disk while the next file is made.
        with ThreadPoolExecutor(1) as pool:
            synced = [pool.submit(_sync, _written(temporaries[name], lines)) for name, lines in contents.items()]
        for done in synced:
            done.result()
        before()
        for name, temporary in temporaries.items():
            os.replace(temporary, folder / name)
        sync_folder(folder)
    finally:
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)


def _written(path: Path, lines: Iterable[bytes]) -> Path:
    with path.open("wb") as file:
        file.writelines(lines)
    return path


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _remove_temporaries(folder: Path, names: Iterable[str]) -> None:
    """Clear away what a killed run left; another that is still writing will come to an end of its own."""
    ours = tuple(names)
    for entry in os.listdir(folder):
        if _is_temporary(entry, ours) and not _is_alive(entry.split(".")[-2]):
            (folder / entry).unlink(missing_ok=True)


def _is_temporary(entry: str, names: tuple[str, ...]) -> bool:
    return entry.endswith(".tmp") and entry.startswith(tuple(f".{name}." for name in names))


def _is_alive(process: str) -> bool:
    # Windows has no way to ask without a signal; there files that are open cannot be removed.
    if os.name != "posix" or not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _failure(path: Path, error: OSError) -> OutputError:
    return OutputError(f"cannot write {path}: {error.strerror or error}")
