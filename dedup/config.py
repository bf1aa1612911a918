"""Every setting, frozen, one class a stage, checked when made. Config owns no algorithm."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Literal

from dedup.errors import ConfigError

__all__ = ["Config", "SketchConfig"]


def _at_least(name: str, value: float, least: float) -> None:
    if value < least:
        raise ConfigError(f"{name} must be at least {least}, got {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchConfig:
    """How a text becomes shingles and a signature.

    `scheme` names the signature; `affine32` is bit-identical to datasketch 2 with the same `seed`.
    """

    shingle_size: int = 5
    n_hashes: int = 128
    scheme: Literal["affine32"] = "affine32"
    seed: int = 1

    def __post_init__(self) -> None:
        """Check ranges."""
        _at_least("shingle_size", self.shingle_size, 1)
        _at_least("n_hashes", self.n_hashes, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings of a run."""

    sketch: SketchConfig = field(default_factory=SketchConfig)

    def digest(self) -> str:
        """Sixteen hexadecimal digits that differ whenever a setting does."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
