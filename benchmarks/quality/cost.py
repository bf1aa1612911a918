"""What verification costs: microseconds of CPU a candidate pair, and the time of a scan with it and without.

    python -m benchmarks.quality.cost --docs docs.jsonl.gz [-o results.json]

It writes into the part "cost" of the results. A pair's share is that of its chunk, whose texts are prepared once for
all pairs; the best of several rounds. The scan is one by all threads, by the clock on the wall; without verification it
ends with the candidates.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from dedup import Config
from dedup.clock import Clock
from dedup.engines.store import Store
from dedup.io import documents
from dedup.pipeline import learn, scan, wanted
from dedup.verify import judge_parts

RESULTS = Path(__file__).parents[1] / "results" / "quality.json"
N_ROUNDS = 3


def main() -> None:
    """Measure and write beside the scores."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    result = json.loads(options.output.read_text("utf-8")) if options.output.exists() else {}
    result["cost"] = measure(options.docs)
    print(json.dumps(result["cost"], indent=1))
    options.output.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def measure(path: Path) -> dict[str, float]:
    """CPU microseconds a pair: the median and the mean; seconds of a scan, and of one that ends with the candidates."""
    config = Config()
    rounds = [_pairs(path, replace(config, threads=1)) for _ in range(N_ROUNDS)]
    costs = np.min(rounds, axis=0)
    scans = [_scan(path, config) for _ in range(N_ROUNDS)]
    return {
        "n_pairs": len(costs),
        "pair_us_median": round(float(np.median(costs)), 1),
        "pair_us_mean": round(float(costs.mean()), 1),
        "scan_s": round(min(whole for whole, _ in scans), 2),
        "without_s": round(min(without for _, without in scans), 2),
    }


def _pairs(path: Path, config: Config) -> np.ndarray:
    learned = learn(documents.read_batches([str(path)], config.input), config, Clock(), Store(config.memory_bytes))
    pairs, costs = (learned.proposed.left, learned.proposed.right), []
    started = time.process_time()
    for part in judge_parts(learned.known, pairs, wanted(config), config):
        now = time.process_time()
        costs.append(np.full(len(part.left), (now - started) / len(part.left) * 1e6))
        started = time.process_time()
    return np.concatenate(costs)


def _scan(path: Path, config: Config) -> tuple[float, float]:
    started = time.perf_counter()
    timings = scan(documents.read_batches([str(path)], config.input), config).summary["timings"]
    whole = time.perf_counter() - started
    assert isinstance(timings, dict)
    return whole, whole - sum(timings[stage] for stage in ("verify", "cluster", "report"))


if __name__ == "__main__":
    main()
