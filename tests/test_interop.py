import hashlib

import datasketch
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import CandidateConfig, PassageConfig, SketchConfig
from dedup.errors import ConfigError
from dedup.interop import datasketch as ours
from dedup.interop import sketches as exchange
from dedup.kernels.sha1 import BEHIND, ROOM_BYTES, sha1_all
from dedup.stages import candidates, sketch, text

TEXTS = [
    "the quick brown fox jumps over the lazy dog",
    "The quick brown fox jumps over the lazy cat",
    "other words",
    "",
]
CONFIG = SketchConfig(scheme="affine32", seed=7, n_hashes=96, shingle_size=2)
items = st.lists(st.lists(st.binary(max_size=130), max_size=20), max_size=6)


def built():
    return sketch.build(text.encode(TEXTS), CONFIG, PassageConfig())


@given(st.lists(st.binary(max_size=300) | st.binary(max_size=66), max_size=60))
def test_sha1__as_the_standard_library(messages):
    offsets, out = np.cumsum([0, *map(len, messages)]), np.empty(len(messages), np.uint64)
    data = np.frombuffer(b"".join(messages) + BEHIND, np.uint8)
    sha1_all(data, offsets, np.empty(ROOM_BYTES, np.uint8), out)
    assert out.tolist() == [int.from_bytes(hashlib.sha1(m).digest()[:4], "little") for m in messages]  # noqa: S324


@given(items, st.sampled_from([{}, {"num_perm": 33, "seed": 5}, {"scheme": "legacy"}, {"scheme": "affine64"}]))
def test_drop_in__same_numbers(sets, options):
    expected = datasketch.MinHash.bulk(sets, **options)
    assert [m.digest().tolist() for m in ours.MinHash.bulk(sets, **options)] == [m.digest().tolist() for m in expected]
    one, other = ours.MinHash(**options), datasketch.MinHash(**options)
    for values in sets:
        one.update_batch(values)
        other.update_batch(values)
        one.update(b"x")
        other.update(b"x")
    assert one.digest().tolist() == other.digest().tolist()
    assert one.jaccard(other) == 1.0


def test_drop_in__other_hash_functions_and_their_faults():
    assert np.array_equal(
        ours.MinHash.bulk([[1, 2], [3]], hashfunc=int)[0].digest(),
        datasketch.MinHash.bulk([[1, 2]], hashfunc=int)[0].digest(),
    )
    for module in (ours, datasketch):
        with pytest.raises(ValueError, match="out of range"):
            module.MinHash(hashfunc=int).update_batch([2**40])


def test_drop_in__the_rest_is_datasketchs():
    assert set(ours.__all__) == set(datasketch.__all__)
    assert ours.MinHashLSH is datasketch.MinHashLSH
    index = ours.MinHashLSH(threshold=0.5)
    made = ours.MinHash.bulk([[b"a", b"b"]])[0]
    index.insert("first", made)
    assert index.query(made) == ["first"]
    assert isinstance(made.copy(), ours.MinHash)


def test_to_datasketch__there_and_back():
    sketches = built()
    for made in (exchange.to_datasketch(sketches, CONFIG), exchange.to_lean(sketches, CONFIG)):
        assert np.array_equal(exchange.from_datasketch(made).signatures, sketches.signatures)
    minhash = exchange.to_datasketch(sketches, CONFIG)[0]
    assert minhash == datasketch.MinHash(seed=7, hashvalues=sketches.signatures[0], scheme="affine32", num_perm=96)
    minhash.update(b"one more")


def test_to_lsh__finds_and_gives_back():
    sketches = built()
    index = exchange.to_lsh(sketches, CONFIG, "abcd", n_bands=32, n_rows=3)
    assert set(index.query(exchange.to_lean(sketches, CONFIG)[0])) >= {"a", "b"}
    ids, again = exchange.from_lsh(index)
    assert ids == list("abcd")
    assert np.array_equal(again.signatures, sketches.signatures)
    pairs = candidates.propose(again, CandidateConfig(n_bands=32, n_rows=3))
    assert (0, 1) in set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def test_exchange__schemes_never_mix():
    other = sketch.build(text.encode(TEXTS), SketchConfig(), PassageConfig())
    with pytest.raises(ConfigError, match="scheme must be affine32"):
        exchange.to_datasketch(other, SketchConfig())
    with pytest.raises(ConfigError, match="one seed"):
        exchange.from_datasketch([datasketch.MinHash(seed=1), datasketch.MinHash(seed=2)])
    with pytest.raises(ConfigError, match="scheme must be affine32"):
        exchange.from_datasketch([datasketch.MinHash(scheme="legacy")])


def test_exchange__of_none_is_none_and_every_text_needs_an_id():
    assert exchange.from_datasketch([]).signatures.shape == (0, 0)
    with pytest.raises(ConfigError, match="got 2 ids for 4 texts"):
        exchange.to_lsh(built(), CONFIG, ["a", "b"], 8, 4)
