"""That kills, workers and the order of files change no byte."""

import random
import shutil
import signal
import time
from pathlib import Path

from benchmarks.scale.runs import begin, scan, written


def kills(docs: Path, folder: Path, n_times: int, seed: int = 1) -> dict[str, object]:
    """Kill a run at random moments and resume it; whether every run that ends in spite of it has the bytes of one."""
    rng, out = random.Random(seed), folder / "killed"
    whole = scan([docs], folder / "whole")
    shutil.rmtree(out, ignore_errors=True)
    expected, moments, n_too_late, same = written(folder / "whole"), list[float](), 0, True
    while len(moments) < n_times:
        running = begin([docs], out, *(["--resume"] if moments else []))
        moment = rng.uniform(0, whole.wall_s)
        until = time.monotonic() + moment
        while time.monotonic() < until and running.poll() is None:
            time.sleep(0.01)
        if running.poll() is not None:
            n_too_late += 1
            same = same and written(out) == expected
            shutil.rmtree(out, ignore_errors=True)
        running.send_signal(signal.SIGKILL)
        running.wait()
        moments.append(round(moment, 2))
    scan([docs], out, "--resume")
    same = same and written(out) == expected
    return {"wall_s": round(whole.wall_s, 2), "killed_after_s": moments, "ended_before": n_too_late, "same_bytes": same}


def workers_and_order(docs: Path, folder: Path, n_files: int = 7, seed: int = 1) -> dict[str, bool]:
    """Whether the bytes are the same for 1, 2 and 8 threads, and for the lines in files shuffled and cut otherwise."""
    scan([docs], folder / "whole")
    expected, same = written(folder / "whole"), {}
    for n_threads in (1, 2, 8):
        scan([docs], folder / "other", "--threads", str(n_threads))
        same[f"threads {n_threads}"] = written(folder / "other") == expected
    lines = docs.read_bytes().splitlines(keepends=True)
    random.Random(seed).shuffle(lines)
    parts = [folder / f"part-{i}.jsonl" for i in range(n_files)]
    for i, part in enumerate(parts):
        part.write_bytes(b"".join(lines[i::n_files]))
    scan(parts[::-1], folder / "other")
    same["shuffled files"] = written(folder / "other") == expected
    return same
