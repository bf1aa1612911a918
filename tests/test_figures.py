"""Figures in README and docs: measured ones are made from results files, all others are declared."""

import re

import pytest

from benchmarks.report.documents import BLOCK, DOCUMENTS, PARTS, ROOT, renewed
from benchmarks.report.stored import RESULTS
from dedup import Document, compare
from tests.figures import DECLARED

UNITS = (
    r"[kKMGT]?B(?:/s)?|bytes|ns|µs|ms|s|seconds?|minutes?|hours?|%|times|×|x|"
    r"(?:documents|texts|pairs|queries) a second|a second"
)
FIGURE = re.compile(rf"(?<![\w.,/-])(\d[\d,.]*\s?(?:{UNITS})|0\.\d+)(?![\w/]|\.\d)")
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


def prose(text):
    """What a document says outside of generated parts, code and links."""
    text = BLOCK.sub("", text)
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return re.sub(r"`[^`\n]*`|\]\([^)]*\)", "", text)


def figures(text):
    return FIGURE.findall(prose(text))


@pytest.mark.parametrize("name", NAMES)
def test_documents__have_the_figures_of_the_results_files(name):
    text = (ROOT / name).read_text("utf-8")
    assert renewed(text) == text, f"{name} is behind benchmarks/results: python -m benchmarks.report renews it"


def test_renewed__mends_every_digit_that_is_not_of_the_results():
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        for match in BLOCK.finditer(text):
            digit = re.search(r"\d", match[2])
            assert digit is not None
            at = match.start(2) + digit.start()
            assert renewed(f"{text[:at]}{(int(text[at]) + 1) % 10}{text[at + 1 :]}") == text


@pytest.mark.parametrize("name", NAMES)
def test_documents__have_no_figure_that_is_neither_measured_nor_declared(name):
    found = figures((ROOT / name).read_text("utf-8"))
    unknown = [figure for figure in found if figure not in DECLARED.get(name, {})]
    assert not unknown, f"{name}: {unknown} must come from results, or tests/figures.py must say what it is"


def test_declared_figures__still_stand_in_their_documents():
    for name, declared in DECLARED.items():
        assert set(declared) <= set(figures((ROOT / name).read_text("utf-8"))), name


@pytest.mark.parametrize(
    "text", ["It takes 5,025 ms.", "at 24.7 MB/s", "20 times as fast", "a recall of 0.97", "50 % of it"]
)
def test_figures__are_found(text):
    assert len(figures(text)) == 1


@pytest.mark.parametrize(
    "text", ["`--limit 30 s`", "```sh\nsleep 5 s\n```", "version 0.1.0", "Python 3.11", "16 bands"]
)
def test_figures__are_not_seen_where_there_are_none(text):
    assert figures(text) == []


def test_parts__are_all_shown_somewhere_and_none_is_empty():
    shown = {match[1] for path in DOCUMENTS for match in BLOCK.finditer(path.read_text("utf-8"))}
    assert shown == set(PARTS)
    assert all(match[2].count("\n") > 2 for path in DOCUMENTS for match in BLOCK.finditer(path.read_text("utf-8")))


def test_results__are_not_named_by_documents_where_they_are_not():
    for path in DOCUMENTS:
        for name in re.findall(r"benchmarks/results/([\w.]+\.\w+)", path.read_text("utf-8")):
            assert (RESULTS / name).exists(), f"{path.name} names {name}"


@pytest.mark.parametrize(("left", "right", "resemblance"), [("000", "001", 0.035), ("001", "004", 0.027)])
def test_seeds__have_the_resemblance_that_the_readme_names(left, right, resemblance):
    texts = [next((ROOT / "seeds").glob(f"{name}_*")).read_text("utf-8") for name in (left, right)]
    match = compare(*(Document(id=str(k), text=text) for k, text in enumerate(texts)))
    assert round(match.resemblance, 3) == resemblance
