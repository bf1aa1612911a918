"""The collection behind labelled pairs, taken through the stages: candidates and measures."""

from dataclasses import dataclass

import numpy as np

from benchmarks.quality.labelled import Labelled
from dedup.config import Config
from dedup.records import Corpus, Keys
from dedup.stages import align, candidates, collection, dateline, passages, relation, sketch, text, unique

MOST_SHINGLES_SHARED = 0.3
"""Unlabelled candidates above it may be true copies that nobody labelled, and are left out."""
PAIRS_AT_ONCE = 1024
DOUBTS, STATED = "doubts", "stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Features of the labelled pairs, in their order, and of candidates without a label.

    Among the features stand `DOUBTS`, what where and when the texts stand takes off the log-odds, and `STATED`, what
    the days that they state do.
    """

    labelled: dict[str, np.ndarray]
    unlabelled: dict[str, np.ndarray]
    unlabelled_ids: list[tuple[str, str]]
    corpus_of: dict[str, str]

    def corpus_of_unlabelled(self, k: int) -> str:
        """The corpus of the left text of a candidate."""
        return self.corpus_of[self.unlabelled_ids[k][0]]


def propose(labelled: Labelled, config: Config) -> tuple[np.ndarray, np.ndarray, collection.Evidence]:
    """Candidates (left, right) as rows of the documents, and the evidence of the collection."""
    texts = text.encode([document.text for document in labelled.documents])
    sketches = sketch.build(texts, config.sketch, config.passages)
    banded = candidates.propose(sketches, config.candidates)
    shared = passages.propose(sketches, sketch.deal([sketches]), config.passages)
    agreement = candidates.agreement(sketches, banded, np.arange(len(sketches)))
    near = unique.near_groups(candidates.alike(banded, agreement, config.evidence.near_agreement), len(sketches))
    listed = [(document.id, document.url, document.source, document.date) for document in labelled.documents]
    ids, urls, sources, dates = (list(column) for column in zip(*listed, strict=True))
    keys = collection.keys(sources, urls, dates)._asdict()
    corpus = Corpus(ids=ids, texts=texts, urls=urls, sources=sources, dates=dates, **keys)
    evidence = collection.learn(corpus, near, text.hashed, config.evidence)
    merged = unique.merge(banded, shared)
    return merged.left, merged.right, evidence


def measure(labelled: Labelled, config: Config | None = None) -> Pairs:
    """Features of the labelled pairs and of all candidates of one corpus that have no label."""
    config = config or Config()
    row_of = {document.id: row for row, document in enumerate(labelled.documents)}
    corpus_of = {name: pair.corpus for pair in labelled.pairs for name in (pair.left, pair.right)}
    left, right, evidence = propose(labelled, config)
    corpora = np.array([corpus_of.get(document.id, "") for document in labelled.documents])
    pairs = np.array([(row_of[pair.left], row_of[pair.right]) for pair in labelled.pairs], np.int64).reshape(-1, 2)
    named = {(min(a, b), max(a, b)) for a, b in pairs.tolist()}
    free = np.array([(a, b) not in named for a, b in zip(left.tolist(), right.tolist(), strict=True)], bool)
    free &= (corpora[left] == corpora[right]) & (corpora[left] != "")
    unlabelled, scores = _features(labelled, np.column_stack([left[free], right[free]]), evidence, config)
    kept = scores["shingles"] < MOST_SHINGLES_SHARED
    ids = [document.id for document in labelled.documents]
    return Pairs(
        labelled=_features(labelled, pairs, evidence, config)[0],
        unlabelled={name: column[kept] for name, column in unlabelled.items()},
        unlabelled_ids=[(ids[a], ids[b]) for a, b in zip(left[free][kept], right[free][kept], strict=True)],
        corpus_of=corpus_of,
    )


def _features(
    labelled: Labelled, pairs: np.ndarray, evidence: collection.Evidence, config: Config
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Features of pairs of rows, and the plain resemblance of their shingles."""
    texts, keys = text.encode([document.text for document in labelled.documents]), _keys(labelled)
    parts = []
    for chunk in np.array_split(pairs, len(pairs) // PAIRS_AT_ONCE + 1):
        used, places = np.unique(chunk, return_inverse=True)
        left, right = places.reshape(-1, 2).T
        own = Keys(*(column[used] for column in keys))
        tokens = text.tokenize(texts, used)
        aligned = align.compare(tokens, (left, right), own, evidence, config.align)
        parts.append(dict(dateline.measured(aligned, tokens, text.word_hashes).scores))
    scores = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    union = scores["shingles_left"] + scores["shingles_right"] + scores["shingles_both"]
    doubts = {DOUBTS: relation.doubts(scores, config.relation), STATED: relation.stated_doubts(scores, config.relation)}
    return relation.features(scores) | doubts, {"shingles": scores["shingles_both"] / np.maximum(union, 1)}


def _keys(labelled: Labelled) -> Keys:
    listed = [(document.source, document.url, document.date) for document in labelled.documents]
    return collection.keys(*(list(column) for column in zip(*listed, strict=True)))
