"""CPU seconds of whole processes that scan a few small files: with kernels kept, the best of a few, and interpreted."""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

TEXT = "The committee said on Tuesday that it would meet again, as document {} of the collection shows. "
N_WARM = 5
SCAN = [sys.executable, "-m", "dedup", "scan"]


def measure() -> dict[str, float]:
    """Each in a process of its own, imports compiled to bytecode beforehand."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "in").mkdir()
        for i in range(5):
            (place / "in" / f"{i}.txt").write_text("".join(TEXT.format(i * 100 + j) for j in range(40)))
        cache = {"NUMBA_CACHE_DIR": str(place / "cache")}
        command = [*SCAN, str(place / "in"), "-o"]
        _run([*command, str(place / "plain")], {"NUMBA_DISABLE_JIT": "1"})
        found = {"help": _run([sys.executable, "-m", "dedup", "--help"], {})}
        found["interpreted"] = _run([*command, str(place / "plain")], {"NUMBA_DISABLE_JIT": "1"})
        found["warmup"] = _run([sys.executable, "-m", "dedup", "warmup"], cache)
        found["warm"] = min(_run([*command, str(place / "warm")], cache) for _ in range(N_WARM))
    return {name: round(seconds, 2) for name, seconds in found.items()}


def _run(command: list[str], more: dict[str, str]) -> float:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | more
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
