"""datasketch with the fastest hash that it takes, over a regular expression for words."""

import re

import xxhash
from datasketch import MinHash

REQUIREMENTS = ("datasketch", "xxhash")
WORD = re.compile(r"\w+")


def prepare(texts):
    def run():
        for text in texts:
            words = WORD.findall(text.lower())
            shingles = {" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))}
            signature = MinHash(num_perm=128, hashfunc=xxhash.xxh32_intdigest)
            signature.update_batch(shingles)

    return run
