"""`dedup warmup`: compile the kernels ahead of the first run."""

import time

from dedup.cli import view

__all__ = ["run"]


def run() -> None:
    """Compile every kernel by running the whole path of the data on two short texts."""
    from dedup.kernels import compile as compiled
    from dedup.pipeline import scan
    from dedup.records import Document

    start = time.monotonic()
    text = "One short text, long enough that each kernel has something to do with it."
    scan([Document(id=name, text=f"{text} {name}") for name in ("a", "b")])
    compiled.warm()
    view.console().print(f"kernels ready in {time.monotonic() - start:.1f} s")
