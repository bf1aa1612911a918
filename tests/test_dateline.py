"""The days that texts state at their beginning."""

import json
import unicodedata
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.kernels import datelines as kernel
from dedup.records import Alignments
from dedup.stages import dateline, text
from tests import naive

KINDS = {
    "numeral": kernel.NUMERAL, "day": kernel.DAY, "year": kernel.YEAR, "month": kernel.MONTH,
    "capitalized": kernel.CAPITALIZED, "filler": kernel.FILLER, "year sign": kernel.YEAR_SIGN,
    "month first": kernel.MONTH_FIRST, "month last": kernel.MONTH_LAST,
}  # fmt: skip
ENTRIES = [
    (written, {name for name, bit in KINDS.items() if kind & bit}, number)
    for written, kind, number in dateline._entries()
]
PARTS = [
    "1", "2", "03", "11", "12", "13", "31", "32", "1987", "2024", "11th", "1er", "2nd", "March", "march", "MAY", "may",
    "mars", "марта", "de", "of", "m", "年", "月", "日", "3월", "11일", "2024년", "tháng", "năm", "gada", "quartz", "١١",
]  # fmt: skip
SIGNS = ["", " ", ", ", ".", "/", "-", ". ", "  ", " -- ", "\n"]


def stated(*texts: str) -> list[list[tuple[int, int]]]:
    found = dateline.find(text.tokenize(text.encode(texts)), text.word_hashes)
    years, days = found.years.tolist(), found.days.tolist()
    return [
        [(year, day) for year, day in zip(own, of, strict=True) if day] for own, of in zip(years, days, strict=True)
    ]


def apart(left: str, right: str) -> int:
    found = dateline.find(text.tokenize(text.encode([left, right])), text.word_hashes)
    one_way, other_way = (dateline.apart(found, *(np.array([row]) for row in rows)) for rows in ((0, 1), (1, 0)))
    assert one_way == other_way
    return int(one_way[0])


@given(st.randoms(use_true_random=False), st.integers(0, 8))
def test_find__as_plainly(draw, n_texts):
    sizes = [draw.randint(0, 14) for _ in range(n_texts)]
    texts = ["".join(draw.choice(PARTS) + draw.choice(SIGNS) for _ in range(size)) for size in sizes]
    assert stated(*texts) == [naive.stated_days(own, ENTRIES, kernel.HEAD_TOKENS, kernel.MOST) for own in texts]


@pytest.mark.parametrize("written", [
    "NEW YORK, March 11 - The bank", "11 March: the bank", "On the 11th of March", "Sat., Mar. 11.", "le 11 mars",
    "el 11 de marzo", "Am 11. März", "3月11日", "3월 11일", "ngày 11 tháng 3", "11 марта", "11 مارس",
    "١١ مارس", "11 मार्च",
])  # fmt: skip
def test_find__a_day_without_a_year(written):
    assert stated(written) == [[(0, 31 + 29 + 11)]]


@pytest.mark.parametrize("written", [
    "March 11, 1987", "March 11  1987", "11-MAR-1987 11:45", "1987-03-11", "1987/3/11", "11th of March, 1987",
    "11 de marzo de 1987", "11. März 1987", "1987. március 11.", "1987. gada 11. martā", "1987年3月11日",
    "1987년 3월 11일",
    "ngày 11 tháng 3 năm 1987", "11 марта 1987 года", "١١ مارس ١٩٨٧", "1987 m. kovo 11 d.",
])  # fmt: skip
def test_find__a_day_and_its_year(written):
    assert stated(written) == [[(1987, 31 + 29 + 11)]]


@pytest.mark.parametrize("written", [
    "they may 10 times", "a march 11 miles long", "5 out of 10", "1,500", "20070311", "March", "May 2004", "March 32",
    "45 March", "11 quartz",
])  # fmt: skip
def test_find__nothing_that_is_no_day(written):
    assert stated(written) == [[]]


def test_find__both_days_that_numbers_may_mean():
    assert stated("03/04/2024", "13/04/2024", "04/13/2024") == [[(2024, 94), (2024, 64)], [(2024, 104)], [(2024, 104)]]


def test_find__a_few_days_of_the_beginning_only():
    assert stated("March 1, March 2, March 3, March 4, March 5") == [[(0, 60 + day) for day in range(1, 5)]]
    assert stated("quartz " * kernel.HEAD_TOKENS + "March 1") == [[]]


def test_find__each_text_by_itself():
    assert stated("It was March", "11 of them", "") == [[], [], []]


@pytest.mark.parametrize(("left", "right", "days"), [
    ("NEW YORK, March 11 - ", "NEW YORK, March 12 - ", 1), ("March 11", "11 mars 1987", 0), ("March 11", "no day", 0),
    ("Dec. 31", "Jan. 1", 1), ("Dec. 31, 1987", "Jan. 1, 1987", 365), ("March 1, 1987", "March 1, 1989", 730),
    ("Posted March 20. LONDON, March 11 -", "LONDON, March 11 -", 0), ("03/04/2024", "05/04/2024", 2),
])  # fmt: skip
def test_apart__is_how_many_days_lie_between_the_nearest(left, right, days):
    assert apart(left, right) == days


def test_months__every_language_has_twelve_and_no_name_two_of_them():
    languages = json.loads(files("dedup.data").joinpath("months.json").read_text("utf-8"))["months"]
    assert {len(months) for months in languages.values()} == {12}
    numbers: dict[str, set[int]] = {}
    for months in languages.values():
        for number, names in enumerate(months):
            for name in names.split():
                assert len(text.word_hashes([name])) == 1
                numbers.setdefault(unicodedata.normalize("NFC", name).casefold(), set()).add(number)
    assert {name for name, several in numbers.items() if len(several) > 1} == set()


@given(st.integers(0, 4000), st.floats(0, 1))
def test_trusted__leaves_as_much_of_the_doublings(days, trust):
    aligned = Alignments(
        left=np.zeros(1, np.int64), right=np.zeros(1, np.int64), scores={"days_apart": np.array([float(days)])},
        passages=np.empty((0, 4), np.int32), offsets=np.zeros(2, np.int64),
    )  # fmt: skip
    fewer = dateline.trusted(aligned, trust, 2.0).scores["days_apart"][0]
    assert fewer == days if days <= 2 else np.log2(fewer / 2) == pytest.approx(trust * np.log2(days / 2))
