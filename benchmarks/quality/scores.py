"""Scores of a scan against labelled pairs, each under its textbook name."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from math import comb
from typing import TypeAlias

from benchmarks.quality.labelled import CLASSES, POSITIVE, Pair

FEWEST_PAIRS = 10
"""A corpus with fewer pairs of a class does not enter the average of the class."""

Shares: TypeAlias = dict[str, dict[str, float | None]]
"""By class and corpus; the average of a class is None where no corpus has enough pairs of it."""


def shares(pairs: Sequence[Pair], holds: Callable[[Pair], bool]) -> Shares:
    """For each class, the share of its pairs for which `holds`: of each corpus, and averaged over corpora."""
    counted: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for pair in pairs:
        counted[pair.kind][pair.corpus].append(holds(pair))
    result: Shares = {}
    for kind in sorted(counted, key=lambda kind: (*CLASSES, kind).index(kind)):
        corpora = {corpus: sum(held) / len(held) for corpus, held in sorted(counted[kind].items())}
        large = [share for corpus, share in corpora.items() if len(counted[kind][corpus]) >= FEWEST_PAIRS]
        result[kind] = {"average": sum(large) / len(large) if large else None, **corpora}
    return result


def truth(pairs: Sequence[Pair], ids: Sequence[str]) -> dict[str, str]:
    """The true cluster of each id: the lowest id that positive pairs connect it with."""
    parent = {name: name for name in ids}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for pair in pairs:
        if pair.kind in POSITIVE:
            first, second = sorted((root(pair.left), root(pair.right)))
            parent[second] = first
    return {name: root(name) for name in ids}


def b_cubed(found: Mapping[str, str], true: Mapping[str, str]) -> dict[str, float]:
    """Precision and recall averaged over documents [Bagga and Baldwin 1998]."""
    both = Counter((found[name], true[name]) for name in true)
    n_found, n_true = Counter(found[name] for name in true), Counter(true.values())
    precision = sum(n * n / n_found[f] for (f, _), n in both.items()) / len(true)
    recall = sum(n * n / n_true[t] for (_, t), n in both.items()) / len(true)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


def adjusted_rand(found: Mapping[str, str], true: Mapping[str, str]) -> float:
    """Agreement on pairs of documents beyond chance [Hubert and Arabie 1985]."""
    both = sum(comb(n, 2) for n in Counter((found[name], true[name]) for name in true).values())
    n_found = sum(comb(n, 2) for n in Counter(found[name] for name in true).values())
    n_true = sum(comb(n, 2) for n in Counter(true.values()).values())
    expected = n_found * n_true / comb(len(true), 2)
    most = (n_found + n_true) / 2
    return (both - expected) / (most - expected) if most != expected else 1.0


def reliability(confidences: Sequence[float], is_true: Sequence[bool], n_bins: int = 10) -> list[dict[str, float]]:
    """For each bin of confidence: how many pairs, their mean confidence, and the share that is true.

    `balanced` is that share if as many pairs were true as are false, of which a confidence up to one half speaks.
    """
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, true in zip(confidences, is_true, strict=True):
        bins[min(int(confidence * n_bins), n_bins - 1)].append((confidence, true))
    n_true = max(sum(is_true), 1)
    n_false = max(len(is_true) - sum(is_true), 1)
    rows = []
    for k, held in sorted(bins.items()):
        right = sum(true for _, true in held)
        wrong = len(held) - right
        rows.append(
            {
                "from": k / n_bins, "n_pairs": len(held), "confidence": sum(c for c, _ in held) / len(held),
                "true": right / len(held), "balanced": right / n_true / (right / n_true + wrong / n_false),
            }
        )  # fmt: skip
    return rows


def precision_recall(confidences: Sequence[float], is_true: Sequence[bool], n_true: int) -> list[dict[str, float]]:
    """For each bar from 0.05 to 0.95: of pairs whose confidence is at least that, the share that is true and found.

    `n_true` counts all true pairs, those that were never compared too. `balanced` is the precision if as many pairs
    were true as are false.
    """
    n_false = max(len(is_true) - sum(is_true), 1)
    rows = []
    for step in range(1, 20):
        bar = step / 20
        held = [true for confidence, true in zip(confidences, is_true, strict=True) if confidence >= bar]
        right, wrong = sum(held), len(held) - sum(held)
        recall, false_share = right / max(n_true, 1), wrong / n_false
        precision = right / len(held) if held else 1.0
        balanced = recall / (recall + false_share) if held else 1.0
        rows.append({"bar": bar, "precision": precision, "recall": recall, "balanced": balanced})
    return rows
