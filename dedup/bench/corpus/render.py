"""Codes to characters: one line of JSON for each text, written byte by byte."""

import numpy as np

from dedup.bench.corpus.compile import compiled
from dedup.bench.corpus.compose import CAPITAL, CLOSE, COMMA, LINE, NUMBER, OPEN, PARAGRAPH, STOP
from dedup.bench.corpus.words import SLOT

__all__ = ["json_line"]

MONTHS, DAYS, FIRST_YEAR = 12, 28, 2015
PARTS = tuple(
    np.frombuffer(part.encode(), np.uint8)
    for part in (
        '{"id":"',
        '","text":"',
        '","url":"https://www.',
        '","date":"',
        '","source":"',
        '"}\n',
        ".com",
        "“",
        "”",
    )
)
ID, TEXT, URL, DATE, SOURCE, END, DOMAIN, QUOTE, UNQUOTE = PARTS


@compiled
def put(part, out, at):
    """Append bytes."""
    for k in range(len(part)):
        out[at + k] = part[k]
    return at + len(part)


@compiled
def put_word(row, is_capital, letters, lengths, out, at):
    """Append a word."""
    # All of the slot at once, as two numbers; what is too much is written over.
    for k in range(SLOT):
        out[at + k] = letters[row, k]
    if is_capital:
        out[at] -= np.uint8(32)
    return at + np.int64(lengths[row])


@compiled
def put_number(value, n_least, out, at):
    """Append digits, at least `n_least` of them."""
    n, rest = 1, value // 10
    while rest or n < n_least:
        n += 1
        rest //= 10
    for k in range(n - 1, -1, -1):
        out[at + k] = np.uint8(48 + value % 10)
        value //= 10
    return at + n


@compiled
def put_breaks(count, out, at):
    """Append line breaks as JSON writes them."""
    for _ in range(count):
        out[at], out[at + 1] = np.uint8(92), np.uint8(110)
        at += 2
    return at


@compiled
def put_mark(code, is_first, is_glued, out, at):
    """Append a sign, with the space before it where one is due; line breaks only after something."""
    if code in (STOP, COMMA):
        out[at] = np.uint8(46) if code == STOP else np.uint8(44)
        return at + 1
    if code == OPEN:
        if not is_glued:
            out[at] = np.uint8(32)
            at += 1
        return put(QUOTE, out, at)
    if code == CLOSE:
        return put(UNQUOTE, out, at)
    return at if is_first else put_breaks(2 if code == PARAGRAPH else 1, out, at)


@compiled
def put_text(codes, letters, lengths, out, at):
    """Append a text: sentences begin with a capital, and no space stands at the start of a line or a quotation."""
    begin, is_glued, is_capital = at, True, True
    for code in codes:
        if code < 0:
            at = put_mark(code, at == begin, is_glued, out, at)
            is_glued = code in (OPEN, PARAGRAPH, LINE)
            is_capital = is_glued or code == STOP or (is_capital and code == CLOSE)
            continue
        if not is_glued:
            out[at] = np.uint8(32)
            at += 1
        if code & NUMBER:
            at = put_number(code ^ NUMBER, 1, out, at)
        else:
            at = put_word(code & ~CAPITAL, is_capital or code & CAPITAL != 0, letters, lengths, out, at)
        is_glued = is_capital = False
    return at


@compiled
def put_day(day, separator, out, at):
    """Append a date: days are counted from 2015 on, 28 a month."""
    at = put_number(FIRST_YEAR + day // (MONTHS * DAYS), 4, out, at)
    out[at] = separator
    at = put_number(1 + day // DAYS % MONTHS, 2, out, at + 1)
    out[at] = separator
    return put_number(1 + day % DAYS, 2, out, at + 1)


@compiled
def put_host(host, letters, lengths, out, at):
    """Append the name of a site: two words by their ranks (2,)."""
    at = put_word(host[0], False, letters, lengths, out, at)
    at = put_word(host[1], False, letters, lengths, out, at)
    return put(DOMAIN, out, at)


@compiled
def put_id(name, out, at):
    """Append sixteen hexadecimal digits."""
    for k in range(16):
        digit = np.int64((name >> np.uint64(60 - 4 * k)) & np.uint64(15))
        out[at + k] = np.uint8(48 + digit if digit < 10 else 87 + digit)
    return at + 16


@compiled
def json_line(name, codes, host, day, letters, lengths, out, at):
    """Append id (16 hexadecimal digits of `name`), text, url, date and source as one line."""
    at = put_id(name, out, put(ID, out, at))
    at = put_text(codes, letters, lengths, out, put(TEXT, out, at))
    at = put_host(host, letters, lengths, out, put(URL, out, at))
    out[at] = np.uint8(47)
    at = put_day(day, np.uint8(47), out, at + 1)
    out[at] = np.uint8(47)
    at = put_id(name, out, at + 1)
    at = put_day(day, np.uint8(45), out, put(DATE, out, at))
    at = put_host(host, letters, lengths, out, put(SOURCE, out, at))
    return put(END, out, at)
