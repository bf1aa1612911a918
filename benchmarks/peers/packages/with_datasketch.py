"""datasketch with the fastest hash that it takes, over a regular expression for words."""

import re

import xxhash
from common import Trees, read
from datasketch import MinHash, MinHashLSH

REQUIREMENTS = ("datasketch>=2", "xxhash", "orjson")
SETTINGS = "word 5-shingles hashed by xxh32, 128 places, MinHashLSH(threshold=0.8), union-find over its candidates"
WORD = re.compile(r"\w+")


def clusters(path, _):
    ids, texts = read(path)
    index, trees = MinHashLSH(threshold=0.8, num_perm=128), Trees(len(ids))
    for k, text in enumerate(texts):
        words = WORD.findall(text.lower())
        signature = MinHash(num_perm=128, hashfunc=xxhash.xxh32_intdigest)
        signature.update_batch({" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))})
        for other in index.query(signature):
            trees.join(k, other)
        index.insert(k, signature, check_duplication=False)
    return trees.named(ids)
