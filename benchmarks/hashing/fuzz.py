"""Random texts through the plain tokenizer and both kernels, random JSON lines through orjson and ours: differences."""

import json

import numpy as np
import orjson

from benchmarks.hashing.lines import NAME, NAME_OFFSETS
from dedup.config import PassageConfig, SketchConfig
from dedup.kernels import json_lines as kernel
from dedup.kernels import minhash
from dedup.kernels.blocks import BLOCK
from dedup.stages import sketch, text
from tests import naive

N_INPUTS = 200_000
AT_ONCE = 1_000
SCRIPTS = (
    (0x20, 0x7F), (0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x400), (0x400, 0x530), (0x410, 0x450),
    (0x590, 0x700), (0x900, 0x980), (0xE00, 0xE80), (0x1100, 0x1200), (0x2010, 0x2040), (0x3000, 0x3100),
    (0x4E00, 0x5000), (0xAC00, 0xAD00), (0xD800, 0xE000), (0xFB00, 0x10000), (0x1F300, 0x1F700),
)  # fmt: skip
SIGNS = " \n\t\"'“”‘’«».!?,-\u00ad\u200d\u0301"


def measure(seed: int = 0) -> dict[str, int]:
    """How many inputs there were, how many differed, and how many JSON lines the kernel left to orjson."""
    draw = np.random.default_rng(seed)
    n_differ = sum(_texts_that_differ(draw) for _ in range(N_INPUTS // AT_ONCE))
    lines = [_lines_that_differ(draw) for _ in range(N_INPUTS // AT_ONCE)]
    differ, left = (sum(column) for column in zip(*lines, strict=True))
    return {
        "n_texts": N_INPUTS, "texts_that_differ": n_differ,
        "n_lines": N_INPUTS, "lines_that_differ": differ, "lines_left_to_orjson": left,
    }  # fmt: skip


def _random_text(draw: np.random.Generator) -> str:
    first, last = SCRIPTS[draw.integers(0, len(SCRIPTS))]
    if draw.random() < 0.25:
        first = int(draw.integers(0, 0x10000 - 0x40))
        last = first + 0x40
    characters = [chr(c) for c in draw.integers(first, last, draw.integers(0, 40))]
    for at in draw.integers(0, len(characters) + 1, draw.integers(0, 12)):
        characters.insert(at, SIGNS[draw.integers(0, len(SIGNS))])
    return "".join(characters)


def _texts_that_differ(draw: np.random.Generator) -> int:
    contents = ["".join(_random_text(draw) for _ in range(draw.integers(1, 5))) for _ in range(AT_ONCE)]
    encoded = text.encode(contents)
    tokens = text.tokenize(encoded)
    sketches = sketch.build(encoded, SketchConfig(shingle_size=1, scheme="affine32", n_hashes=16), PassageConfig())
    constants = [numbers[:16] for numbers in minhash.permutations(16, 1)]
    n = 0
    for i, content in enumerate(contents):
        rows = slice(tokens.offsets[i], tokens.offsets[i + 1])
        found = zip(tokens.hashes[rows].tolist(), tokens.starts[rows].tolist(), tokens.ends[rows].tolist(), strict=True)
        plain = naive.tokens(content)
        signed = naive.affine32({hashed % 2**32 for hashed, *_ in plain}, *constants)
        same = list(found) == [token[:3] for token in plain] and sketches.signatures[i].tolist() == signed
        n += not same
    return n


def _random_line(draw: np.random.Generator) -> bytes:
    value = {
        "id": int(draw.integers(0, 99)),
        "text": _random_text(draw),
        "x": [1.5, None, {"text": _random_text(draw)}],
    }
    line = json.dumps(value, ensure_ascii=bool(draw.integers(0, 2))).encode("utf-8", "surrogatepass")
    for _ in range(draw.integers(0, 3)):
        at = draw.integers(0, len(line))
        put = bytes(draw.choice(list(b'"\\{}[]:,0u \x00\x80\xc3'), draw.integers(0, 3)).astype(np.uint8))
        line = line[:at] + put + line[at + draw.integers(0, 3) :]
    return line.replace(b"\n", b" ")


def _lines_that_differ(draw: np.random.Generator) -> tuple[int, int]:
    lines = [_random_line(draw) for _ in range(AT_ONCE)]
    data = np.frombuffer(b"".join(line + b"\n" for line in lines) + b" " * BLOCK, np.uint8)
    n_bytes = len(data) - BLOCK
    places, states = np.empty(AT_ONCE + 1, np.int64), np.empty(AT_ONCE, np.uint8)
    kinds, spans = np.empty((AT_ONCE, 1), np.uint8), np.empty((AT_ONCE, 1, 2), np.int64)
    kernel.find_fields(data, n_bytes, NAME, NAME_OFFSETS, places, states, kinds, spans)
    is_text = (states == kernel.TAKEN) & ((kinds[:, 0] == kernel.PLAIN) | (kinds[:, 0] == kernel.ESCAPED))
    rows, nothing = np.flatnonzero(is_text), np.zeros(1, np.uint8)
    values, offsets = np.empty(n_bytes + 2 * BLOCK, np.uint8), np.zeros(len(rows) + 1, np.int64)
    kernel.lay(data, rows, spans[:, 0], nothing, np.zeros(1, np.int64), values, offsets)
    ends = dict(zip(rows.tolist(), zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True), strict=True))
    n = 0
    for i in np.flatnonzero(states == kernel.TAKEN).tolist():
        try:
            expected = orjson.loads(lines[i]).get("text")
        except ValueError:
            n += 1
            continue
        found = values[slice(*ends[i])].tobytes().decode() if i in ends else None
        n += (expected if isinstance(expected, str) else None) != found
    return n, int((states == kernel.STRICT).sum())
