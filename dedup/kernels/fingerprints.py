"""Which shingle hashes of a text are kept to find the passages that it shares with others."""

import numpy as np

from dedup.kernels.compile import kernel

__all__ = ["fingerprint", "fingerprint_all"]

SPREAD = np.uint64(0x9E3779B97F4A7C15)


@kernel
def _sort_unique(values, n):
    """Sort the first `n` values in place and close up repeats; return how many are left."""
    ordered = np.sort(values[:n])
    kept = 0
    for i in range(n):
        if i == 0 or ordered[i] != ordered[i - 1]:
            values[kept] = ordered[i]
            kept += 1
    return kept


@kernel
def _shingle(token_hashes, at, shingle_size):
    """Hash of the `shingle_size` tokens from `at`, spread so that its order is as good as random."""
    value = np.uint64(0)
    for j in range(shingle_size):
        turn = np.uint64(11 * j % 64)
        token = token_hashes[at + j]
        value ^= token << turn | token >> (np.uint64(64) - turn & np.uint64(63))
    value = (value ^ value >> np.uint64(32)) * SPREAD
    return value ^ value >> np.uint64(29)


@kernel
def fingerprint(token_hashes, shingle_size, window, n_least, out):
    """Write the fingerprints of one text into `out`, sorted, each once; return how many there are.

    `token_hashes` uint64 (n_tokens,), `out` uint64 of room for n_tokens. The least hash of every `window` successive
    shingles is kept, so two texts that share a run of `shingle_size + window - 1` tokens share a fingerprint, and about
    2 of `window + 1` shingles are kept [Schleimer, Wilkerson, Aiken 2003]. The window is narrower for a text that would
    keep fewer than `n_least`; a narrower window keeps all that a wider one does, so what is promised still holds.
    """
    n_shingles = len(token_hashes) - shingle_size + 1
    window = max(1, min(window, 2 * n_shingles // n_least - 1))
    for at in range(n_shingles):
        out[at] = _shingle(token_hashes, at, shingle_size)
    least, kept = np.int64(-1), np.int64(-1)
    value = np.uint64(0)
    n = 0
    for last in range(n_shingles):
        if least <= last - window:
            # The least has left the window: look again. Nothing at or before `least` is ever read again, so the
            # kept values may overwrite the shingles behind it.
            least += 1
            for at in range(least + 1, last + 1):
                if out[at] <= out[least]:
                    least = at
        elif least < 0 or out[last] <= value:
            least = last
        value = out[least]
        if least != kept and (last >= window - 1 or last == n_shingles - 1):
            out[n] = value
            kept = least
            n += 1
    return _sort_unique(out, n)


@kernel
def fingerprint_all(token_hashes, offsets, shingle_size, window, n_least, out, out_offsets):
    """Fingerprint texts that lie end to end: `offsets` and `out_offsets` int64 (n_texts + 1,)."""
    at = 0
    for i in range(len(offsets) - 1):
        tokens = token_hashes[offsets[i] : offsets[i + 1]]
        at += fingerprint(tokens, shingle_size, window, n_least, out[at:])
        out_offsets[i + 1] = at
