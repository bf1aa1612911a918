"""The hot loop, for `python -m dedup.bench.hot [turns]`: one process's figures as JSON, in CPU nanoseconds a token.

Each step is timed in many short windows, with a loop that never changes timed between them: what slows both is the
machine, whose clock goes up and down from one tenth of a second to the next.
"""

import json
import sys
from collections.abc import Callable
from time import process_time

import numpy as np

from dedup.bench.corpus.compile import compiled
from dedup.bench.loop import CHUNK_BYTES, Loop
from dedup.bench.prose import made_up
from dedup.config import PassageConfig, SketchConfig
from dedup.stages import sketch

__all__ = ["YARDSTICK", "Steps", "answer", "main", "measure"]

YARDSTICK = "yardstick"
N_BYTES = 2_000_000
N_WINDOWS = 24
N_STEPS = 400_000
MEMORY_BYTES = 1 << 27
"""More than any cache holds."""


class Steps:
    """The steps of the loop, and what the machine takes for as many bytes, each as seconds of CPU when asked for."""

    def __init__(self) -> None:
        texts = made_up("en", N_BYTES)
        loop, affine = Loop(texts), Loop(texts, scheme="affine32")
        config, passages = SketchConfig(), PassageConfig()
        self.n_bytes, self.n_tokens = loop.n_bytes, loop.n_tokens
        words, many = np.ones(CHUNK_BYTES // 8, np.uint64), np.ones(MEMORY_BYTES // 8, np.uint64)
        copied, many_copied, n_times = np.ones_like(words), np.ones_like(many), loop.n_bytes // CHUNK_BYTES
        self.steps: dict[str, Callable[[], object]] = {
            "read": lambda: total(words, n_times),
            "copy": lambda: twin(words, copied, n_times),
            "fold": loop.fold,
            "token hashes": loop.tokens,
            "shingles": loop.shingle,
            "signature": loop.signatures,
            "signature affine32": affine.signatures,
            "sketch": lambda: sketch.build(loop.texts, config, passages, 1),
        }
        self.from_memory: dict[str, Callable[[], object]] = {
            "memory read": lambda: total(many, 1),
            "memory copy": lambda: twin(many, many_copied, 1),
        }
        for step in (*self.steps.values(), *self.from_memory.values()):
            step()

    def window(self) -> dict[str, float]:
        """Every step once, in seconds for the bytes of the loop."""
        scale = self.n_bytes / MEMORY_BYTES
        found = {name: _seconds(step) for name, step in self.steps.items()}
        return found | {name: scale * _seconds(step) for name, step in self.from_memory.items()}


def measure(n_windows: int = N_WINDOWS) -> dict[str, float]:
    """Nanoseconds a token of each step with all before it; of the yardstick, nanoseconds a step of its own.

    A step counts with its ratio to the better of the yardsticks before and after it, times the best yardstick; of all
    ratios the one at a twentieth, as what else runs on the machine only ever adds.
    """
    loop = Steps()
    ratios: dict[str, list[float]] = {name: [] for name in loop.steps}
    marks = []
    for _ in range(n_windows):
        marks.append(_seconds(_yardstick))
        for name, step in loop.steps.items():
            taken = _seconds(step)
            marks.append(_seconds(_yardstick))
            ratios[name].append(taken / min(marks[-2:]))
    ratios |= _from_memory(loop, marks)
    best = min(marks)
    found = {name: sorted(values)[len(values) // 20] * best / loop.n_tokens * 1e9 for name, values in ratios.items()}
    rounded = {name: round(value, 4) for name, value in (found | {YARDSTICK: best / N_STEPS * 1e9}).items()}
    return rounded | {"bytes a token": loop.n_bytes / loop.n_tokens}


def _from_memory(loop: Steps, marks: list[float], n_windows: int = 8) -> dict[str, list[float]]:
    """The same of as many bytes from memory; fewer windows, as each is a long one."""
    found: dict[str, list[float]] = {name: [] for name in loop.from_memory}
    for _ in range(n_windows):
        marks.append(_seconds(_yardstick))
        for name, step in loop.from_memory.items():
            found[name].append(loop.n_bytes / MEMORY_BYTES * _seconds(step) / marks[-1])
    return found


def _yardstick() -> None:
    stride(np.uint64(1), N_STEPS)


def _seconds(step: Callable[[], object]) -> float:
    start = process_time()
    step()
    return process_time() - start


@compiled
def total(words, n_times):
    """The sum of all words, which are read and no more."""
    found = np.uint64(0)
    for _ in range(n_times):
        for k in range(len(words)):
            found += words[k]
    return found


@compiled
def twin(words, copied, n_times):
    """Copy all words."""
    for _ in range(n_times):
        for k in range(len(words)):
            copied[k] = words[k]


@compiled
def stride(value, n_steps):
    """Multiplications each of which waits for the one before."""
    for _ in range(n_steps):
        value = (value ^ (value >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return value


def answer() -> None:
    """A window for each line that comes in, so that two processes can be measured in turns."""
    loop = Steps()
    print(json.dumps({"tokens": loop.n_tokens, "bytes": loop.n_bytes}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(loop.window()), flush=True)


def main() -> None:
    """Print what this process found, or with the word `turns` measure when asked."""
    if sys.argv[1:] == ["turns"]:
        answer()
    else:
        print(json.dumps(measure()))


if __name__ == "__main__":
    main()
