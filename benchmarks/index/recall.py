"""What the bound on compared candidates costs: labelled pairs found by a filter, with several bounds."""

import random
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from benchmarks.index.measures import save
from benchmarks.quality.labelled import NEGATIVE, POSITIVE, Labelled, Pair, read
from benchmarks.quality.scores import shares
from dedup.index import Index, propose

__all__ = ["run"]

KINDS = (*POSITIVE, *NEGATIVE)
WARM = 100


def run(path: Path, docs: Path, pairs: Path, n: int, bounds: list[int]) -> None:
    """Filter about `n` labelled documents in their order, once for each bound; what is called a copy of what."""
    labelled = _part(read(docs, pairs), n)
    with Index.create(path / "warm") as index:
        index.filter(labelled.documents[:WARM])
    found = {str(most): _shares(path / str(most), labelled, most) for most in bounds}
    counts = Counter(pair.kind for pair in labelled.pairs)
    save("recall", {"documents": len(labelled.documents), "pairs": counts, "most_compared": found})


def _part(labelled: Labelled, n: int) -> Labelled:
    """The documents of so many pairs, taken in turn from each class of each corpus, and all pairs among them."""
    pairs = [pair for pair in labelled.pairs if pair.kind in KINDS]
    random.Random(1).shuffle(pairs)
    seen, turns = Counter[tuple[str, str]](), list[tuple[int, Pair]]()
    for pair in pairs:
        turns.append((seen[pair.kind, pair.corpus], pair))
        seen[pair.kind, pair.corpus] += 1
    ids = set[str]()
    for _, pair in sorted(turns, key=lambda turn: turn[0]):
        if len(ids) >= n:
            break
        ids |= {pair.left, pair.right}
    documents = [document for document in labelled.documents if document.id in ids]
    return replace(labelled, documents=documents, pairs=[p for p in pairs if {p.left, p.right} <= ids])


def _shares(path: Path, labelled: Labelled, most: int) -> dict[str, object]:
    """Of each class the share of pairs whose later document is called a copy in the cluster of the earlier one."""
    propose.MOST_COMPARED = most
    started = time.process_time()
    with Index.create(path) as index:
        answers = {answer.id: answer for answer in index.filter(labelled.documents)}
        into = {merge.cluster: merge.into for merge in index.merges()}
    cpu_s = time.process_time() - started
    places = {document.id: place for place, document in enumerate(labelled.documents)}

    def cluster(id_: str) -> str:
        found = answers[id_].cluster
        while found in into:
            found = into[found]
        return found

    def holds(pair: Pair) -> bool:
        later = max(pair.left, pair.right, key=places.__getitem__)
        return answers[later].kind == "copy" and cluster(pair.left) == cluster(pair.right)

    found = {kind: by_corpus["average"] for kind, by_corpus in shares(labelled.pairs, holds).items()}
    return {"same_cluster": found, "cpu_us_each": round(1e6 * cpu_s / len(places))}
