"""What every index does, wherever it is kept: a class of tests to inherit, with an `index` that is new and empty."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from dedup.errors import ConfigError, InputError, StoreError
from dedup.index import Index
from dedup.io.store.values import Change
from dedup.records import Answer, Document

SEEDS = [
    Document(id=path.name[:3], text=path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent.parent / "seeds").glob("*.txt"))
]
DAY = 86_400.0


def articles(n: int, seed: int = 1, n_words: int = 120) -> list[Document]:
    """Texts that have nothing in common but their words."""
    rng = random.Random(seed)
    words = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in ("a", "e", "io", "u") for c in ("l", "n", "rk", "st", "")]
    texts = (" ".join(rng.choice(words) for _ in range(n_words)) for _ in range(n))
    return [Document(id=f"{seed}-{i:04}", text=text) for i, text in enumerate(texts)]


def with_copies(n: int, seed: int = 1) -> list[Document]:
    """Articles, and behind them, mixed up, copies of some: the same text, fewer words, another page around it."""
    rng, found = random.Random(seed), articles(n, seed)
    for number, document in enumerate(rng.sample(found, n // 2)):
        words = document.text.split()
        text = [document.text, " ".join(words[5:]), f"{articles(1, seed + number, 20)[0].text} {document.text}"]
        found.append(Document(id=f"{document.id}-copy", text=text[number % 3]))
    rng.shuffle(found)
    return found


def said(answers: list[Answer]) -> list[tuple[str, str, str]]:
    return [(answer.id, answer.kind, answer.representative) for answer in answers]


class IndexContract:
    def test_filter__names_the_rewrite_of_a_seed_with_its_passages_and_lets_the_others_pass(self, index: Index):
        index.add(SEEDS[:1])
        rewrite, *others = index.filter(SEEDS[1:])
        assert (rewrite.kind, rewrite.relation, rewrite.representative) == ("copy", "rewrite", "000")
        (match,) = rewrite.matches
        assert (match.left, match.right) == ("000", "001")
        assert len(match.passages) > 10
        for passage in match.passages:
            left = SEEDS[0].text[passage.left.start : passage.left.end]
            assert left.split()[0].lower().strip("“”") in SEEDS[1].text.lower()
        assert [(answer.id, answer.kind, answer.keep) for answer in others] == [
            ("002", "new", True), ("003", "new", True), ("004", "new", True),
        ]  # fmt: skip

    def test_filter__knows_the_same_documents_the_second_time(self, index: Index):
        first = index.filter(with_copies(20))
        second = index.filter(with_copies(20))
        assert {answer.kind for answer in second} == {"known"}
        assert not any(answer.keep for answer in second)
        assert [(a.id, a.cluster, a.representative, a.relation) for a in first] == [
            (a.id, a.cluster, a.representative, a.relation) for a in second
        ]

    @pytest.mark.parametrize("size", [1, 7])
    def test_filter__answers_alike_however_documents_are_batched(self, index: Index, size: int):
        documents = with_copies(24)
        reference = dict(zip((d.id for d in documents), documents, strict=True))
        parts = [documents[first : first + size] for first in range(0, len(documents), size)]
        by_parts = [answer for part in parts for answer in index.filter(part)]
        index.remove(reference)
        again = index.filter(documents)
        assert said(by_parts) == said(again)
        assert sum(answer.kind == "copy" for answer in again) == 12

    def test_filter__takes_any_number_for_a_date(self, index: Index):
        dated = [replace(d, date="9" * n) for d, n in zip(articles(3), (19, 26, 400), strict=True)]
        assert [answer.kind for answer in index.filter(dated)] == ["new"] * 3
        assert index.expire(86_400, by="date") == 0

    def test_remove__takes_no_string_for_a_list_of_ids(self, index: Index):
        with pytest.raises(InputError, match="takes a list of ids, got 'z1'"):
            index.remove("z1")
        with pytest.raises(InputError, match="takes a list of ids, got 1"):
            index.remove(1)
        with pytest.raises(InputError, match="an id must be a string, got 1"):
            index.remove(["z1", 1])
        with pytest.raises(ConfigError, match="by must be seen or date, got 'foo'"):
            index.expire(1, by="foo")

    def test_remove__counts_an_id_once_however_often_it_is_given(self, index: Index):
        index.add(articles(5))
        first = articles(5)[0].id
        assert index.remove([first, first, "unknown", first]) == 1
        assert (index.n_documents, index.verify()) == (4, [])

    @pytest.mark.parametrize(("n", "changed"), [(70, 0), (20, 1)], ids=["equal", "near"])
    def test_filter__finds_a_version_behind_very_many_copies_as_if_each_had_come_alone(
        self, index: Index, n: int, changed: int
    ):
        rng, (source,) = random.Random(2), articles(1, n_words=200)
        words = source.text.split()
        copies = []
        for k in range(n):
            own = [f"{word}x" if at in {5, 90, 150} and changed else word for at, word in enumerate(words)]
            own[rng.randrange(200)] += "y" * changed
            copies.append(Document(id=f"copy-{k:02}", text=" ".join(own)))
        version = " ".join(f"{word}z" if at % 7 == 0 else word for at, word in enumerate(words))
        documents = [source, *copies, Document(id="version", text=version)]
        alone = [answer for document in documents for answer in index.filter([document])][-1]
        index.remove([document.id for document in documents])
        together = index.filter(documents)[-1]
        assert alone.kind == together.kind == "copy"
        assert alone.representative == together.representative
        assert {(m.left, m.relation) for m in alone.matches} == {(m.left, m.relation) for m in together.matches}

    def test_filter__finds_copies_within_one_batch(self, index: Index):
        (text, other) = articles(2)
        first, second, third = index.filter([text, other, Document(id="copy", text=text.text)])
        assert (first.keep, second.keep, third.keep) == (True, True, False)
        assert (third.relation, third.representative, third.cluster) == ("exact", text.id, first.cluster)

    def test_filter__takes_an_id_with_another_text_as_an_update(self, index: Index):
        old, new = (Document(id="page", text=document.text) for document in articles(2))
        index.filter([old])
        (answer,) = index.filter([new])
        assert (answer.kind, answer.keep, answer.replaces) == ("new", True, True)
        assert index.n_documents == 1
        (again,) = index.filter([Document(id="other", text=old.text)])
        assert again.kind == "new"
        assert [stored.id for stored in index.documents()] == ["page", "other"]

    def test_filter__takes_each_of_several_versions_in_one_batch(self, index: Index):
        versions = [Document(id="page", text=document.text) for document in articles(3)]
        answers = index.filter([*versions, versions[-1]])
        assert [(a.kind, a.replaces) for a in answers] == [
            ("new", False), ("new", True), ("new", True), ("known", False),
        ]  # fmt: skip
        assert index.n_documents == 1

    def test_filter__compares_nothing_with_an_empty_text(self, index: Index):
        answers = index.filter([Document(id=name, text=" \n") for name in "ab"])
        assert [(answer.kind, answer.keep) for answer in answers] == [("new", True)] * 2

    def test_filter__finds_a_text_without_words_only_by_itself(self, index: Index):
        answers = index.filter([Document(id=text, text=text) for text in ("?!", "!!!", "?")])
        assert {answer.kind for answer in answers} == {"new"}
        assert index.check([Document(id="x", text="?!")])[0].representative == "?!"

    def test_check__remembers_nothing(self, index: Index):
        index.filter(articles(3))
        documents = with_copies(10)
        before = index.stats()
        assert said(index.check(documents)) == said(index.check(documents))
        assert index.stats()["documents"] == before["documents"] == 3

    def test_add__remembers_without_asking(self, index: Index):
        documents = with_copies(10)
        assert all(answer.kind == "new" for answer in index.add(documents))
        assert index.n_documents == len(documents)
        assert all(answer.kind == "copy" for answer in index.check([
            Document(id=f"again {d.id}", text=d.text) for d in documents
        ]))  # fmt: skip

    def test_remove__forgets_a_document(self, index: Index):
        documents = articles(5)
        index.filter(documents)
        assert index.remove([documents[2].id, "never seen"]) == 1
        kinds = [a.kind for a in index.check([Document(id=f"x{d.id}", text=d.text) for d in documents])]
        assert kinds == ["copy", "copy", "new", "copy", "copy"]
        assert index.filter(documents)[2].kind == "new"

    def test_remove__of_a_representative_leaves_its_rewrite_in_relation_to_nobody(self, index: Index):
        assert index.filter(SEEDS[:2])[1].relation == "rewrite"
        index.remove([SEEDS[0].id])
        (again,) = index.filter(SEEDS[1:2])
        assert (again.kind, again.representative, again.relation) == ("known", SEEDS[1].id, None)

    @pytest.mark.parametrize("change", ["", " and two more", "!"])
    @pytest.mark.parametrize("how", ["remove", "expire", "update", "update in the same step"])
    def test_forget__leaves_a_copy_in_the_place_of_its_representative(self, index: Index, how: str, change: str):
        first, other, *rest = articles(6)
        copy, later = (replace(first, id=id_, text=first.text + change) for id_ in ("copy", "later"))
        update = replace(other, id=first.id)
        (new,) = index.filter([first], now_s=0)
        index.filter([copy, update] if how == "update in the same step" else [copy], now_s=5 * DAY)
        if how == "remove":
            assert index.remove([first.id]) == 1
        elif how == "expire":
            assert index.expire(3 * DAY, now_s=6 * DAY) == 1
        elif how == "update":
            index.filter([update], now_s=5 * DAY)
        index.filter(rest, now_s=5 * DAY)
        for _ in range(2):
            known, found = index.check([copy, later])
            assert (known.kind, known.representative, known.relation) == ("known", "copy", None)
            assert (found.kind, found.representative, found.cluster) == ("copy", "copy", new.cluster)
            assert {stored.id: stored.text.decode() for stored in index.documents()}["copy"] == copy.text
            assert index.verify() == []
            index.compact()
        n_left = index.n_documents
        assert index.expire(3 * DAY, now_s=6 * DAY) == 0
        assert index.expire(0, now_s=9 * DAY) == n_left
        assert (index.check([later])[0].kind, index.verify()) == ("new", [])

    @pytest.mark.parametrize("size", [1, 2, 9])
    @pytest.mark.parametrize("change", ["", " and two more"])
    @pytest.mark.parametrize("n_before", [0, 2])
    def test_filter__finds_a_copy_of_a_text_that_is_replaced_in_the_same_batch(
        self, index: Index, size: int, change: str, n_before: int
    ):
        first, other, *rest = articles(5)
        early, late = (replace(first, id=id_, text=first.text + change) for id_ in ("early", "late"))
        index.filter([first, early][:n_before])
        documents = [first, early, replace(other, id=first.id), late, *rest, replace(early, id="latest")][n_before:]
        parts = [documents[at : at + size] for at in range(0, len(documents), size)]
        answers = {answer.id: answer for part in parts for answer in index.filter(part)}
        assert [(answers[id_].kind, answers[id_].representative) for id_ in ("late", "latest")] == [
            ("copy", "early")
        ] * 2
        assert [answers[document.id].kind for document in rest] == ["new"] * 3
        assert (index.n_documents, index.verify()) == (7, [])

    def test_filter__of_many_that_are_each_a_copy_of_an_heir_takes_each_once(self, index: Index):
        old, new = articles(20), articles(20, seed=2)
        index.filter([*old, *(replace(document, id=f"heir {document.id}") for document in old)])
        documents = [
            document
            for before, after in zip(old, new, strict=True)
            for document in (replace(before, text=after.text), replace(before, id=f"copy {before.id}"))
        ]
        answers = index.filter(documents)
        assert [answer.id for answer in answers] == [document.id for document in documents]
        assert [(a.kind, a.representative) for a in answers[1::2]] == [("copy", f"heir {d.id}") for d in old]
        assert (index.n_documents, index.verify()) == (60, [])

    def test_check__answers_each_document_as_though_it_were_alone(self, index: Index):
        first, other = articles(2)
        copy = replace(first, id="copy")
        index.filter([first, copy])
        asked = [replace(first, text=other.text), replace(first, id="x"), copy]
        together = said(index.check(asked))
        assert together == [said(index.check([document]))[0] for document in asked]
        assert together[1:] == [("x", "copy", first.id), ("copy", "known", first.id)]

    def test_check__shows_each_document_the_merges_that_it_would_show_alone(self, index: Index):
        (first,) = articles(1)
        other = replace(first, id="other", text=f"{first.text} and two more")
        index.add([first, other])
        asked = [replace(first, id="x"), replace(first, id="y"), other]
        alone = [answer for document in asked for answer in index.check([document])]
        assert [len(answer.merged) for answer in alone] == [1, 1, 0]
        assert index.check(asked) == alone

    def test_remove__of_all_but_one_copy_leaves_that_one(self, index: Index):
        (first,) = articles(1)
        texts = [first.text, first.text, f"{first.text} and two more", first.text, f"{first.text} and two"]
        copies = [replace(first, id=str(number), text=text) for number, text in enumerate(texts)]
        index.filter(copies)
        for n_gone, place in ((1, "1"), (2, "3"), (4, "4")):
            index.remove([copy.id for copy in copies[:n_gone]])
            (found,) = index.check([replace(first, id="x")])
            assert (found.kind, found.representative, index.verify()) == ("copy", place, [])
        assert [(stored.id, stored.text.decode()) for stored in index.documents()] == [("4", texts[4])]
        index.filter([replace(first, id=f"copy {number:02}") for number in range(40)])
        index.remove(["4", *(f"copy {number:02}" for number in range(38))])
        assert index.check([replace(first, id="x")])[0].representative == "copy 38"

    @pytest.mark.parametrize("moment", [float("nan"), float("inf"), -1e300, "noon"])
    def test_moments__that_are_none_are_refused(self, index: Index, moment):
        index.add(articles(2), now_s=1)
        for use in (index.add, index.filter):
            with pytest.raises(ConfigError, match="now_s must be a number of seconds, got"):
                use(articles(3), now_s=moment)
        with pytest.raises(ConfigError, match="now_s must be a number"):
            index.expire(1, now_s=moment)
        with pytest.raises(ConfigError, match="older_than_s must be a number"):
            index.expire(moment)
        assert index.n_documents == 2

    @pytest.mark.parametrize("note", [b"", b"x" * 15, b"x" * 40, bytes(40), bytes(16) + b"\x05" + bytes(30)])
    def test_evidence__that_is_damaged_is_said(self, index: Index, note: bytes):
        index.filter(articles(20))
        index._store.commit(Change(notes={"evidence": note, "evidence_at": b"16"}))
        index._learning = None
        with pytest.raises(StoreError, match="what the index has learned is damaged"):
            index.check(articles(1))

    def test_close__is_said_by_whatever_is_asked_after_it(self, index: Index):
        index.filter(articles(2))
        index.close()
        index.close()
        uses = (
            lambda: index.check(articles(1)), lambda: index.add(articles(1)), lambda: index.filter(articles(1)),
            lambda: index.remove(["x"]), lambda: index.expire(1), lambda: index.note("x"), lambda: index.n_documents,
            index.documents, index.merges, index.compact, index.verify, index.stats,
        )  # fmt: skip
        for use in uses:
            with pytest.raises(StoreError, match="the index is closed"):
                use()

    def test_expire__forgets_what_came_long_ago_or_is_dated_so(self, index: Index):
        old, new, undated = articles(3)
        index.filter([Document(id="old", text=old.text, date="2024-01-01")], now_s=0)
        index.filter([Document(id="new", text=new.text, date="2024-02-01")], now_s=5 * DAY)
        index.filter([undated], now_s=5 * DAY)
        assert index.expire(3 * DAY, now_s=6 * DAY) == 1
        assert [stored.id for stored in index.documents()] == ["new", undated.id]
        assert index.expire(30 * DAY, by="date", now_s=1_711_929_600) == 1
        assert [stored.id for stored in index.documents()] == [undated.id]

    @pytest.mark.parametrize("by", ["seen", "date"])
    @pytest.mark.parametrize("moment", [1_700_000_000.9, -0.5, -1_700_000_000.2])
    def test_expire__is_exact_to_the_part_of_a_second(self, index: Index, by: str, moment: float):
        first, *rest = articles(3)
        index.add([replace(first, date=str(moment) if moment < -1 or moment > 1 else "1969-12-31T23:59:59.5")], moment)
        index.add(rest, moment + 5)
        for before, n_older in ((-0.1, 0), (0, 0), (0.1, 1)):
            assert index.expire(0.5, by=by, now_s=moment + 0.5 + before) == n_older
        assert index.verify() == []

    def test_expire__refuses_an_age_below_none(self, index: Index):
        index.filter(articles(2))
        with pytest.raises(ConfigError, match="older_than_s must not be negative, got -1"):
            index.expire(-1)
        assert index.n_documents == 2

    def test_compact__changes_no_answer(self, index: Index):
        documents = with_copies(20)
        index.filter(documents)
        index.remove([document.id for document in documents[::3]])
        asked = [Document(id=f"x{d.id}", text=d.text) for d in documents]
        before = said(index.check(asked))
        index.compact()
        assert said(index.check(asked)) == before
        assert index.verify() == []

    def test_merges__are_logged_and_clusters_keep_the_elder_name(self, index: Index):
        words = articles(1, n_words=240)[0].text.split()
        left, right = " ".join(words[:170]), " ".join(words[70:])
        answers = index.filter([Document(id="left", text=left), Document(id="right", text=right)])
        if answers[1].kind == "new":
            (whole,) = index.filter([Document(id="whole", text=" ".join(words))])
            assert whole.kind == "copy"
            clusters = [answer.cluster for answer in answers]
            for merge in index.merges():
                assert (merge.cluster, merge.into, merge.because) == (clusters[1], clusters[0], "whole")
                assert index.filter([Document(id="right", text=right)])[0].cluster == clusters[0]

    def test_filter__takes_a_digest_for_a_copy_of_none_of_its_articles(self, index: Index):
        first, second, third, *_ = texts = articles(5)
        for place, before, behind in ((0, texts[:3], []), (1, [], [first, second, third])):
            digest = Document(id=f"digest {place}", text="\n\n".join(document.text for document in texts[:3]))
            index.filter(before)
            found = index.filter([digest, *behind])
            # The first that comes after it is a copy of it, as nothing else is known of either.
            assert [answer.kind for answer in found] == ["new", "copy", "new", "new"][: len(found)]
            index.remove([digest.id, *(document.id for document in texts)])
        assert index.merges() == []

    def test_note__is_kept_with_the_step(self, index: Index):
        steps = list(index.filter_steps(articles(3), before=lambda answers: {"job": str(len(answers)).encode()}))
        assert [len(step) for step in steps] == [3]
        assert index.note("job") == b"3"
        assert index.note("other") is None

    def test_note__is_not_needed(self, index: Index):
        told = []
        (answers,) = index.filter_steps(articles(2), before=told.append)
        assert (told, index.n_documents) == ([answers], 2)

    @pytest.mark.parametrize("notes", ["x", {"job": "x"}, {1: b"x"}, {"evidence": b""}, {"evidence_at": b"1"}])
    def test_note__that_cannot_be_kept_is_said_and_nothing_remembered(self, index: Index, notes):
        with pytest.raises(InputError, match=r"^(notes must be bytes by their names|a note cannot be named 'evid)"):
            list(index.filter_steps(articles(2), before=lambda _: notes))
        assert (index.n_documents, index.filter(articles(2))[0].kind) == (0, "new")

    def test_note__cannot_be_of_documents_remembered_meanwhile(self, index: Index):
        steps = index.filter_steps(articles(2), before=lambda _: index.add(articles(1, seed=2)) and None)
        with pytest.raises(InputError, match="must not write to the index"):
            list(steps)
        assert (index.n_documents, index.verify()) == (1, [])
        assert [answer.kind for answer in index.filter(articles(2))] == ["new"] * 2

    def test_note__may_have_any_name(self, index: Index):
        index.filter(articles(1))
        list(index.filter_steps(articles(2), before=lambda _: {"\udcff": b"x"}))
        assert index.note("\udcff") == b"x"

    def test_verify__finds_nothing_wrong(self, index: Index):
        index.filter(with_copies(40))
        index.remove([document.id for document in articles(10)])
        assert index.verify() == []
