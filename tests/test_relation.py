"""Stage 4b: what two texts are to one another. The texts are the project's own."""

import json
import random
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import dedup
from dedup.config import Config, RelationConfig, ReportConfig
from dedup.kernels import align as kernel
from dedup.records import RELATIONS, Document
from dedup.stages import relation
from tests.test_pipeline import articles

HERE = Path(__file__).parent
TEXTS = json.loads((HERE / "relations.json").read_text(encoding="utf-8"))
ARTICLE, UNRELATED, FILLED_IN, QUOTATIONS = (TEXTS[k] for k in ("article", "unrelated", "filled_in", "quotations"))
REWRITES = TEXTS["rewrites"]
"""For each language an article, the article re-worded, and another article."""
SEEDS = {path.name[:3]: path.read_text(encoding="utf-8") for path in (HERE.parent / "seeds").glob("*.txt")}
ALL = Config(report=ReportConfig(relations=RELATIONS))
JOINING = ("exact", "same_text", "near", "syndicated", "rewrite")


def compare(left: str, right: str, least: float = 0.5) -> dedup.Match:
    config = Config(relation=RelationConfig(cluster_confidence=least))
    return dedup.compare(Document(id="left", text=left), Document(id="right", text=right), config)


def test_compare__the_seeds_are_one_rewrite_and_quotations():
    found = {(a, b): compare(SEEDS[a], SEEDS[b]).relation for a, b in combinations(sorted(SEEDS), 2)}
    assert found.pop(("000", "001")) == "rewrite"
    assert set(found.values()) <= {"quote", "none"}
    assert found["001", "004"] == "quote"


def test_scan__a_text_that_takes_over_three_long_quotations_stays_out():
    openings = ("Khamenei, 86, plans", "“The ‘plan B’", "Second, Trump")
    taken = [part for part in SEEDS["001"].split("\n\n") if part.startswith(openings)]
    assert len(taken) == 3
    parts = UNRELATED.split("\n\n")
    pasted = "\n\n".join([parts[0], taken[0], parts[1], taken[1], *parts[2:], taken[2]])
    report = dedup.scan([*(Document(id=k, text=t) for k, t in SEEDS.items()), Document(id="pasted", text=pasted)], ALL)
    assert [tuple(m.id for m in c.members) for c in report.clusters] == [("000", "001")]


@pytest.mark.parametrize("language", sorted(REWRITES))
def test_compare__finds_a_rewrite_in_any_language(language):
    first, second, other = REWRITES[language]
    assert compare(first, second).relation in JOINING
    assert compare(first, other).relation not in JOINING


def log_odds_of(match: dedup.Match) -> float:
    """What the evidence says, without what their resemblance adds where the two are one article."""
    confidence = match.confidence
    if confidence > 0.5:
        confidence = 1 - (1 - confidence) / (1 - match.resemblance)
        assert confidence >= relation.DECIDED
    return float(np.log(confidence / (1 - confidence)))


def test_confidence__grows_with_the_resemblance_of_what_is_one_article_and_moves_no_pair_over_one_half():
    confidence = np.linspace(0, 1, 101)
    zero, own = np.zeros(101), np.full(101, 100.0)

    def changed(resemblance: float) -> np.ndarray:
        both = 200 * resemblance / (1 - resemblance)
        scores = {"shingles_left": own, "shingles_right": own, "shingles_both": zero + both}
        return relation._with_resemblance(confidence, scores)

    none, some, most = (changed(resemblance) for resemblance in (0.0, 0.5, 0.9))
    assert np.allclose(none, confidence, atol=1e-6)
    assert ((some >= 0.5) == (confidence >= 0.5)).all()
    assert (np.diff(most) >= 0).all()
    assert (some[confidence <= 0.5] == none[confidence <= 0.5]).all()
    assert (most[61:-1] > some[61:-1]).all()
    assert np.allclose(some[60:], 1 - (1 - confidence[60:]) / 2, atol=2e-6)
    assert most.max() < 1


def test_compare__texts_of_one_site_are_doubted_and_versions_of_one_page_trusted():
    def log_odds(first_url: str, second_url: str) -> float:
        first, second, _ = REWRITES["ar"]
        left, right = Document(id="a", text=first, url=first_url), Document(id="b", text=second, url=second_url)
        return log_odds_of(dedup.compare(left, right))

    of_two_sites = log_odds("https://here.example/1", "https://there.example/1")
    trusted = log_odds("https://here.example/1", "https://here.example/1")
    assert trusted == pytest.approx(of_two_sites + RelationConfig().page_trust, abs=1e-2)
    doubted = log_odds("https://here.example/1", "https://here.example/2")
    assert doubted == pytest.approx(of_two_sites - RelationConfig().site_doubt, abs=1e-3)


@pytest.mark.parametrize("language", sorted(REWRITES))
def test_compare__other_articles_of_one_url_are_not_one(language):
    first, _, other = REWRITES[language]
    left, right = (Document(id=text, text=text, url="https://here.example/today") for text in (first, other))
    assert dedup.compare(left, right).relation not in JOINING


@pytest.mark.parametrize(
    ("date", "doubt"),
    [("2026-01-03", 0.0), ("2026-01-05", 0.8), ("2026-01-09", 1.6), ("2027-01-01", 3.0), ("", 0.0), ("soon", 0.0)],
)
def test_compare__dates_are_doubted_more_for_each_doubling_of_the_days_between(date, doubt):
    first, second, _ = REWRITES["ar"]

    def log_odds(of_other: str) -> float:
        left, right = Document(id="a", text=first, date="2026-01-01"), Document(id="b", text=second, date=of_other)
        return log_odds_of(dedup.compare(left, right))

    assert log_odds("2026-01-01") - log_odds(date) == pytest.approx(doubt, abs=1e-2)


def doubt_of(**measures: float) -> float:
    """What is taken off for stated days of a pair of texts of 100 tokens; what is not given is 0."""
    sides = ("left", "right", "both")
    zeros = [f"{what}_{side}" for what in ("numbers", "names", "furniture") for side in sides]
    scores = dict.fromkeys((*zeros, "in_passages", "days_apart", "stated_apart"), 0.0)
    scores |= {"n_tokens_left": 100.0, "n_tokens_right": 100.0, **measures}
    columns = {name: np.array([value], float) for name, value in scores.items()}
    return float(relation.stated_doubts(columns, RelationConfig())[0])


@pytest.mark.parametrize(
    ("stated", "dated", "doubt"),
    [(0, 0, 0.0), (1, 0, 0.0), (2, 0, 1.5), (40, 0, 3.0), (3, 8, 1.4), (2, 8, 0.0), (40, 400, 0.0)],
)
def test_stated_doubts__are_for_days_that_dates_do_not_doubt_already(stated, dated, doubt):
    assert doubt_of(stated_apart=stated, days_apart=dated) == pytest.approx(doubt)


def test_stated_doubts__of_two_texts_that_are_much_the_same_grow_with_the_facts_that_contradict():
    def doubt(in_passages: float, clashing: float) -> float:
        clash = {"names_left": clashing, "names_right": clashing, "names_both": 10}
        return doubt_of(stated_apart=40, in_passages=in_passages, numbers_left=3, numbers_right=3, **clash)

    assert [doubt(90, n) for n in (0, 1, 5)] == [0, pytest.approx(3 * (1 / 11) / 0.2), 3]
    assert doubt(90, 0) < doubt(70, 0) < doubt(60, 0) < doubt(40, 0) == 3


def test_compare__a_text_that_states_another_day_at_its_beginning_is_less_likely_a_copy():
    first, second, _ = REWRITES["zh"]
    same, later = (compare(f"哈威克3月11日电 {first}", f"哈威克3月{day}日电 {second}") for day in (11, 29))
    assert same.relation in JOINING
    assert same.confidence > 0.9 > later.confidence + 0.5
    assert "the days that they state at their beginning are 18 apart" in later.reasons
    assert not any("state at their beginning" in reason for reason in same.reasons)


def test_compare__nearly_the_same_page_of_one_site_after_weeks_is_another_one():
    left, right = ARTICLE + "\n\nMeeting of 3 May.", ARTICLE + "\n\nMeeting of 9 June, in another room."

    def confidence(date: str) -> float:
        both = (
            Document(id="a", text=left, source="A", date="2026-05-03"),
            Document(id="b", text=right, source="A", date=date),
        )
        return dedup.compare(*both).confidence

    assert confidence("2026-05-04") > confidence("2026-06-09")


def test_compare__what_fills_most_of_both_texts_is_no_excerpt():
    left, right = (
        Document(id=date, text=f"{ARTICLE}\n\nRef {number} of {date}", source="A", date=date)
        for number, date in ((417, "2026-05-03"), (902, "2026-08-09"))
    )
    assert dedup.compare(left, right).relation == "template"


def test_compare__a_form_filled_in_with_other_facts_is_a_template():
    assert compare(*FILLED_IN).relation == "template"


def test_compare__a_quotation_in_two_articles_is_a_quote():
    assert compare(*QUOTATIONS).relation == "quote"


def test_compare__a_long_part_of_another_text_is_an_excerpt():
    part = ARTICLE[: len(ARTICLE) // 2]
    assert compare(part + "\n\n" + UNRELATED, UNRELATED[::-1] + "\n\n" + ARTICLE).relation == "excerpt"


def test_compare__dates_and_telephone_numbers_around_the_body_on_another_site_do_not_speak_against_it():
    left = "Contact Ann Press Office 202 224 313\n\nMay 3 2003\n\n" + ARTICLE + "\n\nCall 355 013"
    right = "Newsroom of Bob 511 887\n\n7 June\n\n" + ARTICLE + "\n\nMore by dialing 755 017 or 755 018"
    match = dedup.compare(Document(id="1", text=left, source="A"), Document(id="2", text=right, source="B"))
    assert match.relation in JOINING
    assert match.confidence >= 0.9


def of_words(seed: int, n_words: int) -> str:
    """Words at random, each a name of its own."""
    rng = random.Random(seed)
    return " ".join("".join(rng.choice("bdfgklmnprst") + rng.choice("aeiou") for _ in range(4)) for _ in range(n_words))


@pytest.mark.parametrize(
    ("n_around", "source", "is_one"), [(60, "B", True), (140, "B", True), (180, "B", False), (140, "A", False)]
)
def test_compare__pages_of_two_sites_that_frame_one_article_are_one_as_long_as_it_is_half_of_them(
    n_around, source, is_one
):
    pages = [" ".join((of_words(k, n_around), of_words(0, 300), of_words(k + 1, n_around))) for k in (1, 3)]
    first, second = (Document(id=at, text=page, source=at) for at, page in zip(("A", source), pages, strict=True))
    assert (dedup.compare(first, replace(second, id="other")).relation in JOINING) == is_one


@pytest.mark.parametrize(("n_shared", "least", "is_one"), [(12, 0.04, False), (12, 0.0, True), (25, 0.04, True)])
def test_compare__next_to_nothing_shared_is_no_copy(n_shared, least, is_one):
    left, right = (" ".join(document.text for document in articles(5, seed)).split() for seed in (6, 7))
    left[100 : 100 + n_shared] = right[300 : 300 + n_shared]
    config = Config(relation=RelationConfig(least_share=least))
    texts = (Document(id=side, text=" ".join(words)) for side, words in (("left", left), ("right", right)))
    match = dedup.compare(*texts, config)
    assert (match.relation in JOINING, match.confidence > 0) == (is_one, is_one)


@pytest.mark.parametrize("share", [0.3, 0.5])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_compare__a_block_lifted_into_another_article_is_an_excerpt(share, place):
    words, parts = ARTICLE.split(" "), UNRELATED.split("\n\n")
    begin = (len(words) - int(share * len(words))) * place // 2
    block = " ".join(words[begin : begin + int(share * len(words))])
    at = len(parts) * place // 2
    assert compare(ARTICLE, "\n\n".join([*parts[:at], block, *parts[at:]])).relation == "excerpt"


@pytest.mark.parametrize("n_words", [60, 220])
def test_compare__a_long_part_that_is_mostly_quoted_is_an_excerpt_and_a_short_one_a_quote(n_words):
    words = [word for word in ARTICLE.split() if word.isalpha()]
    said = [" ".join(words[i : i + 34]) for i in range(0, n_words, 46)]
    around = [" ".join(words[i + 34 : i + 46]) for i in range(0, n_words, 46)]
    part = " ".join(f"“{quoted}.” {told}." for quoted, told in zip(said, around, strict=True))
    left, right = REWRITES["de"][0] + "\n\n" + part, part + "\n\n" + UNRELATED
    match = compare(left, right)
    assert match.relation == ("excerpt" if n_words > 200 else "quote"), match.reasons


def test_compare__a_long_part_is_an_excerpt_in_a_script_of_characters_too():
    part = (
        "昨天下午，市里的老图书馆又开门了。馆长说，他们用了两年的时间，才把屋顶修好，把书都放回到原来的地方。来的人"
        "很多，有的带着孩子，有的是一个人来看报纸的。大家都说，这里和以前一样安静，只是灯比以前亮了一些。"
    )
    left = "我小的时候不爱说话，也不爱出门，只有星期天会跟着爷爷去那里坐一会儿。现在他不在了，我还是常常想起他。"
    right = "这个月市里要花钱的事情不少：路要修，学校要买新的桌子，医院还说人手不够。有人问，钱从哪里来，没有人回答。"
    assert compare(left + "\n\n" + part, part + "\n\n" + right).relation == "excerpt"


def test_compare__a_part_that_two_pages_of_one_site_share_is_no_excerpt():
    part = ARTICLE[: len(ARTICLE) // 3]
    left, right = part + "\n\n" + UNRELATED, REWRITES["de"][0] + "\n\n" + part
    for site, expected in (("A", "quote"), ("B", "excerpt")):
        match = dedup.compare(Document(id="1", text=left, source="A"), Document(id="2", text=right, source=site))
        assert match.relation == expected


def test_compare__the_same_body_in_other_furniture_is_syndicated():
    page = "Home News Sport Weather\n\n" + ARTICLE + "\n\nRead more\nAbout us\nTerms of use\nAll rights reserved"
    assert compare(ARTICLE, page).relation in ("near", "syndicated")


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("One text.", "One text.", "exact"),
        ("One text.", "one  TEXT", "same_text"),
        ("?", "!", "none"),
        ("", " ", "none"),
    ],
)
def test_compare__short_texts_match_their_like_and_nothing_else(left, right, expected):
    assert compare(left, right).relation == expected


def test_compare__common_phrases_are_not_enough():
    assert compare("It was the end of the day.", "It was the end of the day and so it was.").relation not in JOINING


def test_compare__swapping_the_texts_changes_no_relation():
    for left, right in (FILLED_IN, QUOTATIONS, REWRITES["de"][:2], (SEEDS["000"], SEEDS["001"])):
        one, other = compare(left, right), compare(right, left)
        assert (one.relation, one.confidence) == (other.relation, other.confidence)
        assert one.left_in_right == other.right_in_left
        assert {(p.left, p.right) for p in one.passages} == {(p.right, p.left) for p in other.passages}


def test_compare__passages_quote_both_texts():
    match = compare(SEEDS["000"], SEEDS["001"])
    for passage in match.passages:
        left = SEEDS["000"][passage.left.start : passage.left.end]
        right = SEEDS["001"][passage.right.start : passage.right.end]
        assert "".join(filter(str.isalnum, left)).casefold() == "".join(filter(str.isalnum, right)).casefold()


def test_compare__reasons_name_the_evidence():
    reasons = " | ".join(compare(SEEDS["000"], SEEDS["001"]).reasons)
    for evidence in ("shared passages", "of 10 parts", "numbers agree (8 of 8)", "quoted"):
        assert evidence in reasons


def test_features__only_rise_in_confidence():
    card = relation._scorecard()
    assert all(table["points"] == sorted(table["points"]) for table in card.values())
    assert all(table["at"] == sorted(table["at"]) for table in card.values())


def test_features__every_table_is_of_a_feature_and_every_feature_has_one():
    scores = dict.fromkeys(kernel.MEASURES, np.zeros(3))
    assert relation.features(scores).keys() == relation._scorecard().keys()


def test_classify__a_higher_threshold_joins_fewer():
    rng = random.Random(0)
    changed = [
        " ".join(w if rng.random() > share else f"{w}{rng.randrange(99)}" for w in ARTICLE.split())
        for share in (0.0, 0.2, 0.4, 0.6)
    ]
    joined = [sum(compare(ARTICLE, text, least).relation in JOINING for text in changed) for least in (0.2, 0.5, 0.9)]
    assert joined == sorted(joined, reverse=True)


def features(**measures: float) -> dict[str, float]:
    """The features of a pair of texts of 400 tokens; what is not given is 0."""
    zero = np.zeros(1)
    scores = dict.fromkeys((*kernel.MEASURES, "same_site", "same_page", "days_apart"), zero)
    given = {"n_tokens_left": 400, "n_tokens_right": 400, **measures}
    scores |= {name: np.array([value], float) for name, value in given.items()}
    return {name: float(column[0]) for name, column in relation.features(scores).items()}


def test_features__names_are_told_by_capitals_only_where_a_script_has_them_and_not_all_nouns_do():
    clash = {"words_left": 16_000, "words_right": 16_000}
    few = {"capitals_left": 40, "capitals_right": 40, "named_left": 24, "named_right": 24}
    many = {"capitals_left": 160, "capitals_right": 160, "named_left": 120, "named_right": 120}
    clashing = {"names_left": 20, "names_right": 20}
    of_words, without_capitals = features(**clash, **few)["wording"], features(**clash)["wording"]
    assert without_capitals < of_words - 1.5
    assert without_capitals == pytest.approx(features(**clash, **few, **clashing)["wording"], abs=0.2)
    assert features(**clash, **many, **clashing)["wording"] > features(**clash, **few, **clashing)["wording"] + 0.2


def test_features__order_says_more_the_more_passages_there_are_and_less_where_long_or_rare_ones_are_shared():
    def order(n_passages: int, in_order: int, **more: float) -> float:
        return features(n_passages=n_passages, in_order=in_order, **more)["order"]

    assert order(1, 0) == order(0, 0) == pytest.approx(0)
    assert order(21, 20) > order(6, 5) > order(21, 15) > order(21, 10) == pytest.approx(0)
    assert order(21, 10, in_passages=300) > order(21, 10, in_passages=60) > order(21, 10)
    assert order(21, 10, rare_both=1_000) > order(21, 10)


FRAME = """{title} {day} Toolkit {version}

NAME
{command} - {subject}

SYNOPSIS
{command} [OPTION]... [FILE]...

DESCRIPTION
With no file, or when the file is a dash, standard input is read. Long options may be shortened as long as they stay
unambiguous. {use}

--help display this help and exit
--version output version information and exit

REPORTING BUGS
Report any translation bugs to the team that maintains them, and any other to the mailing list of the Toolkit. Please
say which release you use and how the fault shows.

COPYRIGHT
This is free software: you are free to change and redistribute it. There is no warranty, to the extent permitted by law.

SEE ALSO
The full documentation is kept as a manual, which the info command shows."""
N_PAGES = 12


def page(number: int, day: str, version: str) -> str:
    """A page of a reference manual: a frame that all pages have, around something of its own."""
    command, subject, use = (of_words(seed * N_PAGES + number, n) for seed, n in enumerate((1, 4, 40)))
    return FRAME.format(title=command.upper(), command=command, subject=subject, use=use, day=day, version=version)


def test_scan__versions_of_a_page_are_one_though_they_state_other_days_and_pages_of_one_manual_are_not():
    releases = (("2021-03-22", "5.10"), ("2023-05-03", "6.9.1"))
    texts = {f"{n} {version}": page(n, day, version) for n in range(N_PAGES) for day, version in releases}
    report = dedup.scan([Document(id=name, text=text) for name, text in texts.items()])
    found = {tuple(sorted(member.id for member in cluster.members)) for cluster in report.clusters}
    assert found == {tuple(f"{n} {version}" for _, version in releases) for n in range(N_PAGES)}


def test_features__wording_says_less_where_the_rare_words_stand_outside_of_what_is_shared():
    clash = {"words_left": 40_000, "words_right": 40_000, "in_passages": 300}
    held = features(**clash, rare_both=30_000, rare_left=10_000, rare_right=10_000)["wording"]
    outside = features(**clash, rare_both=10_000, rare_left=30_000, rare_right=30_000)["wording"]
    assert held > outside + 1


def test_features__subjects_that_stand_outside_of_what_is_shared_speak_for_a_form():
    filled = {"in_passages": 300, "subjects_left": 5_000, "subjects_right": 5_000}
    kept, own = (features(**filled, met_left=met, met_right=met)["subjects"] for met in (5_000, 500))
    assert own < kept - 1
    longer = features(**filled, met_left=5_000, met_right=500)["subjects"]
    assert longer == kept
    assert features(in_passages=300)["subjects"] == kept  # Nothing is said twice: nobody knows what it is about.


def test_features__concord_falls_with_the_share_of_gaps_in_which_facts_clash():
    shares = [features(filled_gaps=8, disputed_gaps=n)["concord"] for n in (0, 2, 8)]
    assert shares == sorted(shares, reverse=True)
    assert 0 < shares[2] < 0.2 < 0.9 < shares[0] < 1


def test_compare__a_handful_of_rare_words_makes_no_two_texts_one_article():
    shared = of_words(7, 6)
    left, right = (f"{of_words(seed, 30)} {shared} {of_words(seed + 9, 30)}" for seed in (1, 2))
    assert compare(left, right).confidence == 0
    assert compare(f"{left} {of_words(8, 6)}", f"{right} {of_words(8, 6)}").confidence > 0


def test_compare__texts_alike_in_nine_of_ten_shingles_are_copies_but_for_one_site_that_means_something_by_it():
    left, right = (f"{ARTICLE}\n\nRevision {number} of {day}." for number, day in ((417, "3 May"), (902, "9 August")))

    def relation_of(**given: str) -> str:
        one, other = (Document(id=text[-9:], text=text, **given) for text in (left, right))
        match = dedup.compare(one, other)
        assert match.resemblance >= 0.9
        return match.relation

    assert relation_of() == "near"
    dated = [
        Document(id=day, text=text, source="A", date=day) for text, day in ((left, "2026-05-03"), (right, "2026-08-09"))
    ]
    assert dedup.compare(*dated).relation == "template"


def test_compare__dated_texts_alike_in_nine_of_ten_shingles_that_say_another_subject_again_and_again_are_a_form():
    def release(town: str, chief: str, day: str) -> Document:
        news = f"{town} receives a grant. Chief {chief} of {town} said that {town} thanks the senator."
        return Document(id=day, text=f"{news} {ARTICLE}\n{UNRELATED}", date=day)

    first = release("Amesville", "Byrd", "2026-01-01")
    for town, chief, relation_of_both in (("Ironcreek", "Moss", "template"), ("Amesville", "Moss", "near")):
        match = dedup.compare(first, release(town, chief, "2026-03-01"), ALL)
        assert match.resemblance >= 0.9
        assert match.relation == relation_of_both


def test_compare__says_of_each_side_what_is_true_of_it_in_whatever_order_the_two_are_given():
    left = "\n".join((ARTICLE, UNRELATED, UNRELATED))
    said = [compare(*sides).reasons for sides in ((left, ARTICLE), (ARTICLE, left))]
    numbers = [
        re.findall(r"right text has (\d+) % .* the left (\d+) %", reason)[0]
        for reasons in said
        for reason in reasons
        if "come up most" in reason
    ]
    assert len(numbers) == 2
    assert numbers[0] == numbers[1][::-1]
    assert numbers[0][0] != numbers[0][1]


def test_undisputed__is_no_frame_around_two_subjects_that_come_up_again_and_again():
    scores = {name: np.zeros(1) for name in (*kernel.MEASURES, "same_site", "same_page", "days_apart", "stated_apart")}
    filled = {"n_tokens_left": 130, "n_tokens_right": 130, "in_passages": 120, "n_passages": 3}
    scores |= {name: np.array([value], float) for name, value in filled.items()}
    for subjects, is_undisputed in ((0.0, True), (1_000.0, False)):
        scores |= {f"subjects_{side}": np.array([subjects]) for side in ("left", "right")}
        assert relation._is_undisputed(scores, RelationConfig()) == is_undisputed


def test_features__wording_counts_the_subjects_that_clash_as_far_as_passages_fill_the_texts():
    clash = {"words_left": 16_000, "words_right": 16_000, "subjects_left": 4_000, "subjects_right": 4_000}
    met = {"met_left": 4_000, "met_right": 4_000}
    full, some = {"in_passages": 300}, {"in_passages": 60}
    assert features(**clash, **met, **full)["wording"] > features(**clash, **full)["wording"] + 1
    assert features(**clash, **met, **some)["wording"] > features(**clash, **some)["wording"]
    assert features(**clash, **some)["wording"] > features(**clash, **full)["wording"]
    one_sided = {"met_left": 4_000, "met_right": 0}
    assert features(**clash, **one_sided, **full)["wording"] == features(**clash, **met, **full)["wording"]
