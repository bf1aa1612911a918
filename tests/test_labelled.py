"""The benchmarks of labelled pairs, and what they say of files that are none."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.quality.labelled import CLASSES, POSITIVE, read
from benchmarks.quality.reading import precision
from dedup.errors import InputError

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "quality.json"
DOCS, PAIRS = '{"id":"a","text":"x"}\n{"id":"b","text":"y"}\n', '{"a":"a","b":"b","class":"copy"}\n'
READ = RESULTS.parents[1] / "quality"


def bench(*arguments):
    return subprocess.run(
        [sys.executable, "-m", f"benchmarks{arguments[0]}", *map(str, arguments[1:])],
        check=False, capture_output=True, text=True, cwd=RESULTS.parents[2],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("docs", "pairs", "said"),
    [
        (DOCS, None, r"^cannot read .*pairs"),
        ("junk", PAIRS, r"docs:1 is no JSON$"),
        (DOCS, PAIRS + "[]", r"pairs:2 has no field a$"),
        (DOCS, '{"a":"a","b":"b"}', r"pairs:1 has no field class$"),
        (DOCS, '{"a":"a","b":"zz","class":"copy"}', r"pairs has no pair of documents that are in .*docs$"),
        (DOCS, "", r"pairs has no pair of documents"),
    ],
)
def test_read__says_what_is_no_file_of_labelled_pairs(tmp_path, docs, pairs, said):
    for name, content in (("docs", docs), ("pairs", pairs)):
        if content is not None:
            (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=said):
        read(tmp_path / "docs", tmp_path / "pairs")


@pytest.mark.parametrize("content", [None, "junk", "[]", '{"relation":"near","label":"perhaps"}', "\xff"])
def test_precision__says_what_is_no_file_of_labels(tmp_path, content):
    if content is not None:
        (tmp_path / "read").write_text(content, "latin-1")
    with pytest.raises(InputError, match=r"^cannot read .*read|read:1 has no relation and label"):
        precision(tmp_path / "read")


@pytest.mark.parametrize("command", ["", ".quality", ".peers"])
@pytest.mark.parametrize("option", ["--docs", "--pairs"])
def test_benchmarks__of_documents_without_pairs_are_not_those_of_generated_texts(command, option):
    done = bench(command, option, "x")
    assert done.returncode == 2
    assert "--docs and --pairs go together" in done.stderr


def test_quality__of_generated_texts_is_not_taken_for_that_of_labelled_ones(tmp_path):
    before = RESULTS.read_bytes()
    done = bench(".quality")
    assert json.loads(done.stdout)["n_documents"] > 0
    assert RESULTS.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((".hashing", "--docs", "en"), "--docs takes LANGUAGE=PATH, a file, got en"),
        ((".hashing", "--docs", "en=nothing"), "--docs takes LANGUAGE=PATH, a file, got en=nothing"),
        ((".hashing", "--rounds", 0), "--rounds must be at least 1, got 0"),
        ((".report", "--results", "nothing"), "nothing cannot be read: No such file or directory"),
        ((".peers", "--texts", 0), "--texts must be at least 1, got 0"),
    ],
)
def test_benchmarks__say_what_is_wrong_with_an_option(arguments, said):
    done = bench(*arguments)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--texts", 0, "-o", "{}/out"), "--texts must be at least 1, got 0"),
        (("--texts", 9, "-o", "{}"), "cannot write {}: Is a directory"),
    ],
)
def test_corpus__says_what_it_cannot_write(tmp_path, arguments, said):
    done = bench(".corpus", *(str(part).format(tmp_path) for part in arguments))
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].endswith(said.format(tmp_path))


def test_read__pairs_and_clusters_of_the_crawl_are_labelled_once_each():
    pairs, clusters = (
        [json.loads(line) for line in (READ / name).read_text("utf-8").splitlines()]
        for name in ("crawl_pairs.jsonl", "read_clusters.jsonl")
    )
    for rows in (pairs, clusters):
        assert len({frozenset((row["a"], row["b"])) for row in rows}) == len(rows)
    assert {row["class"] for row in pairs} <= set(CLASSES)
    assert {row["label"] for row in clusters} == {"yes", "no", "unsure"}
    said = {frozenset((row["a"], row["b"])): row["class"] for row in pairs}
    both = [row for row in clusters if frozenset((row["a"], row["b"])) in said]
    assert len(both) > 0.9 * len(clusters)
    for row in both:
        if row["label"] != "unsure":
            assert (said[frozenset((row["a"], row["b"]))] in POSITIVE) == (row["label"] == "yes"), row
