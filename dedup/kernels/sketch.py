"""Stage 2 as a loop over the texts of a chunk, which lie end to end: bytes to token hashes and content hashes.

A chunk's token hashes stay in cache for what follows: signatures (`minhash`, `similarity_sketch`) and `fingerprints`.
"""

import numpy as np

from dedup.kernels.compile import kernel
from dedup.kernels.fold import addresses, fold
from dedup.kernels.shingles import token_hash
from dedup.kernels.tokens import hash_characters, hash_tokens

__all__ = ["character_texts", "hash_texts", "lay_texts"]


@kernel
def lay_texts(text, begins, out, offsets):
    """Copy the texts that begin at `begins` int64 (n,) to where `offsets` int64 (n + 1,) says in `out` uint8."""
    for i in range(len(begins)):
        begin, at = begins[i], offsets[i]
        for k in range(offsets[i + 1] - at):
            out[at + k] = text[begin + k]


@kernel
def hash_texts(text, text_offsets, block, kinds, folds, steps, folded, edges, hashes, offsets, token_hashes):
    """Write the token hashes of each text, end to end, and 128 bits over them.

    `text` uint8 with room behind, `text_offsets` int64 (n_texts + 1,), the tables of `unicode`. Room to work in:
    `folded` uint8 for the longest text (`fold.room_bytes`), `edges` uint64 (`tokens.EDGES`,). Written are `hashes`
    uint64, `offsets` int64 (n_texts + 1,), the first of them 0, and `token_hashes` uint64 (n_texts, 2).
    """
    tables = addresses(block, kinds, folds, steps)
    start, to_folded, out = np.uint64(text.ctypes.data), np.uint64(folded.ctypes.data), np.uint64(hashes.ctypes.data)
    for i in range(len(text_offsets) - 1):
        end = fold(start + np.uint64(text_offsets[i]), start + np.uint64(text_offsets[i + 1]), to_folded, tables)
        tokens = out
        out = hash_tokens(to_folded, end, np.uint64(edges.ctypes.data), tokens)
        n_tokens = out - tokens >> np.uint64(3)
        offsets[i + 1] = offsets[i] + np.int64(n_tokens)
        token_hash(
            tokens, n_tokens, np.uint64(edges.ctypes.data), np.uint64(token_hashes.ctypes.data) + np.uint64(16 * i)
        )


@kernel
def character_texts(text, text_offsets, block, kinds, folds, steps, folded, hashes, offsets):
    """Write the character hashes of each text, end to end; as `hash_texts`, with room for as many as bytes."""
    tables = addresses(block, kinds, folds, steps)
    start, to_folded, out = np.uint64(text.ctypes.data), np.uint64(folded.ctypes.data), np.uint64(hashes.ctypes.data)
    for i in range(len(text_offsets) - 1):
        end = fold(start + np.uint64(text_offsets[i]), start + np.uint64(text_offsets[i + 1]), to_folded, tables)
        characters = out
        out = hash_characters(to_folded, end, characters)
        offsets[i + 1] = offsets[i] + np.int64(out - characters >> np.uint64(3))
