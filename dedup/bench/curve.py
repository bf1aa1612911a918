"""The curve of candidates, for `python -m dedup.bench.curve`: how many pairs of a known resemblance are proposed."""

import json
from collections.abc import Sequence

import numpy as np

from dedup.config import Config
from dedup.stages import candidates, sketch, text

__all__ = ["SHARES", "main", "measure"]

SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
N_TOKENS, N_PAIRS = 200, 250


def measure(shares: Sequence[float] = SHARES, seed: int = 1) -> dict[str, list[float]]:
    """By resemblance, exact on shingles: the share of pairs that bands propose, and what the formula says.

    Proposed are also few pairs that agree in less places than are asked for, of which the formula knows nothing.
    """
    config, draw = Config(), np.random.default_rng(seed)
    size = config.sketch.shingle_size
    found: dict[str, list[float]] = {"resemblance": [], "measured": [], "formula": []}
    for share in shares:
        # Of n shingles each, s are shared: J = s / (2 n - s).
        n = N_TOKENS - size + 1
        n_shared = round(2 * n * share / (1 + share))
        exact = n_shared / (2 * n - n_shared)
        words = draw.integers(0, 1 << 40, (N_PAIRS, 2, N_TOKENS))
        words[:, 1, : n_shared + size - 1] = words[:, 0, : n_shared + size - 1]
        texts = [" ".join(f"w{word}" for word in row) for row in words.reshape(-1, N_TOKENS).tolist()]
        sketches = sketch.build(text.encode(texts), config.sketch, config.passages, 1)
        proposed = candidates.propose(sketches, config.candidates)
        right = (proposed.left % 2 == 0) & (proposed.right == proposed.left + 1)
        found["resemblance"].append(round(exact, 4))
        found["measured"].append(int(right.sum()) / N_PAIRS)
        found["formula"].append(round(1 - (1 - exact**config.candidates.n_rows) ** config.candidates.n_bands, 5))
    return found


def main() -> None:
    """Print the curve."""
    print(json.dumps(measure()))


if __name__ == "__main__":
    main()
