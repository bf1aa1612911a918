"""Originals: articles of sentences whose words follow Zipf's law, keep to a few topics, and name people and numbers.

A text is a row of int64 codes: words by rank, names with the bit CAPITAL, numbers with the bit NUMBER, marks below 0.
"""

import numpy as np

from dedup.bench.corpus.compile import compiled
from dedup.bench.corpus.draws import below, start
from dedup.bench.corpus.words import N_NAMES, N_PHRASES, N_WORDS, PHRASE_WORDS

__all__ = [
    "CAPITAL", "CLOSE", "COMMA", "LINE", "NUMBER", "OPEN", "PARAGRAPH", "STOP", "article", "content", "facts",
    "furniture", "headline", "sentence",
]  # fmt: skip

CAPITAL, NUMBER = 1 << 40, 1 << 41
STOP, COMMA, OPEN, CLOSE, PARAGRAPH, LINE = -1, -2, -3, -4, -5, -6
N_TOPICS, N_PEOPLE = 24, 4
FUNCTION_BITS = 6
CONTENT_OCTAVES = 11
PHRASE_APART = 8
"""Words between two phrases, so that texts do not share eight words that are two common phrases."""


@compiled
def by_octave(state, first, n_octaves):
    """A rank of at least 2**first: each octave is as likely as the next, which is Zipf's law in steps."""
    size = np.int64(1) << (first + below(state, n_octaves))
    return size + below(state, size)


@compiled
def content(state):
    """A word that is no function word."""
    return by_octave(state, FUNCTION_BITS, CONTENT_OCTAVES)


@compiled
def function(state):
    """Articles, prepositions and the like."""
    return by_octave(state, 0, FUNCTION_BITS) - 1


@compiled
def name(state):
    """A name, the first ones no likelier than the others."""
    return (N_WORDS + below(state, N_NAMES)) | CAPITAL


@compiled
def number(state):
    """A year, a count or a sum."""
    kind = below(state, 4)
    if kind == 0:
        return (1990 + below(state, 36)) | NUMBER
    if kind == 1:
        return (2 + below(state, 98)) | NUMBER
    return (100 + below(state, 9900 if kind == 2 else 9_000_000)) | NUMBER


@compiled
def facts(state, n_facts, out, at):
    """Names, numbers and rare words, which differ wherever they are drawn anew."""
    for _ in range(n_facts):
        kind = below(state, 3)
        out[at] = name(state) if kind == 0 else number(state) if kind == 1 else content(state)
        at += 1
    return at


@compiled
def people_and_topics(state, people, topics):
    """Who and what an article is about."""
    for k in range(len(people)):
        people[k] = name(state)
    for k in range(len(topics)):
        topics[k] = content(state)


@compiled
def sentence(state, people, topics, phrases, out, at):
    """Append one sentence; at most two function words in a row, and one phrase."""
    n_words = 5 + below(state, 11) + below(state, 13)
    in_a_row, since_phrase = 0, PHRASE_APART if below(state, 2) else -99
    for k in range(n_words):
        kind = below(state, 256)
        since_phrase += 1
        if kind < 112:
            out[at] = function(state) if in_a_row < 2 else content(state)
            at += 1
            in_a_row = (in_a_row + 1) % 3
            continue
        if in_a_row == 0 and since_phrase > PHRASE_APART and kind < 144:
            row = by_octave(state, 0, 11) - 1
            out[at : at + PHRASE_WORDS] = phrases[row % N_PHRASES]
            at += PHRASE_WORDS
            since_phrase = -99
        elif kind < 156:
            person = below(state, len(people) // 2) * 2
            out[at], out[at + 1] = people[person], people[person + 1]
            at += 2
        elif kind < 162:
            out[at] = number(state)
            at += 1
        else:
            out[at] = topics[below(state, len(topics))] if kind < 190 else content(state)
            at += 1
            if k < n_words - 1 and below(state, 12) == 0:
                out[at] = COMMA
                at += 1
        in_a_row = 0
    out[at] = STOP
    return at + 1


@compiled
def article(key, n_words, phrases, out, at):
    """Append an article of about `n_words`; one sentence in twenty is said by somebody."""
    state = start(key)
    people, topics = np.empty(2 * N_PEOPLE, np.int64), np.empty(N_TOPICS, np.int64)
    people_and_topics(state, people, topics)
    begin = at
    while at - begin < n_words:
        if at > begin and below(state, 4) == 0:
            out[at] = PARAGRAPH
            at += 1
        said = below(state, 20) == 0
        if said:
            out[at] = OPEN
            at += 1
        at = sentence(state, people, topics, phrases, out, at)
        if said:
            out[at] = CLOSE
            at += 1
    return at


@compiled
def headline(key, out, at):
    """Append a line of six to ten words."""
    state = start(key)
    for _ in range(6 + below(state, 5)):
        out[at] = function(state) if below(state, 4) == 0 else content(state) | CAPITAL
        at += 1
    return at


@compiled
def links(state, n_lines, n_words, out, at):
    """Append lines of capitalized words."""
    for _ in range(n_lines):
        out[at] = LINE
        at += 1
        for _ in range(1 + below(state, n_words)):
            out[at] = content(state) | CAPITAL
            at += 1
    return at


@compiled
def furniture(site_key, page_key, phrases, is_head, out, at):
    """Append what stands above (navigation) or below (related articles of this page, the site's own text) a body."""
    state = start(site_key)
    if is_head:
        at = links(state, 6 + below(state, 12), 3, out, at)
        out[at] = PARAGRAPH
        return at + 1
    of_page = start(page_key)
    out[at] = PARAGRAPH
    at = links(of_page, 3 + below(of_page, 5), 9, out, at + 1)
    out[at] = PARAGRAPH
    people, topics = np.empty(2, np.int64), np.empty(4, np.int64)
    people_and_topics(state, people, topics)
    at += 1
    for _ in range(2 + below(state, 3)):
        at = sentence(state, people, topics, phrases, out, at)
    return links(state, 4 + below(state, 8), 3, out, at)
