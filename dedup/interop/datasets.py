"""Hugging Face datasets by an index: what of them is new."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from datasets import Dataset, IterableDataset

from dedup.config import InputConfig
from dedup.io import filtering, json_lines
from dedup.records import Document

if TYPE_CHECKING:
    from dedup.index import Index

__all__ = ["unseen"]

N_ROWS = 1_000
D = TypeVar("D", Dataset, IterableDataset)


def unseen(dataset: D, index: "Index", fields: InputConfig | None = None) -> D:
    """The rows that are new to the index, in their order; they are remembered.

    A streamed dataset is filtered as it is read, and each reading asks anew: read it once. Rows without a text are left
    out. A row without an id is known by its URL, else by its text.
    """
    names = json_lines.wanted(fields or InputConfig())

    def are_new(batch: Mapping[str, Sequence[Any]]) -> list[bool]:
        return _are_new(batch, index, names)

    if isinstance(dataset, IterableDataset):
        return dataset.filter(are_new, batched=True, batch_size=N_ROWS)
    # `Dataset.filter` would look the result up in a cache, by a hash of the function; an index changes as it is asked.
    parts = (are_new(batch) for batch in dataset.iter(N_ROWS))
    return dataset.select([row for row, is_new in enumerate(one for part in parts for one in part) if is_new])


def _are_new(batch: Mapping[str, Sequence[Any]], index: "Index", names: json_lines.Names) -> list[bool]:
    rows = [dict(zip(batch, values, strict=True)) for values in zip(*batch.values(), strict=True)]
    found = [json_lines.from_fields(row, names) for row in rows]
    documents = (filtering.lasting(item) for item in found)
    answers = iter(index.filter(item for item in documents if isinstance(item, Document)))
    return [not isinstance(item, str) and next(answers).keep for item in found]
