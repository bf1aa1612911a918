"""`dedup scan` on the file, in the form of the others."""

import json
import sys
from pathlib import Path

import dedup
from dedup.bench.process import Usage, run

SETTINGS = "the defaults: candidates from 42 bands of 3 rows and rare passages, every match verified on its words"


def scan(docs: Path, folder: Path, timeout_s: float) -> tuple[dict[str, object], Usage, dict[str, str]]:
    """What a scan took, and the clusters that it wrote."""
    usage = run([sys.executable, "-m", "dedup", "scan", str(docs), "-o", str(folder / "out"), "-q"], None, timeout_s)
    found = {} if usage.error else clusters(folder / "out")
    return {"settings": SETTINGS, "version": dedup.__version__}, usage, found


def clusters(folder: Path) -> dict[str, str]:
    """The cluster of each text that is in one."""
    found = {}
    with (folder / "clusters.jsonl").open("rb") as lines:
        for line in lines:
            cluster = json.loads(line)
            found |= {member["id"]: cluster["cluster"] for member in cluster["members"]}
    return found
