"""The path of the data, on one page: documents in, report out. What each step does stands in its stage."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from dedup.arrays import Hashes, Rows
from dedup.config import Config
from dedup.records import RELATIONS, Candidates, Corpus, Document, Match, Nodes, Report, Skipped
from dedup.stages import candidates, cluster, collection, gather, keep, passages, report, sketch, text, unique
from dedup.verify import Known, as_member, confidences, judge

__all__ = ["compare", "compare_pairs", "scan"]

Tell = Callable[[str, int, int], None]
"""Is told of progress: the stage, how much of it is done, of how much (0 when not known)."""


def scan(documents: Iterable[Document | Skipped], config: Config | None = None, tell: Tell = lambda *_: None) -> Report:
    """Find the clusters of copies among `documents`, whose ids must differ (`InputError`).

    The answer depends neither on the order of the documents (but for the policy `first`) nor on `config.threads`.
    """
    config = config or Config()
    corpus, skipped = gather.gather(documents, partial(tell, "reading"))
    rank = keep.rank(corpus, config.cluster.keep)
    nodes, proposed, known = _learn(corpus, rank, config, tell)
    wanted = {*config.report.relations, *config.cluster.joining}
    judged = judge(known, (proposed.left, proposed.right), wanted, config, partial(tell, "comparing"))
    groupings = cluster.build(
        *judged.joining(config.cluster.joining), partial(confidences, known, config), rank[nodes.first], config.cluster
    )
    missing = report.against_representatives(groupings, judged.matches, config.cluster.joining)
    matches = judged.matches | judge(known, missing, RELATIONS, as_member(config)).matches
    clusters = report.clusters(corpus, nodes, groupings, matches)
    found = sorted([*matches.values(), *report.copies(corpus, nodes)], key=lambda match: (match.left, match.right))
    return Report(
        matches=found, clusters=clusters, decisions=report.decisions(corpus, clusters), skipped=skipped,
        summary=report.counts(corpus, len(proposed), found, clusters, proposed.cuts),
    )  # fmt: skip


def compare(left: Document, right: Document, config: Config | None = None) -> Match:
    """What two texts are to one another when nothing else is known; `left` stays left."""
    config = config or Config()
    corpus, _ = gather.gather([replace(left, id="left"), replace(right, id="right")])
    known = _known(corpus, np.arange(2), collection.background(config.evidence))
    match = judge(known, (np.array([0]), np.array([1])), RELATIONS, config).matches[0, 1]
    return replace(match, left=left.id, right=right.id)


def compare_pairs(
    documents: Iterable[Document | Skipped], pairs: Iterable[tuple[str, str]], config: Config | None = None
) -> Iterator[Match | Skipped]:
    """What each pair of ids is to one another, in a collection that says how rare their words are."""
    config = config or Config()
    corpus, skipped = gather.gather(documents)
    yield from skipped
    _, _, learned = _learn(corpus, keep.rank(corpus, ()), config)
    known = _known(corpus, np.arange(len(corpus)), learned.evidence)
    row_of = {name: row for row, name in enumerate(corpus.ids)}
    for left, right in pairs:
        unknown = [name for name in (left, right) if name not in row_of]
        if unknown or left == right:
            reason = f"no document is called {unknown[0]!r}" if unknown else "a document is not compared with itself"
            yield Skipped(place=f"pair {left} {right}", reason=reason)
            continue
        a, b = sorted((row_of[left], row_of[right]))
        yield judge(known, (np.array([a]), np.array([b])), RELATIONS, config).matches[a, b]


def _learn(corpus: Corpus, rank: Rows, config: Config, tell: Tell = lambda *_: None) -> tuple[Nodes, Candidates, Known]:
    """The different texts of a corpus, the pairs worth comparing, and the evidence that the collection gives."""
    sketches = sketch.build(corpus.texts, config.sketch, config.passages)
    nodes = unique.group(sketches, rank, corpus.blank)
    node_sketches = unique.take(sketches, nodes.first)
    banded = candidates.propose(node_sketches, config.candidates)
    proposed = unique.merge(banded, passages.propose(node_sketches, config.passages))
    counted = nodes.first[unique.near_groups(node_sketches, banded, config.evidence.near_agreement)]
    sites = _sites(corpus)
    evidence = collection.learn(corpus.texts, sites, counted, text.tokenize, config.evidence)
    return nodes, proposed, _known(corpus, nodes.first, evidence)


def _known(corpus: Corpus, rows: Rows, evidence: collection.Evidence) -> Known:
    return Known(corpus=corpus, rows=rows, id_rank=keep.rank(corpus, ()), sites=_sites(corpus), evidence=evidence)


def _sites(corpus: Corpus) -> Hashes:
    return collection.site_keys([collection.site(s, u) for s, u in zip(corpus.sources, corpus.urls, strict=True)])
