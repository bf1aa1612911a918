"""Files that lie elsewhere: any address that fsspec knows, such as `s3://`, `gs://`, `https://` or `memory://`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from io import BufferedIOBase, BufferedReader, RawIOBase
from typing import Protocol, TypeVar

from dedup.errors import InputError

__all__ = ["RemoteFile", "files_of", "is_remote", "open_remote", "shown", "size_of"]

_BUFFER_BYTES = 1 << 20
# One letter before the colon is a drive of Windows. Two colons chain: `simplecache::s3://`.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(::|://)")
_USER = re.compile(r"//[^/@]*@")
_WEB = ("http://", "https://")

T = TypeVar("T")


class _File(Protocol):
    """What is used of a file of fsspec."""

    size: int | None

    def read(self, n_bytes: int) -> bytes: ...
    def seek(self, place: int, whence: int) -> int: ...
    def seekable(self) -> bool: ...
    def close(self) -> None: ...


class _FileSystem(Protocol):
    """What is used of a file system of fsspec."""

    def info(self, path: str) -> dict[str, object]: ...
    def find(self, path: str) -> list[str]: ...
    def glob(self, path: str) -> list[str]: ...
    def open(self, path: str, mode: str) -> _File: ...
    def unstrip_protocol(self, path: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """One file: its address, and how its path goes on below the folder that was asked for."""

    path: str
    name: str


def is_remote(path: str) -> bool:
    """Whether the path is an address."""
    return _ADDRESS.match(path) is not None


def shown(path: str) -> str:
    """An address as it may be printed: without password, and without the query that may be a signature."""
    plain = path.partition("?")[0] if path.lower().startswith(_WEB) else path
    return _USER.sub("//", plain)


def files_of(path: str) -> list[RemoteFile]:
    """The file, or all files of the folder or the pattern, by name without hidden ones; InputError if there are none.

    An address of the web is always one file, unless it holds a star: a question mark begins its query.
    """
    system, inner = _system(path)
    if "*" in path or ("?" in path and not path.lower().startswith(_WEB)):
        found = _tried(path, lambda: [p for p in sorted(system.glob(inner)) if _is_file(system, p)])
        if not found:
            raise InputError(f"no file matches {shown(path)}")
        return [RemoteFile(path=_address(system, path, p), name=p.rpartition("/")[2]) for p in found]
    if path.lower().startswith(_WEB) or _tried(path, lambda: _is_file(system, inner)):
        return [RemoteFile(path=path, name=_last_part(path))]
    below = [(p, p.removeprefix(inner.rstrip("/")).lstrip("/")) for p in _tried(path, lambda: system.find(inner))]
    named = [(p, name) for p, name in sorted(below) if not any(part.startswith(".") for part in name.split("/"))]
    if not named:
        raise InputError(f"no file in {shown(path)}")
    return [RemoteFile(path=_address(system, path, p), name=name) for p, name in named]


def size_of(path: str) -> int:
    """Bytes of a file; 0 where that is not known."""
    system, inner = _system(path)
    try:
        size = system.info(inner).get("size")
    except Exception:  # each file system has exceptions of its own
        return 0
    return size if isinstance(size, int) else 0


def open_remote(path: str) -> BufferedIOBase:
    """A file to read; OSError where that fails, at once or later."""
    system, inner = _system(path)
    return BufferedReader(_Plain(_as_os_error(lambda: system.open(inner, "rb"))), _BUFFER_BYTES)


class _Plain(RawIOBase):
    """A file of fsspec that fails with OSError only."""

    def __init__(self, inner: _File) -> None:
        self._inner = inner

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._inner.seekable()

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
        data = _as_os_error(lambda: self._inner.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, place: int, whence: int = 0) -> int:
        return _as_os_error(lambda: self._inner.seek(place, whence))

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


def _system(path: str) -> tuple[_FileSystem, str]:
    try:
        core = import_module("fsspec.core")
    except ImportError:
        raise InputError(f'{shown(path)} needs an extra: pip install "dedup[remote]"') from None
    try:
        found: tuple[_FileSystem, str] = core.url_to_fs(path)
    except (ImportError, ValueError) as error:
        # Says which package the scheme needs, or that it is not known.
        raise InputError(f"cannot read {shown(path)}: {error}") from None
    return found


def _is_file(system: _FileSystem, path: str) -> bool:
    return system.info(path).get("type") == "file"


def _address(system: _FileSystem, asked: str, path: str) -> str:
    """The whole address of a path that was found; what stands before the last `::` of a chain stays before it."""
    chain, link, _ = asked.rpartition("::")
    return chain + link + system.unstrip_protocol(path)


def _last_part(path: str) -> str:
    return shown(path).rstrip("/").rpartition("/")[2]


def _tried(path: str, step: Callable[[], T]) -> T:
    try:
        return _as_os_error(step)
    except FileNotFoundError:
        raise InputError(f"no such file or folder: {shown(path)}") from None
    except OSError as error:
        raise InputError(f"cannot read {shown(path)}: {error.strerror or error}") from None


def _as_os_error(step: Callable[[], T]) -> T:
    """File systems raise what the package beneath them raises, which have nothing in common."""
    try:
        return step()
    except (OSError, MemoryError):
        raise
    except Exception as error:
        raise OSError(str(error).partition("\n")[0] or type(error).__name__) from None
