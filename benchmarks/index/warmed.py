"""What a writer that is often killed should not load each time: imported before it is forked, with no store open."""

from pathlib import Path

import numpy as np

import dedup
from dedup.config import Config
from dedup.index import header
from dedup.io.store.tail import Tail
from dedup.records import Document

__all__ = ["TAIL"]

header._known_answers(Config())
dedup.scan(Document(id=path.name, text=path.read_text()) for path in sorted(Path("seeds").glob("*.txt")))
TAIL = Tail(128)
TAIL.count(np.zeros(1, np.uint32), np.ones(1, np.int32), np.zeros(1, np.int32))
