"""All benchmarks, and the report: `python -m benchmarks [PIECE...]`, each piece of at most ten minutes on two cores.

    python -m benchmarks --list                                # the pieces, and what each of them runs
    python -m benchmarks --docs D.jsonl.gz --pairs P.jsonl.gz  # all of them, those of labelled pairs too
    python -m benchmarks report                                # only the page and the tables, from stored results

Pieces of labelled pairs are left out where there are none. A piece that fails is told at the end, and the others run.
"""

import argparse
import shlex
import subprocess
import sys
import time
from pathlib import Path

SLOW = ("datatrove", "semhash", "spark", "text_dedup")
FAST = ("dedup", "'dedup --near'", "daft", "rensa", "gaoya", "datasketch")
PIECES = {
    "hashing": ["hashing --only by_script by_length by_places json_lines threads grouping memory_use"],
    "signatures": ["hashing --only peers word_hashes start_up"],
    "estimates": ["hashing --only estimates differences"],
    "this machine": ["report --measure full"],
    "packages 20000": [f"peers --texts 20000 --only {' '.join((*FAST, *SLOW))} --timeout 240"],
    "packages 100000": [f"peers --texts 100000 --only {' '.join(FAST)}"],
    "packages million": ["peers --texts 1000000 --only dedup 'dedup --near' daft"],
    "labelled": ["quality --docs {docs} --pairs {pairs} --ablations", "quality.cost --docs {docs}"],
    "languages": ["quality.languages"],
    "labelled fast": [f"peers --docs {{docs}} --pairs {{pairs}} --only {' '.join(FAST)}"],
    "labelled slow": [f"peers --docs {{docs}} --pairs {{pairs}} --only {' '.join(SLOW)} --timeout 240"],
    "pages": ["pages"],
    "report": ["report"],
}


def main() -> int:
    """Run what is asked for, in the order of the pieces; 1 where anything failed."""
    options = _options()
    failed = []
    for name, commands in PIECES.items():
        if name not in options.pieces:
            continue
        if options.docs is None and any("{docs}" in command for command in commands):
            print(f"{name}: left out, it needs --docs and --pairs", flush=True)
            continue
        start = time.perf_counter()
        done = [_run(command, options) for command in commands]
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
        failed += [name] * (not all(done))
    print(f"failed: {', '.join(failed)}" if failed else "all done")
    return int(bool(failed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pieces", nargs="*", metavar="PIECE", help="all where none is named")
    parser.add_argument("--docs", type=Path, help="labelled documents, as benchmarks/quality/README.md has them")
    parser.add_argument("--pairs", type=Path, help="labelled pairs of them")
    parser.add_argument("--list", action="store_true", help="say what there is, and run nothing")
    options = parser.parse_args()
    unknown = [name for name in options.pieces if name not in PIECES]
    if unknown:
        parser.error(f"PIECE must be one of {', '.join(map(repr, PIECES))}, got {unknown[0]!r}")
    if (options.docs is None) != (options.pairs is None):
        parser.error("--docs and --pairs go together: give both or none")
    if options.list:
        for name, commands in PIECES.items():
            print(f"{name:<18}", " && ".join(f"python -m benchmarks.{command}" for command in commands))
        sys.exit(0)
    options.pieces = options.pieces or list(PIECES)
    return options


def _run(command: str, options: argparse.Namespace) -> bool:
    module, *rest = (word.format(docs=options.docs, pairs=options.pairs) for word in shlex.split(command))
    print(f"$ python -m benchmarks.{module} {shlex.join(rest)}", flush=True)
    return subprocess.run([sys.executable, "-m", f"benchmarks.{module}", *rest], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
