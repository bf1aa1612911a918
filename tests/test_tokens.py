import unicodedata

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.config import PassageConfig, SketchConfig
from dedup.data import make_unicode
from dedup.kernels import text as kernel
from dedup.stages import sketch, text
from tests import naive, some

FLAGS = ("NUMBER", "CAPITAL", "QUOTED", "CHARACTER_TOKEN", "SENTENCE_START")

words = [
    "The", "naïve", "CAFÉ", "3.14", "don't", "ﬁn", "straße", "İstanbul", "Ǆ", "x²", "½", "Ⅷ", "Москва", "ёлка", "Йод",
    "їжак", "Ђак", "ѝ", "Ελλάδα", "ᾳδης", "ΣΊΣΥΦΟΣ", "العَرَبِيَّة", "كتاب", "ﷺ", "٣٤", "עִברִית", "中文", "漢字かな", "が",
    "ｶﾞ", "ไทยน้ำ", "한국어", "हिन्दी", "क़", "தமிழ்", "ො", "🙂", "👩‍👩‍👧", "e\u0301\u0323", "\u0301", "\u200d",
    "\u00ad", "\ud800", "\udfff", "ꙋ", "𐐀", "𝒜", "１２", "ſ", "K", "µ", "a" * 17, "b" * 32, "я" * 9,
]  # fmt: skip
signs = [
    *" \t\n\r.!?:,-_\"'", "\n\n", "“", "”", "„", "‘", "’", "«", "»", "「", "」", "。", "…", "—", "؟", "।", "\0", "\x7f",
    " " * 70,
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(words), st.sampled_from(signs), st.characters()), max_size=40).map("".join)


def fast(content):
    tokens = text.tokenize(text.encode([content]))
    flags = [{name for name in FLAGS if flag & getattr(kernel, name)} for flag in tokens.flags]
    return list(zip(tokens.hashes.tolist(), tokens.starts.tolist(), tokens.ends.tolist(), flags, strict=True))


@settings(max_examples=some(500))
@given(texts)
def test_tokenize__as_the_plain_tokenizer(content):
    assert fast(content) == naive.tokens(content)


@settings(max_examples=some(500))
@given(st.lists(texts, max_size=4))
def test_sketch__tokens_as_the_tokenizer_with_spans(contents):
    encoded = text.encode(contents)
    tokens = text.tokenize(encoded)
    sketches = sketch.build(encoded, SketchConfig(shingle_size=2, scheme="affine32"), PassageConfig())
    assert sketches.n_tokens.tolist() == np.diff(tokens.offsets).tolist()
    for i in range(len(contents)):
        hashes = tokens.hashes[tokens.offsets[i] : tokens.offsets[i + 1]].tolist()
        multipliers, summands = sketch.minhash.permutations(128, 1)
        expected = naive.affine32(naive.shingles(hashes, 2), multipliers, summands)
        assert sketches.signatures[i].tolist() == expected


@given(texts, st.integers(1, 9))
def test_sketch__character_shingles_as_the_plain_ones(content, shingle_size):
    config = SketchConfig(shingle_size=shingle_size, shingle_unit="character", scheme="affine32")
    sketches = sketch.build(text.encode([content]), config, PassageConfig())
    hashes = [naive.token_hash(part) for part in naive.characters(content)]
    constants = (c[:128] for c in sketch.minhash.permutations(128, 1))
    assert sketches.signatures[0].tolist() == naive.affine32(naive.shingles(hashes, shingle_size), *constants)


@given(texts)
def test_tokenize__composed_and_decomposed_text_alike(content):
    composed = [t[0] for t in fast(unicodedata.normalize("NFC", content))]
    assert composed == [t[0] for t in fast(unicodedata.normalize("NFD", content))]


def test_folds__of_every_character():
    for code in range(0x110000):
        character = chr(code)
        kind = naive.kind(character)
        assert make_unicode.KINDS[make_unicode.kind_of(code) & 7] == kind
        if kind in ("word", "character", "mark"):
            assert make_unicode.fold_of(code) == naive.folded(character), hex(code)


def test_tables__are_those_of_the_script():
    built, stored = make_unicode.build(), sketch.tables()
    for name in ("block", "kinds", "folds"):
        assert np.array_equal(built[name], getattr(stored, name))


@given(
    st.lists(
        st.sampled_from(["Москва", "ёлка", " ", ".", "Ђ", "ѓ", "й", "«", "中", "\u0301", "é", "a"]),
        min_size=20,
        max_size=90,
    )
)
def test_sketch__cyrillic_blocks_of_any_mixture(parts):
    content = "".join(parts)
    tokens = text.tokenize(text.encode([content]))
    sketches = sketch.build(text.encode([content]), SketchConfig(shingle_size=1, scheme="affine32"), PassageConfig())
    multipliers, summands = sketch.minhash.permutations(128, 1)
    assert sketches.signatures[0].tolist() == naive.affine32(
        naive.shingles(tokens.hashes.tolist(), 1), multipliers, summands
    )


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_sketch__any_bytes_at_all_agree_with_the_tokenizer(parts):
    offsets = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    encoded = text.Texts(values=np.frombuffer(b"".join(parts), np.uint8), offsets=offsets)
    tokens = text.tokenize(encoded)
    sketches = sketch.build(encoded, SketchConfig(), PassageConfig())
    assert sketches.n_tokens.tolist() == np.diff(tokens.offsets).tolist()
