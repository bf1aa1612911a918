"""Write `background.npz`: how common words are in many languages, for texts that come without a collection.

    pip install wordfreq && python -m dedup.data.make_background

From the word lists of wordfreq (Robyn Speer; see NOTICE). A word counts by its tokens; a token that several
languages know is as common as in the one that uses it most.
`hash_steps` uint32: differences of the sorted upper halves of the token hashes; `rarity` uint8: minus the natural
logarithm of the share of running words, in sixteenths.
"""

from collections import Counter
from math import log
from pathlib import Path

import numpy as np
import wordfreq

from dedup.kernels.rarity import UNITS
from dedup.stages import text

N_WORDS = 12_000
"""Words of each language: what is rarer weighs the most in any case."""


def token_frequencies(language: str) -> Counter[int]:
    """Share of running words that hold each token, by the upper half of its hash."""
    shares = wordfreq.get_frequency_dict(language, wordlist="best")
    words = sorted(shares, key=lambda word: (-shares[word], word))[:N_WORDS]
    tokens = text.tokenize(text.encode(words))
    frequencies: Counter[int] = Counter()
    for i, word in enumerate(words):
        for token in tokens.hashes[tokens.offsets[i] : tokens.offsets[i + 1]]:
            frequencies[int(token) >> 32] += shares[word]
    return frequencies


def build() -> dict[str, np.ndarray]:
    """Both tables, over all languages."""
    most: dict[int, float] = {}
    for language in sorted(wordfreq.available_languages("best")):
        for token, share in token_frequencies(language).items():
            most[token] = max(share, most.get(token, 0.0))
    tokens = sorted(most)
    rarity = [min(255, round(-log(most[token]) * UNITS)) for token in tokens]
    return {
        "hash_steps": np.diff(np.array(tokens, np.int64), prepend=0).astype(np.uint32),
        "rarity": np.array(rarity, np.uint8),
    }


def main() -> None:
    """Write the file beside this one."""
    tables = build()
    target = Path(__file__).with_name("background.npz")
    np.savez_compressed(target, hash_steps=tables["hash_steps"], rarity=tables["rarity"])


if __name__ == "__main__":
    main()
