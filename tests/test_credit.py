"""Credit lines: which text was there first, and what says so."""

import json
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.batches import batches
from dedup.records import SOURCES, Document
from dedup.stages import collection, credit, gather

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


def test_origin__a_day_in_the_url_is_a_date():
    left, right = (document(url=f"https://{day}.example/2015/06/{day}/x") for day in ("12", "14"))
    assert credit.origin(left, right).reasons == ("the left text is dated earlier (2015-06-12, not 2015-06-14)",)


def test_origin__contradicting_evidence_and_length_decide_nothing():
    one = document("first published on Beta", source="Alpha")
    two = document("first published on Alpha, and much more text than the other", source="Beta")
    assert credit.origin(one, two) == credit.Origin(source="unknown")
    assert credit.origin(document("short"), document("long " * 100)).source == "unknown"


LINES = [phrase.replace("{name}", " Example Herald ") for listed in PHRASES["derived"].values() for phrase in listed]
TAGS = [f"({name}) -" for listed in PHRASES["wire"].values() for name in listed]
FILLERS = ["word ", "Word.\n", "“é”\u00a0", "\u2003", "(", "\n ", "ß", "日本 ", "µ", "x" * 40, "\ud800", "a b " * 400]


@given(st.lists(st.sampled_from([*LINES, *TAGS, *FILLERS, *(line.upper() for line in LINES)]), max_size=12))
@settings(max_examples=300)
def test_origins__are_those_of_each_pair_as_documents(parts):
    documents = [
        Document(id="a", text="".join(parts), source="Example Herald", date="2024-03-01"),
        Document(id="b", text="".join(parts[::-1]), source="Reuters", date="2024-03-04"),
        Document(id="c", text="Rain fell.", url="https://reuters.com/1", date="yesterday"),
        Document(id="d", text="Snow fell.", url="https://reuters.com/2024/02/28/x"),
    ]
    (batch,) = batches(documents, 1 << 20)
    corpus = gather.corpus_of(batch, collection.keys(batch.sources, batch.urls, batch.dates))
    left, right = np.array([0, 0, 1, 1, 3, 1]), np.array([1, 2, 2, 0, 0, 3])
    found = credit.origins(corpus, left, right)
    for k, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        expected = credit.origin(documents[a], documents[b])
        assert (SOURCES[found.sources[k]], found.reasons[k]) == (expected.source, expected.reasons)
