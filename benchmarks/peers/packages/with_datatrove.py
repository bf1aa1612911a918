"""datatrove: its four steps of MinHash, on two local workers."""

import json
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter
from datatrove.utils.hashing import HashConfig

REQUIREMENTS = ("datatrove[io,processing]", "orjson", "xxhash", "spacy")
SETTINGS = "its defaults: word 5-shingles, 14 buckets of 8 hashes; xxhash of 64 bits; two workers for the buckets"
CONFIG = MinhashConfig(hash_config=HashConfig(precision=64, hash_fc="xxhash"))


def clusters(path, folder):
    place = str(Path(folder) / "datatrove")
    source = JsonlReader(str(Path(path).parent), glob_pattern=Path(path).name)
    removed, kept = (JsonlWriter(f"{place}/{name}", compression=None) for name in ("removed", "kept"))
    steps = [
        ([source, MinhashDedupSignature(output_folder=f"{place}/signatures", config=CONFIG)], 1),
        ([MinhashDedupBuckets(f"{place}/signatures", f"{place}/buckets", config=CONFIG)], CONFIG.num_buckets),
        ([MinhashDedupCluster(f"{place}/buckets", f"{place}/ids", config=CONFIG, save_cluster_id=True)], 1),
        ([source, MinhashDedupFilter(f"{place}/ids", exclusion_writer=removed, load_cluster_ids=True), kept], 1),
    ]
    for n, (pipeline, tasks) in enumerate(steps):
        LocalPipelineExecutor(pipeline=pipeline, tasks=tasks, workers=2, logging_dir=f"{place}/logs-{n}").run()
    return list(_found(Path(place)))


def _found(place):
    for file in [*(place / "kept").rglob("*.jsonl"), *(place / "removed").rglob("*.jsonl")]:
        with open(file, encoding="utf-8") as lines:
            for line in lines:
                document = json.loads(line)
                number = document["metadata"].get("minhash_cluster_id", -1)
                yield document["id"], document["id"] if number in (-1, None) else f"cluster {number}"
