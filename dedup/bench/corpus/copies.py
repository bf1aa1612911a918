"""What becomes of originals: edited, cut, quoted and re-worded copies, and forms that are filled in."""

import numpy as np

from dedup.bench.corpus.compile import compiled
from dedup.bench.corpus.compose import CAPITAL, CLOSE, OPEN, PARAGRAPH, STOP, article, content, facts, sentence
from dedup.bench.corpus.draws import below, start

__all__ = ["edited", "excerpting", "filled", "jaccard", "quoting", "reworded"]

SHINGLE = 5
PER_MILLE = 1000
REWORDED = 170
"""Words in a thousand that a light rewrite puts otherwise."""


@compiled
def is_plain(code):
    """Whether it is a word that an editor may change, and not a name, a number or a mark."""
    return 0 <= code < CAPITAL


@compiled
def edited(key, codes, most_per_mille, out):
    """Write a near copy: at least one word is exchanged, left out or put in, up to `most_per_mille` in a thousand."""
    state = start(key)
    rate = 1 + below(state, most_per_mille)
    sure = below(state, len(codes))
    while not is_plain(codes[sure]):
        sure = (sure + 1) % len(codes)
    at = 0
    for k, code in enumerate(codes):
        change = k == sure or (is_plain(code) and below(state, PER_MILLE) < rate)
        kind = below(state, 4) if change else 0
        if change and kind < 3:
            out[at] = content(state)
            at += 1
        if not change or kind == 2:
            out[at] = code
            at += 1
    return at


@compiled
def bounds_of(codes, out):
    """Write where sentences begin, and the end of the last; a new paragraph belongs to the sentence after it."""
    n = 0
    out[0] = 0
    for k, code in enumerate(codes):
        if code == CLOSE or (code == STOP and not (k + 1 < len(codes) and codes[k + 1] == CLOSE)):
            n += 1
            out[n] = k + 1
    if out[n] != len(codes):
        n += 1
        out[n] = len(codes)
    return n


@compiled
def append(codes, first, last, out, at):
    """Append a part of `codes`."""
    out[at : at + last - first] = codes[first:last]
    return at + last - first


@compiled
def reworded(key, codes, out):
    """Write a light rewrite: words give way to others of their rank, sentences are left out or change places."""
    state = start(key)
    bounds = np.empty(len(codes) + 2, np.int64)
    n = bounds_of(codes, bounds)
    order = np.arange(n)
    for k in range(0, n - 1, 2):
        if below(state, 5) == 0:
            order[k], order[k + 1] = order[k + 1], order[k]
    at = 0
    for k in order:
        if n > 4 and below(state, 15) == 0:
            continue
        begin = at
        at = append(codes, bounds[k], bounds[k + 1], out, at)
        for place in range(begin, at):
            if is_plain(out[place]) and below(state, PER_MILLE) < REWORDED:
                # Content words start at an even power of two, so the other of a pair is of the same rank.
                out[place] = out[place] ^ 1
    return at


@compiled
def around(own, inserted, mark, out):
    """Write `own` with `inserted` between two of its sentences, in quotation marks when `mark` is 1."""
    bounds = np.empty(len(own) + 2, np.int64)
    n = bounds_of(own, bounds)
    middle = bounds[(n + 1) // 2]
    at = append(own, 0, middle, out, 0)
    if mark:
        out[at] = OPEN
        at += 1
    at = append(inserted, 0, len(inserted), out, at)
    if mark:
        out[at] = CLOSE
        at += 1
    return append(own, middle, len(own), out, at)


@compiled
def run_of_sentences(state, codes, per_cent, scratch):
    """First and last place of a run of whole sentences that holds about so much of a text."""
    n = bounds_of(codes, scratch)
    count = max(1, n * per_cent // 100)
    first = below(state, n - count + 1)
    begin, end = scratch[first], scratch[first + count]
    return begin + (codes[begin] == PARAGRAPH), end


@compiled
def excerpting(key, codes, phrases, out):
    """Write an article of another hand that holds 30 to 60 % of the sentences of `codes` in one run."""
    state = start(key)
    begin, end = run_of_sentences(state, codes, 30 + below(state, 31), np.empty(len(codes) + 2, np.int64))
    n_words = (end - begin) * (80 + below(state, 120)) // 100
    own = np.empty(2 * n_words + 256, np.int64)
    n = article(key + np.uint64(1), n_words, phrases, own, 0)
    return around(own[:n], codes[begin:end], 0, out)


@compiled
def quoting(key, codes, n_words, phrases, out):
    """Write an article of another hand that quotes one or two sentences of `codes`."""
    state = start(key)
    bounds = np.empty(len(codes) + 2, np.int64)
    n = bounds_of(codes, bounds)
    first = below(state, n)
    last = min(n, first + 1 + below(state, 2))
    said = codes[bounds[first] : bounds[last]]
    said = said[(said != OPEN) & (said != CLOSE) & (said != PARAGRAPH)]
    own = np.empty(2 * n_words + 256, np.int64)
    length = article(key + np.uint64(1), n_words, phrases, own, 0)
    return around(own[:length], said, 1, out)


@compiled
def filled(form_key, key, n_words, phrases, out):
    """Write a form: its sentences are always the same, and facts of this text stand between them."""
    form, own = start(form_key), start(key)
    people, topics = np.empty(2, np.int64), np.empty(4, np.int64)
    people[:] = content(form) | CAPITAL
    for k in range(len(topics)):
        topics[k] = content(form)
    at = 0
    while at < n_words:
        if at and below(form, 4) == 0:
            out[at] = PARAGRAPH
            at += 1
        at = sentence(form, people, topics, phrases, out, at) - 1
        at = facts(own, 2 + below(own, 4), out, at)
        out[at] = STOP
        at += 1
    return at


@compiled
def shingles(codes, out):
    """Write the sorted different shingles of a text's words, marks left out; returns how many."""
    words = np.empty(len(codes), np.uint64)
    n = 0
    for code in codes:
        if code >= 0:
            words[n] = (np.uint64(code & ~CAPITAL) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
            n += 1
    size = min(n, SHINGLE)
    for k in range(n - size + 1 if n else 0):
        value = np.uint64(0)
        for j in range(size):
            turn = np.uint64(11 * j)
            word = words[k + j] ^ (words[k + j] >> np.uint64(29))
            value = (value ^ ((word << turn) | (word >> ((np.uint64(64) - turn) & np.uint64(63))))) * np.uint64(
                0xD6E8FEB86659FD93
            )
        out[k] = value
    found = np.unique(out[: n - size + 1]) if n else out[:0]
    out[: len(found)] = found
    return len(found)


@compiled
def jaccard(left, right):
    """Jaccard similarity of the sets of five-word shingles of two texts."""
    a, b = np.empty(len(left) + 1, np.uint64), np.empty(len(right) + 1, np.uint64)
    n_left, n_right = shingles(left, a), shingles(right, b)
    i, j, n_both = 0, 0, 0
    while i < n_left and j < n_right:
        if a[i] == b[j]:
            n_both += 1
        if a[i] <= b[j]:
            i += 1
            j += a[i - 1] == b[j]
        else:
            j += 1
    return n_both / max(1, n_left + n_right - n_both)
