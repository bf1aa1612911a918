"""The project's tests. `python -m tests` runs all of them, lint and types included."""

import os

SLOW = any(os.environ.get(name, "0") != "0" for name in ("NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"))


def some(n: int) -> int:
    """As many examples as `n`, a twentieth where kernels run interpreted or check bounds: that is 20 times slower."""
    return max(n // 20, 5) if SLOW else n
