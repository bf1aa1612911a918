"""The hot loop, for `python -m dedup.bench.hot`: one process's figures as JSON, in CPU nanoseconds a token.

Each step is timed in many short windows, with a loop that never changes timed between them: what slows both is the
machine, whose clock goes up and down from one tenth of a second to the next.
"""

import json
from collections.abc import Callable
from time import process_time

import numpy as np

from dedup.bench.corpus.compile import compiled
from dedup.bench.loop import CHUNK_BYTES, Loop
from dedup.bench.prose import made_up
from dedup.config import PassageConfig, SketchConfig
from dedup.stages import sketch

__all__ = ["YARDSTICK", "main", "measure"]

YARDSTICK = "yardstick"
N_BYTES = 2_000_000
N_WINDOWS = 30
N_STEPS = 400_000
MEMORY_BYTES = 1 << 27
"""More than any cache holds."""


def measure(n_windows: int = N_WINDOWS) -> dict[str, float]:
    """Nanoseconds a token of each step with all before it; of the yardstick, nanoseconds a step of its own.

    A step counts with its ratio to the better of the yardsticks before and after it, times the best yardstick; of all
    ratios the one at a twentieth, as what else runs on the machine only ever adds.
    """
    texts = made_up("en", N_BYTES)
    loop, affine = Loop(texts), Loop(texts, scheme="affine32")
    config, passages = SketchConfig(), PassageConfig()
    steps: dict[str, Callable[[], object]] = _limits(loop.n_bytes) | {
        "fold": loop.fold,
        "token hashes": loop.tokens,
        "shingles": loop.shingle,
        "signature": loop.signatures,
        "signature affine32": affine.signatures,
        "sketch": lambda: sketch.build(loop.texts, config, passages, 1),
    }
    ratios: dict[str, list[float]] = {name: [] for name in steps}
    marks = []
    for step in steps.values():
        step()
    for _ in range(n_windows):
        marks.append(_seconds(_yardstick))
        for name, step in steps.items():
            taken = _seconds(step)
            marks.append(_seconds(_yardstick))
            ratios[name].append(taken / min(marks[-2:]))
    ratios |= _from_memory(marks, loop.n_bytes)
    best = min(marks)
    found = {name: sorted(values)[len(values) // 20] * best / loop.n_tokens * 1e9 for name, values in ratios.items()}
    rounded = {name: round(value, 4) for name, value in (found | {YARDSTICK: best / N_STEPS * 1e9}).items()}
    return rounded | {"bytes a token": loop.n_bytes / loop.n_tokens}


def _limits(n_bytes: int) -> dict[str, Callable[[], object]]:
    """What the machine takes for so many bytes that its second-level cache holds: one chunk, again and again."""
    words = np.ones(CHUNK_BYTES // 8, np.uint64)
    copied, n_times = np.ones_like(words), n_bytes // CHUNK_BYTES
    return {"read": lambda: total(words, n_times), "copy": lambda: twin(words, copied, n_times)}


def _from_memory(marks: list[float], n_bytes: int, n_windows: int = 8) -> dict[str, list[float]]:
    """The same of as many bytes from memory; fewer windows, as each is a long one."""
    words = np.ones(MEMORY_BYTES // 8, np.uint64)
    copied = np.ones_like(words)
    scale = n_bytes / MEMORY_BYTES
    found: dict[str, list[float]] = {"memory read": [], "memory copy": []}
    for _ in range(n_windows):
        marks.append(_seconds(_yardstick))
        found["memory read"].append(scale * _seconds(lambda: total(words, 1)) / marks[-1])
        found["memory copy"].append(scale * _seconds(lambda: twin(words, copied, 1)) / marks[-1])
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


def main() -> None:
    """Print what this process found."""
    print(json.dumps(measure()))


if __name__ == "__main__":
    main()
