import datasketch
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.hashing import memory
from dedup.config import PassageConfig, SketchConfig
from dedup.errors import ConfigError
from dedup.kernels import minhash, similarity_sketch
from dedup.kernels.vectors import LANES, padded
from dedup.stages import sketch, text
from tests import naive, some

hash_lists = st.lists(st.integers(0, 2**64 - 1), max_size=150)
fields = ("signatures", "n_tokens", "text_hashes", "token_hashes", "fingerprints", "fingerprint_offsets")


def signed(token_hashes, config):
    """Signatures of texts given by their token hashes."""
    offsets = np.cumsum([0, *map(len, token_hashes)])
    hashes = np.zeros(offsets[-1] + 2 * LANES, np.uint64)
    hashes[: offsets[-1]] = [h for hashes in token_hashes for h in hashes]
    out = np.zeros((len(token_hashes), config.n_hashes), np.uint32)
    room = padded(max(map(len, token_hashes), default=0)) + LANES
    shingles, thrown = np.zeros(room, np.uint32), np.zeros(room, np.uint64)
    row, bins = np.zeros(padded(config.n_hashes), np.uint32), np.zeros(config.n_hashes, np.uint64)
    if config.scheme == "affine32":
        constants = minhash.permutations(config.n_hashes, config.seed)
        minhash.affine32(hashes, offsets, config.shingle_size, *constants, shingles, row, out)
    else:
        throws = similarity_sketch.throws(config.n_hashes, config.seed)
        similarity_sketch.fss32(hashes, offsets, config.shingle_size, *throws, shingles, thrown, bins, out)
    return out


def test_affine32__bit_for_bit_as_datasketch_on_ten_thousand_sets():
    draw = np.random.default_rng(0)
    sets = [draw.integers(0, 2**32, n).tolist() for n in draw.integers(0, 60, some(10_000))]
    out = signed(sets, SketchConfig(shingle_size=1, scheme="affine32"))
    empty = datasketch.MinHash(128, seed=1, hashfunc=int, scheme="affine32")
    for row, values in zip(out, sets, strict=True):
        expected = empty.copy()
        expected.update_batch(values)
        assert np.array_equal(row, expected.hashvalues)


@given(hash_lists, st.integers(1, 16), st.sampled_from([16, 60, 64, 128, 200, 512]), st.integers(0, 2**32 - 1))
def test_affine32__as_the_plain_loop(hashes, shingle_size, n_hashes, seed):
    out = signed([hashes], SketchConfig(shingle_size=shingle_size, n_hashes=n_hashes, seed=seed, scheme="affine32"))
    constants = (c[:n_hashes] for c in minhash.permutations(n_hashes, seed))
    assert out[0].tolist() == naive.affine32(naive.shingles(hashes, shingle_size), *constants)


@given(hash_lists, st.integers(1, 16), st.sampled_from([16, 60, 64, 128]), st.integers(0, 2**32 - 1))
def test_fss32__as_the_plain_loop(hashes, shingle_size, n_hashes, seed):
    config = SketchConfig(shingle_size=shingle_size, n_hashes=n_hashes, seed=seed, scheme="fss32")
    constants = similarity_sketch.throws(n_hashes, seed)
    expected = naive.fss32(naive.shingles(hashes, shingle_size), *constants)
    assert signed([hashes], config)[0].tolist() == expected


@pytest.mark.parametrize("scheme", ["affine32", "fss32"])
def test_build__the_same_for_any_number_of_threads_and_neighbors(scheme, monkeypatch):
    monkeypatch.setattr(sketch, "CHUNK_BYTES", 1000)
    draw = np.random.default_rng(1)
    texts = [
        " ".join(draw.choice(["ab", "cd", "éf", "中", "Жук", "“x”"], n)) for n in draw.integers(0, 20 * some(15), 60)
    ]
    config, passages = SketchConfig(scheme=scheme), PassageConfig()
    one = sketch.build(text.encode(texts), config, passages, n_threads=1)
    four = sketch.build(text.encode(texts), config, passages, n_threads=4)
    for name in fields:
        assert np.array_equal(getattr(one, name), getattr(four, name))
    for i in (0, 37, 59):
        alone = sketch.build(text.encode([texts[i]]), config, passages)
        assert np.array_equal(alone.signatures[0], one.signatures[i])
        assert np.array_equal(alone.token_hashes[0], one.token_hashes[i])


def test_build__a_short_text_matches_only_its_like():
    sketches = sketch.build(text.encode(["Two words", "two WORDS!", "two", ""]), SketchConfig(), PassageConfig())
    agreement = np.empty(3)
    minhash.agreement(sketches.signatures, np.array([0, 0, 0]), np.array([1, 2, 3]), agreement)
    assert agreement.tolist() == [1.0, 0.0, 0.0]
    assert np.array_equal(sketches.token_hashes[0], sketches.token_hashes[1])
    assert not np.array_equal(sketches.text_hashes[0], sketches.text_hashes[1])


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c"]), max_size=7), min_size=2, max_size=20))
def test_token_hashes__equal_for_equal_tokens_and_only_them(contents):
    sketches = sketch.build(text.encode([" ".join(c) for c in contents]), SketchConfig(), PassageConfig())
    seen = {}
    for content, row in zip(contents, sketches.token_hashes, strict=True):
        assert seen.setdefault(tuple(content), row.tolist()) == row.tolist()
    assert len({tuple(v) for v in seen.values()}) == len(seen)


def test_build__of_nothing():
    sketches = sketch.build(text.encode([]), SketchConfig(), PassageConfig())
    assert len(sketches) == 0
    assert sketches.fingerprint_offsets.tolist() == [0]


def test_memory__held_by_sketches_as_stated():
    contents = [document.text for document in memory.documents(200)]
    sketches = sketch.build(text.encode(contents), SketchConfig(), PassageConfig())
    held = sum(getattr(sketches, name).nbytes for name in fields) / len(contents)
    stated = memory.stated(SketchConfig().n_hashes, len(sketches.fingerprints) / len(contents), 0)["sketches"]
    assert abs(stated - held - memory.N_FINGERPRINTS) < 0.1


@pytest.mark.parametrize("seed", [-1, 1 << 32])
def test_sketch_config__a_seed_is_one_of_32_bits(seed):
    with pytest.raises(ConfigError, match="seed must be"):
        SketchConfig(seed=seed)
