"""Run the checks and tests: `python -m tests [check] [test] [cluster]`, the first two when none is named.

Kernel tests run three times: compiled, compiled with bounds checks (in a cache folder of their own, since a warm
cache would ignore the flag), and interpreted.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
KERNEL_TESTS = [
    f"tests/test_{name}.py"
    for name in (
        "tokens",
        "json_lines",
        "sketch",
        "candidates",
        "passages",
        "align",
        "verify",
        "collection",
        "cluster",
        "names",
        "result_lines",
        "index_postings",
    )
]
STEPS = {
    "check": [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
    ],
    "test": [
        # Half of the time goes into processes that tests start and wait for.
        ["pytest", "-n", "auto", "--dist", "loadfile"],
        ["NUMBA_BOUNDSCHECK=1", "pytest", *KERNEL_TESTS],
        ["NUMBA_DISABLE_JIT=1", "pytest", *KERNEL_TESTS],
    ],
    "cluster": [["pytest", "-m", "cluster"]],
}


def run(step: list[str]) -> int:
    """Run one step as `python -m …`; leading NAME=value words go into its environment."""
    environment = dict(os.environ)
    with tempfile.TemporaryDirectory() as cache:
        while "=" in step[0]:
            name, value = step[0].split("=")
            environment[name] = value
            environment["NUMBA_CACHE_DIR"] = cache
            step = step[1:]
        print("$", *step, flush=True)
        return subprocess.run([sys.executable, "-m", *step], cwd=ROOT, env=environment, check=False).returncode


def main() -> int:
    """Run every step named, even after one has failed; 1 when any failed."""
    names = sys.argv[1:] or ["check", "test"]
    return max([run(step) != 0 for name in names for step in STEPS[name]], default=0)


if __name__ == "__main__":
    sys.exit(main())
