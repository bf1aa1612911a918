"""rensa (Rust), over a regular expression for words."""

import re

from rensa import RMinHash

REQUIREMENTS = ("rensa",)
WORD = re.compile(r"\w+")


def prepare(texts):
    def run():
        for text in texts:
            words = WORD.findall(text.lower())
            signature = RMinHash(num_perm=128, seed=42)
            signature.update([" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))])
            signature.digest()

    return run
