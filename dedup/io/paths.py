"""Paths as they are given, to the files that they stand for."""

import glob
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache

from dedup.errors import InputError
from dedup.io import remote
from dedup.records import Skipped

__all__ = ["InputFile", "expand", "listed"]

OF_AN_INDEX = ("index.json", "segments", os.path.join("records", "CURRENT"))
"""What stands in the directory of an index, and together nowhere else."""


ANY_DEPTH = "**"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One file of the input: `place` is how it is called in messages, `name` how its documents' ids begin."""

    path: str
    place: str
    name: str


def expand(paths: Sequence[str]) -> tuple[list[InputFile], list[Skipped]]:
    """Every file that `paths` stand for, each once, in the order given; a folder's by name, without hidden ones."""
    files: dict[str, InputFile] = {}
    skipped: list[Skipped] = []
    _real_folder.cache_clear()
    for path in listed(paths):
        for item in _files_of(path):
            if isinstance(item, Skipped):
                skipped.append(item)
            elif files.setdefault(_identity(item), item) is not item:
                skipped.append(Skipped(place=item.place, reason="named twice, read once"))
    return _with_own_names(list(files.values())), skipped


def listed(paths: Sequence[str]) -> list[str]:
    """The paths, with `@FILE` replaced by the paths that stand in FILE, one a line; InputError where FILE is not there.

    A file whose own name begins with `@` is that file.
    """
    found: list[str] = []
    for path in paths:
        found.extend(_lines_of(path[1:]) if path.startswith("@") and not os.path.lexists(path) else [path])
    return found


def _lines_of(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as lines:
            found = [line.rstrip("\r\n") for line in lines]
    except OSError as error:
        raise InputError(f"cannot read the list of files {path}: {error.strerror or error}") from None
    return [line for line in found if line.strip()]


def _identity(file: InputFile) -> str:
    return file.path if file.path == "-" or remote.is_remote(file.path) else _place(file.path)


def _with_own_names(files: list[InputFile]) -> list[InputFile]:
    n_bearers = Counter(file.name for file in files)
    return [file if n_bearers[file.name] == 1 else replace(file, name=_slashes(file.place)) for file in files]


def _files_of(path: str) -> Iterator[InputFile | Skipped]:
    if path == "-":
        yield InputFile(path="-", place="stdin", name="stdin")
    elif remote.is_remote(path):
        for file in remote.files_of(path):
            yield InputFile(path=file.path, place=remote.shown(file.path), name=file.name)
    elif os.path.isdir(path):
        yield from _files_in(path)
    elif os.path.exists(path):
        yield InputFile(path=path, place=path, name=os.path.basename(path))
    else:
        yield from _files_matching(path)


def _files_matching(pattern: str) -> Iterator[InputFile | Skipped]:
    if not glob.has_magic(pattern):
        raise _absent(pattern)
    found = list(_files_below(pattern) if ANY_DEPTH in pattern.split(os.sep) else _files_called(pattern))
    if not found:
        raise InputError(f"no file matches {pattern}")
    yield from found


def _files_called(pattern: str) -> Iterator[InputFile | Skipped]:
    """What matches a pattern of one depth; of folders all that lies in them."""
    found = sorted(glob.glob(pattern))
    known = dict[str, str | None]()
    around = [_index_around(path, known) for path in found]
    for folder in dict.fromkeys(folder for folder in around if folder is not None):
        yield _no_documents(folder or os.curdir)
    for path, index in zip(found, around, strict=True):
        if index is None:
            yield from _files_in(path) if os.path.isdir(path) else [_file_in(os.path.dirname(path), path)]


def _files_below(pattern: str) -> Iterator[InputFile | Skipped]:
    """What matches a pattern with `**`: of each folder that comes before it, once though links may lead back."""
    parts = pattern.split(os.sep)
    depth = parts.index(ANY_DEPTH)
    head = os.sep.join([*parts[:depth], ""])
    for folder in sorted(glob.glob(head)) if glob.has_magic(head) else [head or os.curdir]:
        index = _index_around(folder, {}) if head else None
        for item in _files_in(folder) if index is None and os.path.isdir(folder) else []:
            is_file = isinstance(item, InputFile) or not os.path.isdir(item.place)
            below = os.path.relpath(item.place, folder).split(os.sep)
            if not is_file or _matches(below, parts[depth:]):
                place = item.place if head else os.path.relpath(item.place)
                if isinstance(item, InputFile):
                    yield InputFile(path=place, place=place, name=os.path.basename(place))
                else:
                    yield replace(item, place=place)
        if index is not None:
            yield _no_documents(index or os.curdir)


def _matches(names: list[str], pattern: list[str]) -> bool:
    """Whether the names of a path, one below the other, are those of a pattern, in which `**` is any number of them."""
    if not pattern:
        return not names
    if pattern[0] == ANY_DEPTH:
        # At the end it is all that lies below.
        return len(pattern) == 1 or any(_matches(names[k:], pattern[1:]) for k in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], pattern[0]) and _matches(names[1:], pattern[1:])


def _place(path: str) -> str:
    """A path by the folder that its name is in, whatever links lead there."""
    folder, name = os.path.split(path)
    return os.path.join(_real_folder(folder), name)


@lru_cache(1 << 16)
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)


def _index_around(path: str, known: dict[str, str | None]) -> str | None:
    """The index that a path lies in, as far as it is written out; `known` has what was said of folders before."""
    folder = os.path.dirname(path)
    if folder == path:
        return None
    if folder not in known:
        known[folder] = folder if _is_index(folder) else _index_around(folder, known)
    return known[folder]


def _absent(path: str) -> InputError:
    """That nothing is there, or why it cannot be told."""
    if not path:
        return InputError("the path of an input must not be empty")
    try:
        os.stat(path)
    except (FileNotFoundError, ValueError):
        # A name that holds the character 0 is none.
        pass
    except OSError as error:
        return InputError(f"cannot read {path}: {error.strerror or error}")
    return InputError(f"no such file or folder: {path}")


def _files_in(folder: str) -> Iterator[InputFile | Skipped]:
    found: list[str] = []
    indexes: list[str] = []
    errors: list[OSError] = []
    seen = {os.path.realpath(folder)}
    # Of two names of one folder that counts which comes first in the alphabet, not which the disk gives first.
    for parent, folders, names in os.walk(folder, onerror=errors.append, followlinks=True):
        if _is_index(parent):
            indexes.append(parent)
            folders.clear()
            continue
        folders[:] = [name for name in sorted(folders) if _is_new_folder(parent, name, seen)]
        found.extend(os.path.join(parent, name) for name in names if not name.startswith("."))
    for error in errors:
        yield Skipped(place=str(error.filename), reason=f"cannot be read: {error.strerror}")
    for path in indexes:
        yield _no_documents(path)
    for path in sorted(found):
        yield _file_in(folder, path)


def _no_documents(index: str) -> Skipped:
    return Skipped(place=index, reason="an index, not documents")


def _is_index(folder: str) -> bool:
    return all(os.path.exists(os.path.join(folder, name)) for name in OF_AN_INDEX)


def _is_new_folder(parent: str, name: str, seen: set[str]) -> bool:
    """Whether to walk into it: not hidden, and not a link back to a folder already seen."""
    if name.startswith("."):
        return False
    real = os.path.realpath(os.path.join(parent, name))
    is_new = real not in seen
    seen.add(real)
    return is_new


def _file_in(folder: str, path: str) -> InputFile | Skipped:
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        return Skipped(place=path, reason=f"cannot be read: {error.strerror}")
    # A pipe or a socket would be waited on for ever; one given by name is wanted.
    if not stat.S_ISREG(mode):
        return Skipped(place=path, reason="not a regular file")
    return InputFile(path=path, place=path, name=_slashes(os.path.relpath(path, folder)))


def _slashes(path: str) -> str:
    return path.replace(os.sep, "/")
