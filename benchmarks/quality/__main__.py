"""Scan labelled documents with the default settings and score what shares a cluster.

    python -m benchmarks.quality [--docs docs.jsonl.gz --pairs pairs.jsonl.gz] [-o results.json] [--errors errors.txt]

Without files it runs on generated texts. README.md says what the files hold and what the scores mean.
"""

import argparse
import json
import platform
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

import dedup
from benchmarks.quality import reading
from benchmarks.quality.collection import propose
from benchmarks.quality.generate import generate
from benchmarks.quality.labelled import NEGATIVE, POSITIVE, Labelled, Pair, read
from benchmarks.quality.scores import Shares, adjusted_rand, b_cubed, precision_recall, reliability, shares, truth
from dedup import Config, Document, Report
from dedup.errors import DedupError
from dedup.records import RELATIONS

RESULTS = Path(__file__).parents[1] / "results" / "quality.json"
ABLATIONS: dict[str, dict[str, dict[str, float]]] = {
    "quotations count in full": {"align": {"quoted_share": 1.0}},
    "no furniture": {"evidence": {"furniture_share": 1.0, "furniture_pages": 1_000_000}},
    "no collection, only the background": {"evidence": {"max_texts": 1}},
}
SHOWN_CHARACTERS = 600
VISITS = ("2019-01-01", 365)
"""The first day on which a page may have been visited, and of how many."""


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--docs", type=Path, help="documents, JSON lines, .gz or plain")
    parser.add_argument("--pairs", type=Path, help="labelled pairs of their ids")
    parser.add_argument("-o", "--output", type=Path, help=f"of --docs {RESULTS.name} of the stored results, else none")
    parser.add_argument("--errors", type=Path, help="write the pairs that went wrong, with their texts and reasons")
    parser.add_argument("--ablations", action="store_true", help="also scan with each kind of evidence left out")
    parser.add_argument("--read", type=Path, help="labels of clusters that were read, JSON lines, to be counted")
    arguments = parser.parse_args()
    if (arguments.docs is None) != (arguments.pairs is None):
        parser.error("--docs and --pairs go together: give both, or none for generated texts")
    try:
        labelled = read(arguments.docs, arguments.pairs) if arguments.docs else generate()
        read_clusters = reading.precision(arguments.read) if arguments.read else None
    except DedupError as error:
        parser.error(str(error))
    config = Config()
    result, report = score(labelled, config)
    result |= {"candidates": _candidates(labelled, config), "settings_digest": config.digest()}
    result |= {"version": dedup.__version__, "python": platform.python_version(), "machine": platform.machine()}
    if read_clusters is not None:
        result["read_clusters"] = read_clusters
    if arguments.ablations:
        found = {name: _ablated(labelled, config, change) for name, change in ABLATIONS.items()}
        for name, changed in (("no address, source or date", bare), ("the days of visits for dates", visited)):
            found[name] = _ablated(replace(labelled, documents=changed(labelled.documents)), config, {})
        result["ablations"] = found
    print(json.dumps(result, indent=1))
    # What is known of labelled pairs does not give way to scores of generated texts.
    output = arguments.output or (RESULTS if arguments.docs else None)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    if arguments.errors:
        arguments.errors.write_text("\n".join(_errors(labelled, report)), "utf-8")


def score(labelled: Labelled, config: Config) -> tuple[dict[str, object], Report]:
    """All scores of one scan, and what it found."""
    started = time.process_time()
    report = _scan(labelled, config)
    cpu_s = time.process_time() - started
    cluster_of = _clusters(report, labelled)
    matches = _matches(report)
    true = truth(labelled.pairs, list(cluster_of))
    paired = {name: cluster_of[name] for pair in labelled.pairs for name in (pair.left, pair.right)}
    judged = [p for p in labelled.pairs if p.kind in (*POSITIVE, *NEGATIVE) and (p.left, p.right) in matches]
    confidences, is_true = [matches[p.left, p.right].confidence for p in judged], [p.kind in POSITIVE for p in judged]
    return {
        "same_cluster": _same_cluster(labelled, cluster_of),
        "relations": {relation: _reported(labelled, matches, relation) for relation in RELATIONS},
        "b_cubed": b_cubed(paired, {name: true[name] for name in paired}),
        "adjusted_rand": adjusted_rand(paired, {name: true[name] for name in paired}),
        "reliability": reliability(confidences, is_true),
        "precision_recall": precision_recall(confidences, is_true, sum(p.kind in POSITIVE for p in labelled.pairs)),
        "n_documents": len(labelled.documents),
        "cpu_s": round(cpu_s, 1),
    }, report  # fmt: skip


def _scan(labelled: Labelled, config: Config) -> Report:
    return dedup.scan(labelled.documents, replace(config, report=replace(config.report, relations=RELATIONS)))


def _same_cluster(labelled: Labelled, cluster_of: dict[str, str]) -> Shares:
    return shares(labelled.pairs, lambda pair: cluster_of[pair.left] == cluster_of[pair.right])


def _reported(
    labelled: Labelled, matches: dict[tuple[str, str], dedup.Match], relation: str
) -> dict[str, float | None]:
    """Share of each class, averaged over its corpora, that is reported as one relation."""

    def reported(pair: Pair) -> bool:
        match = matches.get((pair.left, pair.right))
        return match is not None and match.relation == relation

    return {kind: by_corpus["average"] for kind, by_corpus in shares(labelled.pairs, reported).items()}


def _clusters(report: Report, labelled: Labelled) -> dict[str, str]:
    """The cluster of each id; a document in none is one of its own."""
    found = {document.id: document.id for document in labelled.documents}
    for cluster in report.clusters:
        found |= {member.id: cluster.id for member in cluster.members}
    return found


def _matches(report: Report) -> dict[tuple[str, str], dedup.Match]:
    """Matches by both orders of their ids."""
    return {ids: match for match in report.matches for ids in ((match.left, match.right), (match.right, match.left))}


def _candidates(labelled: Labelled, config: Config) -> dict[str, object]:
    """Recall of the pairs by candidates alone, and how many candidates there are for each document."""
    left, right, _ = propose(labelled, config)
    row_of = {document.id: row for row, document in enumerate(labelled.documents)}
    packed = set((np.minimum(left, right) << 32 | np.maximum(left, right)).tolist())

    def proposed(pair: Pair) -> bool:
        first, second = sorted((row_of[pair.left], row_of[pair.right]))
        return first << 32 | second in packed

    return {"recall": shares(labelled.pairs, proposed), "per_document": len(left) / max(len(row_of), 1)}


def bare(documents: Sequence[Document]) -> list[Document]:
    """Nothing but ids and texts."""
    return [Document(id=document.id, text=document.text) for document in documents]


def visited(documents: Sequence[Document]) -> list[Document]:
    """With dates at random, as days of visits are."""
    rng, first = random.Random(1), date.fromisoformat(VISITS[0])
    return [replace(one, date=str(first + timedelta(rng.randrange(VISITS[1])))) for one in documents]


def _ablated(labelled: Labelled, config: Config, change: dict[str, dict[str, float]]) -> dict[str, float | None]:
    """Averages of each class with some settings changed."""
    changed = {name: replace(getattr(config, name), **values) for name, values in change.items()}
    cluster_of = _clusters(_scan(labelled, replace(config, **changed)), labelled)
    return {kind: by_corpus["average"] for kind, by_corpus in _same_cluster(labelled, cluster_of).items()}


def _errors(labelled: Labelled, report: Report) -> list[str]:
    """Positive pairs that were kept apart and negative ones that were joined, to be read."""
    cluster_of = _clusters(report, labelled)
    texts = {document.id: document.text for document in labelled.documents}
    matches, lines = _matches(report), []
    for pair in labelled.pairs:
        joined = cluster_of[pair.left] == cluster_of[pair.right]
        if (pair.kind in POSITIVE and not joined) or (pair.kind in NEGATIVE and joined):
            match = matches.get((pair.left, pair.right))
            said = f"{match.relation} {match.confidence:.2f}; {'; '.join(match.reasons)}" if match else "not compared"
            lines += [f"=== {pair.kind} of {pair.corpus}, {'joined' if joined else 'kept apart'}: {said}"]
            lines += [f"--- {name}\n{texts[name][:SHOWN_CHARACTERS]}" for name in (pair.left, pair.right)]
    return lines


if __name__ == "__main__":
    main()
