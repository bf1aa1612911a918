"""What is written lasts, as far as the system lets it."""

import os

from dedup.index import Index
from dedup.io import disk, outputs
from tests.index_contract import with_copies


def test_index_and_files__are_written_where_a_folder_cannot_be_opened(tmp_path, monkeypatch):
    """As on Windows, whose answer is made up."""
    system_open = os.open

    def refusing(path, *more, **named):
        if os.path.isdir(path):
            raise PermissionError(13, "Permission denied", path)
        return system_open(path, *more, **named)

    monkeypatch.setattr(disk, "HAS_FOLDERS", False)
    monkeypatch.setattr(os, "open", refusing)
    with Index.create(tmp_path / "index") as index:
        index.filter(with_copies(10))
        index.compact()
        assert (index.n_documents, index.verify()) == (15, [])
    outputs.write_file(tmp_path / "out" / "a.jsonl", [b"{}\n"])
    assert (tmp_path / "out" / "a.jsonl").read_bytes() == b"{}\n"


def test_index_and_files__stand_in_folders_whose_names_are_synced(tmp_path, monkeypatch):
    synced, system_sync = set[int](), os.fsync

    def noted(descriptor):
        synced.add(os.fstat(descriptor).st_ino)
        system_sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    Index.create(tmp_path / "new" / "index").close()
    outputs.write_file(tmp_path / "out" / "deep" / "a.jsonl", [b"{}\n"])
    holders = tmp_path, tmp_path / "new", tmp_path / "new" / "index", tmp_path / "out", tmp_path / "out" / "deep"
    assert {folder.stat().st_ino for folder in holders} <= synced
