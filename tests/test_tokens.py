import unicodedata
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.config import PassageConfig, SketchConfig
from dedup.kernels import compile, machine, unicode
from dedup.kernels import text as kernel
from dedup.kernels.tokens import note_edges, places_by_loop
from dedup.stages import sketch, text
from tests import naive, some

UP = str.maketrans("0123456789", "123456789a")
FLAGS = ("NUMBER", "CAPITAL", "QUOTED", "CHARACTER_TOKEN", "SENTENCE_START")

words = [
    "The", "naïve", "CAFÉ", "3.14", "don't", "ﬁn", "straße", "İstanbul", "Ǆ", "x²", "½", "Ⅷ", "Москва", "ёлка", "Йод",
    "їжак", "Ђак", "ѝ", "Ελλάδα", "ᾳδης", "ΣΊΣΥΦΟΣ", "العَرَبِيَّة", "كتاب", "کتابی", "ہوں", "على", "ﷺ", "٣٤", "עִברִית",
    "中文", "漢字かな", "が", "ｶﾞ", "ไทยน้ำ", "한국어", "हिन्दी", "क़", "தமிழ்", "ො", "ೂಾಕೂ", "🙂", "👩‍👩‍👧",
    "e\u0301\u0323", "\u0301", "\u200d", "\u00ad", "\ud800", "\udfff", "ꙋ", "𐐀", "𝒜", "１２", "2026" * 4, "12x0", "ſ",
    "K", "µ", "a" * 17, "b" * 32, "я" * 9,
]  # fmt: skip
signs = [
    *" \t\n\r.!?:,-_\"'", "\n\n", "“", "”", "„", "‘", "’", "«", "»", "「", "」", "。", "…", "—", "؟", "।", "\0", "\x7f",
    " " * 70,
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(words), st.sampled_from(signs), st.characters()), max_size=40).map("".join)


def bits_of(places):
    return sum(1 << place for place in places)


@cache
def places_with(step):
    @compile.kernel
    def run(bits, first, out):
        return step(bits, first, out)

    return run


def fast(content):
    tokens = text.tokenize(text.encode([content]))
    flags = [{name for name in FLAGS if flag & getattr(kernel, name)} for flag in tokens.flags]
    return list(zip(tokens.hashes.tolist(), tokens.starts.tolist(), tokens.ends.tolist(), flags, strict=True))


@settings(max_examples=some(500))
@given(texts)
def test_tokenize__as_the_plain_tokenizer(content):
    assert fast(content) == naive.tokens(content)


@settings(max_examples=some(500))
@given(texts)
def test_tokenize__digits_of_numbers_as_they_fold(content):
    tokens = text.tokenize(text.encode([content]))
    for start, end, flag, value in zip(tokens.starts, tokens.ends, tokens.flags, tokens.digits.tolist(), strict=True):
        digits = naive.digits(content[start:end])
        expected = 0 if len(digits) > kernel.MOST_DIGITS else int(digits.translate(UP) or "0", 11)
        assert value == expected or not flag & kernel.NUMBER


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


def test_steps__of_every_character_as_the_plain_folds():
    flags = {"separator": 0, "word": unicode.STARTS, "character": unicode.ALONE}
    for code, step in enumerate(unicode.tables().steps.tolist()):
        kind = naive.kind(chr(code))
        written = {"separator": b"\0", "ignored": b""}.get(kind, naive.folded(chr(code)))
        if kind == "character":
            written = b"\0" + written
        if len(written) < 8:
            expected = bytes([flags.get(kind, unicode.GOES_ON) | len(written)]) + written.ljust(7, b"\0")
            assert step.to_bytes(8, "little") == expected, hex(code)
            assert len(written) <= 3 * len(chr(code).encode("utf-8", "surrogatepass"))
        else:
            assert step == 0


def same_tokens(*contents):
    """Whether the loop that knows no spans finds the tokens that the one with spans does, of each text's bytes."""
    offsets = np.cumsum([0, *map(len, contents)]).astype(np.int64)
    encoded = text.Texts(values=np.frombuffer(b"".join(contents), np.uint8), offsets=offsets)
    tokens, config = text.tokenize(encoded), SketchConfig(shingle_size=1, scheme="affine32")
    sketches = sketch.build(encoded, config, PassageConfig())
    constants = [c[:128] for c in sketch.minhash.permutations(128, 1)]
    parts = [tokens.hashes[first:last].tolist() for first, last in pairwise(tokens.offsets)]
    expected = [naive.affine32(naive.shingles(part, 1), *constants) for part in parts]
    return sketches.n_tokens.tolist() == [len(part) for part in parts] and sketches.signatures.tolist() == expected


scripts = st.sampled_from([
    "Москва", "ёлка", "Ђ", "ѓ", "й", "Ελλάδα", "ς", "كتاب", "أ", "ﷲ", "ַש", "한국어", "हिन्दी", "ಕೂಕ", "ไทยน้ำ", "中",
    "漢字", "が", "ｶﾞ", "。",
])  # fmt: skip
others = st.sampled_from([*" .a«é", " ", "Z9", "\u0301", "\u200d", "\u3099", "🙂", "𠀀", "\ud800", "\0"])


@settings(max_examples=some(250))
@given(st.lists(st.one_of(scripts, scripts, others), min_size=20, max_size=90).map("".join))
def test_sketch__blocks_of_any_mixture_of_scripts(content):
    assert same_tokens(content.encode("utf-8", "surrogatepass"))


@settings(max_examples=some(250))
@given(
    st.lists(st.one_of(scripts, others, st.integers(0, 255)), min_size=20, max_size=90), st.lists(st.integers(0, 400))
)
def test_sketch__blocks_with_stray_bytes_and_cut_anywhere(parts, cuts):
    whole = b"".join(bytes([p]) if isinstance(p, int) else p.encode("utf-8", "surrogatepass") for p in parts)
    bounds = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    assert same_tokens(*(whole[first:last] for first, last in pairwise(bounds)))


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_sketch__any_bytes_at_all_agree_with_the_tokenizer(parts):
    assert same_tokens(*parts)


@pytest.mark.parametrize("step", [places_by_loop, note_edges], ids=["loop", "chosen"])
@given(bits=st.one_of(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63)).map(bits_of)))
def test_places__of_all_bits_that_are_set(step, bits):
    out = np.zeros(128, np.uint64)
    begin = np.uint64(out.ctypes.data)
    end = places_with(step)(np.uint64(bits), np.uint64(1 << 40), begin)
    n = int(end - begin) // 8
    assert out[:n].tolist() == [(1 << 40) + place for place in range(64) if bits >> place & 1]


def test_has__what_the_compiler_was_told(monkeypatch):
    monkeypatch.setattr(compile.config, "CPU_FEATURES", "+avx2,-avx512vbmi2")
    assert machine.has("avx2")
    assert not machine.has("avx512vbmi2")


def test_tokenize__letters_that_are_typed_for_one_another_are_one():
    for one, other in (("كتابي", "کتابی"), ("على", "علي"), ("ہوں", "هوں")):
        assert [t[0] for t in fast(one)] == [t[0] for t in fast(other)]
