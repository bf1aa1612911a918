"""Documents in: text files, folders of them, globs, JSON lines and standard input."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from dedup.batches import Batch, batches
from dedup.config import InputConfig
from dedup.errors import InputError
from dedup.io import json_lines, remote
from dedup.io.formats import Tell, is_json_lines, read_with, reader_of, silent
from dedup.io.paths import InputFile, expand
from dedup.records import Document, Skipped

if TYPE_CHECKING:
    from dedup.io import json_batches

__all__ = [
    "Batch", "Found", "count_bytes", "in_parts", "own_name", "read", "read_as_named",
    "read_batches", "read_pairs", "read_places", "renamed",
]  # fmt: skip

PAIR_FIELDS = ("a", "b", "left", "right")


class Found(NamedTuple):
    """What stands at one place of the input; the number counts lines, rows or records from 1, 0 for a whole file."""

    file: InputFile
    number: int
    found: Document | Skipped


def read(paths: Sequence[str], config: InputConfig, tell: Tell = silent) -> Iterator[Document | Skipped]:
    """Every document that `paths` stand for, and what could not be used in its place; InputError if there is none.

    `tell` is told how many bytes of the disk have been read since it was last told.
    """
    files, skipped = expand(paths)
    n_documents, first_skipped = 0, next(iter(skipped), None)
    taken: dict[str, int] = {}
    for item in chain(skipped, _read_files(files, config, taken, tell)):
        if isinstance(item, Document):
            n_documents += 1
        else:
            first_skipped = first_skipped or item
        yield item
    if not n_documents:
        raise _nothing_found(paths, first_skipped)


def read_places(paths: Sequence[str], config: InputConfig) -> Iterator[Found]:
    """What `read` finds in the files, each with its place."""
    return _found_in(expand(paths)[0], config, {}, silent)


def read_batches(
    paths: Sequence[str], config: InputConfig, batch_bytes: int = 1 << 18, tell: Tell = silent,
    taken: dict[str, int] | None = None,
) -> Iterator[Batch]:  # fmt: skip
    """What `read` gives, by the batch of `batch_bytes` or more, with no Python object for a text of JSON lines.

    Ids in `taken` stand for other documents; those that are given out are added to it.
    """
    files, skipped = expand(paths)
    n_documents, first_skipped = 0, None
    taken = {} if taken is None else taken
    parts = chain(batches(skipped, batch_bytes), _batches_of(files, config, batch_bytes, taken, tell))
    for batch in parts:
        n_documents += len(batch.ids)
        first_skipped = first_skipped or next(iter(batch.skipped), None)
        yield batch
    if not n_documents:
        raise _nothing_found(paths, first_skipped)


def read_as_named(
    files: Sequence[InputFile], config: InputConfig, batch_bytes: int = 1 << 18, tell: Tell = silent
) -> Iterator[Batch]:
    """The documents of some files by the batch, each called what it is called there: ids may repeat."""
    return _batches_of(files, config, batch_bytes, None, tell)


def renamed(files: Sequence[InputFile], config: InputConfig, own_ids: Mapping[int, str]) -> list[Skipped]:
    """Notes for those documents of some files, by their number from 0, that have another id than they are called."""
    documents = (item for item in _found_in(files, config, None, silent) if isinstance(item.found, Document))
    return [
        _renamed(_place(item.file, item.number), item.found.id, own_ids[k])
        for k, item in enumerate(documents)
        if k in own_ids and isinstance(item.found, Document)
    ]


def in_parts(files: Sequence[InputFile], n_parts: int) -> list[list[InputFile]]:
    """The files in `n_parts` runs of about as many bytes each; some runs are empty where there are few files."""
    sizes = [_size(file.path) + 1 for file in files]
    parts: list[list[InputFile]] = [[] for _ in range(n_parts)]
    before, n_all = 0, sum(sizes)
    for file, size in zip(files, sizes, strict=True):
        parts[(2 * before + size) * n_parts // (2 * n_all)].append(file)
        before += size
    return parts


def count_bytes(paths: Sequence[str]) -> int:
    """Size of all input files as they lie on the disk; standard input counts as nothing."""
    return sum(_size(file.path) for file in expand(paths)[0])


def read_pairs(path: str) -> Iterator[tuple[str, str] | Skipped]:
    """Pairs of ids from JSON lines with `a` and `b`, or `left` and `right`."""
    files, skipped = expand([path])
    yield from skipped
    for file in files:
        for number, found in read_with(_pairs, file, InputConfig()):
            yield found if isinstance(found, tuple) else Skipped(place=_place(file, number), reason=found)


def _size(path: str) -> int:
    try:
        if remote.is_remote(path):
            return remote.size_of(path)
        return 0 if path == "-" else os.stat(path).st_size
    except OSError:
        return 0


def _nothing_found(paths: Sequence[str], skipped: Skipped | None) -> InputError:
    why = f" ({skipped.place}: {skipped.reason})" if skipped else ""
    return InputError(f"no document found in {', '.join(paths) or 'no path at all'}{why}")


def _batches_of(
    files: Iterable[InputFile], config: InputConfig, batch_bytes: int, taken: dict[str, int] | None, tell: Tell
) -> Iterator[Batch]:
    for is_fast, group in groupby(files, is_json_lines):
        if is_fast:
            for file in group:
                yield from _read_lines(file, config, batch_bytes, taken, tell)
        else:
            yield from batches(_read_files(list(group), config, taken, tell), batch_bytes)


def _read_files(
    files: Iterable[InputFile], config: InputConfig, taken: dict[str, int] | None, tell: Tell
) -> Iterator[Document | Skipped]:
    return (item.found for item in _found_in(files, config, taken, tell))


def _found_in(
    files: Iterable[InputFile], config: InputConfig, taken: dict[str, int] | None, tell: Tell
) -> Iterator[Found]:
    for file in files:
        for number, found in read_with(reader_of(file), file, config, tell):
            if isinstance(found, str):
                yield Found(file, number, Skipped(place=_place(file, number), reason=found))
                continue
            own_id = own_name(found.id, taken)
            if own_id != found.id:
                yield Found(file, number, _renamed(_place(file, number), found.id, own_id))
                found = replace(found, id=own_id)
            yield Found(file, number, found)


def _read_lines(
    file: InputFile, config: InputConfig, batch_bytes: int, taken: dict[str, int] | None, tell: Tell
) -> Iterator[Batch]:
    # Here and not above, as it brings in the compiler, which `read` has no need of.
    from dedup.io import json_batches

    def reader(
        parts: Iterator[bytes], file: InputFile, config: InputConfig
    ) -> Iterator[tuple[int, json_batches.Block | str]]:
        return json_batches.read(parts, file.name, config, batch_bytes)

    for number, found in read_with(reader, file, config, tell):
        if isinstance(found, str):
            yield from batches([Skipped(place=_place(file, number), reason=found)], batch_bytes)
        else:
            yield _batch(found, file, taken)


def _batch(block: "json_batches.Block", file: InputFile, taken: dict[str, int] | None) -> Batch:
    called = list(block.ids)
    ids = called if taken is None else [own_name(id_, taken) for id_ in called]
    notes = [(number, Skipped(place=_place(file, number), reason=reason)) for number, reason in block.faults]
    if ids != called:
        renamed = zip(block.numbers, called, ids, strict=True)
        notes += [
            (number, _renamed(_place(file, number), id_, own_id)) for number, id_, own_id in renamed if id_ != own_id
        ]
        notes.sort(key=itemgetter(0))
    return Batch(
        ids=block.ids if ids == called else ids, texts=block.texts, urls=block.urls, sources=block.sources,
        dates=block.dates, skipped=[note for _, note in notes],
    )  # fmt: skip


def _renamed(place: str, id_: str, own_id: str) -> Skipped:
    return Skipped(place=place, reason=f'id "{id_}" stands for more than one document; this one is called "{own_id}"')


def own_name(id_: str, taken: dict[str, int] | None) -> str:
    """The id, or where it is `taken`, the id with the first free number behind it, which is taken then."""
    if taken is None:
        return id_
    n_bearers = taken.get(id_, 0) + 1
    own_id = id_
    if n_bearers > 1:
        while (own_id := f"{id_}#{n_bearers}") in taken:
            n_bearers += 1
        taken[own_id] = 1
    taken[id_] = n_bearers
    return own_id


def _place(file: InputFile, number: int) -> str:
    return f"{file.place}:{number}" if number else file.place


def _pairs(parts: Iterator[bytes], _: InputFile, config: InputConfig) -> Iterator[tuple[int, tuple[str, str] | str]]:
    for number, found in json_lines.objects(parts, config.max_document_bytes, PAIR_FIELDS):
        yield number, found if isinstance(found, str) else _pair(found)


def _pair(found: json_lines.Object) -> tuple[str, str] | str:
    for left, right in (PAIR_FIELDS[:2], PAIR_FIELDS[2:]):
        if found.get(left) is not None and found.get(right) is not None:
            return json_lines.label(found[left]), json_lines.label(found[right])
    return 'no pair of fields "a" and "b", or "left" and "right"'
