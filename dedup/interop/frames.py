"""Frames by an index: Arrow tables, pandas and Polars frames, and whatever else gives itself out as an Arrow stream."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dedup.config import InputConfig, given
from dedup.io import frames
from dedup.records import Answer, Document

if TYPE_CHECKING:
    from dedup.index import Index

__all__ = ["answers", "mask"]


def answers(index: "Index", frame: frames.Frame, fields: InputConfig | None = None) -> list[Answer | str]:
    """Filter the rows of a frame in their order: an answer for each, or why it holds no document.

    `fields` names the columns. A row without an id is known by its URL, else by its text.
    """
    found = list(frames.lasting(frame, given(fields, InputConfig)))
    told = iter(index.filter(row for row in found if isinstance(row, Document)))
    return [row if isinstance(row, str) else next(told) for row in found]


def mask(index: "Index", frame: frames.Frame, fields: InputConfig | None = None) -> NDArray[np.bool_]:
    """Filter the rows of a frame; true for those that are new, bool (n_rows,). Rows that hold no document are not."""
    return np.array([not isinstance(row, str) and row.keep for row in answers(index, frame, fields)], bool)
