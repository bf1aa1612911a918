"""Around stage 2: documents and their sketches side by side, so that later stages work on columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dedup.arrays import Bytes, Columns, Hashes, Positions, ReadSpans, Reread, Rows, offsets
from dedup.batches import Batch, FileSpans
from dedup.config import SketchConfig
from dedup.digests import text_hashes
from dedup.errors import InputError
from dedup.kernels.blocks import BLOCK
from dedup.kernels.fingerprints import BIN_BITS
from dedup.kernels.json_lines import lay
from dedup.kernels.sketch import lay_texts
from dedup.kernels.strings import first_repeated, sort_strings
from dedup.laid import laid
from dedup.records import Corpus, Keys, Skipped, Texts
from dedup.sequences import Labels, Lazy, labels, pack, take
from dedup.sketched import Fingerprints, Signed, mixed

__all__ = ["TEXTS", "Gathering", "corpus_of", "part", "ranks", "text_of"]

TEXTS = "texts"
KEPT = -1
"""The file of a text that is kept in the column `TEXTS`."""


class _LabelColumn:
    """Strings that are appended bit by bit."""

    def __init__(self, columns: Columns, name: str) -> None:
        self._values = columns.column(name, np.uint8)
        self._sizes = columns.column(f"{name}_sizes", np.int32)

    def append(self, labels: Sequence[str]) -> None:
        values, sizes = pack(labels)
        self._values.append(values)
        self._sizes.append(sizes)

    def extend(self, other: "_LabelColumn") -> None:
        self._values.append(other._values.array())
        self._sizes.append(other._sizes.array())

    def labels(self) -> Labels:
        return Labels(self._values.array(), offsets(self._sizes.array()))


class _TextColumn:
    """Texts that are appended bit by bit; those that can be read again stay where they are."""

    def __init__(self, columns: Columns, reread: Reread | None) -> None:
        self._reread = reread
        self._values, self._sizes = columns.column(TEXTS, np.uint8), columns.column("text_sizes", np.int32)
        self._files, self._begins = columns.column("text_files", np.int32), columns.column("text_begins", np.int64)
        self._lengths, self._paths = columns.column("text_lengths", np.int32), _LabelColumn(columns, "text_paths")
        self._numbers = {path: number for number, path in enumerate(self._paths.labels())}
        self._n_bytes = len(self._values.array())

    def append(self, texts: Texts, in_file: FileSpans | None) -> None:
        sizes = np.diff(texts.offsets).astype(np.int32)
        self._sizes.append(sizes)
        if in_file is None or self._reread is None:
            self._keep(texts.values, sizes)
            return
        is_there = in_file.spans[:, 0] >= 0
        begins, lengths = in_file.spans[:, 0].copy(), (in_file.spans[:, 1] - in_file.spans[:, 0]).astype(np.int32)
        kept = laid(texts, np.flatnonzero(~is_there))
        begins[~is_there], lengths[~is_there] = self._n_bytes + kept.offsets[:-1], sizes[~is_there]
        self._values.append(kept.values[: kept.offsets[-1]])
        self._n_bytes += int(kept.offsets[-1])
        self._files.append(np.where(is_there, self._number(in_file.path), KEPT).astype(np.int32))
        self._begins.append(begins)
        self._lengths.append(lengths)

    def extend(self, other: "_TextColumn") -> None:
        """Add the texts of another, but for the bytes of those that are kept there."""
        files = other._files.array()
        # What is kept has the last place.
        numbers = np.array([*map(self._number, other._paths.labels()), KEPT], np.int32)
        self._sizes.append(other._sizes.array())
        self._files.append(numbers[files])
        self._begins.append(np.where(files == KEPT, self._n_bytes, 0) + other._begins.array())
        self._lengths.append(other._lengths.array())
        self._n_bytes += other._n_bytes

    def texts(self, hashes: Hashes) -> Texts:
        values, ends, paths = self._values.array(), offsets(self._sizes.array()), self._paths.labels()
        spans = self._values.reader()
        if not spans and not len(paths):
            return Texts(values=values, offsets=ends)
        reader = _Reader(
            values=values, spans=spans, reread=self._reread, paths=paths, files=self._files.array(),
            begins=self._begins.array(), lengths=self._lengths.array(), offsets=ends, hashes=hashes,
        )  # fmt: skip
        return Texts(values=values, offsets=ends, read=reader.read)

    def _keep(self, values: Bytes, sizes: Positions) -> None:
        self._values.append(values)
        self._files.append(np.full(len(sizes), KEPT, np.int32))
        self._begins.append(self._n_bytes + offsets(sizes)[:-1])
        self._lengths.append(sizes)
        self._n_bytes += len(values)

    def _number(self, path: str) -> int:
        if path not in self._numbers:
            self._numbers[path] = len(self._numbers)
            self._paths.append([path])
        return self._numbers[path]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Texts of which each stands in one of the files `paths`, its JSON in `begins` and `lengths`, or is kept.

    All (n_rows,), `hashes` (n_rows, 2) those of the texts; `spans` reads what is kept, unless that is in memory.
    """

    values: Bytes
    spans: ReadSpans | None
    reread: Reread | None
    paths: Labels
    files: Positions
    begins: Rows
    lengths: Positions
    offsets: Rows
    hashes: Hashes

    def read(self, rows: Rows) -> Bytes:
        """`arrays.Read`; InputError where a text is not the one that was read before."""
        is_kept = self.files[rows] == KEPT
        kept, places = self._kept(rows[is_kept])
        if is_kept.all():
            return kept
        chosen = np.where(is_kept, -np.cumsum(is_kept), np.cumsum(~is_kept) - 1)
        again, spans = self._again(rows[~is_kept])
        # Of what is no longer there something else may come, of four bytes more a text.
        n_bytes = len(again) + len(kept) + 4 * len(rows)
        found, ends = np.empty(n_bytes, np.uint8), np.zeros(len(rows) + 1, np.int64)
        lay(again, chosen, spans, kept, places, found, ends)
        self._check(rows, found, ends)
        return found

    def _kept(self, rows: Rows) -> tuple[Bytes, Rows]:
        begins, places = self.begins[rows], offsets(self.lengths[rows])
        found = np.zeros(places[-1] + BLOCK, np.uint8)
        if self.spans:
            self.spans(begins, begins + self.lengths[rows], found)
        else:
            lay_texts(self.values, begins, found, places)
        return found, places

    def _again(self, rows: Rows) -> tuple[Bytes, Rows]:
        """JSON of some rows with a block of room behind, and where in it each text stands: (n_rows, 2)."""
        assert self.reread is not None, "only texts that can be read again have a file"
        files, begins, places = self.files[rows], self.begins[rows], offsets(self.lengths[rows])
        found = np.zeros(places[-1] + BLOCK, np.uint8)
        for file in np.unique(files).tolist():
            at = np.flatnonzero(files == file)
            self.reread(self.paths[file], begins[at], begins[at] + self.lengths[rows[at]], places[at], found)
        return found, np.stack((places[:-1], places[1:]), axis=1)

    def _check(self, rows: Rows, found: Bytes, ends: Rows) -> None:
        is_same = (text_hashes(found, ends) == self.hashes[rows]).all(axis=1)
        if not is_same.all():
            row = int(rows[np.flatnonzero(~is_same)[0]])
            path, begin = self.paths[int(self.files[row])], int(self.begins[row])
            raise InputError(f"{path} has changed since it was read: at byte {begin:,} stands another text")


class Gathering:
    """Documents and their sketches as they come, batch after batch; with `reread` texts of files are not kept."""

    def __init__(self, columns: Columns, config: SketchConfig, reread: Reread | None = None) -> None:
        self._scheme = config.scheme
        self._texts = _TextColumn(columns, reread)
        self._ids, self._urls, self._sources, self._dates, self._places, self._reasons = (
            _LabelColumn(columns, name) for name in ("ids", "urls", "sources", "dates", "places", "reasons")
        )
        self._blank = columns.column("blank", np.int64)
        self._sites, self._pages = columns.column("sites", np.uint64), columns.column("pages", np.uint64)
        self._days = columns.column("days", np.int32)
        self._n_old = columns.column("n_old", np.int64)
        self._signatures = columns.column("signatures", np.uint16, config.n_hashes)
        self._n_tokens = columns.column("n_tokens", np.int32)
        self._text_hashes = columns.column("text_hashes", np.uint64, 2)
        self._token_hashes = columns.column("token_hashes", np.uint64, 2)
        self._fingerprints = columns.column("fingerprints", np.uint64)
        self._bins = columns.column("fingerprint_bins", np.uint32, 1 << BIN_BITS)
        self._n_fingerprints = columns.column("n_fingerprints", np.int32)
        self._block_sizes = columns.column("block_sizes", np.int32)
        self.n_documents = len(self._n_tokens.array())

    def add(self, batch: Batch, sketches: Signed, keys: Keys) -> None:
        """Add a batch, what is kept of its texts, but for their fingerprints, and where they stand."""
        blank = [
            row for row in np.flatnonzero(sketches.n_tokens == 0).tolist() if not text_of(batch.texts, row).strip()
        ]
        self._places.append([item.place for item in batch.skipped])
        self._reasons.append([item.reason for item in batch.skipped])
        self._blank.append(self.n_documents + np.array(blank, np.int64))
        self._texts.append(batch.texts, batch.in_file)
        self._ids.append(batch.ids)
        self._urls.append(batch.urls)
        self._sources.append(batch.sources)
        self._dates.append(batch.dates)
        self._sites.append(keys.sites)
        self._pages.append(keys.pages)
        self._days.append(keys.days)
        self._n_old.append(np.array([len(batch.ids) if batch.is_old else 0]))
        self._signatures.append(mixed(sketches.signatures, 16).astype(np.uint16))
        self._n_tokens.append(sketches.n_tokens)
        self._text_hashes.append(sketches.text_hashes)
        self._token_hashes.append(sketches.token_hashes)
        self.n_documents += len(batch.ids)

    def add_fingerprints(self, fingerprints: Fingerprints) -> None:
        """Add those of the texts that were added after the last that have theirs."""
        self._fingerprints.append(fingerprints.values)
        self._bins.append(fingerprints.bins)
        self._n_fingerprints.append(fingerprints.counts)
        self._block_sizes.append(fingerprints.sizes)

    def extend(self, other: "Gathering", ids: Sequence[str], notes: Sequence[Skipped]) -> None:
        """Add what another gathering holds, its documents called `ids` here, and `notes` to what was skipped.

        The bytes of texts that are kept there stay behind, for whoever lays them into the column `TEXTS`.
        """
        self._blank.append(self.n_documents + other._blank.array())
        self._texts.extend(other._texts)
        self._ids.append(ids)
        for name in ("_urls", "_sources", "_dates", "_places", "_reasons"):
            getattr(self, name).extend(getattr(other, name))
        self._places.append([item.place for item in notes])
        self._reasons.append([item.reason for item in notes])
        for name in (
            "_sites", "_pages", "_days", "_n_old", "_signatures", "_n_tokens", "_text_hashes",
            "_token_hashes", "_fingerprints", "_bins", "_n_fingerprints", "_block_sizes",
        ):  # fmt: skip
            getattr(self, name).append(getattr(other, name).array())
        self.n_documents += other.n_documents

    def corpus(self) -> Corpus:
        """All documents in the order in which they came."""
        return Corpus(
            ids=self._ids.labels(), texts=self._texts.texts(self._text_hashes.array()),
            urls=self._urls.labels(), sources=self._sources.labels(), dates=self._dates.labels(),
            sites=self._sites.array(), pages=self._pages.array(), days=self._days.array(),
            blank=self._blank.array().tolist(), n_old=int(self._n_old.array().sum()),
        )  # fmt: skip

    def sketches(self) -> Signed:
        """Their sketches, but for the fingerprints."""
        return Signed(
            scheme=self._scheme, signatures=self._signatures.array(), n_tokens=self._n_tokens.array(),
            text_hashes=self._text_hashes.array(), token_hashes=self._token_hashes.array(),
        )  # fmt: skip

    def fingerprints(self) -> Fingerprints:
        """The fingerprints, a block or more for each batch."""
        return Fingerprints(
            values=self._fingerprints.array(), bins=self._bins.array(), counts=self._n_fingerprints.array(),
            sizes=self._block_sizes.array(),
        )  # fmt: skip

    def skipped(self) -> list[Skipped]:
        """What could not be used, or not as it stood, in the order in which it came; then texts that hold nothing."""
        both = zip(self._places.labels(), self._reasons.labels(), strict=True)
        blank = take(self._ids.labels(), self._blank.array())
        return [
            *(Skipped(place=place, reason=reason) for place, reason in both),
            *(Skipped(place=id_, reason="the text is empty: kept, and compared with nothing") for id_ in blank),
        ]


def corpus_of(batch: Batch, keys: Keys) -> Corpus:
    """The documents of one batch."""
    return Corpus(
        ids=batch.ids, texts=batch.texts, urls=batch.urls, sources=batch.sources, dates=batch.dates, sites=keys.sites,
        pages=keys.pages, days=keys.days,
    )  # fmt: skip


def part(corpus: Corpus, rows: Rows) -> Corpus:
    """The documents of some rows, in that order, their texts in memory."""
    # URLs and dates are asked for of every text, names and sources of few.
    places = rows.tolist()

    def own(values: Sequence[str]) -> Sequence[str]:
        return Lazy(len(places), lambda at: values[places[at]])

    return Corpus(
        ids=own(corpus.ids), texts=laid(corpus.texts, rows), urls=take(corpus.urls, rows), sources=own(corpus.sources),
        dates=take(corpus.dates, rows), sites=corpus.sites[rows], pages=corpus.pages[rows], days=corpus.days[rows],
    )  # fmt: skip


def ranks(ids: Sequence[str]) -> Rows:
    """The place of each row (n_rows,) when all stand in the order of their ids.

    Raises `InputError` when two documents have one id.
    """
    packed = labels(ids)
    values, begins = packed.values, packed.offsets
    order = np.arange(len(ids), dtype=np.int64)
    sort_strings(values, begins, order)
    at = int(first_repeated(values, begins, order))
    if at >= 0:
        raise InputError(f"ids must be unique, got {ids[int(order[at])]!r} twice")
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    return places


def text_of(texts: Texts, row: int) -> str:
    """The original text of a row."""
    start, end = int(texts.offsets[row]), int(texts.offsets[row + 1])
    return texts.values[start:end].tobytes().decode("utf-8", "surrogatepass")
