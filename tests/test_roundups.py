"""Texts that hold several unrelated ones in full."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup import Document
from dedup.config import Config, RelationConfig, ReportConfig
from dedup.engines.store import Store
from dedup.records import RELATIONS
from dedup.regroup import Link, regroup
from dedup.stages import roundups
from dedup.stages.found import Found
from tests import naive, test_kinds
from tests.test_pipeline import articles, as_found, groups


def parts(pairs, held, lengths, related=(), ties=()):
    left, right = np.array(pairs, np.int64).reshape(-1, 2).T
    is_held, is_tie = (np.isin(np.arange(len(pairs)), places) for places in (held, list(ties)))

    def told(left, right):
        return np.array([pair in related for pair in zip(left.tolist(), right.tolist(), strict=True)], bool)

    return roundups.parts(left, right, is_held, lambda texts: np.array(lengths)[texts], told, is_tie).tolist()


@given(st.data())
def test_parts__those_whose_holder_holds_others(data):
    n = data.draw(st.integers(2, 9))
    pair = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] < p[1])
    pairs = data.draw(st.lists(pair, unique=True, max_size=14))
    held = data.draw(st.lists(st.integers(0, max(len(pairs) - 1, 0)), unique=True)) if pairs else []
    lengths = data.draw(st.lists(st.sampled_from([1, 2, 3, 4, 8, 20]), min_size=n, max_size=n))
    related = data.draw(st.sets(pair, max_size=6))
    ties = data.draw(st.sets(st.integers(0, 13), max_size=3)) - {*held}
    assert parts(pairs, held, lengths, related, ties) == naive.roundup_parts(pairs, held, lengths, related, ties)


def test_parts__are_texts_too_that_are_one_article_with_what_is_held():
    pairs, lengths = [(0, 1), (0, 2), (0, 3), (1, 3), (0, 4)], [20, 8, 8, 8, 8]
    assert parts(pairs, [0, 1], lengths) == naive.roundup_parts(pairs, [0, 1], lengths, ()) == [0, 1, 2, 4]
    assert parts(pairs, [0, 1], lengths, ties=[4]) == [0, 1, 2]
    assert parts(pairs, [0, 1], [20, 8, 8, 15, 8]) == [0, 1, 4]


def test_parts__are_texts_that_are_held_in_other_words_beside_one_in_full():
    assert parts([(0, 1), (0, 2)], [0], [20, 8, 8]) == [0, 1]
    assert parts([(0, 1), (0, 2)], [0], [20, 8, 8], related={(1, 2)}) == []
    assert parts([(0, 1), (0, 2)], [], [20, 8, 8]) == []
    # A shorter version of the whole, which has of both, takes no part away.
    assert parts([(0, 1), (0, 2), (0, 3)], [0, 1], [20, 8, 8, 12], related={(1, 3), (2, 3)}) == [0, 1]


@pytest.mark.parametrize("seed", range(3))
def test_scan__a_digest_of_a_rewrite_and_of_another_article_in_full_is_a_copy_of_neither(seed):
    rng = random.Random(seed)
    (told, retold), other = test_kinds.retold(rng), " ".join(test_kinds.prose(rng, 12))
    digest = Document(id="digest", text=f"{told}\n\n{other}")
    articles = [Document(id="retold", text=retold), Document(id="other", text=other)]
    assert dedup.scan([digest, articles[0]]).clusters
    found = dedup.scan([digest, *articles])
    assert not found.clusters
    assert {match.relation for match in found.matches} == {"excerpt"}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(4, 2**32 - 1), st.integers(0, 8)), max_size=12))
def test_pairs__have_the_latest_verdict_of_each(verdicts):
    matched = Found(Store())
    for left, right, relation in verdicts:
        matched.add_pairs(np.array([left]), np.array([right]), np.array([relation], np.uint8), np.array([relation / 8]))
    latest = sorted({(left, right): relation for left, right, relation in verdicts}.items())
    pairs = matched.pairs()
    assert list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)) == [pair for pair, _ in latest]
    assert pairs.relations.tolist() == [relation for _, relation in latest]
    assert pairs.confidence.tolist() == [relation / 8 for _, relation in latest]


def side(match):
    return "left" if match.left == "digest" else "right"


def digest(texts):
    return Document(id="digest", text="\n\n".join(document.text for document in texts))


@pytest.mark.parametrize("n", [2, 5])
def test_scan__a_digest_is_a_copy_of_none_of_its_articles(n):
    texts = articles(n)
    again = Document(id="again", text=f"{texts[0].text} And so on.")
    report = dedup.scan([*texts, again, digest(texts)])
    assert groups(report) == [("again", "article-000")]
    held = [match for match in report.matches if "digest" in (match.left, match.right)]
    assert {match.relation for match in held} == {"excerpt"}
    assert all(f"the {side(match)} text holds several texts in full" in match.reasons[-1] for match in held)
    assert not any(
        "holds several" in reason for match in report.matches if match not in held for reason in match.reasons
    )


def test_scan__a_digest_is_a_copy_of_no_rewrite_of_its_articles_either():
    texts = articles(3)
    retold = [Document(id=f"retold-{k}", text=reworded(one.text)) for k, one in enumerate(texts)]
    report = dedup.scan([*texts, *retold, digest(texts)])
    assert groups(report) == [(f"article-00{k}", f"retold-{k}") for k in range(3)]
    assert {dedup.compare(one, digest(texts)).relation for one in retold} == {"syndicated"}


def reworded(text):
    """Other words here and there, so that the text is one article with what holds the original, and no part of it."""
    return " ".join(f"{word}x" if k % 6 > 4 else word for k, word in enumerate(text.split()))


@pytest.mark.parametrize(("n_old", "step"), [(1, 1), (2, 1), (3, 1), (1, -1), (2, -1)])
def test_scan__of_old_texts_and_new_ones_keeps_a_digest_apart_as_long_as_two_of_its_pairs_are_compared(n_old, step):
    documents = [*articles(3), digest(articles(3))][::step]
    report = dedup.scan(documents[n_old:], against=documents[:n_old])
    assert not report.clusters
    assert {match.relation for match in report.matches} == {"excerpt"}


def test_regroup__of_what_was_told_of_a_roundup_gives_the_clusters_of_the_scan():
    texts = articles(3)
    again = Document(id="again", text=f"{texts[0].text} And so on.")
    longer = Document(id="longer", text=f"{digest(texts).text} Read more here tomorrow.")
    report = dedup.scan([*texts, again, digest(texts), longer])
    assert groups(report) == [("again", "article-000"), ("digest", "longer")]
    kept = {decision.id for decision in report.decisions if decision.keep}
    links = [Link(m.left, m.right, m.relation, m.confidence, m.resemblance) for m in report.matches]
    assert regroup([d.id for d in report.decisions], kept, links, Config().cluster) == list(report.clusters)


def test_scan__a_page_keeps_its_article_and_what_stands_beside_it_leaves():
    texts = articles(2)
    page = digest([texts[0], Document(id="", text=" ".join(texts[1].text.split()[:50]))])
    beside = Document(id="beside", text=" ".join(texts[1].text.split()[:50]))
    menu = " ".join(f"section{n} item{n}" for n in range(40))
    report = dedup.scan([texts[0], beside, Document(id="page", text=f"{menu} {page.text} {menu}")])
    assert groups(report) == [("article-000", "page")]


def test_scan__a_text_of_which_two_hold_parts_that_overlap_is_no_roundup():
    words = " ".join(document.text for document in articles(2)).split()
    source, *cuts = [
        Document(id=name, text=" ".join(words[first:last]))
        for name, first, last in (("source", 0, 240), ("begins", 0, 140), ("goes on", 80, 220))
    ]
    assert dedup.compare(*cuts).relation == "excerpt"
    assert groups(dedup.scan([source, *cuts])) == [("begins", "goes on", "source")]


@pytest.mark.parametrize("relations", [("near",), ("exact", "excerpt"), ("exact", "near", "syndicated", "rewrite")])
def test_scan__a_roundup_is_told_only_where_excerpts_are_asked_for(relations):
    texts = articles(3)
    report = dedup.scan([*texts, digest(texts)], Config(report=ReportConfig(relations=relations)))
    assert [match.relation for match in report.matches] == ["excerpt"] * 3 * ("excerpt" in relations)
    assert report.summary["matches"] == ({"excerpt": 3} if "excerpt" in relations else {})
    assert not report.clusters


@pytest.mark.parametrize("least", [0.05, 0.5])
def test_scan__a_digest_is_no_copy_of_the_long_article_between_two_short_ones(least):
    words = [" ".join(document.text for document in articles(6, seed)).split() for seed in range(3)]
    sizes = {"short": 270, "long": 500, "shorter": 230}
    texts = [Document(id=name, text=" ".join(words.pop()[:n])) for name, n in sizes.items()]
    report = dedup.scan([*texts, digest(texts)], Config(relation=RelationConfig(cluster_confidence=least)))
    assert [(match.right, match.relation) for match in report.matches if match.left == "digest"] == [
        (name, "excerpt") for name in ("long", "short", "shorter")
    ]
    assert not report.clusters


@pytest.mark.parametrize("seed", range(4))
def test_scan__members_are_verified_after_roundups_are_told(tmp_path, seed):
    documents = pieces(random.Random(seed))
    config = Config(report=ReportConfig(relations=RELATIONS[:-1]))
    reports = [dedup.scan(documents, config) for _ in range(2)]
    with Store(folder=tmp_path, keeps=True) as store:
        reports.append(dedup.scan(documents, config, store=store))
        told = [as_found(report) for report in reports]
        assert told[0] == told[1] == told[2]
    assert any("holds several" in match.reasons[-1] for match in reports[0].matches if match.reasons)
    assert {decision.relation for decision in reports[0].decisions if not decision.keep} <= set(
        Config().cluster.joining
    )


def pieces(rng):
    """Texts, versions of them, parts and longer ones, and digests of several."""
    texts = [one.text for one in articles(40, seed=rng.randrange(999))]
    for _ in range(160):
        words, kind = rng.choice(texts).split(), rng.random()
        a, b = sorted(rng.randrange(len(words) + 1) for _ in range(2))
        if kind < 0.4:
            changed = [word if rng.random() < 0.9 else f"{word}x" for word in words]
        elif kind < 0.7:
            changed = words[a:b] if kind < 0.5 else [*words, *rng.choice(texts).split()[:30]]
        else:
            changed = [word for text in rng.sample(texts, rng.randrange(2, 5)) for word in text.split()]
        texts.append(" ".join(changed))
    return [Document(id=f"{k:03}", text=text) for k, text in enumerate(texts)]
