"""From a JSON-lines file in memory to signatures and band keys: all in, nothing kept but those."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import orjson

from dedup.bench.loop import Loop, Step, seconds
from dedup.kernels import json_lines as kernel
from dedup.kernels.blocks import BLOCK
from dedup.kernels.candidates import band_keys
from dedup.records import Texts

N_BANDS = 16
PIECE_BYTES = 1 << 20
NAME = np.frombuffer(b"text", np.uint8)
NAME_OFFSETS = np.array([0, len(NAME)])


def file_of(contents: list[str]) -> bytes:
    """A JSON-lines file with some fields beside the text."""
    about = {"url": "https://example.org/news/2024/05/17/story", "date": "2024-05-17", "tags": ["a", "b"]}
    encoded = (
        json.dumps({"id": i, "text": content, **about}, ensure_ascii=False) for i, content in enumerate(contents)
    )
    return "".join(f"{line}\n" for line in encoded).encode("utf-8", "surrogatepass")


def texts_of(piece: np.ndarray, n_bytes: int) -> Texts:
    """The texts of whole lines; a line that is unusual goes through orjson."""
    n_lines = kernel.count_lines(piece, n_bytes)
    lines, states = np.empty(n_lines + 1, np.int64), np.empty(n_lines, np.uint8)
    kinds, spans = np.empty((n_lines, 1), np.uint8), np.empty((n_lines, 1, 2), np.int64)
    kernel.find_fields(piece, n_bytes, NAME, NAME_OFFSETS, lines, states, kinds, spans)
    chosen = np.arange(n_lines)
    strict = np.flatnonzero(states == kernel.STRICT)
    others = [_strictly(piece[lines[i] : lines[i + 1]].tobytes()) for i in strict.tolist()]
    chosen[strict] = -1 - np.arange(len(strict))
    other_offsets = np.cumsum([0, *map(len, others)])
    values = np.empty(n_bytes + other_offsets[-1] + 2 * BLOCK, np.uint8)
    offsets = np.zeros(n_lines + 1, np.int64)
    joined = np.frombuffer(b"".join(others) or b"\0", np.uint8)
    kernel.lay(piece, chosen, spans[:, 0], joined, other_offsets, values, offsets)
    return Texts(values=values, offsets=offsets)


def measure(contents: list[str], scheme: str) -> dict[str, float]:
    """Megabytes of file per second."""
    loop, pieces = Loop(contents, scheme), _pieces(file_of(contents))
    keys = np.empty((N_BANDS, len(contents)), np.uint64)
    n_bytes = sum(n for _, n in pieces)

    def run() -> None:
        for piece, n in pieces:
            _sign(loop, texts_of(piece, n), keys)

    return {"MB_per_s": round(n_bytes / seconds(run) / 1e6, 1), "n_bytes": n_bytes}


def with_threads(contents: list[str], scheme: str, n_threads: int) -> Step:
    """The same by so many threads, each with a share of the pieces."""
    pieces = _pieces(file_of(contents))
    workers = [
        (Loop(contents, scheme), np.empty((N_BANDS, len(contents)), np.uint64), pieces[i::n_threads])
        for i in range(n_threads)
    ]
    pool = ThreadPoolExecutor(n_threads)

    def run(worker: tuple[Loop, np.ndarray, list[tuple[np.ndarray, int]]]) -> None:
        loop, keys, share = worker
        for piece, n in share:
            _sign(loop, texts_of(piece, n), keys)

    return lambda: list(pool.map(run, workers))


def _sign(loop: Loop, texts: Texts, keys: np.ndarray) -> None:
    loop.over(texts)
    loop.signatures()
    signatures = loop.out[: len(texts)]
    rows = np.arange(len(texts))
    band_keys(signatures, rows, rows, 0, signatures.shape[1] // N_BANDS, keys)


def _strictly(line: bytes) -> bytes:
    text: str = orjson.loads(line)["text"]
    return text.encode("utf-8", "surrogatepass")


def _pieces(data: bytes) -> list[tuple[np.ndarray, int]]:
    """Whole lines, about `PIECE_BYTES` at a time, each with room behind."""
    pieces, start = [], 0
    while start < len(data):
        end = data.find(b"\n", min(start + PIECE_BYTES, len(data) - 1)) + 1
        pieces.append((np.frombuffer(data[start:end] + b" " * BLOCK, np.uint8), end - start))
        start = end
    return pieces
