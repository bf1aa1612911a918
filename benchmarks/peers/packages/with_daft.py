"""Daft (Rust): its words and signatures over columns, the bands grouped in NumPy."""

import daft
import numpy as np
from common import Trees
from daft.functions import minhash, normalize

REQUIREMENTS = ("daft", "pyarrow", "numpy", "orjson")
SETTINGS = "word 5-shingles, 128 places of xxhash, 16 bands of 8 rows, union-find over bands, nothing verified"
N_BANDS, N_ROWS = 16, 8


def clusters(path, _):
    words = normalize(daft.col("text"), remove_punct=True, lowercase=True, nfd_unicode=False, white_space=True)
    signature = minhash(words, num_hashes=N_BANDS * N_ROWS, ngram_size=5, seed=1, hash_function="xxhash")
    table = daft.read_json(str(path)).select("id", signature.alias("signature")).to_arrow()
    ids = table.column("id").to_pylist()
    flat = table.column("signature").combine_chunks().flatten().to_numpy().reshape(len(ids), -1)
    trees = Trees(len(ids))
    for band in range(N_BANDS):
        rows = np.ascontiguousarray(flat[:, band * N_ROWS : (band + 1) * N_ROWS])
        keys = rows.view(f"V{rows.strides[0]}").ravel()
        _, groups = np.unique(keys, return_inverse=True)
        order = np.argsort(groups, kind="stable")
        same = np.flatnonzero(groups[order][1:] == groups[order][:-1])
        for left, right in zip(order[same].tolist(), order[same + 1].tolist(), strict=False):
            trees.join(left, right)
    return trees.named(ids)
