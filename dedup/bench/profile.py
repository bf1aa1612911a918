"""A whole benchmark: suites in turns, so that a busy minute of the machine falls on all of them alike."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from dedup.bench import curve, suites
from dedup.bench.corpus.generate import chunks
from dedup.bench.corpus.mixes import MIXES
from dedup.bench.measures import Curve, Measure, Results, merge
from dedup.bench.surroundings import describe, load
from dedup.bench.truth import Planted

__all__ = ["FULL", "PROFILES", "QUICK", "Profile", "measure"]

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How much is measured: rounds, texts of the scans (the last is the one judged), documents of the index."""

    rounds: int
    sizes: tuple[int, ...]
    index_documents: int
    seed: int = 1


QUICK = Profile(rounds=7, sizes=(500, 2_000, 6_000), index_documents=2_000)
FULL = Profile(rounds=7, sizes=(1_000, 10_000, 100_000), index_documents=20_000)
PROFILES = {"quick": QUICK, "full": FULL}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Collection:
    path: Path
    n_texts: int
    truth: tuple[Planted, ...]


def measure(name: str, profile: Profile, tell: Tell) -> Results:
    """Run it all; what must be there first is made, and everything run once, before any clock starts."""
    start, before = time.perf_counter(), load()
    with tempfile.TemporaryDirectory(prefix="dedup-bench-") as made:
        folder = Path(made)
        tell("collections")
        made_of = [_collection(folder, n, profile.seed) for n in profile.sizes]
        tell("warm-up")
        suites.started(folder)
        list(_round(folder, made_of[:1], profile))
        rounds = []
        for k in range(profile.rounds):
            tell(f"round {k + 1} of {profile.rounds}")
            rounds.append(list(_round(folder, made_of, profile)))
        measures = merge(rounds)
    about: dict[str, object] = {
        "profile": name, "settings": asdict(profile),
        "started": datetime.now(UTC).isoformat(timespec="seconds"), "wall_s": round(time.perf_counter() - start, 1),
        "load": {"before": before, "after": load()}, "machine": describe(),
    }  # fmt: skip
    return Results(about=about, measures=measures, curves=tuple(_curves(measures, profile)))  # type: ignore[arg-type]


def _round(folder: Path, collections: list[_Collection], profile: Profile) -> Iterator[Measure]:
    yield from suites.hashing(folder)
    out = folder / "out"
    for one in collections:
        yield from suites.scan(one.path, one.n_texts, out)
    yield from suites.quality(out, collections[-1].truth)
    yield from suites.index(folder, profile.index_documents)
    yield from suites.startup(folder)


def _collection(folder: Path, n_texts: int, seed: int) -> _Collection:
    path, truth = folder / f"{n_texts}.jsonl", list[Planted]()
    with path.open("wb") as lines:
        for chunk in chunks(n_texts, seed, MIXES["ordinary"]):
            lines.write(chunk.lines.tobytes())
            truth += [Planted(kind=c.kind, left=c.left, right=c.right, jaccard=c.jaccard) for c in chunk.copies]
    return _Collection(path=path, n_texts=n_texts, truth=tuple(truth))


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
