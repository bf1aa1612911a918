"""What a run may take, and how it goes on after it was stopped."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from dedup.config import Config
from dedup.engines.store import Store
from dedup.errors import ConfigError
from dedup.io import documents, runs
from dedup.versions import versions

__all__ = ["Inputs", "Limits", "exceeded", "limited", "n_bytes", "opened"]

KEPT_BYTES = 64_000_000
"""A run over less than this begins anew sooner than it would find its place."""
UNITS = {"": 1, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Memory and disk, as given on the command line; whether to go on with an earlier run."""

    memory: str | None = None
    disk: str | None = None
    resume: bool = False


def n_bytes(size: str) -> int:
    """Bytes of a size such as 500MB, 4GB or 2GiB; ConfigError when it is none."""
    found = re.fullmatch(r"([0-9.]+) *([kmgt]i?|)b?", size.strip().lower())
    try:
        return int(float(found[1]) * UNITS[found[2]]) if found else _refuse(size)
    except (ValueError, OverflowError):
        return _refuse(size)


def _refuse(size: str) -> int:
    raise ConfigError(f"a size must be a number of bytes, or like 500MB or 4GB, got {size}")


def limited(config: Config, limits: Limits) -> Config:
    """The configuration with these limits."""
    memory, disk = (n_bytes(size) if size else 0 for size in (limits.memory, limits.disk))
    for size, n in ((limits.memory, memory), (limits.disk, disk)):
        if size and not n:
            raise ConfigError(f"a limit must be more than nothing, got {size}")
    return replace(config, memory_bytes=memory, disk_bytes=disk)


def exceeded(limits: Limits, store: Store) -> str:
    """What is to be said of a run that could not keep to the memory it was given; nothing of others."""
    if not limits.memory or store.peak_bytes <= store.memory_bytes:
        return ""
    return (
        f"the run held up to {store.peak_bytes / 1e9:.2f} GB of memory, as {limits.memory} is too little for its input"
    )


class Inputs(NamedTuple):
    """Paths of the documents, and of those that they are compared with and that are not decided of."""

    paths: list[str]
    against: list[str]


@contextmanager
def opened(inputs: Inputs, config: Config, output: Path | None, *, resume: bool) -> Iterator[Store]:
    """The store of a run; what it holds outlives a kill where that is worth it, and ends with the context."""
    paths = [*inputs.paths, *inputs.against]
    if resume and output is None:
        raise ConfigError("a run is resumed by its output: give -o as well")
    is_little = "-" in paths or documents.count_bytes(paths) < KEPT_BYTES
    # With a run that was stopped this one goes on, or is refused, however little the input is by now.
    if output is None or (is_little and not (resume and runs.read(output) is not None)):
        with _alone(output), Store(config.memory_bytes, disk_bytes=config.disk_bytes) as store:
            yield store
        return
    about = {"settings": config.settings(), "versions": versions(), "inputs": runs.inputs(paths)}
    about |= {"against": inputs.against} if inputs.against else {}
    with runs.held(output):
        folder = runs.begin(output, about, resume=resume)
        with Store(config.memory_bytes, folder, disk_bytes=config.disk_bytes, keeps=True) as store:
            yield store
        runs.end(output)


@contextmanager
def _alone(output: Path | None) -> Iterator[None]:
    """The output to itself, for a run that cannot be resumed; with its results one that was stopped there is over."""
    if output is None or not output.is_dir():
        yield
        return
    with runs.held(output):
        runs.check_unshared(output)
        yield
        runs.end(output)
