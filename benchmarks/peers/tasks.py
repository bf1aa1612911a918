"""What every package is given: one file of JSON lines, and how the clusters that it makes of them are scored."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality import labelled
from benchmarks.quality.scores import shares
from dedup.bench.truth import planted, scores

__all__ = ["LABELLED", "Task", "few", "generated", "labelled_pairs"]

LABELLED = "labelled"
SURROGATES = dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)
Scores = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`name` is what the results stand under: the number of texts, or `LABELLED`."""

    name: str
    docs: Path
    n_texts: int
    score: Callable[[Mapping[str, str]], Scores]


def generated(folder: Path, n_texts: int, seed: int) -> Task:
    """A generated collection, scored by what was planted in it."""
    docs, truth = folder / "corpus.jsonl", folder / "truth.jsonl"
    _generate("--texts", n_texts, "--seed", seed, "-o", docs, "--truth", truth)
    known = list(planted(truth))
    return Task(name=str(n_texts), docs=docs, n_texts=n_texts, score=lambda clusters: scores(clusters, known))


def few(folder: Path) -> Task:
    """Some hundred texts, so that what is compiled on the first run is compiled before the clock starts."""
    docs = folder / "few.jsonl"
    _generate("--texts", 300, "-o", docs)
    return Task(name="few", docs=docs, n_texts=300, score=lambda _: {})


def labelled_pairs(folder: Path, docs: Path, pairs: Path) -> Task:
    """Labelled documents as every package can read them, scored by class: the share of its pairs in one cluster."""
    found = labelled.read(docs, pairs)
    path = folder / "labelled.jsonl"
    with path.open("w", encoding="utf-8") as lines:
        for document in found.documents:
            fields = ("id", "text", "url", "source", "date")
            row = {name: getattr(document, name).translate(SURROGATES) for name in fields}
            lines.write(json.dumps(row) + "\n")
    return Task(
        name=LABELLED, docs=path, n_texts=len(found.documents), score=lambda clusters: _shares(clusters, found.pairs)
    )


def _shares(cluster_of: Mapping[str, str], pairs: Iterable[labelled.Pair]) -> Scores:
    def together(pair: labelled.Pair) -> bool:
        return cluster_of.get(pair.left, pair.left) == cluster_of.get(pair.right, pair.right)

    found = shares(list(pairs), together)
    return {kind: by_corpus["average"] for kind, by_corpus in found.items() if by_corpus["average"] is not None}


def _generate(*options: object) -> None:
    subprocess.run([sys.executable, "-m", "benchmarks.corpus", *map(str, options)], check=True)
