"""What follows on the tasks that read: each step in shares that may be done anywhere, in any order, twice, or again.

    propose ──▶ compare ──▶ lay_parts ──▶ compare ──▶ lay_links ──▶ link ──▶ lay_members ──▶ compare ──▶ gathered
    (one)       (shares)    (one)         (shares)    (one)         (shares) (one)           (shares)    (one)

A step leaves a folder that appears when it is complete; a share that finds its folder there does nothing.
"""

from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.arrays import Rows
from dedup.clock import Clock
from dedup.config import Config
from dedup.engines.store import Store
from dedup.io import arrays, runs
from dedup.pipeline import Learned, Tell, grouped, held_apart, learn, silent, verified, verified_as_held, wanted
from dedup.records import RELATIONS, Candidates, Cut, Grouping, Nodes
from dedup.spread.tasks import Job, gathering, merged, own_store
from dedup.stages import collection, found, keep, report
from dedup.verify import Known, as_member, codes, in_chunks

__all__ = [
    "LINKS",
    "MEMBERS",
    "PARTS",
    "PROPOSED",
    "Share",
    "compare",
    "gathered",
    "groupings",
    "lay_links",
    "lay_members",
    "lay_parts",
    "link",
    "proposal",
    "propose",
]  # fmt: skip

PROPOSED, PARTS, LINKS, MEMBERS = "proposed", "parts", "links", "members"
TIE = 1e-6
"""Confidences are rounded before they are compared with a floor."""


class Share(NamedTuple):
    """Share `number`, from 0, of `n_shares`."""

    number: int
    n_shares: int

    def part(self, n: int) -> slice:
        """Its part of `n` things in a row."""
        return slice(self.number * n // self.n_shares, (self.number + 1) * n // self.n_shares)

    def name(self, step: str) -> str:
        """The folder of what it leaves."""
        return f"{step}-{self.number + 1:05}-of-{self.n_shares:05}"


def propose(job: Job, clock: Clock, tell: Tell = silent) -> None:
    """What has to be seen in one place before texts are compared: which differ, which to compare, what is rare."""
    if (job.folder / PROPOSED).exists():
        return
    with merged(job) as store, runs.piece(job.folder, PROPOSED) as folder:
        learned = learn((), job.config, clock, store, tell)
        nodes, known, cuts = learned.named.nodes, learned.known, learned.proposed.cuts
        _save_pairs(folder, known, learned.proposed.left, learned.proposed.right)
        arrays.save(folder, {f"nodes_{name}": getattr(nodes, name) for name in ("rows", "offsets", "n_tokens")})
        arrays.save(folder, {f"evidence_{name}": getattr(known.evidence, name) for name in known.evidence._fields})
        counts = np.array([(cut.n_times, cut.n_left_out) for cut in cuts], np.int64).reshape(-1, 2)
        bounds = np.array([cut.bound for cut in cuts], "U64")
        arrays.save(
            folder, {"date_trust": np.array([known.date_trust]), "reworded": known.reworded, "lists": known.lists}
        )
        arrays.save(folder, {"places": learned.named.places, "cuts": counts, "cut_bounds": bounds})


def proposal(job: Job) -> Learned:
    """What `propose` has left, its columns mapped."""
    with merged(job) as store:
        held = gathering(job, store)
        corpus, text_hashes, skipped = held.corpus(), held.sketches().text_hashes, held.skipped()
    kept = arrays.load(job.folder / PROPOSED)
    nodes, places = Nodes(**{name: kept[f"nodes_{name}"] for name in ("rows", "offsets", "n_tokens")}), kept["places"]
    counts = zip(kept["cut_bounds"].tolist(), kept["cuts"].tolist(), strict=True)
    cuts = tuple(Cut(bound=bound, n_times=times, n_left_out=left_out) for bound, (times, left_out) in counts)
    evidence = collection.Evidence(*(kept[f"evidence_{name}"] for name in collection.Evidence._fields))
    corpus, rows = collection.without_lists(corpus, kept["lists"]), nodes.first
    return Learned(
        named=report.Named(corpus=corpus, text_hashes=text_hashes, nodes=nodes, places=places),
        rank=partial(keep.rank, corpus, places=places, keep=job.config.cluster.keep),
        proposed=Candidates(left=kept["left"], right=kept["right"], cuts=cuts),
        known=Known(
            corpus=corpus, rows=rows, order=places[rows], evidence=evidence, date_trust=float(kept["date_trust"][0]),
            reworded=kept["reworded"], lists=kept["lists"],
        ),
        skipped=skipped,
    )  # fmt: skip


def compare(job: Job, step: str, share: Share) -> int:
    """Align and classify a share of the pairs of PROPOSED, PARTS or MEMBERS; how many bytes of texts were read."""
    kept = arrays.load(job.folder / step)
    ends, chunks = np.append(0, kept["ends"]), share.part(len(kept["ends"]))
    pairs = slice(int(ends[chunks.start]), int(ends[chunks.stop]))
    left, right = np.array(kept["left"][pairs]), np.array(kept["right"][pairs])
    known = _proposal(job).known
    if not (job.folder / share.name(step)).exists():
        with runs.piece(job.folder, share.name(step)) as folder, own_store(job, folder) as store:
            if step == PARTS:
                verified_as_held(known, (left, right), job.config, found.Found(store))
            else:
                verified(known, (left, right), *_asked(job.config, step), store)
            store.commit()
    rows, offsets = known.rows[np.unique(np.append(left, right))], known.corpus.texts.offsets
    return int((offsets[rows + 1] - offsets[rows]).sum())


def shares(job: Job, step: str, n_most: int) -> list[Share]:
    """The shares of PROPOSED, PARTS, LINKS or MEMBERS: `n_most`, or as many as there are parts that are not divided."""
    n_shares = min(n_most, len(arrays.load(job.folder / step)["ends"]))
    return [Share(number, n_shares) for number in range(n_shares)]


def gathered(job: Job, steps: Sequence[str], n_most: int, store: Store) -> found.Found:
    """The verdicts and matches that all shares of some steps have left, in columns of `store`."""
    matched = found.Found(store)
    for step in steps:
        for share in shares(job, step, n_most):
            with own_store(job, job.folder / share.name(step)) as own:
                store.extend(own)
    matched.finish()
    return matched


def likely(job: Job, pairs: found.Pairs) -> tuple[Rows, Rows]:
    """The pairs along which clusters may grow, of nodes that a match joins to any."""
    joins = np.isin(pairs.relations, codes(job.config.cluster.joining))
    likely = joins | (pairs.confidence >= job.config.cluster.mean_floor - TIE)
    involved = np.unique(np.concatenate([pairs.left[joins], pairs.right[joins]]))
    likely &= _is_in(pairs.left, involved) & _is_in(pairs.right, involved)
    return pairs.left[likely], pairs.right[likely]


def lay_links(job: Job, pairs: found.Pairs, components: tuple[Rows, Rows]) -> None:
    """Lay the measured pairs for `link`, by component; `components` are nodes, ascending, and whose each is."""
    if (job.folder / LINKS).exists():
        return
    nodes, names = components
    inside = np.flatnonzero(_is_in(pairs.left, nodes) & _is_in(pairs.right, nodes))
    own, other = (names[np.searchsorted(nodes, side[inside])] for side in (pairs.left, pairs.right))
    inside, own = inside[own == other], own[own == other]
    order = np.argsort(own, kind="stable")
    with runs.piece(job.folder, LINKS) as folder:
        arrays.save(folder, {name: values[inside[order]] for name, values in pairs._asdict().items()})
        arrays.save(folder, {"ends": np.flatnonzero(np.append(np.diff(own[order]) != 0, len(own) > 0)) + 1})


def link(job: Job, share: Share) -> int:
    """The clusters of a share of the components; returns 0, as what texts they need is read a pair at a time."""
    if not (job.folder / share.name(LINKS)).exists():
        kept = arrays.load(job.folder / LINKS)
        # Components by their pairs and not by their number, as one may hold most pairs.
        ends = np.append(0, kept["ends"])
        first, last = (int(ends[np.searchsorted(ends, at * int(ends[-1]) // share.n_shares)]) for at in _both(share))
        order = np.lexsort((kept["right"][first:last], kept["left"][first:last]))
        pairs = found.Pairs(*(np.array(kept[name][first:last])[order] for name in found.Pairs._fields))
        learned = _proposal(job)
        made = grouped(learned.known, pairs, learned.rank, job.config) if len(order) else []
        with runs.piece(job.folder, share.name(LINKS)) as folder:
            arrays.save(folder, {
                "representatives": np.array([g.representative for g in made], np.int64),
                "weakest": np.array([g.weakest for g in made], np.float64),
                "sizes": np.array([len(g.members) for g in made], np.int64),
                "members": np.array([m for g in made for m in g.members], np.int64),
            })  # fmt: skip
    return 0


def groupings(job: Job, n_most: int) -> list[Grouping]:
    """The clusters that all shares have left, in the order in which one process makes them."""
    made = []
    for share in shares(job, LINKS, n_most):
        kept = arrays.load(job.folder / share.name(LINKS))
        ends = np.cumsum(kept["sizes"])
        columns = (kept[name].tolist() for name in ("representatives", "weakest", "sizes"))
        for representative, weakest, size, end in zip(*columns, ends.tolist(), strict=True):
            members = tuple(kept["members"][end - size : end].tolist())
            made.append(Grouping(representative=representative, members=members, weakest=weakest))
    return sorted(made, key=lambda grouping: grouping.members)


def lay_parts(job: Job, matched: found.Found, known: Known) -> None:
    """Lay the pairs of a roundup and what it holds, for `compare`."""
    if not (job.folder / PARTS).exists():
        left, right = held_apart(known, matched.pairs(), job.config)
        with runs.piece(job.folder, PARTS) as folder:
            _save_pairs(folder, known, left, right)


def lay_members(job: Job, made: Sequence[Grouping], matched: found.Found, known: Known) -> None:
    """Lay the pairs of a member and its representative that are not matches yet, for `compare`."""
    if not (job.folder / MEMBERS).exists():
        left, right = report.against_representatives(made, matched, codes(job.config.cluster.joining))
        with runs.piece(job.folder, MEMBERS) as folder:
            _save_pairs(folder, known, left, right)


@lru_cache(1)
def _proposal(job: Job) -> Learned:
    """Once a process, which does many shares."""
    return proposal(job)


def _save_pairs(folder: Path, known: Known, left: Rows, right: Rows) -> None:
    """Pairs in chunks whose texts stand together, each of which is read where they are compared."""
    chunks = in_chunks(known, left, right)
    order = np.concatenate([np.empty(0, np.int64), *chunks])
    ends = np.cumsum([len(chunk) for chunk in chunks], dtype=np.int64)
    arrays.save(folder, {"left": left[order], "right": right[order], "ends": ends})


def _asked(config: Config, step: str) -> tuple[set[str], Config]:
    """Relations of which matches are described, and by which settings."""
    return (wanted(config), config) if step == PROPOSED else (set(RELATIONS), as_member(config))


def _both(share: Share) -> tuple[int, int]:
    return share.number, share.number + 1


def _is_in(values: Rows, known: Rows) -> NDArray[np.bool_]:
    """Whether each value is among `known`, ascending."""
    if not len(known):
        return np.zeros(len(values), bool)
    found: NDArray[np.bool_] = known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values
    return found
