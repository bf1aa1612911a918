"""Documents in: text files, folders of them, globs, JSON lines and standard input."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from dedup.batches import Batch, Deferred, FileSpans, batches, nothing, settled
from dedup.config import InputConfig
from dedup.errors import InputError
from dedup.io import json_lines, remote, reread
from dedup.io.formats import Tell, is_json_lines, read_with, reader_of, silent
from dedup.io.paths import InputFile, expand
from dedup.records import Document, Skipped

if TYPE_CHECKING:
    from dedup.io import json_batches
    from dedup.io.names import Names

__all__ = [
    "Batch", "Found", "are_read_twice", "count_bytes", "in_parts", "read", "read_apart", "read_as_named",
    "read_batches", "read_lasting", "read_pairs", "read_parts", "read_places", "renamed",
]  # fmt: skip

N_NAMED, NAMED_CHARACTERS = 256, 1 << 20
"""So many documents are named at a time, or fewer long ones."""
PAIR_FIELDS = ("a", "b", "left", "right")
LEAST_BLOCK_BYTES = 1 << 15
"""A file from which on lines are read by the block: a batch for each of very many small files cost 2 ms a file."""


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
    return _some(paths, chain(skipped, _read_files(files, config, _names(), tell)))


def read_apart(collections: Sequence[Sequence[str]], config: InputConfig) -> Iterator[Document | Skipped]:
    """What `read` finds in each of some collections, called what a scan of the first against the others calls it."""
    names = _names()
    for paths in collections:
        files, skipped = expand(paths)
        yield from _some(paths, chain(skipped, _read_files(files, config, names, silent)))


def read_lasting(paths: Sequence[str], config: InputConfig) -> Iterator[Document | Skipped]:
    """What `read` finds, each document called what it is called there; one without an id by its URL, else by its text.

    Ids may repeat, and are the same tomorrow, when another file has the name of this one.
    """
    files, skipped = expand(paths)
    # Read under a name that no id of theirs can be taken for.
    unnamed = uuid4().hex
    names = {file.path: file.name for file in files}
    found = _found_in([replace(file, name=unnamed) for file in files], config, None, silent)
    return _some(paths, chain(skipped, (_lasting(item, names[item.file.path]) for item in found)))


def _lasting(item: Found, name: str) -> Document | Skipped:
    # Here and not above, as it brings in the compiler.
    from dedup.io.filtering import lasting

    found, unnamed = item.found, item.file.name
    if isinstance(found, Document) and found.id == f"{unnamed}:{item.number}":
        return lasting(replace(found, id=""))
    if isinstance(found, Document) and found.id == unnamed:
        return replace(found, id=name)
    return found


def _some(paths: Sequence[str], found: Iterable[Document | Skipped]) -> Iterator[Document | Skipped]:
    """All that is found; InputError behind it if there is no document."""
    n_documents, first_skipped = 0, None
    for item in found:
        if isinstance(item, Document):
            n_documents += 1
        else:
            first_skipped = first_skipped or item
        yield item
    if not n_documents:
        raise _nothing_found(paths, first_skipped)


def read_places(paths: Sequence[str], config: InputConfig) -> Iterator[Found]:
    """What `read` finds in the files, each with its place."""
    return _found_in(expand(paths)[0], config, _names(), silent)


def read_batches(
    paths: Sequence[str], config: InputConfig, batch_bytes: int = 1 << 18, tell: Tell = silent
) -> Iterator[Batch]:
    """What `read` gives, by the batch of `batch_bytes` or more, with no Python object for a text of JSON lines."""
    return map(settled, read_parts(paths, config, batch_bytes, tell, _names()))


def read_parts(
    paths: Sequence[str], config: InputConfig, batch_bytes: int, tell: Tell, names: "Names", *, twice: bool = False
) -> Iterator[Batch | Deferred]:
    """The same, the work of finding documents in JSON lines left to whoever takes them.

    Names in `names` stand for other documents; those that are given out are added to it. With `twice` batches say where
    their texts may be read again, where that is possible.
    """
    files, skipped = expand(paths)
    tally = _Tally()
    found = _batches_of(files, config, batch_bytes, names, tell, twice=twice)
    for part in chain(batches(skipped, batch_bytes), found):
        yield _counted(part, tally)
    yield Deferred(make=nothing, settle=partial(tally.checked, paths))


def _counted(part: Batch | Deferred, tally: "_Tally") -> Deferred:
    if isinstance(part, Batch):
        return Deferred(make=lambda: part, settle=tally.add)
    return Deferred(make=part.make, settle=lambda batch: tally.add(part.settle(batch)))


@dataclass(slots=True)
class _Tally:
    """How many documents there were, and what was skipped first."""

    n_documents: int = 0
    first_skipped: Skipped | None = None

    def add(self, batch: Batch) -> Batch:
        self.n_documents += len(batch.ids)
        self.first_skipped = self.first_skipped or next(iter(batch.skipped), None)
        return batch

    def checked(self, paths: Sequence[str], batch: Batch) -> Batch:
        if not self.n_documents:
            raise _nothing_found(paths, self.first_skipped)
        return batch


def read_as_named(
    files: Sequence[InputFile], config: InputConfig, batch_bytes: int = 1 << 18, tell: Tell = silent
) -> Iterator[Batch | Deferred]:
    """The documents of some files by the batch, each called what it is called there: ids may repeat.

    Batches say where their texts may be read again, where that is possible.
    """
    return _batches_of(files, config, batch_bytes, None, tell, twice=True)


def are_read_twice(paths: Sequence[str]) -> bool:
    """Whether of most of the input, by bytes, texts are read again and not kept."""
    files = expand(paths)[0]
    again = [file for file in files if reread.is_possible(file) and _is_read_by_block(file)]
    return 2 * sum(_size(file.path) for file in again) > count_bytes(paths)


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


def _names() -> "Names":
    # Here and not above, as it brings in the compiler.
    from dedup.io.names import Names

    return Names()


def _batches_of(
    files: Iterable[InputFile], config: InputConfig, batch_bytes: int, names: "Names | None", tell: Tell, *,
    twice: bool = False,
) -> Iterator[Batch | Deferred]:  # fmt: skip
    for is_fast, group in groupby(files, _is_read_by_block):
        if is_fast:
            for file in group:
                yield from _read_lines(file, config, batch_bytes, names, tell, twice=twice)
        else:
            yield from _read_others(group, config, batch_bytes, names, tell)


def _is_read_by_block(file: InputFile) -> bool:
    """Whether it has JSON lines enough that a batch of its own costs less than each line by itself."""
    return is_json_lines(file) and (remote.is_remote(file.path) or not 0 < _size(file.path) < LEAST_BLOCK_BYTES)


def _read_files(
    files: Iterable[InputFile], config: InputConfig, names: "Names | None", tell: Tell
) -> Iterator[Document | Skipped]:
    return (item.found for item in _found_in(files, config, names, tell))


def _found_in(files: Iterable[InputFile], config: InputConfig, names: "Names | None", tell: Tell) -> Iterator[Found]:
    for file in files:
        found = _found_as_called(file, config, tell)
        yield from found if names is None else chain.from_iterable(_named(held, names) for held in _gathered(found))


def _found_as_called(file: InputFile, config: InputConfig, tell: Tell) -> Iterator[Found]:
    for number, found in read_with(reader_of(file), file, config, tell):
        if isinstance(found, str):
            yield Found(file, number, Skipped(place=_place(file, number), reason=found))
        else:
            yield Found(file, number, found)


def _gathered(found: Iterable[Found]) -> Iterator[list[Found]]:
    """Some at a time, since to name one alone takes as long as to read it."""
    held, n_characters = list[Found](), 0
    for item in found:
        held.append(item)
        n_characters += len(item.found.text) if isinstance(item.found, Document) else 0
        if len(held) == N_NAMED or n_characters > NAMED_CHARACTERS:
            yield held
            held, n_characters = [], 0
    yield held


def _named(held: Sequence[Found], names: "Names") -> Iterator[Found]:
    """What was found, each document called what no other is, after a note where that is not its id."""
    own_ids = iter(names.own([item.found.id for item in held if isinstance(item.found, Document)]))
    for item in held:
        if isinstance(item.found, Document) and (own_id := next(own_ids)) != item.found.id:
            yield item._replace(found=_renamed(_place(item.file, item.number), item.found.id, own_id))
            yield item._replace(found=replace(item.found, id=own_id))
        else:
            yield item


def _read_lines(
    file: InputFile, config: InputConfig, batch_bytes: int, names: "Names | None", tell: Tell, *, twice: bool
) -> Iterator[Batch | Deferred]:
    # Here and not above, as it brings in the compiler.
    from dedup.io import json_batches

    def reader(
        parts: Iterator[bytes], file: InputFile, config: InputConfig
    ) -> Iterator[tuple[int, json_batches.Unread | str]]:
        return json_batches.read(parts, file.name, config, batch_bytes)

    twice = twice and reread.is_possible(file)
    for number, found in read_with(reader, file, config, tell):
        if isinstance(found, str):
            yield from batches([Skipped(place=_place(file, number), reason=found)], batch_bytes)
        else:
            yield _Lines(file=file, unread=found, names=names, twice=twice).deferred()


def _read_others(
    files: Iterable[InputFile], config: InputConfig, batch_bytes: int, names: "Names | None", tell: Tell
) -> Iterator[Deferred]:
    """Batches that are named when their turn comes: they are read ahead of lines that wait for their names."""
    held: list[Found] = []

    def noted() -> Iterator[Document | Skipped]:
        for item in _found_in(files, config, None, tell):
            held.append(item)
            yield item.found

    for batch in batches(noted(), batch_bytes):
        found, held[:] = list(held), []
        yield Deferred(make=partial(_itself, batch), settle=partial(_settled, names, found))


def _itself(batch: Batch) -> Batch:
    return batch


def _settled(names: "Names | None", found: Sequence[Found], batch: Batch) -> Batch:
    """A batch of what was found, each document called what no other is."""
    own = batch.ids if names is None else names.own(batch.ids)
    if own is batch.ids:
        return batch
    notes, own_ids = list[Skipped](), iter(own)
    for item in found:
        if isinstance(item.found, Skipped):
            notes.append(item.found)
        elif (own_id := next(own_ids)) != item.found.id:
            notes.append(_renamed(_place(item.file, item.number), item.found.id, own_id))
    return replace(batch, ids=own, skipped=notes)


@dataclass(slots=True, kw_only=True)
class _Lines:
    """A block of lines on its way: read in one thread, named in the order of the input."""

    file: InputFile
    unread: "json_batches.Unread"
    names: "Names | None"
    twice: bool
    numbers: list[int] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)

    def deferred(self) -> Deferred:
        return Deferred(make=self.make, settle=self.settle)

    def make(self) -> Batch:
        block = self.unread.block()
        self.numbers, self.faults = block.numbers, block.faults
        return Batch(
            ids=block.ids, texts=block.texts, urls=block.urls, sources=block.sources, dates=block.dates,
            skipped=[Skipped(place=_place(self.file, number), reason=reason) for number, reason in block.faults],
            in_file=FileSpans(self.file.path, block.spans) if self.twice else None,
        )  # fmt: skip

    def settle(self, batch: Batch) -> Batch:
        own = batch.ids if self.names is None else self.names.own(batch.ids)
        if own is batch.ids:
            return batch
        notes = [(number, skipped) for (number, _), skipped in zip(self.faults, batch.skipped, strict=True)]
        renamed = zip(self.numbers, batch.ids, own, strict=True)
        notes += [
            (number, _renamed(_place(self.file, number), id_, own_id))
            for number, id_, own_id in renamed
            if id_ != own_id
        ]
        return replace(batch, ids=own, skipped=[note for _, note in sorted(notes, key=itemgetter(0))])


def _renamed(place: str, id_: str, own_id: str) -> Skipped:
    return Skipped(place=place, reason=f'id "{id_}" stands for more than one document; this one is called "{own_id}"')


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
