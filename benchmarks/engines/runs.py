"""Scans on engines in processes of their own, beside a scan by one process of the same files."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from itertools import islice, product
from pathlib import Path

from benchmarks.scale.growth import collection
from benchmarks.scale.runs import written
from dedup.bench.process import Usage, run

N_FILES = 16
SPARK = "--master local-cluster[{},1,2048] --driver-memory 1g --conf spark.ui.enabled=false pyspark-shell"
ALWAYS_ON_ENGINE = (
    "import sys; from dedup.spread import run; run.FEW_PAIRS = 0; from dedup.cli import main; sys.exit(main())"
)
"""The command, with the components always found by the engine."""


def files(folder: Path, n_texts: int, mix: str = "ordinary") -> list[Path]:
    """A generated collection in `N_FILES` files of whole lines."""
    docs, _ = collection(folder, n_texts, mix)
    return divided(docs, folder / f"{mix}-{n_texts}-parts", N_FILES)


def divided(docs: Path, parts: Path, n_files: int) -> list[Path]:
    """A file of lines as `n_files` of whole lines in a folder, made unless it is there."""
    if not parts.exists():
        half_done = parts.with_suffix(".tmp")
        shutil.rmtree(half_done, ignore_errors=True)
        half_done.mkdir()
        split = ["split", "-n", f"l/{n_files}", "-d", "--additional-suffix=.jsonl", str(docs), f"{half_done}/part-"]
        subprocess.run(split, check=True)
        half_done.rename(parts)
    return sorted(parts.iterdir())


def sample(folder: Path, docs: Path, n_texts: int) -> dict[str, object]:
    """The first texts of a file of lines with ids on 1, 2 and 4 workers, each time divided otherwise.

    Says of each run whether its bytes are those of one process.
    """
    first = folder / f"sample-{n_texts}.jsonl"
    with docs.open("rb") as lines, first.open("wb") as kept:
        kept.writelines(islice(lines, n_texts))
    one, many = folder / "one", folder / "many"
    shutil.rmtree(one, ignore_errors=True)
    _used(command([first], one), {})
    same = {}
    for engine, n_workers in product(("sail", "spark"), (1, 2, 4)):
        shutil.rmtree(many, ignore_errors=True)
        inputs = divided(first, folder / f"sample-{n_texts}-in-{3 * n_workers + 1}", 3 * n_workers + 1)
        _used(command(inputs, many, "--engine", engine), environment(n_workers) | _cores(engine, n_workers))
        same[f"{engine}, {n_workers} workers, {len(inputs)} files"] = written(one) == written(many)
    clusters = (one / "clusters.jsonl").read_bytes().count(b"\n")
    return {"source": docs.name, "n_texts": n_texts, "clusters": clusters, "same_bytes": same}


def _cores(engine: str, n_workers: int) -> dict[str, str]:
    """Sail's workers are threads, as many as it is told."""
    return {"SAIL_EXECUTION__DEFAULT_PARALLELISM": str(n_workers)} if engine == "sail" else {}


def command(inputs: list[Path], output: Path, *options: str) -> list[str]:
    return [sys.executable, "-c", ALWAYS_ON_ENGINE, "scan", *map(str, inputs), "-o", str(output), "-q", *options]


def environment(n_workers: int) -> dict[str, str]:
    """Of a run on Spark, with so many workers of one core, each a process."""
    return {
        "PYSPARK_SUBMIT_ARGS": SPARK.format(n_workers), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1",
    }  # fmt: skip


def measure(folder: Path, n_texts: int, engine: str, n_workers: int) -> dict[str, object]:
    """One collection by one process and on an engine: what both take, what crosses, and whether the bytes are one."""
    inputs, one, many = files(folder, n_texts), folder / f"one-{n_texts}", folder / f"{engine}-{n_texts}"
    for output in (one, many):
        shutil.rmtree(output, ignore_errors=True)
    # Whoever comes first would compile for both.
    _used([sys.executable, "-m", "dedup", "warmup"], {})
    local = _used(command(inputs, one, "--threads", str(n_workers)), {})
    own = _used(command(inputs, many, "--engine", engine), environment(n_workers))
    summary = json.loads((many / "summary.json").read_text())
    result = {
        "n_texts": n_texts, "engine": engine, "n_workers": n_workers, "local": _cost(local, n_texts),
        "own": _cost(own, n_texts), "cpu_ratio": round(own.cpu_s / local.cpu_s, 2),
        "same_bytes": written(one) == written(many),
        "timings": summary["timings"], "moved_bytes": summary["moved_bytes"], "candidates": summary["candidates"],
        "matches": sum(summary["matches"].values()), "text_bytes": summary["text_bytes"],
    }  # fmt: skip
    for output in (one, many):
        shutil.rmtree(output, ignore_errors=True)
    return result


def _used(words: list[str], extra: Mapping[str, str]) -> Usage:
    used = run(words, extra)
    if used.error:
        raise RuntimeError(used.error)
    return used


def _cost(used: Usage, n_texts: int) -> dict[str, float]:
    return {
        "wall_s": round(used.wall_s, 1), "cpu_s": round(used.cpu_s, 1), "peak_bytes": used.peak_bytes,
        "cpu_us_per_text": round(used.cpu_s / n_texts * 1e6, 1),
    }  # fmt: skip
