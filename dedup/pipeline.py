"""The path of the data, on one page: documents in, report out. What each step does stands in its stage."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Hashes, Means, Rows
from dedup.batches import Batch, Deferred, as_old, batches, checked
from dedup.clock import Clock
from dedup.config import Config, given
from dedup.engines import local
from dedup.engines.store import Store
from dedup.errors import InputError
from dedup.io import frames, reread
from dedup.io.frames import Frame
from dedup.records import (
    RELATIONS,
    Candidates,
    Corpus,
    Document,
    Grouping,
    Keys,
    Match,
    Nodes,
    Report,
    Skipped,
)  # fmt: skip
from dedup.sequences import Lazy
from dedup.sites import host, site
from dedup.sketched import Fingerprints, Signed, Sketches
from dedup.stages import (
    candidates,
    cluster,
    collection,
    found,
    gather,
    keep,
    passages,
    removal,
    report,
    roundups,
    sketch,
    text,
    unique,
)  # fmt: skip
from dedup.verify import (
    Judged,
    Known,
    as_held,
    as_member,
    as_part,
    codes,
    confidences,
    judge,
    judge_parts,
    named,
    related,
    reworded,
)
from dedup.versions import versions

__all__ = [
    "Learned",
    "clustered",
    "compare",
    "compare_pairs",
    "grouped",
    "held_apart",
    "learn",
    "reported",
    "scan",
    "sketched",
    "verified",
    "verified_as_held",
    "wanted",
]  # fmt: skip

BATCH_BYTES = 1 << 22
SURE = 0.9
"""Agreement of signatures from which on two texts are copies, whatever else is known of them."""

Items = Iterable[Document | Skipped | Batch | Deferred]
Documents = Items | Frame
Tell = Callable[[str, int, int], None]
"""Is told of progress: what is counted, how many there are by now, of how many (0 when not known)."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A collection before its texts are compared: `rank` orders some of its rows by the policies of what is kept."""

    named: report.Named
    rank: Callable[[Rows], Rows]
    proposed: Candidates
    known: Known
    skipped: list[Skipped]


def scan(
    documents: Documents, config: Config | None = None, tell: Tell = silent, store: Store | None = None,
    against: Documents = (),
) -> Report:  # fmt: skip
    """Find the clusters of copies among `documents`, whose ids must differ (`InputError`), and with those of `against`.

    Those are of an older collection: they are compared with one another only where a new one brings several into a
    cluster, all of them are kept, and a cluster that has one is represented by it; what is decided is decided of
    `documents`.

    The answer depends neither on the order of the documents (but for the policy `first`) nor on `config.threads`. It is
    made when looked at, from columns in `store`, whose context, if it is given, must then still be open.
    """
    config, clock = given(config, Config), Clock()
    store = store or Store(config.memory_bytes)
    new, old = frames.documents(documents, config.input), frames.documents(against, config.input, "against")
    together = chain(batches(new, BATCH_BYTES), as_old(old, BATCH_BYTES))
    learned = learn(together, config, clock, store, tell)
    pairs = learned.proposed.left, learned.proposed.right
    matched = clock("verify", verified, learned.known, pairs, wanted(config), config, store, tell)
    groupings = clock("cluster", clustered, learned.known, matched, learned.rank, config)
    return reported(learned, matched, groupings, config, clock)


def reported(learned: Learned, matched: found.Found, groupings: list[Grouping], config: Config, clock: Clock) -> Report:
    """What is told of matches and clusters."""
    corpus, proposed, named = learned.named.corpus, learned.proposed, learned.named
    clusters = clock("report", report.cluster, named, groupings, matched)
    matches, relations = clock("report", report.matches, named, matched, codes(wanted(config)))
    keeps = clusters.keeps(corpus)
    removals = clock("report", removal.shares, corpus.sites[: corpus.n_new], keeps, partial(_site_of, corpus))
    counted = report.counts(corpus, len(proposed), relations, clusters, proposed.cuts)
    about = {
        "date_trust": round(learned.known.date_trust, 3),
        "lists": len(learned.known.lists),
        "reworded_sites": _names(corpus, learned.known.reworded),
        "settings_digest": config.digest(),
        "settings": config.settings(),
        "versions": versions(),
    }
    return Report(
        matches=matches, clusters=clusters.named(corpus), decisions=clusters.decisions(corpus, named.places),
        keeps=Lazy(len(keeps), partial(_is_kept, keeps)), removals=removals, skipped=learned.skipped,
        summary={**counted, **about, "timings": clock.timings},
    )  # fmt: skip


def learn(documents: Items, config: Config, clock: Clock, store: Store, tell: Tell = silent) -> Learned:
    """All that a scan does before it compares."""
    gathered = clock("sketch", sketched, documents, config, store, tell)
    corpus, sketches = gathered.corpus(), gathered.sketches()
    places = clock("ids", gather.ranks, corpus.ids)
    rank = partial(keep.rank, corpus, places=places, keep=config.cluster.keep)
    nodes, proposed, known = _learn(corpus, sketches, gathered.fingerprints(), places, rank, config, clock, store)
    named = report.Named(corpus=corpus, text_hashes=sketches.text_hashes, nodes=nodes, places=places)
    return Learned(named=named, rank=rank, proposed=proposed, known=known, skipped=gathered.skipped())


def compare(left: Document, right: Document, config: Config | None = None) -> Match:
    """What two texts are to one another when nothing else is known; `left` stays left."""
    config = given(config, Config)
    (batch,) = batches([replace(checked(left), id="left"), replace(checked(right), id="right")], 1 << 62)
    rows, evidence = np.arange(2), collection.background(config.evidence)
    known = Known(corpus=gather.corpus_of(batch, _keys(batch)), rows=rows, order=rows, evidence=evidence)
    judged = judge(known, (np.array([0]), np.array([1])), RELATIONS, config)
    return judged.matches.match(0, left.id, right.id)


def compare_pairs(
    documents: Documents, pairs: Iterable[tuple[str, str]], config: Config | None = None
) -> tuple[list[Match], list[Skipped]]:
    """What each pair of ids is to one another, in a collection that says how rare their words are.

    Also whatever could not be compared: documents that could not be read, and pairs of ids that are not there.
    """
    wanted = _pairs(pairs)
    config, store = given(config, Config), Store()
    gathered = sketched(frames.documents(documents, config.input), config, store, silent)
    corpus, skipped = gathered.corpus(), gathered.skipped()
    row_of = {name: row for row, name in enumerate(corpus.ids)}
    skipped += [_missing(pair, row_of) for pair in wanted if not row_of.keys() >= {*pair}]
    rows = np.array([row_of[name] for pair in wanted if row_of.keys() >= {*pair} for name in pair], np.int64)
    places = gather.ranks(corpus.ids)
    rank = partial(keep.rank, corpus, places=places, keep=())
    sketches = gathered.sketches(), gathered.fingerprints()
    _, _, learned = _learn(corpus, *sketches, places, rank, config, Clock(), store)
    known = replace(learned, rows=rows, order=np.arange(len(rows)))
    both = np.arange(len(rows)).reshape(-1, 2)
    judged = judge(known, (both[:, 0], both[:, 1]), RELATIONS, config)
    return [match for _, match in sorted(named(known, judged.matches).items())], skipped


def _pairs(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs; InputError where one is not."""
    pairs = list(found) if isinstance(found, Iterable) else [found]
    for pair in pairs:
        if not (isinstance(pair, tuple | list) and len(pair) == 2 and all(isinstance(name, str) for name in pair)):
            raise InputError(f"pairs must be of two ids each, got {pair!r:.80}")
    return pairs


def _missing(pair: tuple[str, str], row_of: Mapping[str, int]) -> Skipped:
    unknown = next(name for name in pair if name not in row_of)
    return Skipped(place=f"pair {pair[0]}, {pair[1]}", reason=f"no document is called {unknown!r}")


def sketched(documents: Items, config: Config, store: Store, tell: Tell) -> gather.Gathering:
    """All documents and their sketches; of an earlier run's, those that it had not come to."""
    gathered, n_done = gather.Gathering(store, config.sketch, reread.read), store.done.get("batches", 0)
    parts = enumerate(batches(documents, BATCH_BYTES))
    for block in _blocks(local.ordered_map(partial(_sketch, config, n_done), parts, config.threads)):
        for made in block:
            batch = made.settle(made.batch)
            if made.kept is not None:
                gathered.add(batch, *made.kept)
        gathered.add_fingerprints(block[0].dealt or sketch.deal([made.kept[0] for made in block if made.kept]))
        # What is kept of a batch is whole with its fingerprints, so a run that is killed goes on behind a block.
        store.advance(batches=max(n_done, block[-1].number + 1))
        tell("documents", gathered.n_documents, 0)
    store.commit()
    return gathered


class _Made(NamedTuple):
    """A batch, what is left to do to it in the order of the input, and what is kept of it, unless a run had it.

    `dealt` are the fingerprints of one that makes a block of its own.
    """

    number: int
    batch: Batch
    settle: Callable[[Batch], Batch]
    kept: tuple[Sketches, Keys] | None
    dealt: Fingerprints | None


def _sketch(config: Config, n_done: int, part: tuple[int, Batch | Deferred]) -> _Made:
    number, found = part
    batch, settle = (found, _as_it_is) if isinstance(found, Batch) else (found.make(), found.settle)
    if number < n_done:
        return _Made(number, batch, settle, None, None)
    sketches = sketch.build(batch.texts, config.sketch, config.passages, 1)
    is_large = len(batch.texts.values) >= sketch.LEAST_BYTES_IN_BLOCK
    return _Made(number, batch, settle, (sketches, _keys(batch)), sketch.deal([sketches]) if is_large else None)


def _blocks(made: Iterable[_Made]) -> Iterator[list[_Made]]:
    """The batches one by one, small ones by as many as make a block: there may be a file, and so a batch, a text."""
    few: list[_Made] = []
    n_texts = n_bytes = 0
    for one in made:
        if one.dealt is not None and few:
            yield few
            few, n_texts, n_bytes = [], 0, 0
        few.append(one)
        n_texts, n_bytes = n_texts + len(one.batch.ids), n_bytes + len(one.batch.texts.values)
        if n_bytes >= sketch.LEAST_BYTES_IN_BLOCK or max(n_texts, len(few)) >= sketch.MOST_IN_BLOCK:
            yield few
            few, n_texts, n_bytes = [], 0, 0
    if few:
        yield few


def _as_it_is(batch: Batch) -> Batch:
    return batch


def _is_kept(keeps: NDArray[np.bool_], row: int) -> bool:
    return bool(keeps[row])


def _names(corpus: Corpus, sites: Hashes) -> list[str]:
    return sorted(_site_of(corpus, int(np.argmax(corpus.sites == name))) for name in sites)


def _site_of(corpus: Corpus, row: int) -> str:
    return site(corpus.sources[row], host(corpus.urls[row]))


def _keys(batch: Batch) -> Keys:
    return collection.keys(batch.sources, batch.urls, batch.dates)


def _learn(
    corpus: Corpus, sketches: Signed, fingerprints: Fingerprints, places: Rows, rank: Callable[[Rows], Rows],
    config: Config, clock: Clock, store: Store,
) -> tuple[Nodes, Candidates, Known]:  # fmt: skip
    """The different texts of a corpus, the pairs worth comparing, and the evidence that the collection gives."""
    nodes = clock("unique", unique.group, sketches, rank, corpus.blank)
    rows = nodes.first
    spread = partial(local.ordered_map, threads=config.threads)
    means = Means(store.empty, spread, store.memory_bytes, store.relieve)
    precedence = partial(keep.precedence, corpus)
    banded, crowd = clock("candidates", candidates.with_crowd, sketches, config.candidates, rows, means, precedence)
    agreement = clock("candidates", candidates.agreement, sketches, banded, rows, means)
    lists = clock("unique", candidates.lists, sketches, corpus.pages[rows], rows, means)
    corpus = collection.without_lists(corpus, lists)
    sites, pages = corpus.sites[rows], corpus.pages[rows]
    furniture = passages.Furniture(sites, pages, collection.floors(sites, config.evidence))
    near = candidates.alike(banded, agreement, config.passages.near_agreement)
    sampled = sketches, fingerprints
    shared = clock("passages", passages.propose, *sampled, config.passages, near, rows, furniture, means)
    shared = clock("passages", candidates.needed, sketches, shared, crowd, rows, means)
    groups = unique.near_groups(candidates.alike(banded, agreement, config.evidence.near_agreement), len(rows))
    evidence = clock("evidence", collection.learn, corpus, rows[groups], text.hashed, config.evidence, spread)
    proposed = _with_new(unique.merge(banded, shared), nodes.last < corpus.n_new)
    trust = collection.date_trust(corpus, nodes, candidates.alike(banded, agreement, SURE), places)
    known = Known(corpus=corpus, rows=rows, order=places[rows], evidence=evidence, date_trust=trust, lists=lists)
    return nodes, proposed, replace(known, reworded=clock("evidence", reworded, known, proposed, config))


def _with_new(proposed: Candidates, is_new: NDArray[np.bool_]) -> Candidates:
    """Without the pairs of two old nodes."""
    wanted = is_new[proposed.left] | is_new[proposed.right]
    return replace(proposed, left=proposed.left[wanted], right=proposed.right[wanted])


def wanted(config: Config) -> set[str]:
    """The relations of which matches are described."""
    return {*config.report.relations, *config.cluster.joining}


def verified(
    known: Known, pairs: tuple[Rows, Rows], wanted: Collection[str], config: Config, store: Store, tell: Tell = silent
) -> found.Found:  # fmt: skip
    """Verdicts on all pairs (left < right), and the matches that are wanted; of an earlier run's, what it left over."""
    matched, n_parts, n_pairs = found.Found(store), store.done.get("parts", 0), store.done.get("pairs", 0)
    n_matches = 0
    for part in judge_parts(known, pairs, wanted, config, n_parts):
        _add(matched, part)
        n_parts, n_pairs = n_parts + 1, n_pairs + len(part.left)
        store.advance(parts=n_parts, pairs=n_pairs)
        n_matches += len(part.matches)
        tell("matches", n_matches, 0)
        tell("pairs", n_pairs, len(pairs[0]))
    store.commit()
    matched.finish()
    return matched


def clustered(known: Known, matched: found.Found, rank: Callable[[Rows], Rows], config: Config) -> list[Grouping]:
    """The clusters, and in `matched` what is part of a roundup as such, and every member against its representative."""
    verified_as_held(known, held_apart(known, matched.pairs(), config), config, matched)
    matched.finish()
    groupings = grouped(known, matched.pairs(), rank, config)
    unmeasured = report.against_representatives(groupings, matched, codes(config.cluster.joining))
    for part in judge_parts(known, unmeasured, RELATIONS, as_member(config)):
        _add(matched, part)
    matched.finish()
    return groupings


def held_apart(known: Known, pairs: found.Pairs, config: Config) -> tuple[Rows, Rows]:
    """Pairs that were taken for one article, and of which one holds the other among others."""
    joins = np.isin(pairs.relations, codes(config.cluster.joining))
    left, right = pairs.left[joins], pairs.right[joins]
    is_held, bounds = pairs.relations[joins] == RELATIONS.index("syndicated"), known.corpus.texts.offsets
    places = roundups.parts(
        left, right, is_held, lambda nodes: bounds[known.rows[nodes] + 1] - bounds[known.rows[nodes]],
        partial(related, known, config),
    )  # fmt: skip
    return left[places], right[places]


def verified_as_held(known: Known, pairs: tuple[Rows, Rows], config: Config, matched: found.Found) -> None:
    """Add to `matched` what the pairs of a roundup and what it holds are to one another."""
    for part in judge_parts(known, pairs, RELATIONS, as_part(config)):
        _add(matched, as_held(known, part))


def grouped(known: Known, pairs: found.Pairs, rank: Callable[[Rows], Rows], config: Config) -> list[Grouping]:
    """The clusters of some measured pairs; those of pairs that no chain of likely pairs connects do not meet."""
    joins = np.isin(pairs.relations, codes(config.cluster.joining))
    joining = pairs.left[joins], pairs.right[joins], pairs.confidence[joins]
    involved = np.unique(np.concatenate(joining[:2]))
    ranks = np.zeros(len(known.rows), np.int64)
    ranks[involved] = rank(known.rows[involved])
    measured, verify = (pairs.left, pairs.right, pairs.confidence), partial(confidences, known, config)
    groupings = cluster.build(joining, measured, verify, ranks, config.cluster)
    is_old, told = known.rows >= known.corpus.n_new, cluster.at_most(verify, measured)
    return keep.old_first(groupings, is_old, ranks, told, config.cluster.member_floor)


def _add(matched: found.Found, part: Judged) -> None:
    matched.add_pairs(part.left, part.right, part.verdicts.relations, part.verdicts.confidence)
    matched.add_matches(part.matches)
