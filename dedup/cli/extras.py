"""Packages that only some commands need."""

from importlib.util import find_spec

from dedup.errors import EngineError

__all__ = ["needs"]


def needs(package: str, extra: str) -> None:
    """EngineError where the package is not installed, with the extra that brings it."""
    if find_spec(package) is None:
        raise EngineError(f"this command needs {package}: pip install 'dedup[{extra}]'")
