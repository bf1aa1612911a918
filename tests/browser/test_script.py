"""The page's own arithmetic against slow twins in Python."""

import random
from pathlib import Path

import pytest

from tests.naive import longest_common_words
from tests.shown import documents, written


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("script"), documents()[:9])


@pytest.fixture
def script(wide, site) -> object:
    wide.open(site)
    return wide.page


def test_differences__are_as_few_as_can_be_and_what_is_left_is_equal(script):
    draw = random.Random(4)
    cases = [[" ".join(draw.choices("abcdé東", k=draw.randrange(12))) for _ in range(2)] for _ in range(300)]
    found = script.evaluate(
        """cases => cases.map(([a, b]) => {
          const [left, right] = differences(words(a, 0, a.length), words(b, 0, b.length));
          const isLeft = (i, spans) => !spans.some(([start, end]) => start <= i && i < end);
          const rest = (text, spans) =>
            [...text].filter((_, i) => isLeft(i, spans)).join("").split(" ").filter(Boolean);
          return [left.length, right.length, rest(a, left), rest(b, right)];
        })""",
        cases,
    )
    for (a, b), (n_left, n_right, left, right) in zip(cases, found, strict=True):
        n_common = longest_common_words(a.split(), b.split())
        assert left == right
        assert (n_left, n_right) == (len(a.split()) - n_common, len(b.split()) - n_common)


def test_words__are_characters_where_a_script_has_no_spaces(script):
    found = script.evaluate(
        "text => words(text, 0, text.length).map((w) => text.slice(w.start, w.end))", "有 115年 Abc東é ไทย"
    )
    assert found == ["有", "115", "年", "Abc", "東", "é", "ไ", "ท", "ย"]


def test_differences__of_long_texts_end_soon(script):
    a, b = (" ".join(f"{side}{k}" for k in range(30_000)) for side in "ab")
    took = script.evaluate(
        """([a, b]) => {
          const start = performance.now();
          differences(words(a, 0, a.length), words(b, 0, b.length));
          return performance.now() - start;
        }""",
        [a, b],
    )
    assert took < 3000


def test_to_units__are_those_of_utf_16(script):
    draw = random.Random(5)
    for _ in range(50):
        text = "".join(draw.choices("aé東😀𝒳\n", k=30))
        places = [draw.randrange(31) for _ in range(8)]
        expected = [len(text[:place].encode("utf-16-le")) // 2 for place in places]
        assert script.evaluate("([text, places]) => toUnits(text, places)", [text, places]) == expected


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("He said “no”, and „ja“ and «oui».", ["“no”", "„ja“", "«oui»"]),
        ('A "b" c "d\n" e', ['"b"']),
        ("「はい」と言った", ["「はい」"]),
        ("Nothing ” here “ at\nall", []),
    ],
)
def test_quotations__end_with_their_own_mark_and_their_paragraph(script, text, quoted):
    assert script.evaluate("text => quotations(text).map(([s, e]) => text.slice(s, e))", text) == quoted


def test_shown__every_control_character_has_a_sign(script):
    codes = [*range(0x20), *range(0x7F, 0xA0), 0x200B, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xE0041]
    kept = {9, 10, 13}
    found = script.evaluate("codes => codes.map(code => plain(`a${String.fromCodePoint(code)}b`))", codes)
    for code, text in zip(codes, found, strict=True):
        assert chr(code) not in text or code in kept, hex(code)
