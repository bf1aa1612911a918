"""What a collection teaches: how rare words are, and what belongs to a site."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import dedup
from dedup import Document, sites
from dedup.config import AlignConfig, EvidenceConfig
from dedup.dates import UNKNOWN_DAY
from dedup.kernels import furniture
from dedup.kernels import rarity as kernel
from dedup.kernels.furniture import FURNITURE
from dedup.kernels.profiles import MOST_SUBJECTS
from dedup.kernels.rarity import UNITS
from dedup.kernels.text import NUMBER
from dedup.records import Candidates, Corpus, Nodes
from dedup.stages import align, collection, text
from tests import naive

CONFIG = EvidenceConfig()
NAVIGATION = (
    "Home News Sport Weather Markets Culture Travel Food Obituaries Letters Puzzles Archive Shop Jobs Subscribe to our "
    "evening letter Contact the desk Terms of use and privacy Accessibility Advertise with us Follow the paper Sign in "
)
LETTERS = str.maketrans("0123456789", "zyxwvutsrq")


def learn(written, sites=None, rows=None, config=CONFIG):
    none = [""] * len(written)
    keys = collection.keys(sites or none, none, none)
    corpus = Corpus(ids=none, texts=text.encode(written), urls=none, sources=none, dates=none, **keys._asdict())
    by_content = sorted(range(len(written)) if rows is None else rows, key=lambda row: (written[row], keys.sites[row]))
    return collection.learn(corpus, np.array(by_content), text.hashed, config)


def weights(written, evidence, site=""):
    """The weight in nats of each token of a text, and whether it is furniture."""
    tokens = text.tokenize(text.encode([written]))
    made = align._weigh(tokens, collection.keys([site], [""], [""]).sites, evidence, AlignConfig(heaviest=15))
    return np.diff(made.sums) / UNITS, (made.marks & FURNITURE) != 0


def body(rng, n=80):
    return " ".join(f"{rng.choice('bdfgklmnprst')}{rng.choice('aeiou')}{rng.randrange(900)}x" for _ in range(n))


def test_learn__a_word_weighs_minus_the_logarithm_of_the_share_of_texts_that_hold_it():
    written = [f"qqfirst qqsecond{i}" for i in range(1000)]
    common, rare = weights("qqfirst qqsecond7", learn(written, config=EvidenceConfig(least_texts=1)))[0]
    assert abs(common - np.log(2000 / 1000.5)) < 0.1
    assert rare > 6.5


def test_learn__what_a_small_collection_is_about_is_as_rare_as_in_a_larger_one():
    rng = random.Random(4)
    few, others = [body(rng, 30) + " qqsubject" for _ in range(40)], [body(rng, 30) for _ in range(CONFIG.least_texts)]
    alone, among = (weights("qqsubject", learn(written))[0][0] for written in (few, few + others))
    assert abs(alone - np.log(CONFIG.least_texts / 40.5)) < 0.1
    assert 0 <= among - alone < 0.3


@given(st.lists(st.integers(0, 255), max_size=120))
def test_common_weight__equals_the_slow_twin(listed):
    limits = kernel.COMMON, kernel.MOST_COMMON, kernel.LEAST_SPREAD, kernel.ENOUGH_TOKENS
    room = np.empty(kernel.N_WEIGHTS, np.int64)
    found = kernel.common_weight(np.array(listed, np.uint8), room)
    assert found == naive.common_weight(listed, *limits)


def test_learn__words_are_as_rare_as_among_the_texts_of_their_language():
    rng, config = random.Random(5), EvidenceConfig(background_texts=1)

    def written(prefix, n):
        words = [f"{prefix}{k}" for k in range(40)]
        return [" ".join(rng.choices(words, range(len(words), 0, -1), k=100)) for _ in range(n)]

    few = written("zzfew", 40)
    alone, among = learn(few, config=config), learn(few + written("zzmany", 400), config=config)
    every = " ".join(f"zzfew{k} zzfew{k}" for k in range(40))
    assert np.abs(weights(every, alone)[0] - weights(every, among)[0]).max() < 0.3
    assert weights("zzfew0", among)[0][0] > 2.2


def test_background__knows_the_common_words_of_many_languages():
    evidence = collection.background(CONFIG)
    for common, rare in (("the", "ostrich"), ("und", "gletscher"), ("не", "ледник"), ("的", "鰲"), ("في", "جليد")):
        assert weights(common, evidence)[0][0] < 2 < weights(rare, evidence)[0][0] - 2


@given(st.randoms(use_true_random=False))
def test_learn__does_not_depend_on_the_order_of_the_texts(rng):
    written = [body(rng, rng.randrange(12)) for _ in range(30)]
    sites = [rng.choice(["", "a.example", "b.example"]) for _ in written]
    order = list(range(30))
    rng.shuffle(order)
    config = EvidenceConfig(max_texts=20)
    one = learn(written, sites, config=config)
    other = learn([written[i] for i in order], [sites[i] for i in order], config=config)
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_learn__counts_only_the_representatives():
    written = ["qqalpha qqbeta"] * 500 + [f"qqgamma{i} other" for i in range(500)]
    evidence = learn(written, rows=[0, *range(500, 1000)])
    assert weights("qqalpha", evidence)[0][0] > 6


def test_learn__what_most_pages_of_a_site_repeat_is_furniture_there_and_only_there():
    rng = random.Random(1)
    bodies = [body(rng) for _ in range(20)]
    evidence = learn([NAVIGATION + b for b in bodies], ["site.example"] * 20)
    n_navigation = len(NAVIGATION.split())
    _, marked = weights(NAVIGATION + bodies[3], evidence, "site.example")
    assert marked[:n_navigation].mean() > 0.5
    assert not marked[n_navigation + 4 :].any()
    assert not weights(NAVIGATION + bodies[3], evidence, "else.example")[1].any()
    assert not weights(NAVIGATION + bodies[3], evidence)[1].any()


FOOTER = " Imprint Contact Advertise Jobs Terms Privacy Cookies Help Archive Letters to the desk All rights reserved"


@pytest.mark.parametrize("n", [7, 8, 14])
def test_learn__what_stands_at_both_ends_of_eight_texts_is_furniture_where_no_site_is_known(n):
    rng = random.Random(8)
    bodies = [body(rng) for _ in range(40)]
    pages = [NAVIGATION + one + FOOTER for one in bodies[:n]]
    evidence = learn([*pages, *bodies[n:], NAVIGATION + bodies[20]])
    n_before, n_behind = len(NAVIGATION.split()), len(FOOTER.split())
    for page in pages:
        _, marked = weights(page, evidence)
        assert (marked[:n_before].mean() > 0.5) == (marked[-n_behind:].mean() > 0.5) == (n >= 8)
        assert not marked[n_before + 4 : -n_behind - 4].any()
    assert not weights(pages[0], evidence, "site.example")[1].any()
    assert not weights(NAVIGATION + bodies[20], evidence)[1].any()


@given(st.randoms(use_true_random=False), st.integers(2, 5))
def test_weigh__marks_the_frame_that_the_slow_twin_finds(rng, floor):
    before, behind = body(rng, rng.randrange(8, 40)).split(), body(rng, rng.randrange(8, 40)).split()
    kept = [before, *(body(rng, 12).split() for _ in range(3)), behind]
    pages = []
    for _ in range(rng.randrange(1, 14)):
        middle = [rng.choice([part, body(rng, 10).split()]) for part in kept[1:-1]]
        pages.append([*before, *(word for part in middle for word in part), *behind])
    written = [" ".join(page) for page in pages]
    evidence = learn(written, config=EvidenceConfig(furniture_pages=floor, furniture_share=0.01))
    tokens = text.tokenize(text.encode(written))
    ends = list(pairwise(tokens.offsets.tolist()))
    assume(share_no_place([tokens.hashes[a:b] for a, b in ends], len(evidence.shingle_counts)))
    expected = naive.framed(
        [tokens.hashes[a:b].tolist() for a, b in ends], [sampled(tokens.hashes[a:b]) for a, b in ends], 2 * floor,
        frame_tokens=furniture.FRAME_TOKENS, least=furniture.LEAST_FRAMED, edge=furniture.EDGE,
        shingle=furniture.FURNITURE_SHINGLE, most=furniture.MOST_FURNITURE,
    )  # fmt: skip
    assert [weights(page, evidence)[1].tolist() for page in written] == expected


def share_no_place(texts, size):
    """Whether no two shingles of some texts of one frame have one place in a table."""
    frames, bound = np.empty(1, np.uint64), set()
    for hashes in texts:
        found, places = np.empty(len(hashes), np.uint64), np.empty(len(hashes), np.int64)
        furniture.list_frames(hashes, np.array([0, len(hashes)]), frames)
        n = furniture.furniture_shingles(hashes, frames[0], places, found)
        bound |= set(found[:n].tolist())
    return len({(one >> 32) % size for one in bound}) == len(bound)


def sampled(hashes):
    places = np.empty(len(hashes), np.int64)
    return places[: furniture.sample(hashes, places)].tolist()


def test_compare__what_a_site_repeats_is_no_subject_of_its_pages():
    rng = random.Random(11)
    said = [[*body(rng, 5).translate(LETTERS).split(), "Obituaries"] for _ in range(40)]
    pages = [f"{NAVIGATION} {' '.join(rng.choices(words, k=90))}" for words in said]
    sites = ["paper.example"] * len(pages)
    evidence, keys = learn(pages, sites), collection.keys(sites[:2], ["", ""], ["", ""])
    pages[0] += f" {pages[1][-200:]}"
    tokens, pair = text.tokenize(text.encode(pages[:2])), (np.array([0]), np.array([1]))
    found = align.compare(tokens, pair, keys, evidence, AlignConfig()).scores
    made = align._weigh(tokens, keys.sites, evidence, AlignConfig())
    assert (made.marks & FURNITURE).any()
    counted = [
        [
            (int(token), int(weight), bool(mark & NUMBER))
            for token, weight, mark in zip(made.hashes[part], made.token_weights[part], made.marks[part], strict=True)
            if not mark & FURNITURE
        ]
        for part in (slice(0, tokens.offsets[1]), slice(tokens.offsets[1], None))
    ]
    for side, (own, other) in (("left", counted), ("right", counted[::-1])):
        assert (found[f"subjects_{side}"][0], found[f"met_{side}"][0]) == naive.subjects(own, other, MOST_SUBJECTS)
    assert found["met_right"][0] > 0


def test_learn__a_text_that_its_site_shows_in_many_versions_is_not_furniture():
    rng = random.Random(2)
    article = body(rng, 120)
    evidence = learn([article + " " + body(rng, 5) for _ in range(10)], ["site.example"] * 10)
    assert not weights(article, evidence, "site.example")[1].any()


def test_keys__a_site_is_a_source_at_its_host_as_far_as_they_are_known():
    named = ["Wire", "Wire", "Wire", "", "", "", "Wire", "Herald"]
    urls = [
        "",
        "https://www.paper.example/a",
        "https://other.example/",
        "http://paper.example/b",
        "http://[broken",
        "",
        "//",
        "",
    ]
    keys = collection.keys(named, urls, [""] * len(urls)).sites
    assert (keys == 0).tolist() == [False, False, False, False, True, True, False, False]
    assert keys[0] == keys[6]
    assert len(set(keys.tolist())) == 6


def test_shown__is_the_source_or_else_the_host():
    assert sites.shown("Wire", "https://www.paper.example/a") == "Wire"
    assert sites.shown("", "https://www.paper.example/a") == "paper.example"
    assert sites.shown("", "http://[broken") == ""


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("https://a.example/docs/3.9/library/json.html", "https://a.example/docs/3.11/library/json.html", True),
        ("https://a.example/v1/use", "https://a.example/v2/use", True),
        ("https://a.example/stable/use", "https://a.example/latest/use", True),
        ("https://a.example/docs/3.9/use", "https://a.example/docs/3.9/why", False),
        ("https://a.example/2024/05/weather", "https://a.example/2024/06/weather", False),
        ("https://a.example/story/12/", "https://a.example/story/13/", False),
        ("https://10.0.0.1/use", "https://10.0.0.2/use", False),
        ("https://a.example/use-3.9", "https://a.example/use-3.11", False),
    ],
)
def test_keys__addresses_that_differ_in_a_release_only_are_of_one_page(one, other, is_one):
    pages = collection.keys([""] * 3, [one, other, ""], [""] * 3).pages
    assert (pages[0] == pages[1]) == is_one
    assert pages[2] == 0


def test_keys__tell_sites_apart_and_leave_none_at_zero():
    keys = collection.keys(["", "a", "b", "a", "\ud800"], [""] * 5, [""] * 5).sites
    assert keys[0] == 0
    assert keys[1] == keys[3]
    assert len(set(keys.tolist())) == 4


@given(st.data())
def test_date_trust__equals_the_slow_twin(data):
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=8))
    n, near = sum(sizes), st.integers(0, 9)
    days = data.draw(st.lists(st.none() | near | st.sampled_from([2**31 - 1, -(2**31) + 1]), min_size=n, max_size=n))
    sites = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    rows, bounds = data.draw(st.permutations(range(n))), np.append(0, np.cumsum(sizes))
    pair = st.tuples(st.integers(0, len(sizes) - 1), st.integers(0, len(sizes) - 1)).filter(lambda p: p[0] < p[1])
    sure = data.draw(st.lists(pair, unique=True, max_size=6)) if len(sizes) > 1 else []
    none = [""] * n
    corpus = Corpus(
        ids=none, texts=text.encode(none), urls=none, sources=none, dates=none, pages=np.zeros(n, np.uint64),
        sites=np.array(sites, np.uint64), days=np.array([UNKNOWN_DAY if d is None else d for d in days], np.int32),
    )  # fmt: skip
    nodes = Nodes(rows=np.array(rows), offsets=bounds, n_tokens=np.ones(len(sizes), np.int32))
    left, right = np.array(sure, np.int64).reshape(-1, 2).T
    places = data.draw(st.permutations(range(n)))
    found = collection.date_trust(corpus, nodes, Candidates(left=left, right=right), np.array(places))
    lists = [rows[a:b] for a, b in pairwise(bounds.tolist())]
    assert found == pytest.approx(naive.date_trust(
        days, sites, places, lists, sure, same_time=collection.SAME_TIME, trusted=collection.TRUSTED
    ))  # fmt: skip


def test_scan__one_copy_of_another_day_says_little_of_dates():
    texts = [Document(id=f"{k}", text=body(random.Random(k)), date="2020-03-01") for k in range(200)]
    late = Document(id="late", text=texts[0].text, date="2020-03-09")
    early = Document(id="early", text=body(random.Random(999)), date="2011-01-01")
    assert dedup.scan([*texts, late, early]).summary["date_trust"] > 0.9


def test_scan__dates_of_visits_tell_no_two_texts_apart():
    said = [body(random.Random(k), 90).split() for k in range(60)]
    for years, is_told in ((9, True), (0, False)):
        copies = [
            Document(id=f"{k}-{n}", text=" ".join(one), date=f"{2000 + (k + n * years) % 20}-03-01")
            for k, one in enumerate(said) for n in range(2)
        ]  # fmt: skip
        kept = random.Random(1)
        retold = [
            Document(
                id=f"retold-{k}", text=" ".join(w for w in one if kept.random() < 0.4), date=f"{2010 + k % 9}-01-01"
            )
            for k, one in enumerate(said)
        ]
        report = dedup.scan([*copies, *retold])
        n_found = sum(any(m.id.startswith("retold") for m in cluster.members) for cluster in report.clusters)
        assert (report.summary["date_trust"] < 0.3) == is_told
        assert (n_found > 50) == is_told
