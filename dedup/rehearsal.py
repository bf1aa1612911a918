"""A short run of all that there is, so that every kernel is compiled, or loaded, before the run that counts."""

import tempfile
from pathlib import Path

from dedup.config import Config, ReportConfig, SketchConfig
from dedup.engines.store import Store
from dedup.index import Index
from dedup.io import documents, reports
from dedup.io.formats import silent
from dedup.io.names import Names
from dedup.pipeline import BATCH_BYTES, scan
from dedup.records import RELATIONS, Document

__all__ = ["rehearse_index", "rehearse_scan"]

TEXT = (
    "One short text, long enough that each kernel has something to do with it, as number {} of the collection shows. "
)
N_SENTENCES = 40
N_REMEMBERED = 20
"""So many that the tables of an index grow."""
ONE_THREAD = Config(threads=1, report=ReportConfig(relations=RELATIONS))


def _found(n_others: int = 1) -> list[Document]:
    """Two that are copies but for a sentence, and others."""
    firsts = [0, 1, *(1000 * i for i in range(1, n_others + 1))]
    contents = ("".join(map(TEXT.format, range(first, N_SENTENCES + first))) for first in firsts)
    return [Document(id=str(i), text=content) for i, content in enumerate(contents)]


def rehearse_scan() -> None:
    """Scan a few short texts from each kind of input, and with the settings that are not the default, and no memory."""
    with tempfile.TemporaryDirectory(prefix="dedup-rehearsal-") as name:
        lines, texts = Path(name) / "texts.jsonl", Path(name) / "texts"
        lines.write_text("".join(f'{{"id": "{one.id}", "text": "{one.text}"}}\n' for one in _found()))
        texts.mkdir()
        for one in _found():
            (texts / f"{one.id}.txt").write_text(one.text)
        for path in (lines, texts):
            parts = documents.read_parts([str(path)], ONE_THREAD.input, BATCH_BYTES, silent, Names(), twice=True)
            reports.write(scan(parts, ONE_THREAD), Path(name) / f"from {path.name}")
    with Store(1) as tight:
        config = Config(threads=1, sketch=SketchConfig(scheme="affine32", shingle_unit="character"))
        scan(_found(), config, store=tight)


def rehearse_index() -> None:
    """Remember the same texts, and ask for them."""
    with tempfile.TemporaryDirectory(prefix="dedup-rehearsal-") as name, Index.create(name, ONE_THREAD) as index:
        index.filter(_found(N_REMEMBERED))
        index.check(_found())
