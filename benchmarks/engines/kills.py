"""That the loss of a worker in any step changes no byte."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from benchmarks.engines.runs import command, environment, files
from benchmarks.scale.runs import scan, written
from dedup.bench.process import PROC

STEPS: dict[str, Callable[[set[str]], bool]] = {
    "sketch": lambda made: not any(name.startswith("sketched") for name in made),
    "verify": lambda made: "proposed" in made and not any(name.startswith("proposed-") for name in made),
    "parts": lambda made: "parts" in made and not any(name.startswith("parts-") for name in made),
    "components": lambda made: "components-00" in made and "links" not in made,
    "cluster": lambda made: "links" in made and not any(name.startswith("links-") for name in made),
    "members": lambda made: "members" in made and not any(name.startswith("members-") for name in made),
}
"""Whether a step is at work, by what lies in the folder of the run."""
LONGEST_S = 900.0
N_DIGESTS, N_IN_DIGEST = 16, 4
"""Texts that hold several others in full, which are what the step "parts" is about."""


def spark_kills(folder: Path, n_texts: int, seed: int = 1) -> dict[str, object]:
    """Kill every Python worker of a Spark cluster once in each step; whether the bytes are those of one process."""
    inputs, whole, out = _with_digests(folder, n_texts), folder / "whole", folder / "killed"
    scan(inputs, whole)
    shutil.rmtree(out, ignore_errors=True)
    running = subprocess.Popen(command(inputs, out, "--engine", "spark"), env=os.environ | environment(2))
    n_killed, until = dict.fromkeys(STEPS, 0), time.monotonic() + LONGEST_S
    while running.poll() is None and time.monotonic() < until:
        made = _made(out)
        step = next((name for name, is_on in STEPS.items() if is_on(made)), None)
        if step is not None and not n_killed[step] and out.exists():
            n_killed[step] = _kill_workers(running.pid)
        time.sleep(0.02)
    running.kill()
    same = running.wait() == 0 and written(out) == written(whole)
    return {"n_texts": n_texts, "engine": "spark", "workers_killed_in": n_killed, "same_bytes": same}


def sail_kills(folder: Path, n_texts: int, n_times: int, seed: int = 1) -> dict[str, object]:
    """Kill a run on Sail, whose workers are threads of one process, at random moments and run it again."""
    inputs, whole, out = _with_digests(folder, n_texts), folder / "whole", folder / "killed"
    rng = random.Random(seed)
    longest = 2 * scan(inputs, whole).wall_s
    shutil.rmtree(out, ignore_errors=True)
    moments = []
    for _ in range(n_times):
        running = subprocess.Popen(command(inputs, out, "--engine", "sail"))
        moments.append(round(rng.uniform(0, longest), 2))
        try:
            running.wait(moments[-1])
            shutil.rmtree(out, ignore_errors=True)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
    subprocess.run(command(inputs, out, "--engine", "sail"), check=True)
    same = written(out) == written(whole)
    return {"n_texts": n_texts, "engine": "sail", "killed_after_s": moments, "same_bytes": same}


def _with_digests(folder: Path, n_texts: int) -> list[Path]:
    """A generated collection in files, and one of digests of the texts in the first."""
    inputs, digests = files(folder, n_texts), folder / f"digests-{n_texts}.jsonl"
    with inputs[0].open("rb") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, N_DIGESTS * N_IN_DIGEST)]
    held = ("\n\n".join(texts[k::N_DIGESTS]) for k in range(N_DIGESTS))
    digests.write_text("".join(json.dumps({"id": f"digest-{k}", "text": text}) + "\n" for k, text in enumerate(held)))
    return [*inputs, digests]


def _made(out: Path) -> set[str]:
    work = out / "unfinished"
    try:
        return {entry.name for place in (work, work / "engine") if place.exists() for entry in place.iterdir()}
    except OSError:
        return set()


def _kill_workers(root: int) -> int:
    """Kill the Python workers below a process, with SIGKILL; returns how many."""
    killed, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            for task in (PROC / str(pid) / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
            words = (PROC / str(pid) / "cmdline").read_bytes()
            if pid != root and b"pyspark.daemon" in words:
                os.kill(pid, signal.SIGKILL)
                killed += 1
        except OSError:
            continue
    return killed
