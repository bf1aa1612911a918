"""Random numbers that follow from a key: splitmix64 [Steele, Lea and Flood 2014], and a shuffle of any length."""

import numpy as np

from dedup.bench.corpus.compile import compiled

__all__ = ["below", "draw", "key_of", "place_to_number", "start"]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
N_ROUNDS = 4


@compiled
def mixed(value):
    """One of 2**64 numbers for another, each once."""
    value = (value ^ (value >> np.uint64(30))) * FIRST
    value = (value ^ (value >> np.uint64(27))) * SECOND
    return value ^ (value >> np.uint64(31))


@compiled
def key_of(seed, purpose, number):
    """A key for the draws of one thing: different for every purpose (0 to 2**8) and number (0 to 2**40)."""
    return mixed(mixed(np.uint64(seed) + GOLDEN) ^ (np.uint64(purpose) << np.uint64(40)) ^ np.uint64(number))


@compiled
def start(key):
    """The state of a row of draws: uint64 (1,)."""
    state = np.empty(1, np.uint64)
    state[0] = key
    return state


@compiled
def draw(state):
    """The next 64 bits."""
    state[0] += GOLDEN
    return mixed(state[0])


@compiled
def below(state, n):
    """A whole number from 0 to n - 1, for n up to 2**31."""
    return np.int64(((draw(state) >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@compiled
def place_to_number(place, n, key):
    """The number that stands at a place of the shuffled row 0 to n - 1: a Feistel network, walked until it is < n."""
    half = np.uint64(1)
    while (np.int64(1) << np.int64(np.uint64(2) * half)) < n:
        half += np.uint64(1)
    mask = (np.uint64(1) << half) - np.uint64(1)
    value = np.uint64(place)
    while True:
        left, right = value >> half, value & mask
        for turn in range(N_ROUNDS):
            left, right = right, left ^ (mixed(right ^ key ^ (np.uint64(turn) << np.uint64(56))) & mask)
        value = (left << half) | right
        if np.int64(value) < n:
            return np.int64(value)
