"""What made a result: versions of ourselves, of Python, and of the packages on which numbers depend."""

import platform
from importlib.metadata import version

__all__ = ["versions"]

PACKAGES = ("dedup", "numba", "numpy", "xxhash")


def versions() -> dict[str, str]:
    """By name; Python among them."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
