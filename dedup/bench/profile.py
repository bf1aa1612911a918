"""A whole benchmark: suites in turns, so that a busy minute of the machine falls on all of them alike."""

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from dedup.bench import curve, suites
from dedup.bench.corpus.generate import chunks
from dedup.bench.corpus.mixes import MIXES
from dedup.bench.measures import Curve, Measure, Results, merge
from dedup.bench.process import Program
from dedup.bench.surroundings import describe, load
from dedup.bench.truth import Planted

__all__ = ["FULL", "PROFILES", "QUICK", "Collections", "Profile", "Task", "measure", "tasks", "warm_up"]

Tell = Callable[[str], None]
Task = Callable[[Program], Iterator[Measure]]
LEAST_ROUNDS = 3
N_PROBES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How much is measured: texts of the scans (the last is the one judged), documents of the index, rounds.

    A round is begun only when one like those before would end within `seconds` of the start; `LEAST_ROUNDS` always are.
    """

    rounds: int
    seconds: float
    sizes: tuple[int, ...]
    index_documents: int
    seed: int = 1


QUICK = Profile(rounds=7, seconds=165, sizes=(500, 2_000, 6_000), index_documents=2_000)
FULL = Profile(rounds=7, seconds=600, sizes=(1_000, 10_000, 100_000), index_documents=20_000)
PROFILES = {"quick": QUICK, "full": FULL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collections:
    """All that is read: generated collections with the number of texts of each, and what of the last was planted."""

    scans: tuple[tuple[Path, int], ...]
    truth: tuple[Planted, ...]
    docs: Path
    probes: Path
    few: Path

    @classmethod
    def make(cls, folder: Path, profile: Profile) -> "Collections":
        """Generate them in `folder`."""
        made = [(folder / f"{n}.jsonl", n) for n in profile.sizes]
        truths = [_generate(path, n, profile.seed, "ordinary") for path, n in made]
        docs, probes = folder / "docs.jsonl", folder / "probes.jsonl"
        _generate(docs, profile.index_documents, profile.seed, "short")
        _generate(probes, N_PROBES, profile.seed + 1, "short")
        return cls(scans=tuple(made), truth=tuple(truths[-1]), docs=docs, probes=probes, few=suites.five_texts(folder))


def measure(name: str, profile: Profile, tell: Tell) -> Results:
    """Run it all; what must be there first is made, and everything run once, before any clock starts."""
    start, before, started = time.perf_counter(), load(), datetime.now(UTC).isoformat(timespec="seconds")
    with tempfile.TemporaryDirectory(prefix="dedup-bench-") as made:
        folder, program = Path(made), Program()
        tell("collections")
        collections = Collections.make(folder, profile)
        tell("warm-up")
        warm_up(program, collections, folder)
        warm_s = time.perf_counter() - start
        parts = [suites.hashing, *tasks(collections, folder)]
        rounds = list(_rounds(program, parts, profile, start + profile.seconds, tell))
        measures = merge(rounds)
    about: dict[str, object] = {
        "profile": name, "settings": asdict(profile), "rounds": len(rounds),
        "started": started, "warm_up_s": round(warm_s, 1), "wall_s": round(time.perf_counter() - start, 1),
        "load": {"before": before, "after": load()}, "machine": describe(),
    }  # fmt: skip
    return Results(about=about, measures=measures, curves=tuple(_curves(measures, profile)))  # type: ignore[arg-type]


def tasks(collections: Collections, folder: Path) -> list[Task]:
    """One round but for the hot loop, as parts each of which is at most a few processes long."""
    out = folder / "out"
    return [
        *(partial(_scan, out, path, n) for path, n in collections.scans),
        lambda _: suites.quality(out, collections.truth),
        lambda program: suites.index(program, folder / "index", collections.docs, collections.probes),
        lambda program: suites.startup(program, collections.few),
    ]


def _scan(out: Path, path: Path, n_texts: int, program: Program) -> Iterator[Measure]:
    return suites.scan(program, path, n_texts, out)


def warm_up(program: Program, collections: Collections, folder: Path) -> None:
    """Compile bytecode and kernels, two processes at a time, and give the clock nothing of it."""
    first, n = collections.scans[0]

    def indexed() -> object:
        return list(suites.index(program, folder / "index", collections.docs, collections.probes))

    with ThreadPoolExecutor(2) as pool:
        for done in (pool.submit(indexed), pool.submit(lambda: list(suites.hashing(program)))):
            done.result()
    list(suites.scan(program, first, n, folder / "out"))
    list(suites.startup(program, collections.few))


def _rounds(program: Program, parts: list[Task], profile: Profile, end: float, tell: Tell) -> Iterator[list[Measure]]:
    longest = 0.0
    for k in range(profile.rounds):
        began = time.perf_counter()
        if k >= LEAST_ROUNDS and began + longest > end:
            tell("no time for another round")
            return
        tell(f"round {k + 1} of {profile.rounds}")
        yield [one for task in parts for one in task(program)]
        longest = max(longest, time.perf_counter() - began)


def _generate(path: Path, n_texts: int, seed: int, mix: str) -> list[Planted]:
    truth = list[Planted]()
    with path.open("wb") as lines:
        for chunk in chunks(n_texts, seed, MIXES[mix]):
            lines.write(chunk.lines.tobytes())
            truth += [Planted(kind=c.kind, left=c.left, right=c.right, jaccard=c.jaccard) for c in chunk.copies]
    return truth


def _curves(measures: tuple[Measure, ...], profile: Profile) -> Iterator[Curve]:
    of = {one.name: one.median for one in measures}
    sizes = tuple(float(n) for n in profile.sizes)
    for key, title, unit in (
        ("wall", "Throughput of a scan", "MB/s"),
        ("CPU", "CPU time of a scan", "µs a text"),
        ("memory", "Memory of a scan", "MB"),
    ):
        line = tuple(of[f"scan: {key}, {n:,} texts"] for n in profile.sizes)
        yield Curve(
            name=f"scan {key}", title=title, x_title="texts", y_title=unit, x=sizes, lines={"dedup": line}, x_log=True,
            y_log=True,
        )  # fmt: skip
    found = curve.measure()
    yield Curve(
        name="recall", title="Pairs that bands propose, by resemblance", x_title="resemblance (Jaccard)",
        y_title="share proposed", x=tuple(found["resemblance"]),
        lines={"measured": tuple(found["measured"]), "formula": tuple(found["formula"])},
    )  # fmt: skip
