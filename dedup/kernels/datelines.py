"""The days that are written at the beginning of texts, found among tokens: numbers, names of months and their signs."""

from typing import NamedTuple

import numpy as np

from dedup.kernels.compile import inner, kernel
from dedup.kernels.slots import place
from dedup.kernels.text import CAPITAL, NUMBER

__all__ = [
    "CAPITALIZED", "DAY", "FILLER", "MONTH", "MONTH_FIRST", "MONTH_LAST", "MOST", "NUMERAL", "YEAR", "YEAR_SIGN",
    "Calendar", "list_days",
]  # fmt: skip

NUMERAL, DAY, YEAR, MONTH, CAPITALIZED, FILLER, YEAR_SIGN, MONTH_FIRST, MONTH_LAST = (1 << bit for bit in range(9))
"""What a token may be: a number up to 31, one that is a day, a year, a month, which must have a capital, a word between
them, a sign behind a year, one behind the number of a month, and one before it."""
MOST = 4
"""Days of one text."""
HEAD_TOKENS = 80
NEAR = 3
"""Characters that may lie between a day and its month or year."""


class Calendar(NamedTuple):
    """The tokens of which dates are made.

    `values` uint64 and `slots` are as `slots.insert` leaves them; `kinds` uint16 and `numbers` int16 are those of each
    value: which day, month or year; `before` int16 (12,), the days of a leap year before each month.
    """

    values: np.ndarray
    slots: np.ndarray
    kinds: np.ndarray
    numbers: np.ndarray
    before: np.ndarray


@inner
def _read(at, begin, end, hashes, flags, calendar):
    """What the token at a place is, and its number; 0 for none."""
    if at < begin or at >= end:
        return 0, 0
    known = place(hashes[at], calendar.values, calendar.slots)
    if known < 0:
        return 0, 0
    kind = np.int64(calendar.kinds[known])
    if kind & CAPITALIZED and not flags[at] & CAPITAL:
        return 0, 0
    return kind, np.int64(calendar.numbers[known])


@inner
def _add(year, month, day, n, calendar, years, days):
    """Add a day to those of a text, of which there are `n`; return how many there are then."""
    if n == MOST or month > 12:
        return n
    years[n], days[n] = year, np.int64(calendar.before[month - 1]) + day
    return n + 1


@inner
def _year_behind(at, begin, end, hashes, flags, calendar):
    """The year from a place on, with a filler or none before it, and the place behind it; 0 and `at` for none."""
    kind, number = _read(at, begin, end, hashes, flags, calendar)
    if kind & FILLER:
        kind, number = _read(at + 1, begin, end, hashes, flags, calendar)
        return (number, at + 2) if kind & YEAR else (0, at)
    return (number, at + 1) if kind & YEAR else (0, at)


@inner
def _year_before(at, begin, end, hashes, flags, calendar):
    """The year before a place, with a filler or none behind it; 0 for none."""
    kind, number = _read(at - 1, begin, end, hashes, flags, calendar)
    if kind & (FILLER | YEAR_SIGN):
        kind, number = _read(at - 2, begin, end, hashes, flags, calendar)
    return number if kind & YEAR else 0


@inner
def _gap(at, starts, ends):
    """The characters between the token at a place and the next."""
    return starts[at + 1] - ends[at]


@kernel
def _read_numeric(at, end, n, tokens, calendar, years, days):
    """Three numbers joined by one character each, the year first or last; return how many days there are then.

    Of 3/4/2024 nobody knows what is day and what is month, so both are taken.
    """
    hashes, starts, ends, flags = tokens
    if at + 2 >= end or _gap(at, starts, ends) != 1 or _gap(at + 1, starts, ends) != 1:
        return n
    one, first = _read(at, at, end, hashes, flags, calendar)
    two, second = _read(at + 1, at, end, hashes, flags, calendar)
    three, third = _read(at + 2, at, end, hashes, flags, calendar)
    if one & YEAR and two & NUMERAL and three & NUMERAL:
        return _add(first, second, third, n, calendar, years, days)
    if one & NUMERAL and two & NUMERAL and three & YEAR:
        n = _add(third, second, first, n, calendar, years, days)
        if first != second:
            n = _add(third, first, second, n, calendar, years, days)
    return n


@kernel
def _read_named(at, begin, end, n, tokens, calendar, years, days):
    """A day at `at` beside its month; return how many days there are then, and where to go on."""
    hashes, starts, ends, flags = tokens
    kind, day = _read(at, begin, end, hashes, flags, calendar)
    if not kind & (NUMERAL | DAY):
        return n, at + 1
    month_kind, month = _read(at - 1, begin, end, hashes, flags, calendar)
    if month_kind & MONTH and _gap(at - 1, starts, ends) <= NEAR:
        year, behind = _year_behind(at + 1, begin, end, hashes, flags, calendar)
        if year == 0:
            year = _year_before(at - 1, begin, end, hashes, flags, calendar)
        return _add(year, month, day, n, calendar, years, days), behind
    month_at = at + 1
    month_kind, month = _read(month_at, begin, end, hashes, flags, calendar)
    beyond_kind, beyond = _read(at + 2, begin, end, hashes, flags, calendar)
    if month_kind & MONTH_FIRST and beyond_kind & NUMERAL:
        # What seemed a day is a month.
        year = _year_before(at, begin, end, hashes, flags, calendar)
        return _add(year, day, beyond, n, calendar, years, days), at + 3
    if month_kind & MONTH_LAST and beyond_kind & NUMERAL:
        year, behind = _year_behind(at + 3, begin, end, hashes, flags, calendar)
        return _add(year, beyond, day, n, calendar, years, days), behind
    if month_kind & FILLER:
        month_at, month_kind, month = at + 2, beyond_kind, beyond
    if month_kind & MONTH and _gap(at, starts, ends) <= NEAR:
        year, behind = _year_behind(month_at + 1, begin, end, hashes, flags, calendar)
        if year == 0:
            year = _year_before(at, begin, end, hashes, flags, calendar)
        return _add(year, month, day, n, calendar, years, days), behind
    return n, at + 1


@kernel
def list_days(hashes, starts, ends, flags, offsets, calendar, years, days):
    """Write the first `MOST` days that each text states among its first `HEAD_TOKENS` tokens.

    `hashes`, `starts`, `ends` and `flags` are those of `tokenize_all`; `years` and `days` int32 (n_texts, `MOST`),
    zero: a year, 0 where none is given, and a day of a leap year from 1 on.
    """
    tokens = hashes, starts, ends, flags
    for i in range(len(offsets) - 1):
        begin, end, n = offsets[i], min(offsets[i + 1], offsets[i] + HEAD_TOKENS), 0
        at = begin
        while at < end and n < MOST:
            if not flags[at] & NUMBER:
                at += 1
                continue
            found = _read_numeric(at, end, n, tokens, calendar, years[i], days[i])
            if found > n:
                n, at = found, at + 3
                continue
            n, at = _read_named(at, begin, end, n, tokens, calendar, years[i], days[i])
