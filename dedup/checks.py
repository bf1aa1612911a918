"""What a setting may be, and the words in which it is refused: what, which, got."""

from dataclasses import fields
from typing import TYPE_CHECKING, Literal, get_origin

from dedup.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["at_least", "at_most", "check_kinds", "one_of"]

MOST = 1e9
KINDS = {
    bool: "true or false", float: "a number of at most 1e9", str: "a string", tuple: "a tuple of strings",
    Literal: "a string",
}  # fmt: skip


def check_kinds(config: "DataclassInstance", n_bits: int = 31) -> None:
    """ConfigError where a setting is of another kind than it is declared to be, or needs more than so many bits."""
    names = {**KINDS, int: f"a whole number of at most {n_bits} bits"}
    for own in fields(config):
        value, kind = getattr(config, own.name), get_origin(own.type) or own.type
        if not _is_of(value, kind) or (kind is int and value.bit_length() > n_bits):
            wanted = names.get(kind) or f"of type {getattr(kind, '__name__', kind)}"
            raise ConfigError(f"{own.name} must be {wanted}, got {value!r:.80}")


def _is_of(value: object, kind: object) -> bool:
    """Whether a value is of the kind that a setting is declared to be; a whole number is a number, true is none."""
    if kind is tuple:
        return isinstance(value, tuple | list) and all(isinstance(item, str) for item in value)
    if kind is Literal:
        return isinstance(value, str)
    if isinstance(value, bool):
        return kind is bool
    if isinstance(value, int):
        return kind is int or (kind is float and abs(value) <= MOST)
    if isinstance(value, float):
        return kind is float and abs(value) <= MOST
    return isinstance(kind, type) and isinstance(value, kind)


def at_least(name: str, value: float, least: float) -> None:
    """ConfigError where it is less."""
    if value < least:
        raise ConfigError(f"{name} must be at least {least}, got {value}")


def one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """ConfigError where it is none of those that are known."""
    if value not in known:
        raise ConfigError(f"{name} must be one of {', '.join(known)}, got {value!r}")


def at_most(name: str, value: float, most: float) -> None:
    """ConfigError where it is more."""
    if value > most:
        raise ConfigError(f"{name} must be at most {most}, got {value}")
