"""Where compiled kernels are kept: a folder of its own for each version of the sources, of the compiler and of the CPU.

The compiler's own cache watches no more than the file that a kernel stands in. Several processes may fill one folder
at once: files appear whole or not at all, and at worst two of them compile the same kernel.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import llvmlite.binding
import numba
import numpy as np

__all__ = ["folder", "is_cold"]


@cache
def folder() -> Path | None:
    """The folder, made when it is not there; None when no place can be written that is ours alone."""
    for base in _bases():
        path = base / _key()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if _is_ours(path):
            return path
    return None


def is_cold() -> bool:
    """Whether kernels must be compiled before they run, because none has been kept."""
    path = folder()
    return path is None or next(path.rglob("*.nbi"), None) is None


def _bases() -> Iterator[Path]:
    """Where to look, best first: what the user set, the user's cache, a temporary folder."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        yield Path(chosen)
        return
    yield Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "dedup"
    user = os.getuid() if hasattr(os, "getuid") else 0
    # Asked for only when it is needed: on a full disk there is none.
    with suppress(FileNotFoundError):
        yield Path(tempfile.gettempdir()) / f"dedup-{user}"


def _is_ours(path: Path) -> bool:
    """Nobody else may write here: what is read back is run."""
    if not hasattr(os, "getuid"):
        return os.access(path, os.W_OK)
    ours = all(p.stat().st_uid == os.getuid() and not p.stat().st_mode & 0o022 for p in (path, path.parent))
    return ours and os.access(path, os.W_OK)


@cache
def _key() -> str:
    digest = hashlib.blake2b(digest_size=10)
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    machine = llvmlite.binding
    versions = (numba.__version__, llvmlite.__version__, np.__version__, os.environ.get("NUMBA_BOUNDSCHECK", ""))
    chosen = os.environ.get("NUMBA_CPU_NAME", ""), os.environ.get("NUMBA_CPU_FEATURES", "")
    target = (machine.get_host_cpu_name(), machine.get_host_cpu_features().flatten(), chosen)
    digest.update(repr((versions, target)).encode())
    return digest.hexdigest()
