"""The hot loop, for `python -m dedup.bench.hot`: one process's figures as JSON, in CPU nanoseconds a token.

Each step is timed in many short windows of which the best counts, with a loop that never changes timed between them:
what slows both is the machine.
"""

import json
from collections.abc import Callable
from time import process_time, thread_time

import numpy as np

from dedup.bench.corpus.compile import compiled
from dedup.bench.loop import Loop
from dedup.bench.prose import made_up
from dedup.config import PassageConfig, SketchConfig
from dedup.stages import sketch

__all__ = ["YARDSTICK", "main", "measure"]

YARDSTICK = "yardstick"
N_BYTES = 2_000_000
N_WINDOWS = 25
N_STEPS = 1_000_000


def measure(n_windows: int = N_WINDOWS) -> dict[str, float]:
    """Nanoseconds a token of each step with all before it; of the yardstick, nanoseconds a step of its own."""
    texts = made_up("en", N_BYTES)
    loop, affine, copied = Loop(texts), Loop(texts, scheme="affine32"), np.empty(N_BYTES * 2, np.uint8)
    config, passages = SketchConfig(), PassageConfig()
    view = loop.texts.values
    steps: dict[str, tuple[Callable[[], object], int]] = {
        "read": (lambda: np.copyto(copied[: len(view)], view), loop.n_tokens),
        "fold": (loop.fold, loop.n_tokens),
        "token hashes": (loop.tokens, loop.n_tokens),
        "shingles": (loop.shingle, loop.n_tokens),
        "signature": (loop.signatures, loop.n_tokens),
        "signature affine32": (affine.signatures, loop.n_tokens),
        "sketch": (lambda: sketch.build(loop.texts, config, passages, 1), loop.n_tokens),
        YARDSTICK: (lambda: stride(np.uint64(1), N_STEPS), N_STEPS),
    }
    best = dict.fromkeys(steps, float("inf"))
    for step, _ in steps.values():
        step()
    for _ in range(n_windows):
        for name, (step, n) in steps.items():
            start = thread_time() if name != "sketch" else process_time()
            step()
            taken = (thread_time() if name != "sketch" else process_time()) - start
            best[name] = min(best[name], taken / n * 1e9)
    return {name: round(value, 4) for name, value in best.items()} | {"bytes a token": loop.n_bytes / loop.n_tokens}


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
