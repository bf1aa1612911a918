"""Collections text by text: every text follows from the seed and its number, wherever it comes to stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from dedup.bench.corpus.compile import compiled
from dedup.bench.corpus.compose import PARAGRAPH, article, furniture, headline
from dedup.bench.corpus.copies import edited, excerpting, filled, jaccard, quoting, reworded
from dedup.bench.corpus.draws import below, key_of, place_to_number, start
from dedup.bench.corpus.mixes import KINDS, Layout, Mix, layout
from dedup.bench.corpus.render import json_line
from dedup.bench.corpus.words import N_WORDS, language
from dedup.engines import local

__all__ = ["Chunk", "Copy", "chunks", "texts_of"]

ORIGINAL, EXACT, NEAR, SYNDICATED, EXCERPT, REWRITE, QUOTATION, TEMPLATE = range(len(KINDS))
ARTICLE, HEADLINE, SITE, FURNITURE, CHANGE, DAY, FORM, FACTS, ORDER, NAME, PARENT = range(11)
"""Purposes of keys."""
CHUNK_TEXTS = 512
MOST_CODES = 1 << 15
LINE_ROOM = 1 << 17
"""Bytes for a line; of what is asked for only what is written takes memory."""
N_DAYS = 3360
FURNISHED = 10
"""One site in so many leaves its furniture in the text of its pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A planted pair: `right` was made from `left` in the way that `kind` says; `jaccard` of five-word shingles."""

    kind: str
    left: str
    right: str
    jaccard: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some lines of a collection, and the copies among them."""

    lines: np.ndarray
    copies: list[Copy]


def chunks(n_texts: int, seed: int, mix: Mix, threads: int = 0) -> Iterator[Chunk]:
    """The whole collection in its order, some hundred texts at a time."""
    work = partial(_chunk, layout(mix, n_texts), n_texts, seed)
    return local.ordered_map(work, range(0, n_texts, CHUNK_TEXTS), threads)


def texts_of(numbers: np.ndarray, seed: int, made: Layout) -> Chunk:
    """The texts of these numbers, wherever they stand in the collection."""
    known, n = language(), len(numbers)
    out = np.empty(n * LINE_ROOM, np.uint8)
    parents, similarities = np.empty(n, np.int64), np.empty(n)
    plan = made.firsts, made.n_words, made.limits
    words = known.letters, known.lengths, known.phrases
    n_bytes = _write(np.uint64(seed), numbers, plan, words, out, parents, similarities)
    kinds = np.searchsorted(made.firsts, numbers, "right") - 1
    names = [_name(seed, number) for number in numbers.tolist()]
    copies = [
        Copy(kind=KINDS[kinds[k]], left=_name(seed, int(parents[k])), right=names[k], jaccard=float(similarities[k]))
        for k in np.flatnonzero(parents >= 0).tolist()
    ]
    return Chunk(lines=out[:n_bytes], copies=copies)


def _chunk(made: Layout, n_texts: int, seed: int, first: int) -> Chunk:
    places = np.arange(first, min(n_texts, first + CHUNK_TEXTS))
    return texts_of(_numbers(places, n_texts, np.uint64(seed)), seed, made)


def _name(seed: int, number: int) -> str:
    return f"{int(key_of(np.uint64(seed), NAME, number)):016x}"


@compiled
def _numbers(places, n_texts, seed):
    out = np.empty(len(places), np.int64)
    for k in range(len(places)):
        out[k] = place_to_number(places[k], n_texts, key_of(seed, ORDER, 0))
    return out


@compiled
def parent_of(seed, number, kind, plan):
    """What a text is made from: an original, the first of its form, or -1; some originals are copied far more often."""
    firsts, _, limits = plan
    if kind == ORIGINAL:
        return np.int64(-1)
    if kind == TEMPLATE:
        first = number - (number - firsts[TEMPLATE]) % limits[3]
        return first if first < number else np.int64(-1)
    state = start(key_of(seed, PARENT, number))
    n = firsts[1]
    return below(state, max(1, n // 200)) if below(state, 10) < 3 else below(state, n)


@compiled
def site_of(seed, number, limits):
    """The site that a text stands on: some have far more than others."""
    state = start(key_of(seed, SITE, number))
    if below(state, 1000) < limits[1]:
        return np.int64(0)
    return np.int64(limits[1] > 0) + below(state, 1 + below(state, limits[0]))


@compiled
def length_of(seed, number, n_words):
    """Words of an article."""
    return n_words[below(start(key_of(seed, DAY, number)), len(n_words))]


@compiled
def body_of(seed, number, plan, phrases, out):
    """Write an original without its headline and the furniture of its site."""
    return article(key_of(seed, ARTICLE, number), length_of(seed, number, plan[1]), phrases, out, 0)


@compiled
def page_of(seed, number, site, is_furnished, body, phrases, out):
    """Write a body as it stands on a site: with a headline, and with the furniture when the site leaves it in."""
    at = 0
    site_key, page_key = key_of(seed, FURNITURE, site), key_of(seed, CHANGE, number)
    if is_furnished:
        at = furniture(site_key, page_key, phrases, True, out, at)
    at = headline(key_of(seed, HEADLINE, number), out, at)
    out[at] = PARAGRAPH
    at += 1
    out[at : at + len(body)] = body
    at += len(body)
    return furniture(site_key, page_key, phrases, False, out, at) if is_furnished else at


@compiled
def is_furnished(seed, site, limits):
    """Whether a site leaves its furniture in; the one with most texts does."""
    return (site == 0 and limits[1] > 0) or below(start(key_of(seed, FURNITURE, site)), FURNISHED) == 0


@compiled
def original(seed, number, plan, phrases, scratch, out):
    """Write an original as it stands on its site."""
    site = site_of(seed, number, plan[2])
    n = body_of(seed, number, plan, phrases, scratch)
    return page_of(seed, number, site, is_furnished(seed, site, plan[2]), scratch[:n], phrases, out)


@compiled
def copy(seed, number, kind, whole, body, plan, phrases, out):
    """Write what was made of an original, of which `whole` is the page and `body` the article."""
    key = key_of(seed, CHANGE, number)
    if kind == EXACT:
        out[: len(whole)] = whole
        return len(whole)
    if kind == NEAR:
        return edited(key, whole, plan[2][2], out)
    if kind == SYNDICATED:
        return page_of(seed, number, site_of(seed, number, plan[2]), True, body, phrases, out)
    if kind == EXCERPT:
        return excerpting(key, body, phrases, out)
    if kind == REWRITE:
        return reworded(key, body, out)
    return quoting(key, body, length_of(seed, number, plan[1]), phrases, out)


@compiled
def form_of(seed, number, plan, phrases, out):
    """Write a form that is filled in."""
    form = (number - plan[0][TEMPLATE]) // plan[2][3]
    n_words = length_of(seed, form, plan[1])
    return filled(key_of(seed, FORM, form), key_of(seed, FACTS, number), n_words, phrases, out)


@compiled
def day_of(seed, number, parent, kind):
    """When a text appeared; a copy up to a week after its original."""
    if parent < 0 or kind == TEMPLATE:
        return below(start(key_of(seed, DAY, number)), N_DAYS)
    return below(start(key_of(seed, DAY, parent)), N_DAYS) + below(start(key_of(seed, DAY, number)), 8)


@compiled
def host_of(seed, site, out):
    """Write the two words of a site's name."""
    state = start(key_of(seed, HEADLINE, site + (np.int64(1) << np.int64(39))))
    out[0] = 256 + below(state, N_WORDS - 256)
    out[1] = 64 + below(state, 1000)


@compiled
def _write(seed, numbers, plan, words, out, parents, similarities):
    """Write the lines of these texts, and of copies what they were made from and how alike the two are."""
    letters, lengths, phrases = words
    codes, scratch, whole = (
        np.empty(MOST_CODES, np.int64),
        np.empty(MOST_CODES, np.int64),
        np.empty(MOST_CODES, np.int64),
    )
    host, at = np.empty(2, np.int64), 0
    for k in range(len(numbers)):
        number = numbers[k]
        kind = np.searchsorted(plan[0], number, "right") - 1
        parent = parent_of(seed, number, kind, plan)
        parents[k], similarities[k] = parent, 1.0
        if kind == ORIGINAL:
            n = original(seed, number, plan, phrases, scratch, codes)
        elif kind == TEMPLATE:
            n = form_of(seed, number, plan, phrases, codes)
            if parent >= 0:
                n_whole = form_of(seed, parent, plan, phrases, whole)
                similarities[k] = jaccard(whole[:n_whole], codes[:n])
        else:
            n_whole = original(seed, parent, plan, phrases, scratch, whole)
            n_body = body_of(seed, parent, plan, phrases, scratch)
            n = copy(seed, number, kind, whole[:n_whole], scratch[:n_body], plan, phrases, codes)
            if kind != EXACT:
                similarities[k] = jaccard(whole[:n_whole], codes[:n])
        host_of(seed, site_of(seed, number, plan[2]), host)
        day = day_of(seed, number, parent, kind)
        at = json_line(key_of(seed, NAME, number), codes[:n], host, day, letters, lengths, out, at)
    return at
