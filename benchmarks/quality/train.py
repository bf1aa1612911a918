"""Fit the scorecard by which pairs become one cluster, and write `dedup/data/scorecard.json`.

    python -m benchmarks.quality.train --docs docs.jsonl.gz... --pairs pairs.jsonl.gz... [--write] [--prior FILE]

Several files of documents are collections of their own, each with the pairs that stand in the same place. Each feature
of `dedup.stages.relation` gives points by a piecewise linear table that only rises (a generalized additive model with
its signs fixed), fitted as logistic regression. Every class weighs the same on its side, and every corpus within its
class; candidates that no label connects are negatives too, in a collection most of which is labelled. In a crawl of
which only some pairs were read, mostly such as were near the decision, all weigh half. What
the settings doubt for where and when texts stand is given, so that the tables need not make up for it; but each
collection is fitted a second time without its dates, as many crawls have none; and what they doubt for the days that
texts state is left out of the fit, as few texts state one. The corpora of `manuals` weigh little each: they are many
of one kind.

The scorecard begins from a prior, one that was fitted before with labels that were not kept, and is drawn to it where
the data say little; features that it has not are fitted freely. What is printed is measured once on the corpora that
were fitted, and once with each corpus left out of a fit that has no prior, as the prior has seen it, with dates and
without; corpora whose names differ in `_crawl` only are one source and are left out together, and so are all manuals.
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from benchmarks.quality.collection import DOUBTS, STATED, Pairs, measure
from benchmarks.quality.labelled import NEGATIVE, POSITIVE, Labelled, Pair, read
from benchmarks.quality.scores import FEWEST_PAIRS, shares, truth

OUT = Path(__file__).parents[2] / "dedup/data/scorecard.json"
PRIOR = Path(__file__).with_name("prior.json")
KNOTS = (0.03, 0.2, 0.4, 0.6, 0.8, 0.97)
"""Where the tables may bend: these quantiles of a feature over the training pairs."""
MOST_PAIRS = 150
"""Pairs of one class and corpus that are fitted, drawn at random."""
CLASS_WEIGHTS = {"copy": 1.0, "light": 1.6, "heavy": 1.0, "template": 4.0, "same_story": 1.3, "quote": 3.0}
UNLABELLED_WEIGHT = 0.5
READ_WEIGHT = 0.5
"""What pairs weigh of a collection of which only some were read."""
MANUALS = ("manuals_", "perl", "git", "python", "gnome_", "apache_", "sqlite", "postgres", "cmake")
"""How the corpora of `benchmarks.quality.manuals` are called; of its three sets only the manuals were fitted on."""
MANUALS_WEIGHT = 0.05
POSITIVE_SHARE = 0.56
"""Of the weight of all rows, how much is of pairs that are one article: what a missed and a wrong cluster cost.

More of it merged forms of reference works and excerpts, less lost rewrites and one of seventeen near copies of answers.
"""
RIDGE = 0.004
RIDGES = {"order": 4 * RIDGE}
"""Models and translators keep the order of what they re-word, and editors do not; most labelled rewrites are theirs."""
PRIOR_RIDGE = 0.6
"""How far a table is drawn to that of the prior."""

Card = dict[str, dict[str, list[float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Rows to fit: `values` of each feature, `doubts`, whether the pair is one article, its weight, and its corpus."""

    doubts: np.ndarray
    values: dict[str, np.ndarray]
    is_one: np.ndarray
    weights: np.ndarray
    corpora: np.ndarray


def main() -> None:
    """Fit, print how it does, and write the file if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--docs", type=Path, nargs="+", required=True)
    parser.add_argument("--pairs", type=Path, nargs="+", required=True)
    parser.add_argument("--write", action="store_true", help=f"replace {OUT.name}")
    parser.add_argument("--prior", type=Path, default=PRIOR, help="the scorecard that the fit begins from")
    arguments = parser.parse_args()
    collections = [read(docs, pairs) for docs, pairs in zip(arguments.docs, arguments.pairs, strict=True)]
    pairs = [pair for labelled in collections for pair in labelled.pairs]
    dated = [gather(labelled) for labelled in collections]
    undated = [gather(_without_dates(labelled)) for labelled in collections]
    training = _together([rows for rows, _ in (*dated, *undated)])
    prior: Card = json.loads(arguments.prior.read_text("utf-8"))["features"]
    card = fit(training, np.ones(len(training.is_one), bool), prior)
    sources = np.array([source(pair.corpus) for pair in pairs])
    left_out = {
        name: fit(training, np.array([source(corpus) != name for corpus in training.corpora]))
        for name in sorted(set(sources))
    }
    for title, gathered in (("dated", dated), ("undated", undated)):
        every = {name: np.concatenate([values[name] for _, values in gathered]) for name in gathered[0][1]}
        taken_off = every[DOUBTS] + every[STATED]
        _print_shares(f"{title}, fitted", pairs, points(card, every) - taken_off)
        without = np.zeros(len(pairs))
        for name, other in left_out.items():
            without[sources == name] = (points(other, every) - taken_off)[sources == name]
        _print_shares(f"{title}, left out", pairs, without)
    if arguments.write:
        OUT.write_text(json.dumps({"provenance": _provenance(pairs), "features": card}, indent=1) + "\n", "utf-8")


def _without_dates(labelled: Labelled) -> Labelled:
    return replace(labelled, documents=[replace(document, date="") for document in labelled.documents])


def source(corpus: str) -> str:
    """Where the texts of a corpus come from."""
    return "manuals" if corpus.startswith(MANUALS) else corpus.removesuffix("_crawl")


def gather(labelled: Labelled, seed: int = 0) -> tuple[Training, dict[str, np.ndarray]]:
    """Rows of one collection to fit, and the features of all its labelled pairs."""
    rng = np.random.default_rng(seed)
    measured = measure(labelled)
    groups: dict[tuple[str, str], list[int]] = {}
    for k, pair in enumerate(labelled.pairs):
        if pair.kind in (*POSITIVE, *NEGATIVE):
            groups.setdefault((pair.kind, pair.corpus), []).append(k)
    parts, read_weight = [], 1.0 if _is_labelled(labelled) else READ_WEIGHT
    for (kind, corpus), members in sorted(groups.items()):
        drawn = rng.permutation(members)[:MOST_PAIRS]
        weight = CLASS_WEIGHTS.get(kind, 1.0) * min(len(members) / 100, 1.0) ** 0.5
        weight *= read_weight * (MANUALS_WEIGHT if source(corpus) == "manuals" else 1.0)
        parts.append(_rows(measured.labelled, drawn, kind in POSITIVE, weight, [corpus] * len(drawn)))
    for drawn in _unlabelled(labelled, measured, rng):
        corpora = [measured.corpus_of_unlabelled(k) for k in drawn]
        parts.append(_rows(measured.unlabelled, drawn, False, UNLABELLED_WEIGHT, corpora))
    return _together(parts), measured.labelled


def _rows(
    values: dict[str, np.ndarray], drawn: np.ndarray, is_one: bool, weight: float, corpora: list[str]
) -> Training:
    """Some pairs of one class and corpus, which weigh `weight` together."""
    chosen = {name: column[drawn] for name, column in values.items() if name not in (DOUBTS, STATED)}
    return Training(
        values=chosen, doubts=values[DOUBTS][drawn], is_one=np.full(len(drawn), is_one),
        weights=np.full(len(drawn), weight / len(drawn)), corpora=np.array(corpora),
    )  # fmt: skip


def _together(parts: list[Training]) -> Training:
    return Training(
        values={name: np.concatenate([part.values[name] for part in parts]) for name in parts[0].values},
        doubts=np.concatenate([part.doubts for part in parts]), is_one=np.concatenate([part.is_one for part in parts]),
        weights=np.concatenate([part.weights for part in parts]),
        corpora=np.concatenate([part.corpora for part in parts]),
    )  # fmt: skip


def fit(training: Training, chosen: np.ndarray, prior: Card | None = None) -> Card:
    """The scorecard that fits the chosen rows best: for each feature, points at values."""
    prior = prior or {}
    knots = {
        name: np.array(prior[name]["at"]) if name in prior else _knots(column)
        for name, column in training.values.items()
    }
    steps = np.column_stack([_steps(column, knots[name]) for name, column in training.values.items()])[chosen]
    is_one, weights, doubts = training.is_one[chosen], training.weights[chosen].copy(), training.doubts[chosen]
    for side, share in ((is_one, POSITIVE_SHARE), (~is_one, 1 - POSITIVE_SHARE)):
        weights[side] *= 2 * share / weights[side].sum()

    begins = [prior[name]["points"][0] for name in knots if name in prior]
    known = [np.diff(prior[name]["points"]) if name in prior else np.zeros(len(at) - 1) for name, at in knots.items()]
    drawn = np.concatenate([[sum(begins)], *known])
    ridges = np.concatenate([[0.0], *(_ridges(name, len(at) - 1, name in prior) for name, at in knots.items())])

    def loss(gains: np.ndarray) -> tuple[float, np.ndarray]:
        logit = gains[0] + steps @ gains[1:] - doubts
        error = weights * (1 / (1 + np.exp(-logit)) - is_one)
        value = (weights * np.logaddexp(0, np.where(is_one, -logit, logit))).sum() + ridges @ (gains - drawn) ** 2 / 2
        return value, np.concatenate([[error.sum()], steps.T @ error]) + ridges * (gains - drawn)

    start = drawn if prior else np.concatenate([[-2.0], np.full(steps.shape[1], 0.5)])
    bounds = [(None, None)] + [(0, None)] * steps.shape[1]
    gains = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return _tables(gains, knots)


def _ridges(name: str, n_steps: int, has_prior: bool) -> np.ndarray:
    return np.full(n_steps, PRIOR_RIDGE if has_prior else RIDGES.get(name, RIDGE))


def points(card: Card, values: dict[str, np.ndarray]) -> np.ndarray:
    """Log-odds of pairs by a scorecard."""
    each = [np.interp(values[name], table["at"], table["points"]) for name, table in card.items()]
    logits: np.ndarray = np.sum(each, axis=0)
    return logits


def _is_labelled(labelled: Labelled) -> bool:
    """Whether most of a collection has labels, as one that was gathered for them."""
    paired = {name for pair in labelled.pairs for name in (pair.left, pair.right)}
    return len(paired) >= len(labelled.documents) / 2


def _unlabelled(labelled: Labelled, measured: Pairs, rng: np.random.Generator) -> list[np.ndarray]:
    """For each corpus, candidates within it that no label and no family connects."""
    if not _is_labelled(labelled):
        return []
    ids = [document.id for document in labelled.documents]
    family = truth(labelled.pairs, ids)
    drawn: dict[str, list[int]] = {}
    for k, (left, right) in enumerate(measured.unlabelled_ids):
        named = labelled.families.get(left), labelled.families.get(right)
        if family[left] != family[right] and (named[0] is None or named[0] != named[1]):
            drawn.setdefault(measured.corpus_of_unlabelled(k), []).append(k)
    return [rng.permutation(drawn[k])[:MOST_PAIRS] for k in sorted(drawn) if len(drawn[k]) >= FEWEST_PAIRS]


def _knots(column: np.ndarray) -> np.ndarray:
    at = np.unique(np.round(np.quantile(column, KNOTS), 3))
    return at if len(at) > 1 else np.array([at[0], at[0] + 1])


def _steps(column: np.ndarray, at: np.ndarray) -> np.ndarray:
    """How far each value has come between one knot and the next, 0..1."""
    steps: np.ndarray = np.clip((column[:, None] - at[:-1]) / np.diff(at), 0, 1)
    return steps


def _tables(gains: np.ndarray, knots: dict[str, np.ndarray]) -> Card:
    """Gains to points; the base goes to the first feature."""
    card, first, base = {}, 1, float(gains[0])
    for name, at in knots.items():
        rises = np.cumsum(gains[first : first + len(at) - 1])
        card[name] = {
            "at": [round(float(v), 3) for v in at],
            "points": [round(base + float(v), 3) for v in [0.0, *rises]],
        }
        first, base = first + len(at) - 1, 0.0
    return card


def _provenance(pairs: list[Pair]) -> str:
    kinds = Counter(pair.kind for pair in pairs)
    counted = ", ".join(f"{kinds[kind]} {kind}" for kind in (*POSITIVE, *NEGATIVE) if kinds[kind])
    return f"Written by benchmarks/quality/train.py from labelled pairs: {counted}."


def _print_shares(title: str, pairs: list[Pair], logits: np.ndarray) -> None:
    joined = {(p.left, p.right): logit >= 0 for p, logit in zip(pairs, logits.tolist(), strict=True)}
    for kind, by_corpus in shares(pairs, lambda p: bool(joined[p.left, p.right])).items():
        said = (f"{corpus} {share:.3f}" for corpus, share in by_corpus.items() if share is not None)
        print(f"{title:18}{kind:12}", "  ".join(said))


if __name__ == "__main__":
    main()
