"""The same texts through other packages, each in a process of its own, and through the loop written in C."""

import json
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np

from dedup.bench.loop import Loop
from dedup.kernels import minhash
from dedup.kernels.unicode import tables
from dedup.stages import text

HERE = Path(__file__).parent
PEERS = ("with_datasketch", "with_rensa", "with_gaoya", "with_daft")
PACKAGES = ("datasketch", "xxhash", "rensa", "gaoya", "daft", "pyarrow")


def measure(contents: list[str], environment: Path) -> dict[str, dict[str, object]]:
    """CPU seconds and rates of each peer that can be installed, by its name."""
    python = environment / "bin" / "python"
    if not python.exists():
        venv.create(environment, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    n_bytes = sum(len(content.encode("utf-8", "surrogatepass")) for content in contents)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.json"
        path.write_text(json.dumps(contents), encoding="utf-8")
        return {name.removeprefix("with_"): _peer(python, name, path, n_bytes) for name in PEERS}


def reference(contents: list[str]) -> dict[str, object] | None:
    """The C loop on the same bytes; None without a compiler. Its signatures must equal ours bit for bit."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    encoded = text.encode(contents)
    ours = Loop(contents, scheme="affine32")
    ours.signatures()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _write(place, encoded.values, encoded.offsets)
        subprocess.run([compiler, "-O3", "-march=native", HERE / "reference.c", "-o", place / "reference"], check=True)
        files = [place / "tables", place / "texts", place / "signatures"]
        done = subprocess.run([place / "reference", *files], check=True, capture_output=True, text=True)
        same = np.array_equal(np.fromfile(files[2], np.uint32).reshape(-1, 128), ours.out)
    taken = float(done.stdout)
    return {"MB_per_s": round(ours.n_bytes / taken / 1e6, 1), "seconds": taken, "same_signatures": same}


def _write(place: Path, values: np.ndarray, offsets: np.ndarray) -> None:
    (place / "tables").write_bytes(b"".join(table.tobytes() for table in tables()[:3]))
    multipliers, summands = minhash.permutations(128, 1)
    header = np.array([len(offsets) - 1, 128, 5], np.uint64)
    parts = (header, multipliers, summands, offsets.astype(np.uint64), values)
    (place / "texts").write_bytes(b"".join(part.tobytes() for part in parts))


def _peer(python: Path, name: str, path: Path, n_bytes: int) -> dict[str, object]:
    command: list[str | Path] = [python, HERE / "peers" / "run.py", name, path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1:], file=sys.stderr)
        return {"failed": True}
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found | {"MB_per_s": round(n_bytes / float(str(found["seconds"])) / 1e6, 2)}
