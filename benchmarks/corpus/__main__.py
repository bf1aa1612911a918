"""Write a collection: `python -m benchmarks.corpus --texts 1000000 --seed 1 -o corpus.jsonl --truth truth.jsonl`.

The same seed, number of texts and mix give the same bytes. A name that ends in .gz is packed.
"""

import argparse
import gzip
import json
import sys
from contextlib import ExitStack
from dataclasses import asdict
from io import BufferedWriter
from pathlib import Path

from dedup.bench.corpus.generate import chunks
from dedup.bench.corpus.mixes import MIXES


def main() -> None:
    """Write the collection and its truth."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=__doc__)
    parser.add_argument("--texts", type=int, required=True, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mix", choices=MIXES, default="ordinary")
    parser.add_argument("--threads", type=int, default=0, help="0 is one a core")
    parser.add_argument("-o", "--output", type=Path, required=True, help="JSON lines: id, text, url, date, source")
    parser.add_argument("--truth", type=Path, help="JSON lines of planted pairs: kind, left, right, jaccard")
    options = parser.parse_args()
    if options.texts < 1:
        parser.error(f"--texts must be at least 1, got {options.texts}")
    try:
        _write(options)
    except OSError as error:
        sys.exit(f"cannot write {error.filename or options.output}: {error.strerror}")


def _write(options: argparse.Namespace) -> None:
    with ExitStack() as stack:
        corpus = stack.enter_context(_opened(options.output))
        truth = stack.enter_context(_opened(options.truth)) if options.truth else None
        n_bytes = n_copies = 0
        for chunk in chunks(options.texts, options.seed, MIXES[options.mix], options.threads):
            corpus.write(chunk.lines.data)
            n_bytes, n_copies = n_bytes + len(chunk.lines), n_copies + len(chunk.copies)
            if truth:
                truth.writelines(json.dumps(asdict(copy)).encode() + b"\n" for copy in chunk.copies)
    print(f"{options.texts:,} texts, {n_bytes:,} bytes, {n_copies:,} planted pairs", file=sys.stderr)


def _opened(path: Path) -> gzip.GzipFile | BufferedWriter:
    path.parent.mkdir(parents=True, exist_ok=True)
    return gzip.open(path, "wb", compresslevel=1) if path.name.endswith(".gz") else path.open("wb")


if __name__ == "__main__":
    main()
