"""rensa (Rust) over a regular expression for words."""

import re

from common import Trees, read
from rensa import RMinHash, RMinHashLSH

REQUIREMENTS = ("rensa", "orjson")
SETTINGS = "word 5-shingles, 128 places, RMinHashLSH of 16 bands at 0.8, union-find over its candidates"
WORD = re.compile(r"\w+")
AT_ONCE = 10_000


def clusters(path, _):
    ids, texts = read(path)
    signatures = []
    for first in range(0, len(texts), AT_ONCE):
        signatures += RMinHash.from_token_sets([_shingles(t) for t in texts[first : first + AT_ONCE]], 128, 42)
    index = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
    index.insert_many(signatures)
    trees = Trees(len(ids))
    for k, found in enumerate(index.query_all(signatures)):
        for other in found:
            trees.join(k, other)
    return trees.named(ids)


def _shingles(text):
    words = WORD.findall(text.lower())
    return [" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))]
