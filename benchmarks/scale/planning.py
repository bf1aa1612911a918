"""What `dedup plan` says of a collection beside what the scan of it then takes."""

import json
import shutil
from pathlib import Path

from benchmarks.scale.runs import plan, scan

MEASURES = ("seconds", "memory_bytes", "candidates")


def planned(docs: Path, folder: Path) -> dict[str, object]:
    """Plan and scan one collection; `over` is what was planned over what came true."""
    output = folder / f"planned-{docs.stem}"
    shutil.rmtree(output, ignore_errors=True)
    cost = plan([docs], output)
    scan([docs], output)
    summary = json.loads((output / "summary.json").read_text())
    over = {name: round(both["planned"] / both["true"], 3) for name, both in summary["plan"].items()}
    return {
        "documents": summary["documents"], "input_bytes": docs.stat().st_size, "plan": summary["plan"], "over": over,
        "within_30_percent": all(abs(over[name] - 1) <= 0.3 for name in MEASURES), "plan_cpu_s": round(cost.cpu_s, 1),
    }  # fmt: skip
