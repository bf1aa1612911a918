"""`dedup serve` under concurrent clients that send batches of 100: how many documents a second it answers."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from benchmarks.index import measures
from benchmarks.index.documents import batches
from dedup.index import Index

BATCH = 100
WARM = 10


def run(path: Path, n: int, n_clients: int) -> None:
    """Filter `n` documents over HTTP and store what was measured."""
    Index.create(path).close()
    bodies = [
        json.dumps({"documents": [{"id": d.id, "text": d.text, "url": d.url, "date": d.date} for d in batch]}).encode()
        for batch in batches(n + WARM * BATCH, 1, BATCH)
    ]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "dedup", "serve", "--index", str(path), "--port", str(port)]
    with subprocess.Popen(command) as server:
        try:
            _await(port)
            _all(port, bodies[:WARM], 1)
            begun = time.perf_counter()
            seconds = _all(port, bodies[WARM:], n_clients)
            wall_s = time.perf_counter() - begun
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    with Index.open(path, read_only=True) as index:
        n_known = index.n_documents
    measures.save("serve", {
        "documents": n, "clients": n_clients, "batch": BATCH, "a_second": round(n / wall_s),
        "server_cpu_us_each": round(1e6 * measures.children_s() / (n + WARM * BATCH)),
        "request": measures.quantiles(seconds),
        "lost": n + WARM * BATCH - n_known,
    })  # fmt: skip


def _await(port: int) -> None:
    for _ in range(600):
        try:
            if _ask(http.client.HTTPConnection("127.0.0.1", port), "GET", "/ready", None) == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server does not start")


def _all(port: int, bodies: Sequence[bytes], n_clients: int) -> list[float]:
    """Send all bodies, each client its share over one connection; how long each took."""
    parts = [list(islice(bodies, first, None, n_clients)) for first in range(n_clients)]
    with ThreadPoolExecutor(n_clients) as clients:
        return [seconds for part in clients.map(lambda part: _some(port, part), parts) for seconds in part]


def _some(port: int, bodies: Sequence[bytes]) -> list[float]:
    connection, seconds = http.client.HTTPConnection("127.0.0.1", port, timeout=120), list[float]()
    for body in bodies:
        begun = time.perf_counter()
        status = _ask(connection, "POST", "/filter", body)
        if status != 200:
            raise RuntimeError(f"the server answered {status}")
        seconds.append(time.perf_counter() - begun)
    return seconds


def _ask(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None) -> int:
    connection.request(method, path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.status
