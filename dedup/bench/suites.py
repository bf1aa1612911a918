"""The suites: each is run in rounds, in processes of its own, and gives the measures of one round."""

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from dedup.bench.hot import YARDSTICK
from dedup.bench.measures import Better, Measure
from dedup.bench.process import Usage, run
from dedup.bench.truth import Planted, scores
from dedup.errors import EngineError

__all__ = ["clusters", "hashing", "index", "quality", "scan", "started", "startup"]

PYTHON = sys.executable
SCAN = (PYTHON, "-m", "dedup", "scan")
NOTE = "The committee said on Tuesday that it would meet again, as document {} of the collection shows. "


def hashing(_: Path) -> Iterator[Measure]:
    """The hot loop in a process of its own: nanoseconds a token, each step with all before it."""
    found = json.loads(_checked(run([PYTHON, "-m", "dedup.bench.hot"])).output)
    n_bytes, yardstick = found.pop("bytes a token"), found.pop(YARDSTICK)
    for name, value in found.items():
        yield _measure(f"hashing: {name}", "ns a token", value, yardstick=yardstick)
    yield _measure("hashing: signature rate", "MB/s", 1e3 * n_bytes / found["signature"], "more", yardstick=yardstick)


def scan(path: Path, n_texts: int, out: Path) -> Iterator[Measure]:
    """One scan of a collection from start to end, start-up and results on disk included."""
    used = _checked(run([*SCAN, str(path), "-o", str(out), "--quiet"]))
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


def index(folder: Path, n_documents: int) -> Iterator[Measure]:
    """An index of short documents; nothing where the package for it is missing."""
    if find_spec("rocksdict") is None:
        return
    place = folder / "index"
    used = _checked(run([PYTHON, "-m", "dedup.bench.indexing", str(place), str(n_documents)]))
    shutil.rmtree(place)
    found = json.loads(used.output)
    yield _measure("index: add", "µs of CPU a document", found["add"])
    yield _measure("index: check", "ms", found["check"])
    yield _measure("index: disk", "bytes a document", found["bytes"])


def started(folder: Path) -> None:
    """Five short texts for `startup`; bytecode and kernels are made ready, off the clock."""
    place = folder / "few"
    place.mkdir()
    for k in range(5):
        (place / f"{k}.txt").write_text("".join(NOTE.format(100 * k + j) for j in range(40)), "utf-8")
    list(startup(folder))


def startup(folder: Path) -> Iterator[Measure]:
    """Whole processes that have next to nothing to do."""
    few = str(folder / "few")
    commands: dict[str, tuple[list[str], dict[str, str]]] = {
        "help": ([PYTHON, "-m", "dedup", "--help"], {}),
        "five texts": ([*SCAN, few, "--quiet"], {}),
        "five texts, interpreted": ([*SCAN, few, "--quiet"], {"NUMBA_DISABLE_JIT": "1"}),
    }
    for name, (command, environment) in commands.items():
        used = _checked(run(command, environment))
        yield _measure(f"start-up: {name}", "s of CPU", used.cpu_s)


def _measure(
    name: str, unit: str, value: float, better: Better = "less", *, yardstick: float | None = None, exact: bool = False
) -> Measure:
    beside = () if yardstick is None else (yardstick,)
    return Measure(name=name, unit=unit, better=better, runs=(float(value),), yardstick=beside, exact=exact)


def _checked(used: Usage) -> Usage:
    if used.error:
        raise EngineError(f"a benchmark failed: {used.error}")
    return used
