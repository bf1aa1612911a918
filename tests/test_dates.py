"""Dates as crawls write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import dates


@pytest.mark.parametrize(
    "text",
    ["2006-02-10", "2006-Feb-10", "10-FEB-2006", "10 February 2006", "February 10, 2006", "20060210", "10.02.2006",
     "2006-02-10T00:00:00Z", "2006-02-10 00:00:00", "Fri, 10 Feb 2006 00:00:00 GMT", "1139529600", "1139529600000",
     "20060210.0", "1139529600.0", "20060210000000", "2006-02-10 00:00:00 UTC", "2006-02-10T00:00 gmt",
     "2006-02-10 00:00:00 +0000 UTC", "10 Feb 2006 00:00:00 UTC", "2006/02/10 00:00", "10.02.2006 00:00:00",
     "February 10, 2006 12:00 AM", "2006-02-10 12:00:00 a.m. UTC"],
)  # fmt: skip
def test_seconds__reads_many_forms_of_one_day(text):
    assert dates.seconds(text) == datetime(2006, 2, 10, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "32.13.2006", "2006-02-30", "Page 12", "2006.123456", "20060230000000", "UTC", "4 pm",
     "February 10, 2006 13:00 PM", "2006-02-10 00:30 AM"],
)  # fmt: skip
def test_seconds__guesses_nothing(text):
    assert dates.seconds(text) is None


@pytest.mark.parametrize(
    ("text", "hour"),
    [("February 10, 2006 10:00 PM", 22), ("Feb 10, 2006 12:00 pm", 12), ("2006-02-10 09:00AM", 9),
     ("10 Feb 2006 7:00 p.m. GMT", 19)],
)  # fmt: skip
def test_seconds__knows_the_halves_of_a_day(text, hour):
    assert dates.seconds(text) == datetime(2006, 2, 10, hour, tzinfo=UTC).timestamp()


@given(st.text(max_size=40) | st.from_regex(r"-?[0-9]{1,400}(\.[0-9]*)?"))
def test_seconds__takes_any_text(text):
    assert dates.seconds(text) is None or isinstance(dates.seconds(text), float)


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))
def test_seconds__keeps_the_order_of_moments(moment):
    later = dates.seconds(moment.isoformat())
    assert later == pytest.approx(moment.timestamp(), abs=1e-3)


@pytest.mark.parametrize(
    ("text", "day"),
    [("1970-01-01", 0), ("1970-01-02T23:59:59Z", 1), ("1969-12-31", -1), ("Page 12", dates.UNKNOWN_DAY),
     ("9" * 30, (1 << 31) - 1), ("-" + "9" * 30, dates.UNKNOWN_DAY + 1), ("9" * 400, (1 << 31) - 1)],
)  # fmt: skip
def test_day__is_a_whole_one_that_an_int32_holds(text, day):
    assert dates.day(text) == day


@pytest.mark.parametrize(("date", "url", "expected"), [
    ("", "https://a.example/2015/06/12/story", "2015-06-12"), ("", "https://a.example/world/2015-6-2", "2015-06-02"),
    ("", "https://a.example/2015/06/12.html", "2015-06-12"), ("", "https://a.example/2015/13/40/story", ""),
    ("", "https://a.example/2015/06/story", ""), ("", "https://a.example/x?day=/2015/06/12/", ""),
    ("", "https://a.example/12015/06/12/", ""), ("", "", ""), ("soon", "https://a.example/2015/06/12/", "soon"),
    ("captured 2024-01-02", "https://a.example/2015/06/12/", "2015-06-12"),
    ("captured 2024-01-02", "https://a.example/", "captured 2024-01-02"),
])  # fmt: skip
def test_given__a_document_without_a_date_has_that_of_its_url(date, url, expected):
    assert dates.given(date, url) == expected


def test_day__of_a_capture_is_none_though_its_moment_is_known():
    assert dates.seconds("captured 2006-02-10T00:00:00Z") == dates.seconds("2006-02-10")
    assert dates.day("captured 2006-02-10T00:00:00Z") == dates.UNKNOWN_DAY
