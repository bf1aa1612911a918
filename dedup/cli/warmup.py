"""`dedup warmup`: compile the kernels ahead of the first run."""

import time

from dedup.cli import view

__all__ = ["run"]


def run() -> None:
    """Compile every kernel."""
    from dedup.rehearsal import rehearse_index, rehearse_scan

    start = time.monotonic()
    rehearse_scan()
    rehearse_index()
    view.console().print(f"kernels ready in {time.monotonic() - start:.1f} s")
