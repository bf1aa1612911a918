"""Stage 2 as a loop: the tokens of texts that lie end to end, to their signatures and content hashes."""

import numpy as np

from dedup.kernels.compile import kernel
from dedup.kernels.minhash import affine32
from dedup.kernels.shingles import shingle, token_hash

__all__ = ["sketch_all"]


@kernel
def sketch_all(hashes, offsets, shingle_size, multipliers, summands, signatures, token_hashes):
    """Sketch each text: `signatures` uint32 (n_texts, n_hashes), `token_hashes` uint64 (n_texts, 2) are written."""
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    shingles = np.empty(longest, np.uint32)
    for i in range(len(offsets) - 1):
        tokens = hashes[offsets[i] : offsets[i + 1]]
        n_shingles = shingle(tokens, shingle_size, shingles)
        affine32(shingles[:n_shingles], multipliers, summands, signatures[i])
        token_hash(tokens, token_hashes[i])
