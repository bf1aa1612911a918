"""Who holds a key: segments, their merges and the tail against plain Python."""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.config import Config, SketchConfig
from dedup.index.keys import Kind, keys_of, signature_bytes
from dedup.io.store import parts
from dedup.io.store.embedded import EmbeddedStore
from dedup.io.store.values import UNDATED, Change, Postings, StoredDocument, Traits
from dedup.stages import sketch, text
from tests import naive, some

N_HASHES, MOST = 4, 3
KEYS = st.integers(0, 2**32 - 1).map(lambda key: key if key % 3 else key >> 8 & 0xFF0000FF)
"""Some keys meet, and some differ in their high or their low bits only."""


def change(first: int, documents: list[list[int]]) -> Change:
    numbers = np.arange(first, first + len(documents))
    signatures = np.array([[number % 251] * N_HASHES for number in numbers], np.uint8).reshape(-1, N_HASHES)
    return Change(
        documents=[StoredDocument(number=int(n), id=str(n), text=b"x", digest=bytes(16)) for n in numbers],
        postings=Postings(
            numbers=numbers,
            seen_s=numbers,
            dates_s=np.where(numbers % 2, numbers, UNDATED),
            traits=Traits(
                signatures=signatures, n_fingerprints=numbers.astype(np.int32), sites=numbers.astype(np.uint64) // 2
            ),
            keys=np.array([key for keys in documents for key in keys], np.uint32),
            offsets=np.cumsum([0, *map(len, documents)]),
        ),
    )


STEPS = st.lists(
    st.tuples(st.lists(st.lists(KEYS, max_size=5, unique=True), min_size=1, max_size=4), st.integers(0, 40)),
    min_size=1,
    max_size=20,
)


@settings(max_examples=some(40))
@given(STEPS, st.booleans())
def test_find__names_all_holders_in_their_order(steps, compacted):
    held, removed = [], set()
    with TemporaryDirectory() as folder, patch.object(parts, "SEGMENT_ROWS", 3):
        store = EmbeddedStore(Path(folder), N_HASHES, MOST)
        for documents, victim in steps:
            store.commit(change(len(held), documents))
            held += documents
            if victim < len(held) and victim not in removed:
                store.commit(Change(removed=[victim]))
                removed.add(victim)
        # Of a key that more documents hold than are of use a merge keeps the first, so removing those is another case.
        keys = [key for key in {k for keys in held for k in keys} if sum(key in keys for keys in held) <= MOST]
        common = [key for key in {k for keys in held for k in keys} if key not in keys] if not removed else []
        if compacted:
            store.compact()
        asked = np.array([*keys, *common, 12345], np.uint32)
        for is_rare in (False, True):
            hits = store.find(asked, np.full(len(asked), MOST, np.int32), np.full(len(asked), is_rare))
            for place, key in enumerate(asked.tolist()):
                expected = naive.holders(held, removed, key, MOST, is_rare)
                own = slice(*hits.starts[place : place + 2].tolist())
                assert hits.numbers[own].tolist() == expected
                assert hits.sites[own].tolist() == [number // 2 for number in expected]
        living = np.array([number for number in range(len(held)) if number not in removed], np.int64)
        traits = store.traits(living)
        assert traits.signatures[:, 0].tolist() == [number % 251 for number in living]
        assert traits.n_fingerprints.tolist() == living.tolist()
        assert traits.sites.tolist() == (living // 2).tolist()
        assert not store.traits(np.array([len(held), *removed])).signatures[:1].any()
        assert store.older(7, "seen").tolist() == [number for number in living if number < 7]
        assert store.older(7, "date").tolist() == [number for number in living if number < 7 and number % 2]
        assert store.verify() == []
        store.close()


@given(st.lists(st.text(alphabet="abc ?é中", max_size=60), min_size=1, max_size=6))
def test_keys__are_those_of_content_bands_and_fingerprints(texts):
    config = Config()
    sketches = sketch.build(text.encode(texts), config.sketch, config.passages, 1)
    owned = keys_of(sketches, config)
    for row in range(len(texts)):
        worded = sketches.n_tokens[row] > 0
        content = int(sketches.token_hashes[row, 0] if worded else sketches.text_hashes[row, 0])
        own = slice(*sketches.fingerprint_offsets[row : row + 2].tolist())
        expected = naive.index_keys(
            content, sketches.signatures[row].tolist(), 42 if worded else 0, 3, sketches.fingerprints[own].tolist()
        )
        begin, end = owned.offsets[row : row + 2].tolist()
        assert owned.keys[begin:end].tolist() == expected
        kinds = owned.kinds[begin:end].tolist()
        assert kinds == sorted(kinds)
        assert kinds.count(Kind.BAND) == 42 * worded
        assert set(owned.owners[begin:end].tolist()) == {row}
    assert signature_bytes(sketches).tolist() == [
        [(place * 0x9E3779B1 & 0xFFFFFFFF) >> 24 for place in row] for row in sketches.signatures.tolist()
    ]


@pytest.mark.parametrize("scheme", ["fss32", "affine32"])
def test_signature_bytes__of_unrelated_texts_agree_in_few_places(scheme):
    config = Config(sketch=SketchConfig(scheme=scheme))
    rng = np.random.default_rng(1)
    words = [" ".join(f"w{word}" for word in rng.integers(0, 1 << 40, 300)) for _ in range(40)]
    found = signature_bytes(sketch.build(text.encode(words), config.sketch, config.passages, 1))
    agreeing = [int((found[i] == found[j]).sum()) for i in range(40) for j in range(i)]
    assert sum(agreeing) / len(agreeing) < 1.0
    assert max(agreeing) < 8
