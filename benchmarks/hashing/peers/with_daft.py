"""Daft (Rust), which splits words itself, over a column in memory."""

import daft
from daft.functions import minhash, normalize

REQUIREMENTS = ("daft", "pyarrow")


def prepare(texts):
    table = daft.from_pydict({"text": texts}).collect()

    def run():
        words = normalize(daft.col("text"), remove_punct=True, lowercase=True, nfd_unicode=False, white_space=True)
        table.select(minhash(words, num_hashes=128, ngram_size=5, seed=1, hash_function="xxhash")).collect()

    return run
