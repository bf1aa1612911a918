from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.arrays import offsets
from dedup.config import PassageConfig
from dedup.errors import ConfigError
from dedup.kernels.fingerprints import COMMON_BITS, fingerprint_all
from dedup.kernels.passages import sort_lists
from dedup.records import Candidates
from dedup.sketched import Sketches
from dedup.stages import passages, sketch, text
from tests import naive

hashes = st.integers(0, 2**64 - 1)
texts_of_few_fingerprints = st.lists(st.frozensets(st.integers(0, 25), max_size=8), min_size=1, max_size=14)


def kept(token_hashes, shingle_size, window, n_least=1):
    return kept_of_all([token_hashes], shingle_size, window, n_least)[0]


def kept_of_all(texts, shingle_size, window, n_least, common=(), n_per_word=0):
    """Fingerprints of each text, given by its token hashes."""
    offsets, ends = np.cumsum([0, *map(len, texts)]), np.zeros(len(texts) + 1, np.int64)
    out, tokens = np.empty(2 * offsets[-1], np.uint64), np.array([h for text in texts for h in text], np.uint64)
    bits = np.zeros(1 << COMMON_BITS, np.uint8)
    bits[np.array(common, np.uint64) >> np.uint64(64 - COMMON_BITS)] = 1
    table = np.packbits(bits, bitorder="little")
    fingerprint_all(tokens, offsets, shingle_size, window, n_least, table, n_per_word, out, ends)
    return [out[a:b].tolist() for a, b in pairwise(ends)]


def sketches(texts, signatures=None):
    """Sketches of texts given by their fingerprints, in the order of their content."""
    rows = np.arange(len(texts), dtype=np.uint64)
    contents = np.stack([rows, rows], axis=1)
    offsets = np.cumsum([0, *map(len, texts)])
    return Sketches(
        scheme="affine32", signatures=np.zeros((len(texts), 1), np.uint32) if signatures is None else signatures,
        n_tokens=np.ones(len(texts), np.int32), text_hashes=contents, token_hashes=contents,
        fingerprints=np.array([f for text in texts for f in sorted(text)], np.uint64), fingerprint_offsets=offsets,
    )  # fmt: skip


def propose(sketched, *settings, **more):
    """What the stage proposes of sketches, whose fingerprints are dealt out before."""
    return passages.propose(sketched, sketch.deal([sketched]), *settings, **more)


def pairs(found):
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True))


def everything(**settings):
    """A configuration that lets every pair pass that shares anything, but for `settings`."""
    return PassageConfig(**{"floor": 0, "floor_growth": 0, "least_floor": 0, **settings})


def spread(texts):
    """Fingerprints over the whole of their range instead of small numbers."""
    return [{f * 0x9E3779B97F4A7C15 % 2**64 for f in text} for text in texts]


@given(st.lists(hashes, max_size=120), st.integers(1, 5), st.integers(1, 9), st.sampled_from([1, 8, 64]))
def test_fingerprint__the_least_of_every_window(token_hashes, shingle_size, window, n_least):
    expected = naive.fingerprints(token_hashes, shingle_size, window, n_least)
    assert kept(token_hashes, shingle_size, window, n_least) == expected


@given(st.lists(st.sampled_from([3, 5]), max_size=60), st.integers(1, 3), st.integers(1, 9))
def test_fingerprint__right_where_shingles_repeat(token_hashes, shingle_size, window):
    assert kept(token_hashes, shingle_size, window) == naive.fingerprints(token_hashes, shingle_size, window, 1)


@given(st.lists(st.integers(0, 60), max_size=300), st.integers(1, 4), st.integers(1, 9), st.integers(0, 12))
def test_fingerprint__rare_words_among_shingles(words, shingle_size, window, n_per_word):
    tokens = [word * 0x9E3779B97F4A7C15 % 2**64 for word in words]
    common = sorted({token for word, token in zip(words, tokens, strict=True) if word % 3 == 0})
    found = kept_of_all([tokens, tokens[::-1]], shingle_size, window, 16, common, n_per_word)
    expected = [naive.with_words(own, shingle_size, window, 16, n_per_word, common) for own in (tokens, tokens[::-1])]
    assert found == expected


def test_fingerprint__keeps_many_words_of_a_long_text_but_not_all():
    tokens = np.random.default_rng(1).integers(0, 2**63, 5000).tolist()
    alone, found = kept(tokens, 3, 8, 128), kept_of_all([tokens], 3, 8, 128, (), 4)[0]
    assert len(found) == len(alone) + 64
    assert found == naive.with_words(tokens, 3, 8, 128, 4, ())


def test_common_words__of_many_languages_and_small_numbers():
    known = sketch.common_words()

    def are_common(words):
        hashes = text.tokenize(text.encode([words])).hashes
        slots = (hashes >> np.uint64(64 - COMMON_BITS)).astype(np.int64)
        return (known[slots >> 3] >> (slots & 7) & 1).tolist()

    assert are_common("the house with water 12 07 2026 nicht und с для 的 在 que pour") == [1] * 15
    assert sum(are_common(" ".join(f"qvzx{n}krt" for n in range(1000)))) < 60


@given(st.data(), st.integers(1, 5), st.integers(1, 9), st.sampled_from([1, 16, 128]))
def test_fingerprint__a_shared_run_is_a_shared_fingerprint(data, shingle_size, window, n_least):
    n_run = shingle_size + window - 1
    run = data.draw(st.lists(hashes, min_size=n_run, max_size=n_run))
    ends = st.lists(hashes, max_size=150)
    left = data.draw(ends) + run + data.draw(ends)
    right = data.draw(ends) + run + data.draw(ends)
    shared = {*kept(left, shingle_size, window, n_least)} & {*kept(right, shingle_size, window, n_least)}
    assert shared


def test_fingerprint__short_texts_keep_all_and_long_ones_a_share():
    draw = np.random.default_rng(0)
    tokens = draw.integers(0, 2**63, 5000).tolist()
    assert len(kept(tokens[:100], 3, 8, 128)) == 98
    assert len(kept(tokens, 3, 8, 128)) == pytest.approx(5000 * 2 / 9, rel=0.1)


@given(st.lists(st.lists(hashes, max_size=30), max_size=6))
def test_fingerprint_all__text_by_text(texts):
    assert kept_of_all(texts, 3, 4, 1) == [kept(text, 3, 4) for text in texts]


@pytest.mark.parametrize(("n_tokens", "window"), [(900, 1), (2000, 1), (2000, 6), (9000, 8)])
def test_fingerprint__right_for_long_texts(n_tokens, window):
    tokens = np.random.default_rng(n_tokens).integers(0, 2**63, n_tokens).tolist()
    assert kept(tokens, 3, window) == naive.fingerprints(tokens, 3, window, 1)


@given(st.lists(st.integers(0, 120), max_size=5), st.integers(120, 9000), st.integers(0, 99))
@example([33, 5, 120, 40], 150_000, 0)
def test_sort_lists__rows_are_in_their_order(sizes, n_rows, seed):
    rng = np.random.default_rng(seed)
    lists = [rng.choice(n_rows, size, replace=False).astype(np.uint32) for size in sizes]
    members, starts = np.concatenate([np.empty(0, np.uint32), *lists]), offsets(np.array(sizes, np.int64))
    sort_lists(members, starts, n_rows)
    assert [members[a:b].tolist() for a, b in pairwise(starts)] == [sorted(one.tolist()) for one in lists]


@given(texts_of_few_fingerprints, st.integers(1, 5), st.integers(0, 9))
def test_deal__by_value_in_blocks_of_texts(texts, most, n_first):
    texts = spread(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketch, "MOST_IN_BLOCK", most)
        dealt = sketch.deal([sketches(part) for part in (texts[:n_first], texts[n_first:]) if part])
    assert dealt.counts.tolist() == [len(text) for text in texts]
    firsts = offsets(dealt.sizes)
    ends = offsets(dealt.counts)[firsts]
    upper = np.concatenate([np.empty(0, np.int64), *(np.repeat(np.arange(len(own)), own) for own in dealt.bins)])
    both = zip(upper.tolist(), dealt.values.tolist(), strict=True)
    held = [(bin_ << 51 | value >> 13, value % 2**13) for bin_, value in both]
    assert [held[a:b] for a, b in pairwise(ends)] == [naive.dealt(texts[a:b]) for a, b in pairwise(firsts)]
    assert all(0 < size <= most for size in dealt.sizes)


@given(texts_of_few_fingerprints, st.integers(2, 6), st.sampled_from([0.3, 0.5, 0.8]))
def test_propose__the_pairs_whose_shared_fingerprints_weigh_enough(texts, most, floor):
    texts = spread(texts)
    found = propose(sketches(texts), everything(max_frequency=most, floor=floor))
    scores = naive.shared_scores(texts, range(len(texts)), most)
    assert {*pairs(found)} >= {pair for pair, score in scores.items() if score > floor + 1e-5}
    assert {*pairs(found)} <= {pair for pair, score in scores.items() if score > floor - 1e-5}


@given(texts_of_few_fingerprints, st.integers(0, 99))
def test_propose__same_pairs_in_any_order(texts, seed):
    base = sketches(spread(texts))
    order = np.random.default_rng(seed).permutation(len(texts))
    moved = sketches([spread(texts)[row] for row in order])
    moved.token_hashes[:] = base.token_hashes[order]
    config = everything(max_frequency=4, n_most=2)
    found = [tuple(sorted((int(order[a]), int(order[b])))) for a, b in pairs(propose(moved, config))]
    assert sorted(found) == pairs(propose(base, config))


@given(texts_of_few_fingerprints)
def test_propose__same_pairs_in_one_slice_and_in_many(texts):
    whole = propose(sketches(spread(texts)), everything())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketch, "MOST_IN_BLOCK", 2)
        patch.setattr(passages, "LARGEST_SLICE", 2)
        patch.setattr(passages, "MOST_GATHERED", 2)
        for name in ("BLOCKS_AT_ONCE", "LISTS_AT_ONCE", "SAMPLED_AT_ONCE", "MOST_MEMBERS"):
            patch.setattr(passages, name, 1)
        patch.setattr(passages, "ROOM", 1)
        assert pairs(propose(sketches(spread(texts)), everything())) == pairs(whole)


def test_propose__what_is_common_is_cut_and_counted():
    found = propose(sketches([{1}] * 5), everything(max_frequency=4))
    assert len(found) == 0
    assert [(cut.bound, cut.n_times, cut.n_left_out) for cut in found.cuts] == [("passages.max_frequency", 1, 10)]


def test_propose__what_most_pages_of_a_site_share_is_the_sites():
    texts = [{1, 10}, {1, 11}, {1, 12}, {1, 12}, {2, 20}, {2, 21}]
    sites, floors = np.array([7, 7, 7, 7, 0, 0], np.uint64), np.array([4, 4, 4, 4, 0, 0], np.int32)

    def found(pages):
        furniture = passages.Furniture(sites, np.array(pages, np.uint64), floors)
        return propose(sketches(texts), everything(), furniture=furniture)

    assert pairs(found([0] * 6)) == [(2, 3), (4, 5)]
    assert [(cut.bound, cut.n_times, cut.n_left_out) for cut in found([0] * 6).cuts] == [
        ("evidence.furniture_share", 1, 6)
    ]
    assert (0, 1) in pairs(found([3, 3, 4, 4, 0, 0])), "versions of two pages are not four pages"


def test_propose__a_rewrite_reaches_a_story_copied_a_hundred_times():
    copies, rewrite = [{1, 2, 3}] * 100, {1, 2, 3, 4}
    signatures = np.zeros((101, 8), np.uint32)
    signatures[100] = 1
    rows = np.arange(100)
    near = Candidates(left=rows[:-1], right=rows[1:])
    story = sketches([*copies, rewrite], signatures)
    assert pairs(propose(story, everything(max_frequency=10), near)) == [(0, 100)]
    assert pairs(propose(story, everything(max_frequency=10))) == []


def test_propose__no_text_draws_in_more_than_its_best():
    hub = set(range(100))
    spokes = [{f} for f in range(100)]
    two_better = [{0, 1, 2, 3, 200}, {4, 5, 6, 7, 201}]
    config = everything(n_most=2)
    found = propose(sketches([hub, *two_better]), config)
    assert pairs(found) == [(0, 1), (0, 2)]
    # A text whose own best is the hub keeps it, so every spoke does.
    assert len(propose(sketches([hub, *spokes]), config)) == 100


def test_propose__nothing_of_nothing():
    assert len(propose(sketches([]), PassageConfig())) == 0
    assert len(propose(sketches([set(), set()]), PassageConfig())) == 0


@pytest.mark.parametrize(
    "setting", [{"shingle_size": 0}, {"window": 0}, {"n_least": 0}, {"max_frequency": 1}, {"floor": -1}, {"n_most": 0}]
)
def test_passage_config__says_which_setting_cannot_be(setting):
    (name,) = setting
    with pytest.raises(ConfigError, match=name):
        PassageConfig(**setting)
