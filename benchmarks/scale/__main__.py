"""Large scans: `python -m benchmarks.scale --folder FOLDER --growth 100000 1000000 --kills 20 --workers --kinds`.

Collections are generated once into the folder. Results go to `benchmarks/results/scale.json`, part by part.
"""

import argparse
import json
from pathlib import Path

from benchmarks.hashing.machine import describe
from benchmarks.scale.growth import collection, measure
from benchmarks.scale.interruptions import kills, workers_and_order
from benchmarks.scale.planning import planned

RESULTS = Path(__file__).parent.parent / "results" / "scale.json"
KINDS = ("ordinary", "one-host", "repeated", "near-copies", "template")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="for collections and outputs")
    parser.add_argument("--growth", type=int, nargs="*", default=[], metavar="N", help="texts of ordinary collections")
    parser.add_argument("--short", type=int, metavar="N", help="a collection of N short texts")
    parser.add_argument("--kinds", type=int, metavar="N", help="N texts of each kind of collection")
    parser.add_argument("--kills", type=int, default=0, metavar="TIMES")
    parser.add_argument("--workers", action="store_true", help="threads and order of files")
    parser.add_argument("--plan", type=Path, nargs="*", default=[], metavar="FILE", help="collections to plan and scan")
    parser.add_argument("--texts", type=int, default=50_000, help="texts for --kills and --workers")
    parser.add_argument("--memory", default="", help="limit for --growth, --short and --kinds, such as 2GB")
    options = parser.parse_args()
    limit = ["--memory", options.memory] if options.memory else []
    for n_texts in options.growth:
        _keep(f"ordinary {n_texts}", measure(options.folder, n_texts, "ordinary", *limit))
    if options.short:
        _keep(f"short {options.short}", measure(options.folder, options.short, "short", *limit))
    for mix in KINDS if options.kinds else ():
        _keep(f"{mix} {options.kinds}", measure(options.folder, options.kinds, mix, *limit))
    for docs in options.plan:
        _keep(f"plan {docs.name.partition('.')[0]}", planned(docs, options.folder))
    if options.kills:
        docs, _ = collection(options.folder, options.texts, "ordinary")
        _keep("kills", kills(docs, options.folder, options.kills))
    if options.workers:
        docs, _ = collection(options.folder, options.texts, "ordinary")
        _keep("workers and order", dict(workers_and_order(docs, options.folder)))


def _keep(name: str, result: dict[str, object]) -> None:
    """Show a result and write it beside the others."""
    print(name, json.dumps(result, indent=1))
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept[name] = {**result, "machine": describe()}
    RESULTS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
