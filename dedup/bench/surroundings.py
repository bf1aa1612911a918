"""What figures were measured on: the machine, how busy it was, and versions."""

import os
import platform
import subprocess
from pathlib import Path

from dedup.versions import versions

__all__ = ["describe", "load"]

ROOT = Path(__file__).parents[2]


def describe() -> dict[str, object]:
    """Processor, cores, memory, system, versions, and the commit where the package is run from a clone."""
    return {
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(int((_field("/proc/meminfo", "MemTotal") or "0 kB").split()[0]) / 1e6, 1),
        "system": platform.platform(),
        "versions": versions(),
        "commit": _commit(),
    }


def load() -> list[float]:
    """Processes that wanted a core, over the last 1, 5 and 15 minutes."""
    return [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else []


def _field(path: str, name: str) -> str:
    file = Path(path)
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "")


def _commit() -> str:
    if not (ROOT / ".git").exists():
        return ""
    said = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)  # noqa: S607
    return said.stdout.strip()
