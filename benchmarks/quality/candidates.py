"""Do true pairs become candidates, how many others do, and at what cost, as the collection grows?

    python -m benchmarks.quality.candidates --docs D.jsonl --pairs P.jsonl [--more M.jsonl] [--sizes 0,1000000] [-o F]

The labelled documents are mixed into further texts (`--more`) and, up to each size, into made ones (`filler`).
"""

import argparse
import json
import platform
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import process_time
from typing import ParamSpec, TypedDict, TypeVar

import numpy as np

from benchmarks.quality import filler, labelled, scores
from dedup.config import Config, PassageConfig
from dedup.kernels.group import join, roots
from dedup.records import Candidates, Texts
from dedup.sketched import Sketches
from dedup.stages import candidates, passages, sketch, text, unique

UNFILTERED_FLOOR = 0.3
AT_ONCE = 20_000

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Clock:
    """CPU seconds by what they were spent on."""

    seconds: dict[str, float] = field(default_factory=dict)

    def __call__(self, name: str, function: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        begin = process_time()
        result = function(*arguments, **options)
        self.seconds[name] = self.seconds.get(name, 0) + process_time() - begin
        return result


class Measured(TypedDict):
    """Candidates a text, and the share of each class proposed directly and connected within its true cluster."""

    per_text: float
    proposed: scores.Shares
    connected: scores.Shares


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--more", type=Path)
    parser.add_argument("--sizes", default="0", help="numbers of texts, 0 for what is there")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args(arguments)
    truth = labelled.read(options.docs, options.pairs)
    own, more = [document.text for document in truth.documents], [row["text"] for row in _rows(options.more)]
    # Texts made of the labelled ones would make the phrases that their families share common.
    drawn_from, real = filler.source(more or own), own + more
    runs = [run(truth, real, drawn_from, int(size)) for size in options.sizes.split(",")]
    result = {"machine": platform.machine(), "python": platform.python_version(), "runs": runs}
    if options.output:
        options.output.write_text(json.dumps(result, indent=1) + "\n")


def run(truth: labelled.Labelled, real: list[str], drawn_from: filler.Source, size: int) -> dict[str, object]:
    """Measure one size; also print it."""
    config, clock = Config(), Clock()
    sketches = _sketches(real, drawn_from, size, config, clock)
    everyone, dealt = len(sketches), clock("sketch", sketch.deal, [sketches])
    nodes = unique.group(sketches, lambda rows: rows)
    node_of = np.empty(everyone, np.int64)
    node_of[nodes.rows] = np.repeat(np.arange(len(nodes)), np.diff(nodes.offsets))
    held = sketches.signatures.nbytes + sketches.fingerprints.nbytes
    rows = nodes.first
    banded, crowd = clock("candidates", candidates.with_crowd, sketches, config.candidates, rows)
    agreement = candidates.agreement(sketches, banded, rows)
    near = candidates.alike(banded, agreement, config.passages.near_agreement)
    shared = clock("passages", passages.propose, sketches, dealt, config.passages, near, rows)
    shared = clock("passages", candidates.needed, sketches, shared, crowd, rows)
    loose_config = _loose(config.passages)
    loose = passages.propose(sketches, dealt, loose_config, near, rows)
    report: dict[str, object] = {
        "n_texts": everyone, "n_different": len(nodes), "sketch_bytes_per_text": round(held / everyone, 1),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2), "cpu_s": clock.seconds,
        "cuts": [str(cut) for cut in (*banded.cuts, *shared.cuts)],
    }  # fmt: skip
    measured = {
        "banded": _measured(truth, node_of, banded),
        "unfiltered": _measured(truth, node_of, unique.merge(banded, loose)),
        "filtered": _measured(truth, node_of, unique.merge(banded, shared)),
    }
    _show(report, measured)
    return report | measured


def _loose(config: PassageConfig) -> PassageConfig:
    return replace(config, floor=UNFILTERED_FLOOR, floor_growth=0, least_floor=0)


def _rows(path: Path | None) -> list[dict[str, str]]:
    return list(labelled._lines(path)) if path else []


def _sketches(real: list[str], drawn_from: filler.Source, size: int, config: Config, clock: Clock) -> Sketches:
    """Sketches of the real texts and of made ones up to `size` in all, some at a time."""
    parts = [_sketched(text.encode(real[i : i + AT_ONCE]), config, clock) for i in range(0, len(real), AT_ONCE)]
    for begin in range(len(real), size, AT_ONCE):
        made = filler.make(drawn_from, min(AT_ONCE, size - begin), seed=begin)
        parts.append(_sketched(made, config, clock))
    counts = np.concatenate([np.diff(part.fingerprint_offsets) for part in parts])
    columns = ("signatures", "n_tokens", "text_hashes", "token_hashes", "fingerprints")
    return Sketches(
        scheme=parts[0].scheme, fingerprint_offsets=np.concatenate([[0], np.cumsum(counts)]),
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in columns},
    )  # fmt: skip


def _sketched(texts: Texts, config: Config, clock: Clock) -> Sketches:
    return clock("sketch", sketch.build, texts, config.sketch, config.passages)


def _measured(truth: labelled.Labelled, node_of: np.ndarray, found: Candidates) -> Measured:
    row_of = {document.id: row for row, document in enumerate(truth.documents)}
    ends = {pair: sorted(int(node_of[row_of[name]]) for name in (pair.left, pair.right)) for pair in truth.pairs}
    positive = np.array([ends[pair] for pair in truth.pairs if pair.kind in labelled.POSITIVE], np.int64)
    true = _trees(len(node_of), positive[:, 0], positive[:, 1])
    inside = true[found.left] == true[found.right]
    parents = _trees(len(node_of), found.left[inside], found.right[inside])
    pairs = found.left << 32 | found.right

    def proposed(pair: labelled.Pair) -> bool:
        left, right = ends[pair]
        at = int(np.searchsorted(pairs, left << 32 | right))
        return left == right or (at < len(pairs) and int(pairs[at]) == left << 32 | right)

    def connected(pair: labelled.Pair) -> bool:
        left, right = ends[pair]
        return bool(parents[left] == parents[right])

    positives = [pair for pair in truth.pairs if pair.kind in labelled.POSITIVE]

    return {
        "per_text": len(found) / (int(node_of.max()) + 1),
        "proposed": scores.shares(truth.pairs, proposed),
        "connected": scores.shares(positives, connected),
    }


def _trees(n_nodes: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The least node that each node is connected with."""
    parents = np.arange(n_nodes)
    join(left, right, parents)
    roots(parents)
    return parents


def _show(report: dict[str, object], measured: dict[str, Measured]) -> None:
    print(report)
    for name, part in measured.items():
        for how, found in (("proposed", part["proposed"]), ("connected", part["connected"])):
            known = {kind: share["average"] for kind, share in found.items() if share["average"] is not None}
            averages = " ".join(f"{kind} {share:.3f}" for kind, share in known.items())
            print(f"  {name:10} {part['per_text']:6.2f} a text; {how:9} {averages}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
