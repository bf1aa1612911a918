"""The corpus generator of the benchmarks: what it promises of its collections, checked on their text."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache

import numpy as np
import pytest

from dedup.bench.corpus.generate import chunks, texts_of
from dedup.bench.corpus.mixes import KINDS, MIXES, layout
from dedup.bench.corpus.words import N_NAMES, N_WORDS, SLOT, language

N_TEXTS = 3000


@cache
def collection(mix="ordinary", n_texts=N_TEXTS, seed=1):
    parts = list(chunks(n_texts, seed, MIXES[mix], threads=2))
    lines = [json.loads(line) for part in parts for line in part.lines.tobytes().splitlines()]
    return {line["id"]: line for line in lines}, [copy for part in parts for copy in part.copies]


def shingles(text, size):
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[k : k + size]) for k in range(len(words) - size + 1)}


def test_collection__has_as_many_texts_as_asked_for_with_different_ids():
    texts, _ = collection()
    assert len(texts) == N_TEXTS
    assert {tuple(text) for text in texts.values()} == {("id", "text", "url", "date", "source")}


def test_language__has_a_word_for_every_rank_and_name_that_can_be_drawn():
    known = language()
    assert known.letters.shape == (N_WORDS + N_NAMES, SLOT)
    assert known.lengths.shape == (N_WORDS + N_NAMES,)
    assert known.lengths.min() > 0
    words = {row[:n].tobytes() for row, n in zip(known.letters, known.lengths, strict=True)}
    assert len(words) == N_WORDS + N_NAMES


def test_collection__does_not_depend_on_what_memory_held_before():
    code = (
        "import hashlib\nfrom dedup.bench.corpus.generate import chunks\n"
        "from dedup.bench.corpus.mixes import MIXES\n"
        "lines = b''.join(part.lines.tobytes() for part in chunks(1500, 3, MIXES['template'], 1))\n"
        "print(hashlib.blake2b(lines).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "MALLOC_PERTURB_": junk}, capture_output=True, check=True
        ).stdout
        for junk in ("1", "170")
    }
    assert len(found) == 1


def test_collection__is_the_same_for_any_number_of_threads_and_another_for_another_seed():
    def made(seed, threads):
        return b"".join(part.lines.tobytes() for part in chunks(700, seed, MIXES["ordinary"], threads))

    assert made(1, 1) == made(1, 2) != made(2, 1)


def test_text__follows_from_seed_and_number_wherever_it_stands():
    made = layout(MIXES["ordinary"], 700)
    numbers = np.array([5, 699, 42])
    together = texts_of(numbers, 3, made).lines.tobytes()
    assert together == b"".join(texts_of(numbers[k : k + 1], 3, made).lines.tobytes() for k in range(3))
    everything = b"".join(part.lines.tobytes() for part in chunks(700, 3, MIXES["ordinary"])).splitlines()
    assert set(together.splitlines()) <= set(everything)


def test_copies__are_an_eighth_of_all_and_of_every_kind():
    _, copies = collection()
    counted = Counter(copy.kind for copy in copies)
    assert {*counted} == {*KINDS[1:]}
    assert 0.1 <= len(copies) / N_TEXTS <= 0.15


def test_truth__has_the_jaccard_similarity_of_five_word_shingles():
    texts, copies = collection()
    for copy in copies:
        left, right = (shingles(texts[name]["text"], 5) for name in (copy.left, copy.right))
        assert copy.jaccard == pytest.approx(len(left & right) / len(left | right), abs=1e-9), copy


def test_originals__share_no_eight_words_but_the_furniture_of_their_site():
    texts, copies = collection()
    related = {name for copy in copies for name in (copy.left, copy.right)}
    seen: dict[tuple[str, ...], str] = {}
    for name, text in texts.items():
        if name in related:
            continue
        for shingle in shingles(text["text"], 8):
            other = seen.setdefault(shingle, name)
            assert other == name or texts[other]["source"] == text["source"], (other, name, shingle)


def test_kinds__are_what_they_are_called():
    texts, copies = collection()
    for copy in copies:
        left, right = texts[copy.left]["text"], texts[copy.right]["text"]
        if copy.kind == "exact":
            assert left == right
        elif copy.kind == "near":
            assert left != right
            assert copy.jaccard > 0.4
        elif copy.kind == "syndicated":
            body = left.split("\n\n")[-2]
            assert body in right or len(left.split("\n\n")) < 4
        elif copy.kind == "quotation":
            assert copy.jaccard < 0.35


def test_copies__appear_after_their_originals():
    texts, copies = collection()
    for copy in copies:
        if copy.kind != "template":
            assert texts[copy.left]["date"] <= texts[copy.right]["date"]


def test_lines__are_of_three_and_a_half_kilobytes_and_of_one_when_short():
    for mix, least, most in (("ordinary", 3000, 3800), ("short", 900, 1300)):
        n_bytes = sum(len(part.lines) for part in chunks(2000, 4, MIXES[mix]))
        assert least <= n_bytes / 2000 <= most


@pytest.mark.parametrize(
    ("mix", "kind", "least"), [("repeated", "exact", 1.0), ("near-copies", "near", 0.7), ("template", "template", 0.2)]
)
def test_pathologies__make_everything_of_one_text(mix, kind, least):
    texts, copies = collection(mix, 600, 5)
    assert len(texts) == 600
    assert {copy.kind for copy in copies} == {kind}
    assert len(copies) >= 598
    assert len({copy.left for copy in copies}) == 1
    assert min(copy.jaccard for copy in copies) >= least


def test_one_host__has_nine_texts_in_ten():
    texts, _ = collection("one-host", 600, 5)
    (_, most), *_ = Counter(text["source"] for text in texts.values()).most_common(1)
    assert 0.85 <= most / 600 <= 0.95


def test_command__writes_collection_and_truth(tmp_path):
    corpus, truth = tmp_path / "corpus.jsonl.gz", tmp_path / "truth.jsonl"
    command = [sys.executable, "-m", "benchmarks.corpus", "--texts", "50", "-o", str(corpus), "--truth", str(truth)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.startswith("50 texts, ")
    assert {*json.loads(truth.read_text().splitlines()[0])} == {"kind", "left", "right", "jaccard"}
