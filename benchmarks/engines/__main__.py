"""Scans on engines: `python -m benchmarks.engines --folder F --sail 100000 1000000 --spark 300000 --kills 5000`.

Collections are generated once into the folder. Results go to `benchmarks/results/engines.json`, part by part.
"""

import argparse
import json
from pathlib import Path

from benchmarks.engines.kills import sail_kills, spark_kills
from benchmarks.engines.runs import measure, sample
from benchmarks.hashing.machine import describe

RESULTS = Path(__file__).parent.parent / "results" / "engines.json"


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="for collections and outputs")
    parser.add_argument("--sail", type=int, nargs="*", default=[], metavar="N", help="N texts on Sail, two cores")
    parser.add_argument("--spark", type=int, nargs="*", default=[], metavar="N", help="N texts on two Spark workers")
    parser.add_argument("--kills", type=int, metavar="N", help="N texts, workers killed in every step")
    parser.add_argument("--sample", type=Path, metavar="FILE", help="lines with ids, on 1, 2, 4 workers of each engine")
    parser.add_argument("--texts", type=int, default=5_000, help="of the sample")
    options = parser.parse_args()
    for n_texts in options.sail:
        _keep(f"sail {n_texts}", measure(options.folder, n_texts, "sail", 2))
    for n_texts in options.spark:
        _keep(f"spark {n_texts}", measure(options.folder, n_texts, "spark", 2))
    if options.sample:
        _keep("sample", sample(options.folder, options.sample, options.texts))
    if options.kills:
        _keep("kills sail", sail_kills(options.folder, options.kills, 5))
        _keep("kills spark", spark_kills(options.folder, options.kills))


def _keep(name: str, result: dict[str, object]) -> None:
    """Show a result and write it beside the others."""
    print(name, json.dumps(result, indent=1), flush=True)
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept[name] = {**result, "machine": describe()}
    RESULTS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
