"""Dates as crawls write them, to seconds; what cannot be read is `None`, never a guess."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

__all__ = ["CAPTURED", "UNKNOWN_DAY", "day", "given", "moments", "seconds"]

FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y%m%d%H%M%S", "%Y-%b-%d", "%d-%b-%Y %H:%M:%S.%f", "%d-%b-%Y %H:%M:%S",
    "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%B %d, %Y", "%b %d, %Y", "%b. %d, %Y", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y-%m", "%Y",
)  # fmt: skip
GREENWICH = re.compile(r"(?<=[0-9m.]) *(?:UTC|GMT)$", re.IGNORECASE)
HALF = re.compile(r"(?<=[0-9]) *([ap])\.?m\.?(?= |$)", re.IGNORECASE)
"""Of a day on a clock of twelve hours."""
IN_PATH = re.compile(r"[^?#]*?/((?:19|20)\d\d)([/-])(\d\d?)\2(\d\d?)(?=[/._-]|[?#]|$)")
"""A day in the path of a URL, year first, its parts as folders or joined by hyphens."""
CAPTURED = "captured "
"""Before the date of a page of which only that is known when a crawler came, which says little of two of them."""
SECONDS_A_DAY = 86_400
UNKNOWN_DAY = -(1 << 31)
MOST_SECONDS = float(1 << 53)
MILLISECONDS = 100_000_000_000
"""A bare number at least this large counts milliseconds: in seconds it would lie beyond the year 5000."""


def given(date: str, url: str) -> str:
    """The date of a document; where it has none of its own, the day in the path of its URL, as those of news have."""
    if (date and not date.startswith(CAPTURED)) or not (found := IN_PATH.match(url)):
        return date
    written = f"{found[1]}-{found[3]:0>2}-{found[4]:0>2}"
    return written if seconds(written) is not None else date


def moments(dates: Iterable[str], urls: Iterable[str]) -> list[float | None]:
    """`seconds` of the dates of some documents, or of the days in their URLs where they have none."""
    return [seconds(given(date, url)) for date, url in zip(dates, urls, strict=True)]


@lru_cache(1 << 16)
def seconds(text: str) -> float | None:
    """Seconds since 1970, UTC where no zone is given; `None` when `text` is not a date that is known."""
    text = text.removeprefix(CAPTURED).strip()
    if not text:
        return None
    read = _number(text)
    return read if read is not None else _moment(text)


@lru_cache(1 << 16)
def day(text: str) -> int:
    """Whole days since 1970 as an int32, `UNKNOWN_DAY` when `text` is no date that is known, or one of a capture."""
    moment = None if text.startswith(CAPTURED) else seconds(text)
    return UNKNOWN_DAY if moment is None else int(min(max(moment // SECONDS_A_DAY, UNKNOWN_DAY + 1), -UNKNOWN_DAY - 1))


def _number(text: str) -> float | None:
    """A Unix time. Numbers of up to eight digits before the point are years and dates such as 20260131.

    Those of fourteen are moments as indexes of crawls have them, such as 20260131120000: in milliseconds they would lie
    beyond the year 2286.
    """
    whole, _, parts = text.removeprefix("-").partition(".")
    if not (f"{whole}{parts}".isascii() and f"{whole}{parts}".isdigit()) or len(whole) <= 8 or len(whole) == 14:
        return None
    value = float(text)
    value = value / 1000 if abs(value) >= MILLISECONDS else value
    return min(max(value, -MOST_SECONDS), MOST_SECONDS)


def _moment(text: str) -> float | None:
    # A column of whole numbers in which some are missing is often written with a point.
    whole = GREENWICH.sub("", text.removesuffix(".0"))
    half, whole = HALF.search(whole), HALF.sub("", whole)
    for parse in PARSERS:
        try:
            moment = parse(whole)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.timestamp() if half is None else _in_half(moment, half[1].lower())
    return None


def _in_half(moment: datetime, half: str) -> float | None:
    """A moment read without its `a` or `p`; None where its hour is none of a clock of twelve."""
    if not 1 <= moment.hour <= 12:
        return None
    return moment.replace(hour=moment.hour % 12 + (12 if half == "p" else 0)).timestamp()


def _reader(form: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, form)


PARSERS = (datetime.fromisoformat, parsedate_to_datetime, *(_reader(form) for form in FORMATS))
