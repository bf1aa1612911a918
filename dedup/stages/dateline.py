"""The days that texts state at their beginning, as a dateline, a press release or a form does.

A copy keeps the day that its source states, and a form filled in anew states another. The names of months stand in
`dedup/data/months.json`, by language.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from dedup.arrays import Hashes, Positions, Rows, Scores
from dedup.kernels import datelines as kernel
from dedup.kernels.datelines import MOST, Calendar
from dedup.kernels.slots import lay, n_slots
from dedup.records import Alignments, Tokens

__all__ = ["Stated", "apart", "find", "measured", "trusted"]

HashesOf = Callable[[Iterable[str]], Hashes]
"""The hash of each word."""
ORDINALS = ("st", "nd", "rd", "th", "er", "º", "ª", "일")
FILLERS = ("of", "de", "del", "do", "di", "da", "d", "m", "gada", "năm")
FIRST_YEAR, LAST_YEAR = 1800, 2100
YEAR_DAYS, LEAP_DAYS = 365.25, 366
BEFORE_MONTH = (0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335)
"""Days of a leap year before each month."""


class Stated(NamedTuple):
    """Days of some texts, int32 (n_texts, `MOST`): `years`, 0 where not given, and `days` of the year, 0 for none."""

    years: Positions
    days: Positions


def measured(alignments: Alignments, tokens: Tokens, hashes: HashesOf) -> Alignments:
    """Alignments of places in `tokens` with the column `stated_apart`, as `apart` tells."""
    days = apart(find(tokens, hashes), alignments.left, alignments.right)
    return replace(alignments, scores={**alignments.scores, "stated_apart": days})


def trusted(alignments: Alignments, trust: float, undoubted: float) -> Alignments:
    """The days between the dates of pairs made fewer, as far as dates are not to be trusted.

    `trust` in 0..1 is what is left of their doublings from `undoubted` days on.
    """
    days = alignments.scores["days_apart"]
    fewer = np.where(days > undoubted, undoubted * (np.maximum(days, undoubted) / undoubted) ** trust, days)
    return replace(alignments, scores={**alignments.scores, "days_apart": fewer})


def find(tokens: Tokens, hashes: HashesOf) -> Stated:
    """The days that each text states at its beginning; `hashes` gives those of words as `tokens` have them."""
    n_texts = len(tokens.offsets) - 1
    found = Stated(np.zeros((n_texts, MOST), np.int32), np.zeros((n_texts, MOST), np.int32))
    calendar = _calendar(hashes)
    kernel.list_days(tokens.hashes, tokens.starts, tokens.ends, tokens.flags, tokens.offsets, calendar, *found)
    return found


def apart(stated: Stated, left: Rows, right: Rows) -> Scores:
    """How many days are between those that the texts of each pair state: (n_pairs,), 0 where one of them states none.

    Of several the two that are nearest count: a copy may state its own day above that of its source. Without both years
    it is how far apart they are in any year.
    """
    found = np.zeros(len(left), np.float64)
    both = np.flatnonzero((stated.days[left, 0] > 0) & (stated.days[right, 0] > 0))
    years, other_years = stated.years[left[both], :, None], stated.years[right[both], None, :]
    own, others = stated.days[left[both], :, None], stated.days[right[both], None, :]
    between = np.abs(own - others).astype(np.float64)
    between = np.minimum(between, LEAP_DAYS - between)
    exact = np.abs(np.rint((years - other_years) * YEAR_DAYS) + own - others)
    between = np.where((years > 0) & (other_years > 0), exact, between)
    between[(own == 0) | (others == 0)] = np.inf
    found[both] = between.reshape(len(both), MOST * MOST).min(axis=1, initial=np.inf)
    return found


@cache
def _calendar(hashes: HashesOf) -> Calendar:
    entries = list(_entries())
    values, first = np.unique(hashes(written for written, _, _ in entries), return_index=True)
    laid, slots = np.empty(len(values), np.uint64), np.zeros(n_slots(len(values)), np.uint32)
    lay(values, laid, slots)
    return Calendar(
        values=laid, slots=slots, kinds=np.array([entries[k][1] for k in first], np.uint16),
        numbers=np.array([entries[k][2] for k in first], np.int16), before=np.array(BEFORE_MONTH, np.int16),
    )  # fmt: skip


def _entries() -> Iterator[tuple[str, int, int]]:
    """Tokens of dates, what each is, and its number; of two that are written alike the first counts."""
    for number in range(1, 32):
        for written in {str(number), f"{number:02}"}:
            yield written, kernel.NUMERAL, number
            yield from ((f"{written}{behind}", kernel.DAY, number) for behind in ORDINALS)
    for number in range(1, 13):
        yield f"{number}월", kernel.MONTH, number
    for year in range(FIRST_YEAR, LAST_YEAR):
        yield from ((f"{year}{behind}", kernel.YEAR, year) for behind in ("", "년"))
    stored = json.loads(files("dedup.data").joinpath("months.json").read_text("utf-8"))["months"]
    for language, months in stored.items():
        kind = kernel.MONTH | (kernel.CAPITALIZED if language == "en" else 0)
        yield from ((name, kind, number) for number, names in enumerate(months, 1) for name in names.split())
    yield from ((word, kernel.FILLER, 0) for word in FILLERS)
    for sign, kind in (("年", kernel.YEAR_SIGN), ("月", kernel.MONTH_FIRST), ("tháng", kernel.MONTH_LAST)):
        yield sign, kind, 0
