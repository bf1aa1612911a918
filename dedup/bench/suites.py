"""The suites: each is run in rounds, in processes of its own, and gives the measures of one round."""

import json
import shutil
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from dedup.bench.hot import YARDSTICK
from dedup.bench.measures import Better, Measure
from dedup.bench.process import Program
from dedup.bench.truth import Planted, scores

__all__ = ["clusters", "five_texts", "hashing", "hashing_measures", "index", "quality", "scan", "startup"]

NOTE = "The committee said on Tuesday that it would meet again, as document {} of the collection shows. "


def hashing(program: Program) -> Iterator[Measure]:
    """The hot loop in a process of its own: nanoseconds a token, each step with all before it."""
    found = json.loads(program.run("dedup.bench.hot").output)
    n_bytes, yardstick = found.pop("bytes a token"), found.pop(YARDSTICK)
    yield from hashing_measures(found, n_bytes, (yardstick,))


def hashing_measures(found: dict[str, float], n_bytes: float, yardstick: tuple[float, ...] = ()) -> Iterator[Measure]:
    """The hot loop's nanoseconds by step, of tokens of so many bytes, as measures of one run."""
    for name, value in found.items():
        yield _measure(f"hashing: {name}", "ns a token", value, yardstick=yardstick)
    yield _measure("hashing: signature rate", "MB/s", 1e3 * n_bytes / found["signature"], "more", yardstick=yardstick)


def scan(program: Program, path: Path, n_texts: int, out: Path) -> Iterator[Measure]:
    """One scan of a collection from start to end, start-up and results on disk included."""
    used = program.run("dedup", "scan", path, "-o", out, "--quiet")
    n_bytes = path.stat().st_size
    yield _measure(f"scan: CPU, {n_texts:,} texts", "µs a text", 1e6 * used.cpu_s / n_texts)
    yield _measure(f"scan: wall, {n_texts:,} texts", "MB/s", n_bytes / 1e6 / used.wall_s, "more")
    yield _measure(f"scan: memory, {n_texts:,} texts", "MB", used.peak_bytes / 1e6)


def quality(out: Path, truth: Sequence[Planted]) -> Iterator[Measure]:
    """Scores of the clusters of a scan, and how much it compared; the same in every run of the same version."""
    wrong = ("together quotation", "together template")
    for name, value in scores(clusters(out), truth).items():
        unit = "share of the pairs"
        yield _measure(f"quality: {name}", unit, value, "less" if name in wrong else "more", exact=True)
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    yield _measure("quality: candidates", "pairs", summary["candidates"], exact=True)


def clusters(out: Path) -> dict[str, str]:
    """The cluster of each text that is in one, from the results of a scan."""
    found = dict[str, str]()
    with (out / "clusters.jsonl").open("rb") as lines:
        for line in lines:
            cluster = json.loads(line)
            found |= {member["id"]: cluster["cluster"] for member in cluster["members"]}
    return found


def index(program: Program, place: Path, docs: Path, probes: Path) -> Iterator[Measure]:
    """An index of short documents; nothing where the package for it is missing."""
    if find_spec("rocksdict") is None:
        return
    used = program.run("dedup.bench.indexing", place, docs, probes)
    shutil.rmtree(place)
    found = json.loads(used.output)
    yield _measure("index: add", "µs of CPU a document", found["add"])
    yield _measure("index: check", "ms", found["check"])
    yield _measure("index: disk", "bytes a document", found["bytes"])


def five_texts(folder: Path) -> Path:
    """A folder of five short texts, made there."""
    place = folder / "few"
    place.mkdir()
    for k in range(5):
        (place / f"{k}.txt").write_text("".join(NOTE.format(100 * k + j) for j in range(40)), "utf-8")
    return place


def startup(program: Program, few: Path) -> Iterator[Measure]:
    """Whole processes that have next to nothing to do."""
    interpreted = {"NUMBA_DISABLE_JIT": "1"}
    yield _measure("start-up: help", "s of CPU", program.run("dedup", "--help").cpu_s)
    yield _measure("start-up: five texts", "s of CPU", program.run("dedup", "scan", few, "--quiet").cpu_s)
    used = program.run("dedup", "scan", few, "--quiet", environment=interpreted)
    yield _measure("start-up: five texts, interpreted", "s of CPU", used.cpu_s)


def _measure(
    name: str,
    unit: str,
    value: float,
    better: Better = "less",
    *,
    yardstick: tuple[float, ...] = (),
    exact: bool = False,
) -> Measure:
    return Measure(name=name, unit=unit, better=better, runs=(float(value),), yardstick=yardstick, exact=exact)
