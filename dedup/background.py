"""How common words are in many languages, from `dedup/data/background.npz`, for what a collection does not tell."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from dedup.arrays import Bytes, Hashes

__all__ = ["Background", "background"]


class Background(NamedTuple):
    """`tokens` uint64, ascending: upper halves of token hashes; `rarity` uint8: minus the log of each one's share.

    That is of running words in the language that uses the word most, in sixteenths of a nat.
    """

    tokens: Hashes
    rarity: Bytes


@cache
def background() -> Background:
    """The table, read once."""
    with files("dedup.data").joinpath("background.npz").open("rb") as file, np.load(file) as stored:
        return Background(np.cumsum(stored["hash_steps"], dtype=np.uint64), stored["rarity"])
