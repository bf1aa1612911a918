"""`dedup explain`: why documents are together or apart, up to the bands and passages that met."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.text import Text

from dedup.cli import view
from dedup.cli.progress import prepare
from dedup.errors import InputError
from dedup.io import documents, reports, results
from dedup.records import Cluster, Document, Match

if TYPE_CHECKING:
    from dedup.meeting import Meeting

__all__ = ["run"]

MOST_PAIRS = 10
MOST_OTHERS = 5
MOST_PASSAGES = 8
PASSAGE_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the results say of some documents: the cluster of each that has one, and matches by both ids.

    `earlier` were there before a scan against them, and are kept whatever represents their cluster; `joining` are the
    relations that join two documents.
    """

    clusters: Mapping[str, Cluster]
    matches: Mapping[frozenset[str], Match]
    earlier: Collection[str]
    joining: Collection[str]


def run(folder: Path, names: Sequence[str], docs: list[str], *, quick: bool) -> None:
    """Explain one document or cluster, or every pair of several."""
    out = view.console()
    by_name = {cluster.id: cluster for cluster in reports.read_clusters(folder / "clusters.jsonl")}
    names = list(dict.fromkeys(names))
    if len(names) == 1 and names[0] in by_name:
        _cluster(out, by_name[names[0]], folder)
        return
    known = _known(folder, by_name.values(), set(names))
    if len(names) == 1:
        _document(out, names[0], known, folder)
        return
    if quick:
        _check_known(names, known, folder)
    pairs = list(combinations(names, 2))
    texts = {} if quick else _texts(out, folder, docs, set(names))
    for left, right in pairs[:MOST_PAIRS]:
        match = _pair(out, left, right, known)
        if not quick:
            _meeting(out, texts[left], texts[right], match, folder, docs)
        out.print()
    if len(pairs) > MOST_PAIRS:
        out.print(f"… and {len(pairs) - MOST_PAIRS} more pairs; name fewer documents to see them")


def _known(folder: Path, clusters: Iterable[Cluster], names: set[str]) -> _Known:
    of = {member.id: cluster for cluster in clusters for member in cluster.members if member.id in names}
    matches = {frozenset((match.left, match.right)): match for match in results.matches_of(folder, names)}
    told = results.summary(folder)
    earlier, joining = results.earlier(folder, told, of.values()), results.settings(told).cluster.joining
    return _Known(clusters=of, matches=matches, earlier=earlier, joining=joining)


def _cluster(out: Console, cluster: Cluster, folder: Path) -> None:
    matches = {
        match.right if match.left == cluster.representative else match.left: match
        for match in results.matches_of(folder, {cluster.representative})
    }
    view.show_cluster(out, cluster, matches)


def _document(out: Console, name: str, known: _Known, folder: Path) -> None:
    """Its cluster and place in it, its match with the kept text, and its other matches."""
    _check_known([name], known, folder)
    cluster = known.clusters.get(name)
    out.print(Text.assemble((view.called(name), "bold"), ": ", _place(name, cluster, known.earlier)))
    kept = cluster.representative if cluster else name
    _told(out, known.matches.get(frozenset((name, kept))) if kept != name else None)
    others = [match for match in known.matches.values() if kept == name or kept not in (match.left, match.right)]
    others.sort(key=lambda match: (-match.confidence, -match.coverage, match.left, match.right))
    inside = {member.id for member in cluster.members} if cluster else {name}
    for match in others[:MOST_OTHERS]:
        other = match.right if match.left == name else match.left
        where = "in its cluster" if other in inside else "apart"
        out.print(Text.assemble("  ", (view.called(other), "bold"), "  ", (match.relation, "yellow"), f"  {where}"))
        view.show_evidence(out, match)
    if len(others) > MOST_OTHERS:
        out.print(f"  … and {len(others) - MOST_OTHERS:,} more matches")


def _place(name: str, cluster: Cluster | None, earlier: Collection[str]) -> str:
    if cluster is None:
        return "in no cluster, kept"
    size = f"{len(cluster.members):,} documents"
    if cluster.representative == name:
        return f"the kept text of cluster {cluster.id}, {size}"
    if name in earlier:
        return f"in cluster {cluster.id}, {size}; kept, as it was there before"
    return f"in cluster {cluster.id}, {size}; {view.called(cluster.representative)} is kept instead"


def _check_known(names: Sequence[str], known: _Known, folder: Path) -> None:
    """InputError where the results have no document of one of the names."""
    missing = set(names).difference(known.clusters, *known.matches)
    missing = missing.difference(results.decided(folder)) if missing else missing
    for name in sorted(missing):
        raise InputError(f"no document or cluster of the results is called {name!r}")


def _pair(out: Console, left: str, right: str, known: _Known) -> Match | None:
    """Whether two are together, by what match; or by which two if each was compared with the kept text only."""
    a, b = known.clusters.get(left), known.clusters.get(right)
    together = a is not None and a is b
    names = (view.called(left), "bold"), " and ", (view.called(right), "bold")
    out.print(Text.assemble(*names, ": ", ("together" if together else "apart", "green" if together else "yellow")))
    for name, cluster in ((left, a), (right, b)):
        out.print(view.Hanging("  ", f"{view.called(name)} is {_place(name, cluster, known.earlier)}"))
    match = known.matches.get(frozenset((left, right)))
    if match is not None:
        _told(out, match)
        if not together:
            out.print(view.Hanging("  ", f"apart, as {'; '.join(_why_apart(match, known))}"))
    elif together and a is not None:
        for name in (left, right):
            direct = known.matches.get(frozenset((name, a.representative)))
            if direct is not None:
                out.print(Text(f"  {view.called(name)} and the kept text:"))
                _told(out, direct)
    return match


def _why_apart(match: Match, known: _Known) -> Iterator[str]:
    """Why two documents that have a match are not in one cluster."""
    if match.relation not in known.joining:
        yield f"{match.relation} does not join"
        return
    said = False
    for name, other in ((match.left, match.right), (match.right, match.left)):
        cluster = known.clusters.get(other)
        if cluster is None or cluster.representative in (name, other):
            continue
        kept, said = cluster.representative, True
        direct = known.matches.get(frozenset((name, kept)))
        found = f"{direct.relation}, confidence {direct.confidence:.2f}" if direct else "no match of them is reported"
        yield f"{view.called(name)} is not confirmed by the kept text {view.called(kept)}: {found}"
    if not said:
        yield "too little connects the texts around the one with those around the other"


def _told(out: Console, match: Match | None) -> None:
    if match is not None:
        out.print(Text.assemble("  ", (match.relation, "yellow"), f", confidence {match.confidence:.2f}"))
        view.show_evidence(out, match)


def _texts(out: Console, folder: Path, docs: list[str], names: set[str]) -> dict[str, Document]:
    """The named documents out of all; InputError where one is not there."""
    told = results.summary(folder)
    paths, config = results.input_of(told, docs)
    prepare(out, paths)
    read = documents.read_apart(results.collections(told, paths), config)
    found = {d.id: d for d in read if isinstance(d, Document) and d.id in names}
    for name in names - found.keys():
        raise InputError(f"no document called {name!r} in {', '.join(paths)}")
    return found


def _meeting(out: Console, left: Document, right: Document, match: Match | None, folder: Path, docs: list[str]) -> None:
    """The bands and passages that met; and what the two are to one another, where the scan does not say."""
    from dedup.meeting import are_shared, meet

    config = results.settings(results.summary(folder))
    texts = {left.id: left.text, right.id: right.text}
    if match is not None and not are_shared(match.passages, texts[match.left], texts[match.right]):
        changed = "! at least one of the two texts has changed since the scan: what follows is of them as they are now"
        out.print(view.Hanging("  ", changed))
    met = meet(left.text, right.text, config)
    if match is None:
        from dedup.pipeline import compare

        out.print("  The scan reported no match of these two. Compared now, without the collection:")
        _told(out, compare(left, right, config))
    least = int(np.ceil(config.candidates.min_agreement * met.n_hashes))
    bands = f" ({', '.join(str(band + 1) for band in met.bands[:12])}{' …' if len(met.bands) > 12 else ''})"
    agree = f"signatures agree in {met.n_agree} of {met.n_hashes} places, {least} are needed"
    out.print(view.Hanging("  ", f"bands: {len(met.bands)} of {met.n_bands} met{bands if met.bands else ''}; {agree}"))
    shared = f"{len(met.hashes)} fingerprints shared, of {met.n_left:,} and {met.n_right:,}"
    most = f"one that stands in more than {config.passages.max_frequency} texts does not count"
    out.print(view.Hanging("  ", f"passages: {shared}; {most}"))
    for line in _passages(met, folder, docs):
        out.print(Text(line))


def _passages(met: "Meeting", folder: Path, docs: list[str]) -> Iterator[str]:
    """The rarest shared fingerprints in words, with how many documents have each."""
    if not len(met.hashes):
        return
    from dedup.meeting import frequencies

    told = results.summary(folder)
    paths, read = results.input_of(told, docs)
    order = np.argsort(met.hashes)
    batches = (batch.texts for batch in documents.read_batches(paths, read) if len(batch.ids))
    counts, n_texts = frequencies(batches, met.hashes[order], results.settings(told))
    rarest = sorted(zip(counts.tolist(), order.tolist(), strict=True))
    for n, at in rarest[:MOST_PASSAGES]:
        yield f"    “{view.plain(met.words[at])[:PASSAGE_CHARACTERS]}” in {n:,} of {n_texts:,} documents"
    if len(rarest) > MOST_PASSAGES:
        yield f"    … and {len(rarest) - MOST_PASSAGES:,} more, in up to {rarest[-1][0]:,} documents"
