"""Runs over samples of a collection, each in a process of its own, so that time and memory are those of a run."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from itertools import islice
from math import ceil
from pathlib import Path
from typing import TypeAlias

import numpy as np

from dedup import plan
from dedup.arrays import Rows
from dedup.batches import Batch, Deferred
from dedup.clock import Clock
from dedup.config import RESOURCES, Config, InputConfig
from dedup.engines.store import Store
from dedup.errors import EngineError
from dedup.io import documents, reports, results, samples
from dedup.io.formats import silent
from dedup.io.names import Names
from dedup.machine import peak_bytes
from dedup.pipeline import BATCH_BYTES, Learned, learn, scan
from dedup.plan import Plan, Trial, Whole
from dedup.verify import in_chunks, judge, named

__all__ = ["main", "planned", "proposed", "scanned"]

SAMPLE_BYTES = 256 << 20
N_PAIRS = 3 << 13
"""About so many are compared, in chunks as a scan would: neighbors share their texts."""
N_MATCHES = 500
Step: TypeAlias = Callable[[Iterable[Batch | Deferred], Config, Store], Trial]
LEAST_BUCKET = 2
LEAST_TEXTS = 200
"""A smaller sample tells nothing."""


def planned(paths: Sequence[str], config: Config, sample_bytes: int = SAMPLE_BYTES, *, keeps: bool = False) -> Plan:
    """What a scan of `paths` would find and take; ConfigError where that is absurd.

    `keeps` where the scan will lay down all that it does, to be resumed.
    """
    plan.refusal(config)
    twice = documents.are_read_twice(paths)
    with tempfile.TemporaryDirectory(prefix="dedup-plan-") as name:
        folder = Path(name)
        drawn = samples.draw(paths, config.input, folder, sample_bytes)
        first = samples.SMALL if drawn.n_small >= LEAST_TEXTS else samples.LARGE
        sizes = {samples.SMALL: drawn.n_small, samples.LARGE: drawn.n_large}
        small, large = (
            _run(folder / name, _of_share(config, sizes[name] / drawn.n_documents), step, keeps=keeps, twice=twice)
            for name, step in ((first, scanned), (samples.LARGE, proposed))
        )
    whole = Whole(n_documents=drawn.n_documents, text_bytes=drawn.text_bytes)
    return plan.grown(whole, small, large, replace(config, memory_bytes=Store(config.memory_bytes).memory_bytes))


def scanned(texts: Iterable[Batch | Deferred], config: Config, store: Store) -> Trial:
    """A whole scan."""
    report = scan(texts, config, store=store)
    n_candidates = report.summary["candidates"]
    assert isinstance(n_candidates, int)
    timings = report.summary["timings"]
    assert isinstance(timings, dict)
    return Trial(
        n_documents=len(report.decisions), n_candidates=n_candidates, n_measured=n_candidates, n_matches=0, n_copies=0,
        match_bytes=0.0, held_bytes=0.0, timings=timings, memory_bytes=peak_bytes(), disk_bytes=store.n_disk_bytes,
    )  # fmt: skip


def proposed(texts: Iterable[Batch | Deferred], config: Config, store: Store) -> Trial:
    """Everything that comes before comparison, and the comparison of some runs of pairs."""
    clock = Clock()
    learned = learn(texts, config, clock, store)
    pairs = _some(learned)
    judged = clock("verify", judge, learned.known, pairs, {*config.report.relations, *config.cluster.joining}, config)
    n_matches = len(judged.matches)
    step = max(1, n_matches // N_MATCHES)
    matches = islice(named(learned.known, judged.matches).values(), None, None, step)
    sizes = [len(reports.match_json(match)) for match in matches]
    nodes = learned.named.nodes
    return Trial(
        n_documents=len(learned.named.corpus), n_candidates=len(learned.proposed), n_measured=len(pairs[0]),
        n_matches=n_matches, n_copies=len(nodes.rows) - len(nodes),
        match_bytes=sum(sizes) / max(1, len(sizes)), held_bytes=judged.matches.n_bytes / max(1, n_matches),
        timings=clock.timings, memory_bytes=peak_bytes(), disk_bytes=store.n_disk_bytes,
    )  # fmt: skip


def _of_share(config: Config, share: float) -> Config:
    """Settings for a sample in which that share of a crowd is left: what is one in the whole is one there too."""
    most = max(round(share * config.candidates.max_bucket), LEAST_BUCKET)
    return replace(config, candidates=replace(config.candidates, max_bucket=most))


def _some(learned: Learned) -> tuple[Rows, Rows]:
    """The pairs of some of the chunks in which a scan would compare them, spread over all of them."""
    left, right = learned.proposed.left, learned.proposed.right
    chunks = in_chunks(learned.known, left, right)
    n_chosen = min(len(chunks), ceil(len(chunks) * N_PAIRS / max(1, len(left))))
    chosen = [np.empty(0, np.int64), *(chunks[k] for k in np.linspace(0, len(chunks) - 1, n_chosen).astype(int))]
    order = np.sort(np.concatenate(chosen))
    return left[order], right[order]


def main() -> None:
    """Answer one question on stdin with one line of JSON on stdout."""
    asked = json.loads(sys.stdin.read())
    config = replace(results.settings(asked), input=InputConfig(), **asked["resources"])
    measure, path = {step.__name__: step for step in (scanned, proposed)}[asked["step"]], Path(asked["path"])
    folder = path.with_suffix(f".{asked['step']}")
    with Store(config.memory_bytes, folder, disk_bytes=config.disk_bytes, keeps=asked["keeps"]) as store:
        texts = documents.read_parts([str(path)], config.input, BATCH_BYTES, silent, Names(), twice=asked["twice"])
        print(json.dumps(asdict(measure(texts, config, store))))


def _run(path: Path, config: Config, step: Step, **how: bool) -> Trial:
    """Ask a process of its own."""
    resources = {name: getattr(config, name) for name in RESOURCES}
    asked = {"path": str(path), "step": step.__name__, "settings": config.settings(), "resources": resources, **how}
    command = [sys.executable, "-c", "from dedup.trial import main; main()"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise EngineError(f"a trial run failed: {done.stderr.strip().rpartition(chr(10))[2]}")
    return Trial(**json.loads(done.stdout))
