"""Texts that hold several unrelated ones in full, as they come to an index."""

import random
from dataclasses import replace
from itertools import permutations

import pytest

import dedup
from dedup.index import Index, answers
from dedup.io.store.values import Merge
from dedup.records import Document
from dedup.verify import HOLDS
from tests import test_kinds
from tests.index_contract import articles, said

A, B, C = (replace(article, id=name) for name, article in zip("ABC", articles(3, n_words=200), strict=True))


def joined(name, *texts):
    return Document(id=name, text="\n\n".join(document.text for document in texts))


def page(name, *texts):
    """A page that shows some texts between a menu and what others said of them."""
    around = articles(2, seed=len(name) + ord(name[0]), n_words=90)
    return joined(name, around[0], *texts, around[1])


def version(of, name, step=12):
    """The text with every so many words replaced."""
    words = [f"{word}x" if at % step == 0 else word for at, word in enumerate(of.text.split())]
    return Document(id=name, text=" ".join(words))


DIGEST = joined("digest", A, B, C)


@pytest.fixture
def index(tmp_path):
    with Index.create(tmp_path / "index") as index:
        yield index


@pytest.mark.parametrize("order", [(1, 2, 0), (2, 1, 0)], ids=str)
def test_filter__finds_a_digest_of_a_rewrite_and_of_another_article_in_full_that_comes_after_both(index, order):
    rng = random.Random(1)
    told, retold = test_kinds.retold(rng)
    other = " ".join(test_kinds.prose(rng, 12))
    texts = f"{told}\n\n{other}", retold, other
    documents = [Document(id=f"{k}", text=texts[k]) for k in order]
    assert [answer.kind for document in documents for answer in index.filter([document])] == ["new"] * 3


def filtered(index, documents, size=1):
    parts = (documents[first : first + size] for first in range(0, len(documents), size))
    return {answer.id: answer for part in parts for answer in index.filter(part)}


def relations(answer):
    """What a document is to each that it matches."""
    return {match.left if match.right == answer.id else match.right: match.relation for match in answer.matches}


def scanned(documents):
    """Whether the last document is a copy of any, and what it is to each that it matches, by a scan."""
    report, last = dedup.scan(documents), documents[-1].id
    found = {(match.left, match.right): match.relation for match in report.matches}
    return any(last in {member.id for member in cluster.members} for cluster in report.clusters), {
        left if right == last else right: relation for (left, right), relation in found.items() if last in (left, right)
    }


@pytest.mark.parametrize("order", list(permutations([A, B, C, DIGEST]))[::3], ids=lambda order: order[0].id)
def test_filter__says_of_a_digest_and_its_articles_what_a_scan_of_those_so_far_says(index, order):
    answered = filtered(index, order)
    for n, document in enumerate(order, 1):
        answer = answered[document.id]
        assert (answer.kind == "copy", relations(answer)) == scanned(order[:n])
    assert index.merges() == []


MIXED = [A, DIGEST, page("page", A), B, version(A, "version"), C, joined("later", DIGEST, articles(1, 7, 9)[0]), B]


@pytest.mark.parametrize("first", range(len(MIXED) - 1))
def test_filter__answers_alike_however_a_digest_and_its_articles_are_batched(tmp_path, first):
    documents = [*MIXED[first:], *MIXED[:first]]
    told = []
    for size in (1, 3, len(documents)):
        with Index.create(tmp_path / str(size)) as index:
            told.append(filtered(index, documents, size))
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("size", [1, 4])
def test_filter__lets_a_digest_pass_that_comes_after_its_articles(index, size):
    answer = filtered(index, [A, B, C, DIGEST], size)["digest"]
    assert (answer.kind, answer.keep, answer.representative, answer.merged) == ("new", True, "digest", ())
    assert relations(answer) == {"A": "excerpt", "B": "excerpt", "C": "excerpt"}
    assert all(HOLDS.format("right") in match.reasons for match in answer.matches)
    assert filtered(index, [version(A, "version")])["version"].representative == "A"


@pytest.mark.parametrize("size", [1, 5])
def test_filter__takes_a_second_digest_for_a_copy_of_the_first(index, size):
    longer = joined("longer", DIGEST, articles(1, seed=3, n_words=8)[0])
    answer = filtered(index, [A, B, C, DIGEST, longer], size)["longer"]
    assert (answer.kind, answer.representative, answer.merged) == ("copy", "digest", ())
    assert relations(answer).pop("digest") == "near"
    assert {relation for name, relation in relations(answer).items() if name != "digest"} == {"excerpt"}


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("order", [[A, B, page("page", A)], [page("page", A), B, A]], ids=["after", "before"])
def test_filter__takes_a_page_with_one_article_for_a_copy_of_it(index, order, size):
    found = filtered(index, order, size)
    assert [answer.kind for answer in found.values()] == ["new", "new", "copy"]
    assert found[order[-1].id].representative == order[0].id
    assert "excerpt" not in relations(found[order[-1].id]).values()


@pytest.mark.parametrize("remember", [Index.filter, Index.add])
def test_check__takes_a_page_with_two_versions_of_an_article_for_a_copy_of_them(index, remember):
    """Those that were added were not compared, so they are in two clusters."""
    remember(index, [A, version(A, "version")])
    (answer,) = index.check([page("page", A, version(A, "version"))])
    assert (answer.kind, answer.relation) == ("copy", "syndicated")
    assert set(relations(answer).values()) == {"syndicated"}


def test_check__says_of_a_digest_and_of_its_articles_what_filter_would(index):
    index.add([A, B])
    (answer,) = index.check([DIGEST])
    assert (answer.kind, relations(answer)) == ("new", {"A": "excerpt", "B": "excerpt"})
    index.add([DIGEST])
    found = index.check(
        [*(replace(one, id=name, text=f"{one.text} and so on") for one, name in ((A, "y"), (B, "z"))), C]
    )
    assert said(found) == [("y", "copy", "A"), ("z", "copy", "B"), ("C", "new", "C")]
    assert [relations(answer)["digest"] for answer in found] == ["excerpt"] * 3


def test_filter__lets_what_stands_beside_the_article_of_a_page_pass_and_keeps_the_article(index):
    beside = Document(id="beside", text=" ".join(B.text.split()[:70]))
    found = filtered(index, [page("page", A, beside), A, beside])
    assert said(list(found.values())) == [("page", "new", "page"), ("A", "copy", "page"), ("beside", "new", "beside")]


@pytest.mark.parametrize("size", [1, 6])
def test_filter__lets_pass_a_later_copy_of_what_was_taken_for_a_copy_of_a_digest(index, size):
    """What has been answered stays: the first article was compared with the digest alone, and not let through."""
    versions = [version(A, "version"), version(A, "another", step=13)]
    found = filtered(index, [DIGEST, A, B, *versions], size)
    assert said(list(found.values())) == [
        ("digest", "new", "digest"), ("A", "copy", "digest"), ("B", "new", "B"), ("version", "new", "version"),
        ("another", "copy", "version"),
    ]  # fmt: skip
    assert index.merges() == []


def test_filter__takes_texts_of_clusters_that_were_merged_for_related(index):
    found = filtered(index, [A, B])
    index.restore_merges([Merge(found["B"].cluster, found["A"].cluster, "another", 0.0)])
    (answer,) = index.filter([joined("both", A, B)])
    assert (answer.kind, answer.representative) == ("copy", "A")


@pytest.mark.parametrize("size", [1, 4])
def test_filter__takes_no_account_of_what_was_replaced(index, size):
    updated = replace(A, text=articles(1, seed=9)[0].text)
    filtered(index, [A, B, updated], size)
    (answer,) = index.filter([joined("both", A, B)])
    assert (answer.kind, answer.representative, relations(answer)) == ("copy", "B", {"B": "syndicated"})


def test_filter__looks_for_no_roundup_among_fewer_than_two_texts(index, monkeypatch):
    monkeypatch.setattr(answers, "parts", None)
    assert filtered(index, [A, B, page("page", A), version(A, "version")])["page"].kind == "copy"
