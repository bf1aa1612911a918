"""`dedup scan` on the file, in the form of the others."""

import json
import sys
from pathlib import Path

import dedup
from dedup.bench.process import Usage, run

SETTINGS = {
    "dedup": "the defaults: candidates from 42 bands of 3 rows and rare passages, every match verified on its words",
    "dedup --near": "copies alike as a whole, as the others look for: 20 bands of 4 rows, every match verified as well",
}
"""By the command, whose options are those behind the name."""


def scan(command: str, docs: Path, folder: Path, timeout_s: float) -> tuple[dict[str, object], Usage, dict[str, str]]:
    """What a scan took, and the clusters that it wrote."""
    options = [*command.split()[1:], str(docs), "-o", str(folder / "out"), "-q"]
    usage = run([sys.executable, "-m", "dedup", "scan", *options], None, timeout_s)
    found = {} if usage.error else clusters(folder / "out")
    return {"settings": SETTINGS[command], "version": dedup.__version__}, usage, found


def clusters(folder: Path) -> dict[str, str]:
    """The cluster of each text that is in one."""
    found: dict[str, str] = {}
    with (folder / "clusters.jsonl").open("rb") as lines:
        for line in lines:
            cluster = json.loads(line)
            found |= {member["id"]: cluster["cluster"] for member in cluster["members"]}
    return found
