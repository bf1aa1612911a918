"""Run the checks and tests: `python -m tests [check] [test] [cluster]`, the first two when none is named.

Kernel tests run three times: compiled, compiled with bounds checks (in a cache folder of their own, since a warm
cache would ignore the flag), and interpreted.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

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
        "dateline",
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
        [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ],
    "test": [
        # Half of the time goes into processes that tests start and wait for.
        [["pytest", "-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]],
        [["NUMBA_BOUNDSCHECK=1", "pytest", *KERNEL_TESTS], ["NUMBA_DISABLE_JIT=1", "pytest", *KERNEL_TESTS]],
    ],
    "cluster": [[["pytest", "-m", "cluster"]]],
}
"""Of each name the steps one after another, and of each step the commands that run at the same time."""


def run(commands: list[list[str]]) -> int:
    """Run the commands of one step; what they say comes when they have ended, where it is one at once."""
    if len(commands) == 1:
        print("$", *commands[0], flush=True)
        return subprocess.run(**_called(commands[0]), check=False).returncode
    with ThreadPoolExecutor() as pool:
        return max(pool.map(_quietly, commands))


def _called(words: list[str], cache: str = "") -> dict[str, Any]:
    """How to run `python -m …`; leading NAME=value words go into its environment, with a cache of its own."""
    environment = dict(os.environ)
    # What each of hundreds of processes would compile anew before it runs anything.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    while "=" in words[0]:
        name, value = words[0].split("=")
        environment |= {name: value, "NUMBA_CACHE_DIR": cache}
        words = words[1:]
    return {"args": [sys.executable, "-m", *words], "cwd": ROOT, "env": environment}


def _quietly(words: list[str]) -> int:
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            **_called(words, cache), check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    print(f"$ {' '.join(words)}\n{done.stdout}", end="", flush=True)
    return done.returncode


def main() -> int:
    """Run every step named, even after one has failed; 1 when any failed."""
    names = sys.argv[1:] or ["check", "test"]
    return max([run(step) != 0 for name in names for step in STEPS[name]], default=0)


if __name__ == "__main__":
    sys.exit(main())
