"""Time and score other packages and ourselves on one file: `python -m benchmarks.peers --texts 100000 -o results.json`.

With `--docs F --truth T` on a collection that is there. The environments stand in ~/.cache/dedup-benchmarks/peers.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.peers.ours import scan
from dedup.bench.process import Usage, run
from dedup.bench.surroundings import describe, load
from dedup.bench.truth import Planted, planted, scores

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "peers.json"
ENVIRONMENTS = Path("~/.cache/dedup-benchmarks/peers").expanduser()
PACKAGES = sorted(path.stem.removeprefix("with_") for path in (HERE / "packages").glob("with_*.py"))
OURS = "dedup"
Result = dict[str, object]


def main() -> None:
    """Run everything asked for, in turns, and write each result as soon as it is there."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        docs, truth = options.docs, options.truth
        if docs is None:
            docs, truth = Path(folder) / "corpus.jsonl", Path(folder) / "truth.jsonl"
            made = ["--texts", str(options.texts), "--seed", str(options.seed), "-o", docs, "--truth", truth]
            subprocess.run([sys.executable, "-m", "benchmarks.corpus", *map(str, made)], check=True)
        known = list(planted(truth))
        n_texts = sum(1 for _ in docs.open("rb"))
        stored = json.loads(options.output.read_text()) if options.output.exists() else {}
        found = stored.setdefault(str(n_texts), {}) | {"bytes": docs.stat().st_size, "machine": describe()}
        packages = found.setdefault("packages", {})
        few = _few(Path(folder))
        for name in options.only:
            # Kernels and bytecode are compiled on the first run, which is not timed.
            _one(name, few, [], Path(folder) / f"{name}-first", options.timeout)
        for turn in range(options.runs):
            for name in options.only:
                before = load()
                result = _one(name, docs, known, Path(folder) / f"{name}-{turn}", options.timeout)
                packages[name] = _merged(packages.get(name) if turn else None, result | {"load": before})
                print(name, json.dumps(packages[name]), flush=True)
                options.output.write_text(json.dumps(stored | {str(n_texts): found}, indent=1) + "\n")


def _few(folder: Path) -> Path:
    path = folder / "few.jsonl"
    subprocess.run([sys.executable, "-m", "benchmarks.corpus", "--texts", "300", "-o", str(path)], check=True)
    return path


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--docs", type=Path, help="a generated collection")
    parser.add_argument("--truth", type=Path, help="its planted pairs")
    parser.add_argument("--only", nargs="*", choices=[OURS, *PACKAGES], default=[OURS, *PACKAGES])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=1200, metavar="SECONDS")
    parser.add_argument("--work", type=Path, help="folder for what is made on the way")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    return parser.parse_args()


def _one(name: str, docs: Path, truth: list[Planted], folder: Path, timeout_s: float) -> Result:
    """One run of one package, and the scores of what it wrote."""
    folder.mkdir()
    try:
        if name == OURS:
            said, usage, clusters = scan(docs, folder, timeout_s)
        else:
            said, usage, clusters = _peer(name, docs, folder, timeout_s)
    except subprocess.CalledProcessError as error:
        return {"failed": f"no environment: {error.stderr.strip().splitlines()[-1:]}"}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if usage.error:
        return {"failed": usage.error, **said}
    taken = {"cpu_s": [round(usage.cpu_s, 2)], "wall_s": [round(usage.wall_s, 2)], "peak_bytes": [usage.peak_bytes]}
    return {**said, **taken, "scores": {key: round(value, 5) for key, value in scores(clusters, truth).items()}}


def _peer(name: str, docs: Path, folder: Path, timeout_s: float) -> tuple[Result, Usage, dict[str, str]]:
    source = (HERE / "packages" / f"with_{name}.py").read_text()
    settings = next(line.split('"')[1] for line in source.splitlines() if line.startswith("SETTINGS"))
    python = _environment(name, source)
    command = [str(python), str(HERE / "packages" / "run.py"), name, str(docs), str(folder)]
    usage = run(command, {"HF_HUB_OFFLINE": "0"}, timeout_s)
    clusters = {}
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
