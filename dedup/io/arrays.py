"""Arrays in a folder, a file each, to be mapped by whoever wants them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.errors import OutputError

__all__ = ["load", "save"]

Arrays = Mapping[str, NDArray[Any]]


def save(folder: Path, arrays: Arrays) -> None:
    """Write all arrays; OutputError where that cannot be done."""
    try:
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from None


def load(folder: Path) -> dict[str, NDArray[Any]]:
    """All arrays of a folder; pages are read when they are looked at. OutputError where one is not whole."""
    return {path.stem: _loaded(path) for path in sorted(folder.glob("*.npy"))}


def _loaded(path: Path) -> NDArray[Any]:
    try:
        return np.asarray(np.load(path, mmap_mode="r" if path.stat().st_size > 1 << 16 else None))
    except (OSError, EOFError, ValueError) as error:
        raise OutputError(f"cannot read {path}: {error}; remove {path.parent} to do its work again") from None
