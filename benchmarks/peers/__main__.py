"""Time and score other packages and ourselves on one file: `python -m benchmarks.peers --texts 100000`.

With `--docs F --pairs P`, labelled documents and pairs as `benchmarks.quality` reads them, what is scored is quality by
class. The environments stand in ~/.cache/dedup-benchmarks/peers and are made on the first run. `--only` measures some
packages; what is stored of the others stays.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.peers import tasks
from benchmarks.peers.ours import SETTINGS, scan
from benchmarks.peers.tasks import Task
from dedup.bench.process import Usage, run
from dedup.bench.surroundings import describe, load
from dedup.errors import DedupError

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "peers.json"
ENVIRONMENTS = Path("~/.cache/dedup-benchmarks/peers").expanduser()
PACKAGES = sorted(path.stem.removeprefix("with_") for path in (HERE / "packages").glob("with_*.py"))
OURS = tuple(SETTINGS)
Result = dict[str, Any]


def main() -> None:
    """Run everything asked for, in turns, and write each result as soon as it is there."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.work) as made:
        folder = Path(made)
        task = _task(options, folder)
        stored = json.loads(options.output.read_text()) if options.output.exists() else {}
        known = stored.get(task.name, {})
        found = known | {"bytes": task.docs.stat().st_size, "texts": task.n_texts, "machine": describe()}
        packages = found.setdefault("packages", {})
        _warm_up(options, folder)
        for turn in range(options.runs):
            for name in options.only:
                before = load()
                result = _one(name, task, folder / f"{name}-{turn}", options.timeout)
                packages[name] = _merged(packages.get(name) if turn else None, result | {"load": before})
                print(name, json.dumps(packages[name]), flush=True)
                options.output.write_text(json.dumps(stored | {task.name: found}, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--docs", type=Path, help="labelled documents instead of generated ones")
    parser.add_argument("--pairs", type=Path, help="and the labelled pairs of them")
    parser.add_argument("--only", nargs="*", choices=[*OURS, *PACKAGES], default=[*OURS, *PACKAGES])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=1200, metavar="SECONDS", help="for each run of each package")
    parser.add_argument("--work", type=Path, help="folder for what is made on the way")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.texts < 1:
        parser.error(f"--texts must be at least 1, got {options.texts}")
    if (options.docs is None) != (options.pairs is None):
        parser.error("--docs and --pairs go together: give both, or none for generated texts")
    return options


def _task(options: argparse.Namespace, folder: Path) -> Task:
    if options.docs:
        try:
            return tasks.labelled_pairs(folder, options.docs, options.pairs)
        except DedupError as error:
            sys.exit(str(error))
    return tasks.generated(folder, options.texts, options.seed)


def _warm_up(options: argparse.Namespace, folder: Path) -> None:
    """Kernels and bytecode are compiled, and environments made, in a first run of each, which is not timed."""
    few = tasks.few(folder)
    for name in options.only:
        _one(name, few, folder / f"{name}-first", options.timeout)


def _one(name: str, task: Task, folder: Path, timeout_s: float) -> Result:
    """One run of one package, and the scores of what it wrote."""
    folder.mkdir()
    try:
        if name in OURS:
            said, usage, clusters = scan(name, task.docs, folder, timeout_s)
        else:
            said, usage, clusters = _peer(name, task.docs, folder, timeout_s)
    except subprocess.CalledProcessError as error:
        return {"failed": f"no environment: {' '.join(error.stderr.strip().splitlines()[-1:])}"}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if usage.error:
        return {"failed": usage.error, **said}
    taken = {"cpu_s": [round(usage.cpu_s, 2)], "wall_s": [round(usage.wall_s, 2)], "peak_bytes": [usage.peak_bytes]}
    return {**said, **taken, "scores": {key: round(value, 5) for key, value in task.score(clusters).items()}}


def _peer(name: str, docs: Path, folder: Path, timeout_s: float) -> tuple[Result, Usage, dict[str, str]]:
    source = (HERE / "packages" / f"with_{name}.py").read_text()
    settings = next(line.split('"')[1] for line in source.splitlines() if line.startswith("SETTINGS"))
    python = _environment(name, source)
    command = [str(python), str(HERE / "packages" / "run.py"), name, str(docs), str(folder)]
    usage = run(command, {"HF_HUB_OFFLINE": "0"}, timeout_s)
    clusters: dict[str, str] = {}
    if not usage.error:
        with (folder / "clusters.tsv").open(encoding="utf-8") as lines:
            clusters = dict(line.rstrip("\n").split("\t") for line in lines)
    version = usage.output.strip().splitlines()[-1:]
    return {"settings": settings, "version": version[0] if version and not usage.error else ""}, usage, clusters


def _environment(name: str, source: str) -> Path:
    """The Python of a package's own environment, made where it is not there."""
    line = next(line for line in source.splitlines() if line.startswith("REQUIREMENTS"))
    place = ENVIRONMENTS / name.replace("_", "-")
    python = place / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
        subprocess.run([uv, "venv", "-q", str(place)], check=True, capture_output=True, text=True)
        install = [uv, "pip", "install", "-q", "--compile-bytecode", "--python", str(python), *line.split('"')[1::2]]
        subprocess.run(install, check=True, capture_output=True, text=True)
    return python


def _merged(before: Result | None, now: Result) -> Result:
    """Runs beside one another; whatever is no measure is of the last."""
    if not before or "failed" in before or "failed" in now:
        return now
    return now | {name: [*before[name], *now[name]] for name in ("cpu_s", "wall_s", "peak_bytes")}


if __name__ == "__main__":
    main()
