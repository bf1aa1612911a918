"""Measure the index: `python -m benchmarks.index add DIR --documents 1000000`; results go to `results/index.json`."""

import argparse
from pathlib import Path

from benchmarks.index import growth, kills, lines, mixed, recall, removal, serving, shared


def main() -> None:
    """Run one measurement."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index", description=__doc__)
    parser.add_argument(
        "what", choices=["add", "filter", "remove", "kill", "mixed", "lines", "read", "recall", "serve", "shared"]
    )
    parser.add_argument("path", type=Path, help="a directory for the index, new but for `remove`")
    parser.add_argument("--source", type=Path, help="JSON lines for `lines`")
    parser.add_argument("--docs", type=Path, help="labelled documents for `recall`")
    parser.add_argument("--pairs", type=Path, help="labelled pairs of their ids")
    parser.add_argument("--bounds", default="16,64", help="how many candidates of a document are compared at most")
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--marks", default="100000,300000,1000000,2000000,5000000", help="sizes to check at")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--readers", type=int, default=4)
    options = parser.parse_args()
    if options.what in ("add", "filter"):
        marks = [int(mark) for mark in options.marks.split(",")]
        growth.run(options.path, options.documents, marks, ask=options.what == "filter")
    elif options.what == "remove":
        removal.run(options.path, options.documents)
    elif options.what == "kill":
        kills.run(options.path, options.kills)
    elif options.what == "mixed":
        mixed.run(options.path, options.readers, options.seconds)
    elif options.what == "lines":
        lines.run(options.path, options.source)
    elif options.what == "recall":
        bounds = [int(most) for most in options.bounds.split(",")]
        recall.run(options.path, options.docs, options.pairs, options.documents, bounds)
    elif options.what == "shared":
        shared.run(options.path, options.documents)
    elif options.what == "serve":
        serving.run(options.path, options.documents, options.clients)
    else:
        mixed.read(options.path, options.seconds)


if __name__ == "__main__":
    main()
