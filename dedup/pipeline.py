"""The path of the data, on one page: documents in, report out. What each step does stands in its stage."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from dedup.arrays import Hashes, Rows
from dedup.clock import Clock
from dedup.config import Config
from dedup.records import RELATIONS, Candidates, Corpus, Document, Match, Nodes, Report, Skipped
from dedup.stages import candidates, cluster, collection, gather, keep, passages, report, sketch, text, unique
from dedup.verify import Known, as_member, confidences, judge
from dedup.versions import versions

__all__ = ["compare", "compare_pairs", "scan"]

Tell = Callable[[str, int, int], None]
"""Is told of progress: the stage, how much of it is done, of how much (0 when not known)."""


def scan(documents: Iterable[Document | Skipped], config: Config | None = None, tell: Tell = lambda *_: None) -> Report:
    """Find the clusters of copies among `documents`, whose ids must differ (`InputError`).

    The answer depends neither on the order of the documents (but for the policy `first`) nor on `config.threads`.
    """
    config, clock = config or Config(), Clock()
    corpus, skipped = clock("read", gather.gather, documents, partial(tell, "reading"))
    rank = keep.rank(corpus, config.cluster.keep)
    nodes, proposed, known = _learn(corpus, rank, config, clock)
    wanted = {*config.report.relations, *config.cluster.joining}
    candidate_pairs = proposed.left, proposed.right
    judged = clock("verify", judge, known, candidate_pairs, wanted, config, partial(tell, "comparing"))
    joining, verify = judged.joining(config.cluster.joining), partial(confidences, known, config)
    measured = judged.left, judged.right, judged.verdicts.confidence
    groupings = clock("cluster", cluster.build, joining, measured, verify, rank[nodes.first], config.cluster)
    unmeasured = report.against_representatives(groupings, judged.matches, config.cluster.joining)
    matches = judged.matches | judge(known, unmeasured, RELATIONS, as_member(config)).matches
    clusters = clock("report", report.clusters, corpus, nodes, groupings, matches)
    found = sorted([*matches.values(), *report.copies(corpus, nodes)], key=lambda match: (match.left, match.right))
    counted = report.counts(corpus, len(proposed), found, clusters, proposed.cuts)
    about = {"settings_digest": config.digest(), "settings": config.settings(), "versions": versions()}
    summary = {**counted, **about, "timings": clock.timings}
    decisions = report.decisions(corpus, clusters)
    return Report(matches=found, clusters=clusters, decisions=decisions, skipped=skipped, summary=summary)


def compare(left: Document, right: Document, config: Config | None = None) -> Match:
    """What two texts are to one another when nothing else is known; `left` stays left."""
    config = config or Config()
    corpus, _ = gather.gather([replace(left, id="left"), replace(right, id="right")])
    rows, evidence = np.arange(2), collection.background(config.evidence)
    known = Known(corpus=corpus, rows=rows, order=rows, sites=_sites(corpus), evidence=evidence)
    match = judge(known, (np.array([0]), np.array([1])), RELATIONS, config).matches[0, 1]
    return replace(match, left=left.id, right=right.id)


def compare_pairs(
    documents: Iterable[Document | Skipped], pairs: Iterable[tuple[str, str]], config: Config | None = None
) -> tuple[list[Match], list[Skipped]]:
    """What each pair of ids is to one another, in a collection that says how rare their words are.

    Also whatever could not be compared: documents that could not be read, and pairs of ids that are not there.
    """
    config = config or Config()
    corpus, skipped = gather.gather(documents)
    row_of = {name: row for row, name in enumerate(corpus.ids)}
    wanted = list(pairs)
    skipped += [_missing(pair, row_of) for pair in wanted if not row_of.keys() >= {*pair}]
    rows = np.array([row_of[name] for pair in wanted if row_of.keys() >= {*pair} for name in pair], np.int64)
    _, _, learned = _learn(corpus, keep.rank(corpus, ()), config, Clock())
    known = replace(learned, rows=rows, order=np.arange(len(rows)))
    both = np.arange(len(rows)).reshape(-1, 2)
    return list(judge(known, (both[:, 0], both[:, 1]), RELATIONS, config).matches.values()), skipped


def _missing(pair: tuple[str, str], row_of: Mapping[str, int]) -> Skipped:
    unknown = next(name for name in pair if name not in row_of)
    return Skipped(place=f"pair {pair[0]}, {pair[1]}", reason=f"no document is called {unknown!r}")


def _learn(corpus: Corpus, rank: Rows, config: Config, clock: Clock) -> tuple[Nodes, Candidates, Known]:
    """The different texts of a corpus, the pairs worth comparing, and the evidence that the collection gives."""
    sketches = clock("sketch", sketch.build, corpus.texts, config.sketch, config.passages, config.threads or None)
    nodes = unique.group(sketches, rank, corpus.blank)
    node_sketches = unique.take(sketches, nodes.first)
    banded = clock("candidates", candidates.propose, node_sketches, config.candidates)
    shared = clock("passages", passages.propose, node_sketches, config.passages, banded)
    near = unique.near_groups(node_sketches, banded, config.evidence.near_agreement)
    sites, counted = _sites(corpus), collection.one_a_page(nodes.first[near], corpus.urls)
    evidence = clock("evidence", collection.learn, corpus.texts, sites, counted, text.tokenize, config.evidence)
    order = keep.rank(corpus, ())[nodes.first]
    known = Known(corpus=corpus, rows=nodes.first, order=order, sites=sites, evidence=evidence)
    return nodes, unique.merge(banded, shared), known


def _sites(corpus: Corpus) -> Hashes:
    return collection.site_keys([collection.site(s, u) for s, u in zip(corpus.sources, corpus.urls, strict=True)])
