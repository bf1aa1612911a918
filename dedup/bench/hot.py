"""The hot loop, for `python -m dedup.bench.hot`: one process's figures as JSON, in CPU nanoseconds a token.

Each step is timed in many short windows, with a loop that never changes timed between them: what slows both is the
machine, whose clock goes up and down from one tenth of a second to the next.
"""

import json
from collections.abc import Callable
from time import process_time

import numpy as np

from dedup.bench.corpus.compile import compiled
from dedup.bench.loop import Loop
from dedup.bench.prose import made_up
from dedup.config import PassageConfig, SketchConfig
from dedup.stages import sketch

__all__ = ["YARDSTICK", "main", "measure"]

YARDSTICK = "yardstick"
N_BYTES = 2_000_000
N_WINDOWS = 40
N_STEPS = 400_000


def measure(n_windows: int = N_WINDOWS) -> dict[str, float]:
    """Nanoseconds a token of each step with all before it; of the yardstick, nanoseconds a step of its own.

    A step counts with its ratio to the better of the yardsticks before and after it, times the best yardstick; of all
    ratios the one at a twentieth, as what else runs on the machine only ever adds.
    """
    texts = made_up("en", N_BYTES)
    loop, affine, copied = Loop(texts), Loop(texts, scheme="affine32"), np.empty(N_BYTES * 2, np.uint8)
    config, passages = SketchConfig(), PassageConfig()
    view = loop.texts.values
    steps: dict[str, Callable[[], object]] = {
        "read": lambda: np.copyto(copied[: len(view)], view),
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
    best = min(marks)
    found = {name: sorted(values)[n_windows // 20] * best / loop.n_tokens * 1e9 for name, values in ratios.items()}
    rounded = {name: round(value, 4) for name, value in (found | {YARDSTICK: best / N_STEPS * 1e9}).items()}
    return rounded | {"bytes a token": loop.n_bytes / loop.n_tokens}


def _yardstick() -> None:
    stride(np.uint64(1), N_STEPS)


def _seconds(step: Callable[[], object]) -> float:
    start = process_time()
    step()
    return process_time() - start


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
