"""Hugging Face datasets by an index: what of them is new."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from datasets import Dataset, IterableDataset

from dedup.config import InputConfig, given
from dedup.errors import InputError
from dedup.io import filtering, frames, json_lines
from dedup.records import Document

if TYPE_CHECKING:
    from dedup.index import Index

__all__ = ["unseen"]

N_ROWS = 1_000
D = TypeVar("D", Dataset, IterableDataset)
Batch: TypeAlias = "Mapping[str, Any] | frames.Frame"
"""Rows as the dataset's format has them: columns by name, or an Arrow table, a pandas or a Polars frame."""


def unseen(dataset: D, index: "Index", fields: InputConfig | None = None) -> D:
    """The rows that are new to the index, in their order; they are remembered.

    A streamed dataset is filtered as it is read, and each reading asks anew: read it once. Rows without a text are left
    out. A row without an id is known by its URL, else by its text.
    """
    config = given(fields, InputConfig)
    _check(dataset, json_lines.wanted(config))

    def are_new(batch: Batch) -> list[bool]:
        return _are_new(batch, index, config)

    if isinstance(dataset, IterableDataset):
        return dataset.filter(are_new, batched=True, batch_size=N_ROWS)
    # `Dataset.filter` would look the result up in a cache, by a hash of the function; an index changes as it is asked.
    parts = (are_new(batch) for batch in _whole(dataset).iter(N_ROWS))
    return dataset.select([row for row, is_new in enumerate(one for part in parts for one in part) if is_new])


def _whole(dataset: Dataset) -> Dataset:
    """The dataset in its own format, also where that shows a part of the columns."""
    return dataset.with_format(dataset.format["type"], **dataset.format["format_kwargs"])


def _check(dataset: object, names: json_lines.Names) -> None:
    if not isinstance(dataset, Dataset | IterableDataset):
        raise InputError(f"a dataset is filtered by the split, such as train; got {type(dataset).__name__}")
    # What is streamed need not know its columns before it is read.
    if dataset.column_names is not None and not {*names.text}.intersection(dataset.column_names):
        raise InputError(
            f"the dataset has no column {' or '.join(names.text)}; it has {', '.join(dataset.column_names)}"
        )


def _are_new(batch: Batch, index: "Index", config: InputConfig) -> list[bool]:
    found = list(frames.lasting(batch, config)) if isinstance(batch, frames.Frame) else _documents(batch, config)
    answers = iter(index.filter(item for item in found if isinstance(item, Document)))
    return [not isinstance(item, str) and next(answers).keep for item in found]


def _documents(batch: Mapping[str, Any], config: InputConfig) -> list[Document | str]:
    """The rows of a batch of lists, or of arrays where that is the dataset's format."""
    names = json_lines.wanted(config)
    columns = [values.tolist() if hasattr(values, "tolist") else values for values in batch.values()]
    rows = [dict(zip(batch, values, strict=True)) for values in zip(*columns, strict=True)]
    return [filtering.lasting(json_lines.from_fields(row, names)) for row in rows]
