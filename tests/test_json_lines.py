import json

import numpy as np
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kernels import json_lines as kernel
from dedup.kernels.blocks import BLOCK
from tests import some

NAMES = ("text", "id", "long_name_of_a_field")


def extract(data):
    """State of each line and its wanted fields, as Python values."""
    content = np.frombuffer(data.removesuffix(b"\n") + b"\n" + b" " * BLOCK, np.uint8)
    n_bytes = len(content) - BLOCK
    n_lines = kernel.count_lines(content, n_bytes)
    names = np.frombuffer("".join(NAMES).encode(), np.uint8)
    name_offsets = np.cumsum([0, *map(len, NAMES)])
    lines, states = np.zeros(n_lines + 1, np.int64), np.zeros(n_lines, np.uint8)
    kinds, spans = np.zeros((n_lines, len(NAMES)), np.uint8), np.zeros((n_lines, len(NAMES), 2), np.int64)
    kernel.find_fields(content, n_bytes, names, name_offsets, lines, states, kinds, spans)
    assert lines[-1] == n_bytes
    return states, [
        {n: v for f, n in enumerate(NAMES) if (v := value(content, kinds[i, f], spans[i, f])) is not MISSING}
        for i in range(n_lines)
    ]


MISSING = object()


def value(content, kind, span):
    if kind == kernel.MISSING:
        return MISSING
    if kind == kernel.OTHER:
        return orjson.loads(content[span[0] : span[1]].tobytes())
    values, offsets = np.zeros(span[1] - span[0] + 2 * BLOCK, np.uint8), np.zeros(2, np.int64)
    none = np.zeros(1, np.uint8), np.zeros(1, np.int64)
    kernel.lay(content, np.zeros(1, np.int64), span.reshape(1, 2), *none, values, offsets)
    text = values[: offsets[1]].tobytes().decode()
    assert kind == (kernel.ESCAPED if b"\\" in content[span[0] : span[1]].tobytes() else kernel.PLAIN)
    return text


def check(data):
    """The kernel gives what orjson gives, or leaves the line to it; how many lines it took."""
    states, found = extract(data)
    lines = (data.removesuffix(b"\n") + b"\n").split(b"\n")[:-1]
    assert len(states) == len(lines)
    for line, state, fields in zip(lines, states, found, strict=True):
        content = line.removeprefix(b"\xef\xbb\xbf")
        if state == kernel.EMPTY:
            assert not content.strip()
        elif state == kernel.TAKEN:
            expected = orjson.loads(content)
            assert fields == {name: expected[name] for name in NAMES if name in expected}
    return int(np.sum(states == kernel.TAKEN))


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False), st.text(), st.characters(),
    st.sampled_from(["\x00", "\x7f", "a" * 63, "b" * 64, "é" * 40, '"', "\\", "/", "\u2028", "🙂", "\\u0041"]),
)  # fmt: skip
values = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=3), v, max_size=3))
keys = st.one_of(st.sampled_from(NAMES), st.text(max_size=5))
objects = st.lists(st.tuples(keys, values), max_size=6)


def written(members, ascii_only, space):
    """An object whose names may come twice."""
    parts = [
        f"{json.dumps(k, ensure_ascii=ascii_only)}{space}:{space}{json.dumps(v, ensure_ascii=ascii_only)}"
        for k, v in members
    ]
    return (space + "{" + space + f"{space},{space}".join(parts) + space + "}").encode("utf-8", "surrogatepass")


lines = st.builds(written, objects, st.booleans(), st.sampled_from(["", " ", "\t\r "]))


@settings(max_examples=some(200))
@given(st.lists(lines, max_size=4), st.sampled_from([b"\n", b"\r\n"]), st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_find_fields__as_orjson(parts, line_end, start):
    check(start + line_end.join(parts))


@settings(max_examples=some(400))
@given(lines, st.integers(0, 10**6), st.binary(max_size=3), st.integers(0, 3))
def test_find_fields__as_orjson_after_damage(line, at, put, n_cut):
    at %= len(line) + 1
    check(line[:at] + put + line[at + n_cut :])


@given(st.binary(max_size=300))
def test_find_fields__any_bytes(data):
    check(data)


def test_find_fields__takes_ordinary_lines_itself():
    data = [
        b'{"id": 17, "text": "plain", "more": [1, {"a": -0.5}, [], {}], "flag": true, "none": null, "not": false}',
        b'{"text":"caf\xc3\xa9 \\"quoted\\" \\u2019 \\ud83d\\ude42 \\n\\/","text":"the last \\t one counts"}',
        b"", b" \t\r", b"{}", b' { "id" : "x" , "long_name_of_a_field" : { "text" : "inner" } } \r',
    ]  # fmt: skip
    assert check(b"\n".join(data)) == 4


def test_find_fields__leaves_the_unusual():
    for line in (
        b'{"te\\u0078t": "a"}', b'{"text": "\\ud800"}', b'{"n": 1e5}', b'{"n": 01}', b'{"n": 1.}', b'{"n": NaN}',
        b'{"text": "a"} x', b"[1]", b'"text"', b'{"text": "a",}', b'{"text" "a"}', b'{"text": "\xff"}', b'{"text": "a',
        b'{"text": "\xed\xa0\x80"}', b'{"text": "\x01"}', b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}",
        b'{"n": 12345678901234567890}',
        b'{"a": [1}', b'{"a": {"b": 1]}', b'{"a": {1: 2}}', b'{"a": tru}', b'{"a": "\\x"}', b'{"a": "\\u12g4"}',
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
    ):  # fmt: skip
        assert extract(line)[0].tolist() == [kernel.STRICT], line
