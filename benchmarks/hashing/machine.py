"""What a figure was measured on."""

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import llvmlite.binding

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("numba", "llvmlite", "numpy", "datasketch", "orjson", "xxhash")


def describe() -> dict[str, object]:
    """Processor, versions and the commit."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "processor": _model(),
        "target": llvmlite.binding.get_host_cpu_name(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "commit": commit.stdout.strip(),
    }


def _model() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
