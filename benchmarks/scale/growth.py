"""What scans of generated collections cost, by size and by kind, and what they find of what was planted."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from benchmarks.scale.runs import scan
from dedup.bench.corpus.generate import chunks
from dedup.bench.corpus.mixes import MIXES

SAME_ARTICLE = ("exact", "near", "syndicated", "rewrite")


def collection(folder: Path, n_texts: int, mix: str, seed: int = 1) -> tuple[Path, Path]:
    """A collection and its truth as JSON lines, as `benchmarks.corpus` writes them, made unless they are there."""
    docs, truth = folder / f"{mix}-{n_texts}.jsonl", folder / f"{mix}-{n_texts}.truth.jsonl"
    if not (docs.exists() and truth.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        half_done = truth.with_suffix(".tmp")
        with docs.open("wb") as lines, half_done.open("w") as planted:
            for chunk in chunks(n_texts, seed, MIXES[mix], 0):
                lines.write(chunk.lines.data)
                planted.writelines(json.dumps(asdict(copy)) + "\n" for copy in chunk.copies)
        half_done.rename(truth)
    return docs, truth


def measure(folder: Path, n_texts: int, mix: str, *options: str) -> dict[str, object]:
    """One run over one collection."""
    docs, truth = collection(folder, n_texts, mix)
    output = folder / f"out-{mix}-{n_texts}"
    cost = scan([docs], output, *options)
    summary = json.loads((output / "summary.json").read_text())
    return {
        "mix": mix, "n_texts": n_texts, "input_bytes": docs.stat().st_size, "options": list(options),
        "wall_s": round(cost.wall_s, 1), "cpu_s": round(cost.cpu_s, 1), "peak_bytes": cost.peak_bytes,
        "cpu_us_per_text": round(cost.cpu_s / n_texts * 1e6, 1),
        **{name: summary[name] for name in ("candidates", "matches", "clusters", "removed", "cut", "timings")},
        "recall": recall(truth, output),
    }  # fmt: skip


def recall(truth: Path, output: Path) -> dict[str, float]:
    """Share of the planted pairs of each kind in one cluster, and of all near copies of J >= 0.8."""
    cluster_of: dict[str, str] = {}
    with (output / "clusters.jsonl").open() as lines:
        for line in lines:
            cluster = json.loads(line)
            cluster_of |= {member["id"]: cluster["cluster"] for member in cluster["members"]}
    n, n_found = Counter[str](), Counter[str]()
    with truth.open() as lines:
        for copy in map(json.loads, lines):
            left, right, kind = copy["left"], copy["right"], copy["kind"]
            names = [kind, "J >= 0.8"] if kind in SAME_ARTICLE and copy["jaccard"] >= 0.8 else [kind]
            n.update(names)
            if cluster_of.get(left, left) == cluster_of.get(right, right):
                n_found.update(names)
    return {name: round(n_found[name] / n[name], 4) for name in sorted(n)}
