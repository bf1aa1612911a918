"""Time one peer in a process of its own: run.py MODULE TEXTS, a JSON list; prints CPU seconds of the best pass."""

import importlib
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path


def main(name, path):
    sys.path.insert(0, str(Path(__file__).parent))
    peer = importlib.import_module(name)
    with open(path, encoding="utf-8") as file:
        step = peer.prepare(json.load(file))
    taken = []
    for _ in range(4):
        start = time.process_time()
        step()
        taken.append(time.process_time() - start)
    print(json.dumps({"seconds": min(taken), "version": version(peer.REQUIREMENTS[0])}))


if __name__ == "__main__":
    main(*sys.argv[1:])
