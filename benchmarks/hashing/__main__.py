"""Measure the hot loop: `python -m benchmarks.hashing [--docs en=news.jsonl.gz ...]`; results and table as files.

Without `--docs` texts are made up, with the letters and word lengths of each language. Figures are CPU time of one
core, the best of several windows; threads go by the clock on the wall, so leave the machine alone for those. Where the
machine is shared with others, its pace may change by half from one minute to the next: `--rounds` measures all parts
again and again and keeps the best of every figure, those of other packages too.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from benchmarks.hashing import errors, fuzz, group, lines, machine, memory, rivals, startup, table, words
from dedup.bench import loop, prose

RESULTS = Path(__file__).parent.parent / "results"
N_BYTES = 12_000_000
N_KEYS = 10_000_000
N_WINDOWS = 31
LENGTHS = (20, 60, 200, 1_000, 10_000, 100_000)
PLACES = (16, 64, 128, 256, 512)
SCHEMES = ("fss32", "affine32")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Texts of each language, `N_BYTES` of them at least, and the files that hold all that was given."""

    texts: dict[str, list[str]]
    paths: tuple[Path, ...]


def by_script(corpus: Corpus) -> object:
    """Stage by stage for each language."""
    return {language: loop.by_stage(texts) for language, texts in corpus.texts.items()}


def by_length(corpus: Corpus) -> object:
    """Signatures of English texts of so many words."""
    return {n: _signed(loop.with_length(corpus.texts["en"], n)) for n in LENGTHS}


def by_places(corpus: Corpus) -> object:
    """Signatures of so many places."""
    return {n: _signed(corpus.texts["en"], n) for n in PLACES}


def json_lines(corpus: Corpus) -> object:
    """From JSON lines to signatures and band keys."""
    return {name: {s: lines.measure(texts, s) for s in SCHEMES} for name, texts in corpus.texts.items()}


def threads(corpus: Corpus) -> object:
    """JSON lines to band keys, and the stage with fingerprints and content hashes, by the clock on the wall.

    One thread and two take turns; the gain is the median over all windows of what two did in the time of one.
    """
    texts = corpus.texts["en"]
    one, n_bytes = loop.Loop(texts), len(lines.file_of(texts))
    return {
        "json_lines": _gain([lines.with_threads(texts, "fss32", n) for n in (1, 2)], n_bytes),
        "stage": _gain([loop.whole_stage(one, n) for n in (1, 2)], one.n_bytes),
    }


def _gain(steps: list[loop.Step], n_bytes: int) -> dict[str, object]:
    alone, together = loop.by_window(steps, time.perf_counter, N_WINDOWS)
    gains = [a / b for a, b in zip(alone, together, strict=True)]
    speeds = {str(i): {"MB_per_s": round(n_bytes / min(taken) / 1e6, 1)} for i, taken in ((1, alone), (2, together))}
    return {**speeds, "gain": round(statistics.median(gains), 2), "windows": N_WINDOWS}


def grouping(_: Corpus) -> object:
    """Equal keys brought together, and united."""
    return [group.measure(N_KEYS, share) for share in group.SHARES]


def memory_use(_: Corpus) -> object:
    """Bytes a document of signatures and bands."""
    return memory.measure()


def estimates(_: Corpus) -> object:
    """Errors of both schemes."""
    return [cell for scheme in SCHEMES for n in (64, 128, 256) for cell in errors.measure(scheme, n)]


def peers(corpus: Corpus) -> object:
    """Other packages and the loop in C, beside ours on the same texts at the same time."""
    texts = corpus.texts["en"][:2000]
    ours = {scheme: loop.speed(one := loop.Loop(texts, scheme), loop.seconds(one.signatures)) for scheme in SCHEMES}
    environment = Path("~/.cache/dedup-benchmarks").expanduser()
    return {"ours": ours, "reference": rivals.reference(texts), "peers": rivals.measure(texts, environment)}


def word_hashes(corpus: Corpus) -> object:
    """Quality of token hashes, on all words of the files that were given."""
    given = (text for path in corpus.paths for text in prose.texts(path))
    made_up = (text for texts in corpus.texts.values() for text in texts)
    return words.measure(words.distinct(chain(given, made_up)))


def differences(_: Corpus) -> object:
    """Fuzzed inputs against the plain twins."""
    return fuzz.measure()


def start_up(_: Corpus) -> object:
    """Whole processes."""
    return startup.measure()


PARTS: dict[str, Callable[[Corpus], object]] = {
    step.__name__: step
    for step in (
        by_script,
        by_length,
        by_places,
        json_lines,
        threads,
        grouping,
        memory_use,
        estimates,
        peers,
        word_hashes,
        differences,
        start_up,
    )
}


def best(one: object, other: object) -> object:
    """Of two measurements of a part, the faster one of every figure; of what is no speed the first."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return one
    if "MB_per_s" in one:
        return max(one, other, key=lambda measured: float(measured["MB_per_s"]))
    return {name: best(found, other.get(name, found)) for name, found in one.items()}


def _signed(texts: list[str], n_hashes: int = 128) -> dict[str, dict[str, float]]:
    made = {scheme: loop.Loop(texts, scheme, n_hashes) for scheme in SCHEMES}
    return {scheme: loop.speed(one, loop.seconds(one.signatures)) for scheme, one in made.items()}


def _corpus(docs: list[str]) -> Corpus:
    paths = dict(part.split("=", 1) for part in docs)
    found = {name: prose.given(Path(path), N_BYTES) for name, path in paths.items()}
    found |= {name: prose.made_up(name, N_BYTES) for name in prose.LANGUAGES if not found.get(name)}
    return Corpus(texts=found, paths=tuple(Path(path) for path in paths.values()))


def main() -> None:
    """Measure the parts asked for and put them beside what is there of the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", nargs="*", default=[], metavar="LANGUAGE=PATH", help="JSON lines with a field text")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--rounds", type=int, default=1, metavar="N")
    parser.add_argument("--output", type=Path, default=RESULTS / "hashing.json")
    options = parser.parse_args()
    for part in options.docs:
        if not Path(part.partition("=")[2]).is_file():
            parser.error(f"--docs takes LANGUAGE=PATH, a file, got {part}")
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {options.rounds}")
    corpus = _corpus(options.docs)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    result = json.loads(options.output.read_text()) if options.output.exists() else {}
    found: dict[str, object] = {}
    for turn in range(options.rounds):
        for name in options.only:
            print(name, turn + 1, flush=True)
            measured = PARTS[name](corpus)
            found[name] = best(found.get(name, measured), measured)
            result |= {name: found[name], "rounds": {**result.get("rounds", {}), name: turn + 1}}
            result |= {"machine": machine.describe(), "given": [part.split("=")[0] for part in options.docs]}
            options.output.write_text(json.dumps(result, indent=1) + "\n")
    options.output.with_suffix(".md").write_text(table.render(result))


if __name__ == "__main__":
    main()
