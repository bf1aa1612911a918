"""Stage 4a: what two texts share, against the slow twin and by what must hold for any two texts."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import AlignConfig, EvidenceConfig
from dedup.dates import UNKNOWN_DAY
from dedup.kernels import align as kernel
from dedup.kernels import slots
from dedup.kernels.measures import SHORT_GAP
from dedup.kernels.profiles import MOST_SUBJECTS
from dedup.kernels.rarity import UNITS
from dedup.kernels.text import CAPITAL, NUMBER, QUOTED, SENTENCE_START
from dedup.records import Keys
from dedup.stages import align, collection, text
from tests import naive, some

CONFIG = AlignConfig()
WORDS = [
    "harbor", "council", "the", "of", "Vienna", "17", "2,400", "2400", "1", "7",
    "Ελλάδα", "москва", "договор", "漢", "字", "を", "قال",
    "الرئيس", "대통령은", "straße", "\U0001f600", "“", "”", "\n\n", ".", "e\u0301tude", "ไ", "quartz", "said",
]  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)


def nowhere(n_texts: int) -> Keys:
    """Texts of which nobody knows where they stood."""
    return collection.keys([""] * n_texts, [""] * n_texts, [""] * n_texts)


def measure(left: str, right: str):
    """The alignment of two lone texts, and their tokens."""
    tokens = text.tokenize(text.encode([left, right]))
    evidence = collection.background(EvidenceConfig())
    pair = np.array([0], np.int64), np.array([1], np.int64)
    return align.compare(tokens, pair, nowhere(2), evidence, CONFIG), tokens


def digits(tokens):
    """The ASCII digits of each number of both texts, None for what is none."""
    found = [
        None if not flag & NUMBER else base_11(int(n)) for n, flag in zip(tokens.digits, tokens.flags, strict=True)
    ]
    return sides(tokens, np.array(found, object))


def base_11(value):
    return base_11(value // 11) + str(value % 11 - 1) if value else ""


def sides(tokens, values):
    return [values[tokens.offsets[k] : tokens.offsets[k + 1]].tolist() for k in range(2)]


def weighed(tokens):
    return align._weigh(tokens, np.zeros(2, np.uint64), collection.background(EvidenceConfig()), CONFIG)


@given(texts, texts)
def test_compare__equals_the_slow_twin(left, right):
    found, tokens = measure(left, right)
    made = weighed(tokens)
    hashes = sides(tokens, tokens.hashes)
    weights = [dict(zip(*side, strict=True)) for side in zip(hashes, sides(tokens, np.diff(made.sums)), strict=True)]
    seeds = [
        {(side[i], side[i + 1]): seed[i] for i in range(len(side) - 1)}
        for side, seed in zip(hashes, sides(tokens, made.seeds), strict=True)
    ]
    limits = CONFIG.seed_weight * UNITS, CONFIG.passage_weight * UNITS
    assert [tuple(row) for row in found.passages.tolist()] == naive.aligned(*hashes, weights, seeds, *limits)


@given(texts, texts)
def test_compare__overlaps_equal_the_slow_twin(left, right):
    found, tokens = measure(left, right)
    made = weighed(tokens)
    for name, values, weights in (
        ("pairs", made.pairs, made.pair_weights),
        ("words", made.hashes, made.token_weights),
        ("shingles", made.shingles, np.ones_like(made.marks)),
    ):
        listed = [
            [(v, w) for v, w in zip(*side, strict=True) if v]
            for side in zip(sides(tokens, values), sides(tokens, weights), strict=True)
        ]
        measured = [found.scores[f"{name}_{column}"][0] for column in ("left", "right", "both")]
        assert measured == naive.overlap(*listed, counts_nothing=name == "words"), name


@given(texts, texts)
def test_compare__counts_the_numbers_and_names_that_only_one_text_holds(left, right):
    found, tokens = measure(left, right)
    hashes, flags = sides(tokens, tokens.hashes), sides(tokens, tokens.flags)
    is_name = {
        h
        for side, marks in zip(hashes, flags, strict=True)
        for h, f in zip(side, marks, strict=True)
        if f & CAPITAL and not f & (NUMBER | SENTENCE_START)
    }
    is_number = {h for s, m in zip(hashes, flags, strict=True) for h, f in zip(s, m, strict=True) if f & NUMBER}
    passages = [tuple(row) for row in found.passages.tolist()]
    own, others, n = naive.written_otherwise(passages, *hashes, *digits(tokens))
    for name, kind, agree in (("numbers", is_number, (own, others, n)), ("names", is_name, ((), (), 0))):
        first, second = (set(side) & kind for side in hashes)
        only = first - set(hashes[1]) - set(agree[0]), second - set(hashes[0]) - set(agree[1])
        expected = [*map(len, only), len(first & second) + agree[2]]
        assert [found.scores[f"{name}_{column}"][0] for column in ("left", "right", "both")] == expected


def facts(tokens, passages):
    """For numbers and for names, marks of both texts: true for the tokens that may clash."""
    hashes, flags = sides(tokens, tokens.hashes), sides(tokens, tokens.flags)
    agree = set().union(*naive.written_otherwise(passages, *hashes, *digits(tokens))[:2])
    return [
        [
            [bool(f & wanted) and not f & without and h not in held for h, f in zip(*side, strict=True)]
            for side in zip(hashes, flags, strict=True)
        ]
        for wanted, without, held in ((NUMBER, 0, agree), (CAPITAL, NUMBER | SENTENCE_START, ()))
    ]


@given(texts, texts)
def test_compare__clashing_numbers_and_names_equal_the_slow_twin(left, right):
    found, tokens = measure(left, right)
    passages = [tuple(row) for row in found.passages.tolist()]
    for name, marks in zip(("numbers", "names"), facts(tokens, passages), strict=True):
        measured = found.scores[f"inner_{name}"][0], found.scores[f"outer_{name}"][0]
        assert measured == naive.clashes(passages, *sides(tokens, tokens.hashes), *marks)


@given(texts, texts)
def test_compare__gaps_with_a_fact_that_clashes_equal_the_slow_twin(left, right):
    found, tokens = measure(left, right)
    passages = [tuple(row) for row in found.passages.tolist()]
    measured = found.scores["filled_gaps"][0], found.scores["disputed_gaps"][0]
    assert measured == naive.disputed(passages, *sides(tokens, tokens.hashes), facts(tokens, passages))


@given(texts, texts)
def test_compare__subjects_equal_the_slow_twin(left, right):
    found, tokens = measure(left, right)
    made = weighed(tokens)
    words = [
        list(zip(*side, strict=True))
        for side in zip(
            sides(tokens, tokens.hashes),
            sides(tokens, made.token_weights),
            sides(tokens, (made.marks & NUMBER) > 0),
            strict=True,
        )
    ]
    for side, (own, other) in (("left", words), ("right", words[::-1])):
        measured = found.scores[f"subjects_{side}"][0], found.scores[f"met_{side}"][0]
        assert measured == naive.subjects(own, other, MOST_SUBJECTS)


@given(texts, texts)
def test_compare__swapped_numbers_equal_the_slow_twin(left, right):
    found, tokens = measure(left, right)
    passages = [tuple(row) for row in found.passages.tolist()]
    twin = naive.swapped(passages, *sides(tokens, tokens.hashes), *digits(tokens), SHORT_GAP)
    assert found.scores["swapped_numbers"][0] == twin


def test_compare__numbers_that_are_written_otherwise_agree():
    form = "the harbor council of Vienna said that {} tonnes of quartz had gone to the harbor by {} on Monday in Vienna"
    for first, last, n_clashing in (("12,500", "12500", 0), ("12,500", "12600", 1), ("1.4", "14", 1)):
        found, _ = measure(form.format(first, "13:45"), form.format(last, "1345"))
        for column in ("inner_numbers", "swapped_numbers", "numbers_right"):
            assert found.scores[column][0] == n_clashing


@given(texts, texts)
def test_compare__unquoted_runs_hold_no_quoted_word(left, right):
    found, tokens = measure(left, right)
    made = weighed(tokens)
    (first, second), (seeds, other_seeds) = sides(tokens, made.marks & QUOTED), sides(tokens, made.seeds)
    longest, weight = 0, 0
    for a, b, c, _ in found.passages.tolist():
        run = 0
        for k in range(b - a):
            run = 0 if first[a + k] or second[c + k] else run + 1
            longest = max(longest, run)
            weight += min(seeds[a + k], other_seeds[c + k]) if run and k < b - a - 1 else 0
    assert [found.scores[name][0] for name in ("longest_unquoted", "unquoted_weight")] == [longest, weight]


def test_compare__one_site_one_page_and_days_between_are_known_by_their_keys():
    tokens, evidence = text.tokenize(text.encode(["quartz"] * 3)), collection.background(EvidenceConfig())
    left, right = (side.astype(np.int64) for side in np.triu_indices(3, 1))
    keys = Keys(
        sites=np.array([7, 7, 0], np.uint64), pages=np.array([1, 2, 2], np.uint64), days=np.array([3, 5, UNKNOWN_DAY])
    )
    found = align.compare(tokens, (left, right), keys, evidence, CONFIG)
    assert found.scores["same_site"].tolist() == [1, 0, 0]
    assert found.scores["same_page"].tolist() == [0, 0, 1]
    assert found.scores["days_apart"].tolist() == [2, 0, 0]


@given(texts, texts)
def test_compare__swapping_the_texts_swaps_the_sides(left, right):
    one, _ = measure(left, right)
    other, _ = measure(right, left)
    assert sorted((c, d, a, b) for a, b, c, d in one.passages.tolist()) == sorted(
        tuple(row) for row in other.passages.tolist()
    )
    for name in kernel.MEASURES:
        mirrored = name.replace("_left", "_X").replace("_right", "_left").replace("_X", "_right")
        assert one.scores[name][0] == other.scores[mirrored][0], name


@given(texts, texts)
def test_compare__passages_hold_the_same_words_and_no_word_twice(left, right):
    found, tokens = measure(left, right)
    hashes = sides(tokens, tokens.hashes)
    seen_left, seen_right = set[int](), set[int]()
    for a, b, c, d in found.passages.tolist():
        assert hashes[0][a:b] == hashes[1][c:d]
        assert not seen_left & set(range(a, b))
        assert not seen_right & set(range(c, d))
        seen_left |= set(range(a, b))
        seen_right |= set(range(c, d))
    assert found.scores["in_passages"][0] == len(seen_left)


@given(st.lists(texts, min_size=2, max_size=5))
def test_compare__does_not_depend_on_what_else_is_compared(written):
    tokens = text.tokenize(text.encode(written))
    left, right = (side.astype(np.int64) for side in np.triu_indices(len(written), 1))
    evidence = collection.background(EvidenceConfig())
    together = align.compare(tokens, (left, right), nowhere(len(written)), evidence, CONFIG)
    for k in range(len(left)):
        alone, _ = measure(written[left[k]], written[right[k]])
        assert {name: column[0] for name, column in alone.scores.items()} == {
            name: column[k] for name, column in together.scores.items()
        }
        part = together.passages[together.offsets[k] : together.offsets[k + 1]]
        assert part.tolist() == alone.passages.tolist()


@pytest.mark.parametrize("n_words", [8, 12])
def test_compare__a_pair_with_many_runs_does_not_depend_on_longer_texts_beside_it(n_words):
    rng = random.Random(n_words)
    words = [f"quartz{k}" for k in range(n_words)]
    written = [" ".join(rng.choices(words, k=n)) for n in (900, 1100, 9000)]
    tokens, evidence = text.tokenize(text.encode(written)), collection.background(EvidenceConfig())
    pair = np.array([0], np.int64), np.array([1], np.int64)
    beside = align.compare(tokens, pair, nowhere(3), evidence, CONFIG)
    alone, _ = measure(*written[:2])
    assert alone.scores["n_passages"][0] > 50
    assert beside.passages.tolist() == alone.passages.tolist()
    assert {name: column[0] for name, column in alone.scores.items()} == {
        name: column[0] for name, column in beside.scores.items()
    }


@pytest.mark.parametrize("unit", ["so it goes ", "quartz harbor ", "漢字", "quartz the quartz the harbor "])
def test_compare__two_copies_of_a_repetitive_text_align_from_end_to_end(unit):
    written = unit * 400
    found, tokens = measure(written, written)
    if weighed(tokens).seeds.max() >= CONFIG.seed_weight * UNITS:
        assert found.scores["in_passages"][0] >= 0.9 * len(tokens.hashes) / 2


def test_compare__work_grows_no_faster_than_the_text():
    rng = random.Random(5)
    words = [f"w{rng.randrange(5000)}" for _ in range(some(200_000))]
    found, _ = measure(" ".join(words), " ".join(words[len(words) // 4 :] + words[: len(words) // 4]))
    assert found.scores["n_passages"][0] == 2
    assert found.scores["in_passages"][0] == some(200_000)


def test_compare__no_pairs_and_no_tokens():
    tokens = text.tokenize(text.encode(["", "!!!"]))
    evidence, none = collection.background(EvidenceConfig()), np.empty(0, np.int64)
    assert len(align.compare(tokens, (none, none), nowhere(2), evidence, CONFIG)) == 0
    found, _ = measure("", "!!!")
    assert found.scores["n_passages"][0] == 0


@given(st.lists(st.integers(0, 2**64 - 1), unique=True, max_size=80), st.integers(0, 99))
def test_slots__a_value_is_likely_where_it_was_put_and_seldom_elsewhere(values, seed):
    held, others = np.array(values, np.uint64), np.random.default_rng(seed).integers(0, 2**63, 1000).astype(np.uint64)
    bloom, likely = np.zeros(slots.n_slots(len(values)) // slots.SLOTS_A_WORD, np.uint64), np.empty(1001, np.int32)
    slots.mark_all(held, bloom)
    assert slots.list_likely(held, bloom, likely) == len(values)
    assert likely[: len(values)].tolist() == [*range(len(values))]
    assert slots.list_likely(others, bloom, likely) < 250
