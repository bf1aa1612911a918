"""Texts that are read again where they stand in the input: the same as those that are kept."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import Config, InputConfig, SketchConfig
from dedup.engines.store import Store
from dedup.errors import InputError
from dedup.io import documents, reread
from dedup.io.names import Names
from dedup.kernels.blocks import BLOCK
from dedup.kernels.json_lines import lay
from dedup.laid import laid, n_characters
from dedup.pipeline import scan, silent, sketched
from dedup.stages import gather

TEXT = st.text(st.sampled_from('a b\n\\"é漢😀\x00\ud800'), max_size=40)
LINE = st.one_of(
    TEXT.map(lambda text: json.dumps({"text": text})),
    TEXT.map(lambda text: json.dumps({"id": text, "text": text}, ensure_ascii=False)),
    TEXT.map(lambda text: json.dumps({"text": text, "more": {"text": text}, "url": "u"})),
    st.sampled_from(
        ["", " ", "{", '{"text": 1}', '{"text": "a", "text": "b"}', '{"text": null, "body": "x"}', "x" * 300]
    ),
)


@pytest.fixture(autouse=True)
def _by_the_block(monkeypatch):
    """However small a file is."""
    monkeypatch.setattr(documents, "LEAST_BLOCK_BYTES", 1)


def put_lines(path, lines, end="\n"):
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass") + end.encode())
    return str(path)


def corpus(paths, store, *, twice, batch_bytes=1, **fields):
    return gathered(paths, store, twice=twice, batch_bytes=batch_bytes, **fields).corpus()


def gathered(paths, store, *, twice, batch_bytes=1, **fields):
    config = Config(input=InputConfig(**fields))
    parts = documents.read_parts(paths, config.input, batch_bytes, lambda _: None, Names(), twice=twice)
    return sketched(parts, config, store, silent)


def texts_of(texts, rows):
    found = laid(texts, np.array(rows, np.int64))
    return [found.values[a:b].tobytes() for a, b in zip(found.offsets, found.offsets[1:], strict=False)]


@given(st.data())
def test_texts__are_those_that_would_be_kept(tmp_path_factory, data):
    folder, lines = tmp_path_factory.mktemp("in"), st.lists(LINE, max_size=12)
    first, second = data.draw(lines), data.draw(lines)
    paths = [put_lines(folder / "a.jsonl", ['{"text": "one"}', *first]), put_lines(folder / "b.jsonl", second, "")]
    packed = folder / "c.jsonl"
    packed.write_bytes(gzip.compress(b'{"text": "packed"}\n'))
    paths.append(str(packed))
    how = {"batch_bytes": data.draw(st.sampled_from([1, 100, 1 << 20])), "max_document_bytes": 250}
    n_bytes = data.draw(st.sampled_from([1, 1 << 30]))
    with Store(n_bytes) as again, Store(n_bytes) as kept:
        found, wanted = (corpus(paths, store, twice=store is again, **how) for store in (again, kept))
        rows = data.draw(st.lists(st.integers(0, len(wanted) - 1), max_size=8))
        assert found.texts.offsets.tolist() == wanted.texts.offsets.tolist()
        assert texts_of(found.texts, rows) == texts_of(wanted.texts, rows)
        characters = [len(text.decode("utf-8", "surrogatepass")) for text in texts_of(wanted.texts, rows)]
        assert n_characters(found.texts, np.array(rows, np.int64)).tolist() == characters


@given(st.data())
def test_texts__of_several_gatherings_put_together_are_those_of_one(tmp_path_factory, data):
    folder, paths = tmp_path_factory.mktemp("in"), []
    for k in range(data.draw(st.integers(1, 4))):
        path = put_lines(folder / f"{k}.jsonl", [f'{{"text": "one of {k}"}}', *data.draw(st.lists(LINE, max_size=5))])
        if data.draw(st.booleans()):
            packed = folder / f"{k}.jsonl.gz"
            packed.write_bytes(gzip.compress((folder / f"{k}.jsonl").read_bytes()))
            path = str(packed)
        paths.append(path)
    cut = data.draw(st.integers(1, len(paths)))
    with Store() as store:
        wanted = corpus(paths, store, twice=False)
        wanted = texts_of(wanted.texts, range(len(wanted)))
    with Store(folder=folder / "all", keeps=True) as store:
        together, n_kept = gather.Gathering(store, SketchConfig(), reread.read), 0
        for k, some in enumerate(filter(None, (paths[:cut], paths[cut:]))):
            with Store(folder=folder / f"piece{k}", keeps=True) as own:
                piece = gathered(some, own, twice=True)
                held = piece.corpus()
                together.extend(piece, held.ids, [])
                kept = held.texts.values
                store.leave(gather.TEXTS, len(kept))
                store.fill(gather.TEXTS, n_kept, kept)
                n_kept += len(kept)
        found = together.corpus().texts
        rows = data.draw(st.lists(st.integers(0, len(wanted) - 1), max_size=8))
        assert texts_of(found, rows) == [wanted[row] for row in rows]


def test_texts__of_json_lines_on_a_disk_are_not_kept(tmp_path):
    lines = [json.dumps({"text": f"{n} {'word ' * 50}"}) for n in range(20)]
    plain = put_lines(tmp_path / "plain.jsonl", lines)
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress((tmp_path / "plain.jsonl").read_bytes()))
    with Store(folder=tmp_path / "work", keeps=True) as store:
        assert len(corpus([plain, str(packed)], store, twice=True)) == 40
    assert (tmp_path / "work" / "texts.column").stat().st_size == sum(len(json.loads(line)["text"]) for line in lines)
    assert documents.are_read_twice([plain, str(packed)])
    assert not documents.are_read_twice([str(packed)])
    assert not documents.are_read_twice(["-"])


def test_are_read_twice__not_files_that_are_read_by_the_line(tmp_path, monkeypatch):
    plain = put_lines(tmp_path / "plain.jsonl", ['{"text": "some words"}'])
    monkeypatch.setattr(documents, "LEAST_BLOCK_BYTES", 1 << 10)
    with Store(folder=tmp_path / "work", keeps=True) as store:
        corpus([plain], store, twice=True)
    assert (tmp_path / "work" / "texts.column").stat().st_size == len("some words")
    assert not documents.are_read_twice([plain])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: path.write_text(path.read_text().replace("first", "FIRST")), "at byte 10 stands another text"),
        (lambda path: path.write_text(path.read_text().replace("first", '\\u12"')), "at byte 10 stands another text"),
        (lambda path: path.write_text(path.read_text()[:20]), "it ends before byte 44"),
        (lambda path: path.unlink(), "cannot read .*a.jsonl a second time: No such file"),
    ],
)
def test_texts__that_have_changed_are_an_error(tmp_path, change, said):
    path = tmp_path / "a.jsonl"
    with Store() as store:
        found = corpus([put_lines(path, ['{"text": "the first text"}', '{"text": "another"}'])], store, twice=True)
        change(path)
        with pytest.raises(InputError, match=said):
            laid(found.texts, np.array([1, 0]))


def test_texts__of_a_file_that_has_grown_are_as_they_were(tmp_path):
    path = tmp_path / "a.jsonl"
    with Store() as store:
        found = corpus([put_lines(path, ['{"text": "the first text"}'])], store, twice=True)
        with path.open("a") as file:
            file.write('{"text": "a later text"}\n')
        assert texts_of(found.texts, [0]) == [b"the first text"]


def test_texts__of_a_run_that_goes_on_are_found(tmp_path):
    path = put_lines(tmp_path / "a.jsonl", [json.dumps({"text": f"text {n}"}) for n in range(5)])
    for _ in range(2):
        with Store(folder=tmp_path / "work", keeps=True) as store:
            found = corpus([path], store, twice=True)
            assert texts_of(found.texts, [4, 0]) == [b"text 4", b"text 0"]


@given(st.lists(st.text(st.sampled_from('ab\\u09dD8"{'), max_size=12), min_size=1, max_size=6))
def test_lay__of_what_was_never_checked_stays_in_its_room(contents):
    data = np.frombuffer("".join(contents).encode() + bytes(BLOCK), np.uint8)
    ends = np.cumsum([0, *map(len, contents)])
    spans, rows = np.stack((ends[:-1], ends[1:]), axis=1), np.arange(len(contents))
    most = int(ends[-1]) + 4 * len(rows)
    values, offsets = np.full(most + 2 * BLOCK, 7, np.uint8), np.zeros(len(rows) + 1, np.int64)
    lay(data, rows, spans, np.zeros(0, np.uint8), np.zeros(1, np.int64), values, offsets)
    assert (np.diff(offsets) <= np.diff(ends) + 4).all()
    assert (values[most + BLOCK :] == 7).all()


def test_scan__of_a_file_that_is_written_anew_meanwhile_says_so(tmp_path):
    line = json.dumps({"text": "one text that stands here twice, word for word, and is therefore compared"})
    path = tmp_path / "a.jsonl"
    parts = documents.read_parts(
        [put_lines(path, [line, line + " "])], InputConfig(), 1, lambda _: None, Names(), twice=True
    )

    def write_anew(stage, n, _):
        if (stage, n) == ("documents", 2):
            path.write_text(path.read_text().upper())

    with Store() as store, pytest.raises(InputError, match="has changed since it was read"):
        scan(parts, tell=write_anew, store=store)
