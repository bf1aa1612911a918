"""Texts in twenty languages, in arrangements in which copies and look-alikes turn up."""

import pytest

from benchmarks.quality.labelled import POSITIVE
from benchmarks.quality.languages import ARRANGEMENTS, TEXTS, in_languages, of_kinds, read, score, total

HEAVY = 30
"""Of 120 heavy rewrites, which hide their source, so many are found at least."""
EXCERPTS = 2
"""Of 60 excerpts so many may be taken for the whole: a light rewrite of the article stands between the two."""


@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_arrangements__copies_and_light_rewrites_are_found_and_look_alikes_left_apart(name):
    for kind, by_language in score(in_languages(ARRANGEMENTS[name]))["classes"].items():
        n, n_all = total(by_language)
        if kind == "heavy":
            assert n >= HEAVY
        elif kind in POSITIVE:
            assert n >= 0.95 * n_all, kind
        elif kind == "excerpt":
            assert n <= EXCERPTS
        else:
            assert n <= 0.02 * n_all, kind


def test_kinds__most_light_rewrites_are_found_and_look_alikes_left_apart():
    classes = score(of_kinds())["classes"]
    shares = {kind: n / n_all for kind, by_kind in classes.items() for n, n_all in [total(by_kind)]}
    assert shares["light"] >= 0.92
    assert shares["heavy"] >= 0.52
    assert all(shares[kind] == 0 for kind in ("template", "same_story", "boilerplate"))


def test_texts__have_the_same_names_in_all_languages():
    names = [sorted(read(path)) for path in sorted(TEXTS.glob("*.jsonl"))]
    assert len(names) == 20
    assert all(own == names[0] for own in names)
