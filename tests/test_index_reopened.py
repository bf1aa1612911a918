"""An index that is closed and opened in the midst of its life answers and learns as one that stays open."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from dedup.config import Config, EvidenceConfig
from dedup.index import Index, learning
from dedup.index.learning import AT, NOTE
from dedup.records import Answer, Document
from tests.index_contract import with_copies

CONFIG = Config(evidence=EvidenceConfig(max_texts=24))
Change = Callable[[Index], object]


def history(seed: int) -> list[Change]:
    """Documents that come, some again with another text, and go; the same ones each time."""
    rng = random.Random(seed)
    texts = [document.text for document in with_copies(60, seed)]
    pages = [f"Home News Contact {seed} Imprint {text} All rights reserved {seed} by us" for text in texts[:30]]
    sites, ids, changes = ["", "", "daily", "weekly"], [f"d{number}" for number in range(70)], list[Change]()
    for moment in range(40):
        arriving = [
            Document(id=id_, text=rng.choice(texts + pages), source=rng.choice(sites))
            for id_ in rng.sample(ids, rng.choice([1, 2, 5, 9]))
        ]
        gone = rng.sample(ids, rng.choice([1, 3, 10]))
        changes.append(
            rng.choice([
                lambda index, arriving=arriving, moment=moment: index.filter(arriving, float(moment)),
                lambda index, arriving=arriving, moment=moment: index.filter(arriving, float(moment)),
                lambda index, arriving=arriving, moment=moment: index.add(arriving, float(moment)),
                lambda index, gone=gone: index.remove(gone),
                lambda index, moment=moment: index.expire(12, now_s=float(moment)),
            ])
        )  # fmt: skip
    return changes


def told(index: Index) -> list[Answer]:
    """What an index says of some texts."""
    return index.check([replace(document, id=f"asked {document.id}") for document in with_copies(12, 5)])


@pytest.mark.parametrize("seed", range(12))
def test_open__at_any_moment_changes_no_answer_and_no_evidence(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(learning, "MANY", 40)
    rng = random.Random(-seed)
    with Index.create(tmp_path / "steady", CONFIG) as steady:
        again = Index.create(tmp_path / "again", CONFIG)
        for change in history(seed):
            if rng.random() < 0.3:
                again.close()
                again = Index.open(tmp_path / "again")
            assert change(again) == change(steady)
            assert [again.note(name) for name in (NOTE, AT)] == [steady.note(name) for name in (NOTE, AT)]
            assert told(again) == told(steady)
        assert [*again.documents()] == [*steady.documents()]
        assert steady.note(AT) is not None
        again.close()
