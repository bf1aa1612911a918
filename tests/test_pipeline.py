"""The whole path of the data: what holds for any collection."""

import pickle
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup.batches import batches
from dedup.config import ClusterConfig, Config, ReportConfig, SketchConfig, of_near_copies
from dedup.engines.store import Store
from dedup.errors import InputError
from dedup.pipeline import compare_pairs, silent, sketched
from dedup.records import RELATIONS
from dedup.reported import largest, within
from dedup.stages import sketch
from tests import naive

SEEDS = sorted((Path(__file__).parent.parent / "seeds").glob("*.txt"))
ALL = Config(report=ReportConfig(relations=RELATIONS))


def seeds(names=lambda path: path.name[:3]):
    return [dedup.Document(id=names(path), text=path.read_text(encoding="utf-8")) for path in SEEDS]


def articles(n: int, seed: int = 1) -> list[dedup.Document]:
    """Texts that have nothing in common but their words."""
    rng = random.Random(seed)
    words = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in ("a", "e", "io", "u") for c in ("l", "n", "rk", "st", "")]
    texts = (" ".join(rng.choice(words) for _ in range(120)) for _ in range(n))
    return [dedup.Document(id=f"article-{i:03}", text=text) for i, text in enumerate(texts)]


def as_found(report: dedup.Report):
    return report.matches, report.clusters, report.decisions


def groups(report: dedup.Report) -> list[tuple[str, ...]]:
    return [tuple(member.id for member in cluster.members) for cluster in report.clusters]


def test_scan__finds_the_rewrite_among_the_seeds_and_leaves_the_quotations_apart():
    report = dedup.scan(seeds(), ALL)
    assert groups(report) == [("000", "001")]
    relation = {(m.left, m.right): m.relation for m in report.matches}
    assert relation["000", "001"] == "rewrite"
    assert relation["001", "004"] == "quote"
    assert [d.id for d in report.decisions if d.cluster is None] == ["002", "003", "004"]


@pytest.mark.parametrize("seed", range(3))
def test_scan__finds_the_same_in_any_order_and_under_other_names(seed):
    order = list(range(5))
    random.Random(seed).shuffle(order)
    report = dedup.scan([dedup.Document(id=f"x{9 - i}", text=seeds()[i].text) for i in order])
    assert groups(report) == [("x8", "x9")]


def test_scan__finds_the_same_among_other_texts():
    report = dedup.scan([*articles(200), *seeds()])
    assert groups(report) == [("000", "001")]


def test_compare__agrees_on_the_seeds_without_a_collection():
    by_id = {document.id: document for document in seeds()}
    assert dedup.compare(by_id["000"], by_id["001"]).relation == "rewrite"
    for left, right in [("001", "004"), ("001", "002"), ("002", "004"), ("003", "004"), ("000", "003")]:
        assert dedup.compare(by_id[left], by_id[right]).relation in ("quote", "none"), (left, right)


@pytest.mark.parametrize(
    "pairs", [[("000", "001", "002")], [("000",)], ["01"], [("000", 1)], [(["000"], "001")], [5], 5]
)
def test_compare_pairs__what_is_no_pair_of_ids_is_an_error_that_says_so(pairs):
    with pytest.raises(InputError, match="pairs must be of two ids each, got "):
        compare_pairs(seeds(), pairs)


def test_compare_pairs__names_may_stand_in_lists_and_pairs_come_from_a_generator():
    matches, skipped = compare_pairs(seeds(), ([left, "001"] for left in ("000", "nobody")))
    assert [(match.left, match.right) for match in matches] == [("000", "001")]
    assert [(note.place, note.reason) for note in skipped] == [("pair nobody, 001", "no document is called 'nobody'")]


def test_scan__leaves_a_text_apart_into_which_quotations_were_pasted():
    quotations = [part for part in seeds()[1].text.split("“") if "”" in part]
    longest = sorted((part.split("”")[0] for part in quotations), key=len)[-3:]
    words = articles(1)[0].text.split() + articles(4)[3].text.split() + articles(3, seed=5)[2].text.split()
    for quotation, at in zip(longest, (40, 150, 300), strict=True):
        words.insert(at, f"“{quotation}”")
    report = dedup.scan([*seeds(), dedup.Document(id="pasted", text=" ".join(words))])
    assert groups(report) == [("000", "001")]


def test_scan__its_report_can_be_pickled():
    report = dedup.scan(collection(), ALL)
    again = pickle.loads(pickle.dumps(report))  # noqa: S301
    assert as_found(again) == as_found(report)
    assert list(again.keeps) == list(report.keeps)
    assert again.summary == report.summary


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(12)))
def test_scan__does_not_depend_on_the_order_of_the_input(order):
    documents = collection()
    assert as_found(dedup.scan([documents[i] for i in order], ALL)) == as_found(dedup.scan(documents, ALL))


def collection() -> list[dedup.Document]:
    """Copies of every kind: exact, of the same tokens, with a changed word, with a lead."""
    first, second, third = (document.text for document in articles(3))
    texts = [
        first, first, first.upper(), first.replace(" ", "  "), f"{second} and more", second, third,
        f"a lead that is new here {third}", "", "?!", "?!", "one",
    ]  # fmt: skip
    return [dedup.Document(id=f"d{i:02}", text=text, date=f"2026-01-{i + 1:02}") for i, text in enumerate(texts)]


def edited(text: str, n_words: int, rng: random.Random) -> str:
    words = text.split()
    for place in rng.sample(range(len(words)), n_words):
        words[place] = "".join(rng.choices("aeioulmnrst", k=7))
    return " ".join(words)


def test_scan__compares_a_crowd_of_copies_with_the_one_that_is_kept_and_still_knows_them_all():
    rng, original = random.Random(4), articles(3)[0].text + " " + articles(3)[1].text
    crowd = [dedup.Document(id=f"copy-{i:02}", text=edited(original, 6, rng)) for i in range(80)]
    crowd[50] = dedup.Document(id="copy-50", text=original + " and some more words that make it the longest")
    others = articles(50, 9)
    report = dedup.scan([*others, *crowd])
    assert groups(report) == [tuple(sorted(document.id for document in crowd))]
    assert report.clusters[0].representative == "copy-50"
    assert {m.left if m.right == "copy-50" else m.right for m in report.matches if "copy-50" in (m.left, m.right)} == {
        document.id for document in crowd
    } - {"copy-50"}
    of_others = dedup.scan(others).summary["candidates"]
    assert report.summary["candidates"] - of_others < 2 * len(crowd)


@pytest.mark.parametrize(
    ("n_texts", "n_words", "length"), [(50, 240, 120), (400, 240, 120), (400, 60, 150), (9, 30, 90)]
)
def test_scan__finds_copies_among_made_texts_of_few_words_all_as_common(n_texts, n_words, length):
    rng = random.Random(n_texts)
    words = ["".join(rng.choices("aeioulmnrst", k=6)) for _ in range(n_words)]
    made = [" ".join(rng.choices(words, k=length)) for _ in range(n_texts)]
    documents = [dedup.Document(id=f"made-{i:03}", text=text) for i, text in enumerate(made)]
    copies = [dedup.Document(id=f"made-{i:03}-near", text=edited(made[i], 1, rng)) for i in range(9)]
    expected = [(f"made-{i:03}", f"made-{i:03}-near") for i in range(9)]
    assert groups(dedup.scan([*documents, *copies])) == expected
    match = dedup.compare(documents[0], copies[0])
    assert (match.relation, len(match.passages)) == ("near", 2)


def test_scan__of_near_copies_finds_what_is_alike_as_a_whole_and_says_the_same_of_it():
    rng, (first, second, third) = random.Random(6), (document.text for document in articles(3))
    texts = {
        "first": first, "first-near": edited(first, 2, rng), "second": second, "second-again": second.upper(),
        "third": third, "third-in-much-else": f"{articles(1, 8)[0].text} {third}",
    }  # fmt: skip
    documents = [*(dedup.Document(id=name, text=text) for name, text in texts.items()), *seeds()]
    candidates, passages = of_near_copies()
    report = dedup.scan(documents, Config(candidates=candidates, passages=passages))
    everything = {(m.left, m.right): m for m in dedup.scan(documents).matches}
    assert groups(report) == [("first", "first-near"), ("second", "second-again")]
    assert [everything[m.left, m.right] for m in report.matches] == [*report.matches]
    assert {("third", "third-in-much-else"), ("000", "001")} <= everything.keys()


@pytest.mark.parametrize(("n_large", "sizes"), [(None, [12]), (0, [1, 11]), (5, [5, 1, 6]), (11, [11, 1])])
def test_sketched__small_batches_make_a_block_of_fingerprints_together(n_large, sizes, monkeypatch):
    documents = articles(12)
    if n_large is not None:
        monkeypatch.setattr(sketch, "LEAST_BYTES_IN_BLOCK", len(documents[n_large].text) * 12)
        documents[n_large] = replace(documents[n_large], text=documents[n_large].text * 12)
    parts = [part for document in documents for part in batches([document], 1)]
    held = sketched(parts, Config(), Store(), silent).fingerprints()
    assert held.sizes.tolist() == sizes
    whole = [sketch.build(part.texts, Config().sketch, Config().passages) for part in batches(documents, 1 << 30)]
    assert held.counts.tolist() == np.diff(whole[0].fingerprint_offsets).tolist()
    if n_large is None:
        dealt = sketch.deal(whole)
        assert (held.values.tolist(), held.bins.tolist()) == (dealt.values.tolist(), dealt.bins.tolist())


@pytest.mark.parametrize("scheme", ["fss32", "affine32"])
def test_sketched__keeps_16_bits_of_each_place_of_a_signature_that_differ_where_places_do(scheme):
    documents, config = articles(12), Config(sketch=SketchConfig(scheme=scheme))
    held = sketched(batches(documents, 1), config, Store(), silent).sketches().signatures
    (batch,) = batches(documents, 1 << 30)
    whole = sketch.build(batch.texts, config.sketch, config.passages).signatures
    mixed = {value: value * 0x9E3779B1 % 2**32 >> 16 for value in whole.ravel().tolist()}
    assert [[mixed[value] for value in row] for row in whole.tolist()] == held.tolist()
    assert len({*mixed.values()}) > 0.9 * len(mixed)


def test_scan__finds_copies_among_many_filled_in_forms():
    rng, form = random.Random(5), " ".join(document.text for document in articles(3))
    filled = [f"{form} {document.text}" for document in articles(70, 7)]
    forms = [dedup.Document(id=f"form-{i:02}", text=text) for i, text in enumerate(filled)]
    copies = [dedup.Document(id=f"form-{i:02}-again", text=edited(filled[i], 3, rng)) for i in range(10)]
    report = dedup.scan([*forms, *copies], ALL)
    assert report.summary["candidates"] < 2 * len(filled)
    assert {(f"form-{i:02}", f"form-{i:02}-again") for i in range(10)} <= {(m.left, m.right) for m in report.matches}


def test_scan__does_not_depend_on_the_number_of_threads():
    documents = [*collection(), *seeds()]
    found = [as_found(dedup.scan(documents, Config(threads=threads))) for threads in (1, 2, 8)]
    assert found[0] == found[1] == found[2]


def test_scan__tells_exact_from_same_text_and_keeps_the_earliest():
    report = dedup.scan(collection())
    members = {m.id: m.relation for cluster in report.clusters for m in cluster.members}
    assert members["d01"] == "exact"
    assert members["d02"] == members["d03"] == "same_text"
    assert [d.id for d in report.decisions if d.cluster and d.keep] == ["d00", "d04", "d06", "d09"]


def test_scan__decides_on_every_document_once():
    documents = collection()
    assert [d.id for d in dedup.scan(documents).decisions] == sorted(d.id for d in documents)


@pytest.mark.parametrize(
    ("keep", "kept"),
    [("earliest", "a"), ("latest", "c"), ("longest", "b"), ("shortest", "a"), ("first", "c"), ("host:b.org", "b")],
)
def test_scan__keeps_what_the_policy_says(keep, kept):
    text = articles(1)[0].text
    documents = [
        dedup.Document(id="c", text=text + " closing words", date="3 March 2026"),
        dedup.Document(id="a", text=text, date="2026-01-01T00:00:00Z", source="x"),
        dedup.Document(id="b", text=text + " a few closing words more", url="https://www.b.org/1", date="2026-02-01"),
    ]
    report = dedup.scan(documents, Config(cluster=ClusterConfig(keep=(keep,))))
    assert [cluster.representative for cluster in report.clusters] == [kept]


def test_scan__matches_short_texts_with_their_like_and_nothing_else():
    texts = ["one", "One!", "two", "one two", "one two three four", "One two, three four.", "😀", "😀", "😎", "!"]
    report = dedup.scan([dedup.Document(id=str(i), text=text) for i, text in enumerate(texts)])
    assert groups(report) == [("0", "1"), ("4", "5"), ("6", "7")]


@pytest.mark.parametrize(("left", "right", "relation"), [("ab c", "ab c", "exact"), ("Ab, c", " ab C.", "same_text")])
def test_compare__equal_texts_hold_one_another_however_short(left, right, relation):
    match = dedup.compare(dedup.Document(id="a", text=left), dedup.Document(id="b", text=right))
    assert (match.relation, match.resemblance, match.left_in_right, match.right_in_left) == (relation, 1.0, 1.0, 1.0)
    ((of_left, of_right, n_tokens, _),) = match.passages
    assert (left[slice(*of_left)].lower(), n_tokens) == (left.lower().strip(), 2)
    assert right[slice(*of_right)].lower().rstrip(".") == right.lower().strip(" .")


def test_scan__keeps_empty_texts_and_says_so():
    report = dedup.scan([dedup.Document(id=str(i), text=text) for i, text in enumerate(["", " \n", "", "words"])])
    assert not report.clusters
    assert [d.keep for d in report.decisions] == [True] * 4
    assert [note.place for note in report.skipped] == ["0", "1", "2"]


def test_scan__finds_nothing_in_nothing():
    report = dedup.scan([])
    assert (report.matches, report.clusters, report.decisions) == ([], [], [])


@pytest.mark.parametrize("field", ["id", "text", "url", "source", "date"])
@pytest.mark.parametrize("value", [None, 5, b"x"])
def test_document__refuses_what_is_no_string_and_says_which(field, value):
    with pytest.raises(InputError, match=f"the {field} of a document must be a string, got {value!r}"):
        dedup.Document(**{"id": "a", "text": "x", field: value})


def test_scan__refuses_what_is_no_document():
    for found in ("hello", [{"id": "a", "text": "x"}], [None]):
        with pytest.raises(InputError, match="expected a Document, got"):
            dedup.scan(found)
    for found in (None, dedup.Document(id="a", text="x")):
        with pytest.raises(InputError, match=f"expected several documents .*, got one {type(found).__name__}"):
            dedup.scan(found)
    with pytest.raises(InputError, match="expected a Document, got 'a'"):
        dedup.compare("a", "b")


def test_scan__refuses_an_id_that_stands_for_two_documents():
    with pytest.raises(InputError, match="ids must be unique, got 'a' twice"):
        dedup.scan([dedup.Document(id="a", text="x"), dedup.Document(id="a", text="y")])


SCRIPTS = "abc déf ЖЗИ абв ΑΒΓ άβγ عربي مثال 漢字東京 かなカナ ไทย 한국어 😀👍 \u0301 \ud800 “” «» \"' . , \n\n 12 3.5"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet=SCRIPTS, min_size=0, max_size=120), min_size=2, max_size=6))
def test_scan__quotes_what_its_spans_say_in_any_script(texts):
    documents = [dedup.Document(id=str(i), text=text * 3) for i, text in enumerate([*texts, texts[0] + texts[1]])]
    text_of = {document.id: document.text for document in documents}
    for match in dedup.scan(documents, ALL).matches:
        for passage in match.passages:
            left = text_of[match.left][passage.left.start : passage.left.end]
            right = text_of[match.right][passage.right.start : passage.right.end]
            assert [token[0] for token in naive.tokens(left)] == [token[0] for token in naive.tokens(right)]
        assert all(quote in text_of[match.left] for quote in match.quotes)
        assert match.left < match.right
        assert 0 <= match.resemblance <= 1
        assert match.coverage == max(match.left_in_right, match.right_in_left) <= 1


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=SCRIPTS, max_size=200), st.text(alphabet=SCRIPTS, max_size=200))
def test_compare__is_symmetric(a, b):
    forth = dedup.compare(dedup.Document(id="a", text=a), dedup.Document(id="b", text=b))
    back = dedup.compare(dedup.Document(id="b", text=b), dedup.Document(id="a", text=a))
    assert (forth.relation, forth.resemblance, forth.confidence) == (back.relation, back.resemblance, back.confidence)
    assert (forth.left_in_right, forth.right_in_left) == (back.right_in_left, back.left_in_right)
    spans = {(p.left, p.right) for p in forth.passages}
    assert spans == {(p.right, p.left) for p in back.passages}


def test_scan__what_is_shown_is_found_by_columns_as_by_looking_at_everything():
    words = [f"w{k}" for k in range(400)]
    copies = [
        dedup.Document(id=f"{group}-{k}", text=" ".join([*words[40 * group :][:200], f"extra{k}"]))
        for group in range(6)
        for k in range(1 + group % 4)
    ]
    report = dedup.scan(copies, ALL)
    by_hand = sorted(report.clusters, key=lambda cluster: (-len(cluster.members), cluster.representative))
    for n in range(len(by_hand) + 2):
        assert [report.clusters[at] for at in largest(report.clusters, n)] == by_hand[:n]
    cluster_of = {member.id: at for at, cluster in enumerate(report.clusters) for member in cluster.members}
    expected = [
        cluster_of[m.left] if m.left in cluster_of and cluster_of.get(m.left) == cluster_of.get(m.right) else -1
        for m in report.matches
    ]
    assert within(report.matches, report.clusters).tolist() == expected
    assert len({*expected}) > 2
