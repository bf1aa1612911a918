"""The exception tree.

DedupError                 whatever we raise on purpose; its text is one line: what, which, got
├── ConfigError            a setting that cannot be used
├── InputError             an input that cannot be read at all (one bad document is a `Skipped`, not an error)
├── OutputError            an output that cannot be written, or must not be
├── StoreError             an index that cannot be read or written, or is not what it was asked to be
└── EngineError            an engine that is not there or failed
"""

__all__ = ["ConfigError", "DedupError", "EngineError", "InputError", "OutputError", "StoreError"]


class DedupError(Exception):
    """Whatever we raise on purpose."""


class ConfigError(DedupError):
    """A setting that cannot be used."""


class InputError(DedupError):
    """An input that cannot be read at all."""


class OutputError(DedupError):
    """An output that cannot be written, or must not be."""


class StoreError(DedupError):
    """An index that cannot be read or written, or is not what it was asked to be."""


class EngineError(DedupError):
    """An engine that is not there, or that failed."""
