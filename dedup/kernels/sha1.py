"""The first 32 bits of SHA-1 [FIPS 180-4] of many messages: what datasketch hashes items with by default.

Messages that fit one block, as nearly all shingles do, go through the rounds `WIDTH` at a time, a lane each.
"""

import numpy as np
from llvmlite import ir

from dedup.kernels.compile import instruction, kernel
from dedup.kernels.lanes import Lanes
from dedup.kernels.machine import I32, I64, U64, load, load32_big, peek, store, store32

__all__ = ["BEHIND", "ROOM_BYTES", "sha1_all"]

WIDTH, WORDS, ROUNDS = 16, 16, 80
BLOCK_BYTES, SHORT_BYTES = 64, 55
ROOM_BYTES = 4 * WIDTH * (WORDS + 5)
"""Room to work in: words of a block and what was hashed so far, by lane."""
BEHIND = b"\0" * BLOCK_BYTES
"""What must stand behind the messages."""
START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
VECTOR = ir.VectorType(I32, WIDTH)
ONE, FOUR, ROW = np.uint64(1), np.uint64(4), np.uint64(4 * WIDTH)


def _turned(value, n):
    return value << n | value >> (32 - n)


def _compressed(words, state):
    """State of all lanes after a block of 16 words each; over lanes as over arrays."""
    words = list(words)
    for t in range(WORDS, ROUNDS):
        words.append(_turned(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1))
    a, b, c, d, e = state
    for t, word in enumerate(words):
        if t < 20:
            mixed = (d ^ (b & (c ^ d))) + 0x5A827999
        elif 40 <= t < 60:
            mixed = ((b & c) | (d & (b | c))) + 0x8F1BBCDC
        else:
            mixed = (b ^ c ^ d) + (0x6ED9EBA1 if t < 40 else 0xCA62C1D6)
        a, b, c, d, e = _turned(a, 5) + mixed + e + word, a, _turned(b, 30), c, d
    return [old + new for old, new in zip(state, (a, b, c, d, e), strict=True)]


def _plain_block(room):
    rows = peek(room, 4 * WIDTH * (WORDS + 5)).view(np.uint32).reshape(WORDS + 5, WIDTH)
    rows[WORDS:] = _compressed(rows[:WORDS].copy(), list(rows[WORDS:].copy()))
    return np.uint64(0)


@instruction(U64(U64), _plain_block)
def add_blocks(builder, room):
    """Take in one block of each lane: words, then state, stand at `room` as uint32 (21, WIDTH)."""
    places = [builder.add(room, ir.Constant(I64, 4 * WIDTH * row)) for row in range(WORDS + 5)]
    rows = [Lanes(builder, load(builder, place, VECTOR)) for place in places]
    for place, value in zip(places[WORDS:], _compressed(rows[:WORDS], rows[WORDS:]), strict=True):
        store(builder, place, value.value)
    return ir.Constant(I64, 0)


@kernel
def _start(room):
    for i in range(len(START)):
        for lane in range(WIDTH):
            store32(room + ROW * np.uint64(WORDS + i) + FOUR * np.uint64(lane), np.uint64(START[i]))


@kernel
def _put_end(at, n, room):
    """Write the last `n` bytes of a message, fewer than a block, from address `at`, and its end mark."""
    for w in range(WORDS):
        word = np.uint64(0)
        n_left = n - 4 * w
        if n_left >= 0:
            word = load32_big(at + np.uint64(4 * w))
            if n_left < 4:
                behind = np.uint64(32 - 8 * n_left)
                word = (word >> behind << behind) | ONE << (behind - ONE)
        store32(room + ROW * np.uint64(w), word)


@kernel
def _put_length(n, room):
    """Write the length of a message of `n` bytes behind its end."""
    store32(room + ROW * np.uint64(WORDS - 2), np.uint64(n) >> np.uint64(29))
    store32(room + ROW * np.uint64(WORDS - 1), np.uint64(n) << np.uint64(3))


@kernel
def _hash_long(at, n, room):
    """Hash a message of any length in the first lane."""
    _start(room)
    left = n
    while left >= BLOCK_BYTES:
        for w in range(WORDS):
            store32(room + ROW * np.uint64(w), load32_big(at + np.uint64(4 * w)))
        add_blocks(room)
        at += np.uint64(BLOCK_BYTES)
        left -= BLOCK_BYTES
    _put_end(at, left, room)
    if left > SHORT_BYTES:
        add_blocks(room)
        for w in range(WORDS):
            store32(room + ROW * np.uint64(w), np.uint64(0))
    _put_length(n, room)
    add_blocks(room)


@kernel
def _read(room, n, first, out):
    """Write the first word of the state of `n` lanes, its bytes turned round, to `out` from `first` on."""
    for lane in range(n):
        out[first + lane] = load32_big(room + ROW * np.uint64(WORDS) + FOUR * np.uint64(lane))


@kernel
def _hash_waiting(room, n, first, out):
    """Hash the short messages in `n` lanes."""
    _start(room)
    add_blocks(room)
    _read(room, n, first, out)


@kernel
def sha1_all(data, offsets, room, out):
    """Write the first four bytes of each digest, little-endian, to `out` uint64 (n,).

    `data` uint8 holds the messages end to end with a block behind, `offsets` int64 (n + 1,); `room` uint8
    (`ROOM_BYTES`,) is to work in.
    """
    origin, to_room = np.uint64(data.ctypes.data), np.uint64(room.ctypes.data)
    waiting = 0
    for i in range(len(out)):
        at, n = origin + np.uint64(offsets[i]), offsets[i + 1] - offsets[i]
        if n <= SHORT_BYTES:
            lane = to_room + FOUR * np.uint64(waiting)
            _put_end(at, n, lane)
            _put_length(n, lane)
            waiting += 1
        if n > SHORT_BYTES or waiting == WIDTH or i == len(out) - 1:
            last = i + (n <= SHORT_BYTES)
            _hash_waiting(to_room, waiting, last - waiting, out)
            waiting = 0
        if n > SHORT_BYTES:
            _hash_long(at, n, to_room)
            _read(to_room, 1, i, out)
