"""text-dedup: its script for MinHash, which keeps its union-find when told to be verbose."""

import pickle  # its own file, written a moment before by its own script
import subprocess
import sys
from pathlib import Path

from common import read

REQUIREMENTS = ("text-dedup", "orjson")
SETTINGS = "its defaults: word 5-shingles, 256 places of sha1, threshold 0.7, union-find over bands; two processes"


def clusters(path, folder):
    out = Path(folder) / "text-dedup"
    command = [
        sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--data_files", str(path), "--split", "train",
        "--cache_dir", str(out / "cache"), "--output", str(out / "kept"), "--column", "text", "--debug",
        "--batch_size", "10000", "--num_proc", "2",
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with open(out / "kept" / "uf.pkl", "rb") as file:
        kept = pickle.load(file)  # noqa: S301
    parents = kept if isinstance(kept, dict) else kept.parent
    ids, _ = read(path)
    return [(name, ids[_root(parents, k)]) for k, name in enumerate(ids)]


def _root(parents, k):
    while parents.get(k, k) != k:
        k = parents[k]
    return k
