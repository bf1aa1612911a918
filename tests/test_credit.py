"""Credit lines: which text was there first, and what says so."""

import json
from importlib.resources import files

import pytest

from dedup.records import Document
from dedup.stages import credit

PHRASES = json.loads(files("dedup.data").joinpath("credits.json").read_text("utf-8"))


def document(text: str = "", **about: str) -> Document:
    return Document(id="x", text=text, **about)


@pytest.mark.parametrize("language", sorted(PHRASES["derived"]))
def test_find__knows_every_phrase_of_the_table(language):
    for phrase in PHRASES["derived"][language]:
        text = f"Body of the text.\n{phrase.replace('{name}', 'Example Herald')}\n"
        found = credit.find(text)
        assert [c.name for c in found] == ["Example Herald"], phrase
        assert "Example Herald" in text[found[0].start : found[0].end]


@pytest.mark.parametrize(
    "text",
    ["OSLO (AP) — Rain fell.", "LONDON, March 4 (Reuters) - Rain fell.", "(AFP) Rain.", "МОСКВА (ТАСС) - Дождь.",
     "【新华社】雨。", "東京(共同通信)雨。", "Reuters – Rain fell."],
)  # fmt: skip
def test_find__knows_the_datelines_of_agencies(text):
    assert [c.is_wire for c in credit.find(text)] == [True]


@pytest.mark.parametrize(
    "text", ["", "The book first appeared in spring.", "He works for Reuters in Oslo.", "(APPLE) pie"]
)
def test_find__leaves_other_text_alone(text):
    assert not [c for c in credit.find(text) if c.is_wire or c.name == ""]


def test_origin__the_credited_site_is_the_source():
    copy = document("Rain fell. This article appeared originally on The Western Mail.", source="Gazette")
    first = document("Rain fell.", url="https://www.westernmail.example/rain", source="Western Mail")
    assert credit.origin(copy, first).source == "right"
    assert credit.origin(first, copy).source == "left"
    assert "Western Mail" in credit.origin(first, copy).reasons[0]


def test_origin__a_credit_to_someone_else_decides_nothing():
    copy = document("Rain fell. This article appeared originally on The Western Mail.")
    assert credit.origin(copy, document("Rain fell.", source="Eastern Mail")).source == "unknown"


def test_origin__the_earlier_date_decides_where_no_credit_does():
    early, late = document(date="2024-03-01"), document(date="2024-03-04")
    assert credit.origin(early, late).source == "left"
    assert credit.origin(late, early).source == "right"
    assert credit.origin(early, document(date="2024-03-01T20:00:00")).source == "unknown"
    assert credit.origin(early, document()).source == "unknown"


def test_origin__contradicting_evidence_and_length_decide_nothing():
    one = document("first published on Beta", source="Alpha")
    two = document("first published on Alpha, and much more text than the other", source="Beta")
    assert credit.origin(one, two) == credit.Origin(source="unknown")
    assert credit.origin(document("short"), document("long " * 100)).source == "unknown"
