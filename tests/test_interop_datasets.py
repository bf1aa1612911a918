"""Hugging Face datasets through an index."""

from datetime import UTC, datetime

import pytest

from dedup.config import InputConfig
from dedup.errors import InputError
from dedup.index import Index
from tests.index_contract import with_copies

datasets = pytest.importorskip("datasets")
from dedup.interop.datasets import unseen  # noqa: E402 - needs the package

DOCUMENTS = with_copies(20)
COLUMNS = {"id": [d.id for d in DOCUMENTS], "text": [d.text for d in DOCUMENTS], "label": list(range(30))}


@pytest.fixture
def index(tmp_path):
    with Index.create(tmp_path / "index") as index:
        yield index


@pytest.fixture
def expected(tmp_path):
    with Index.create(tmp_path / "other") as other:
        return [d.id for d, answer in zip(DOCUMENTS, other.filter(DOCUMENTS), strict=True) if answer.keep]


def test_unseen__keeps_the_rows_that_are_new(index, expected):
    dataset = datasets.Dataset.from_dict(COLUMNS)
    kept = unseen(dataset, index)
    assert kept["id"][:] == expected
    assert kept.features == dataset.features
    assert len(unseen(dataset, index)) == 0


def test_unseen__filters_a_streamed_dataset_as_it_is_read(index, expected):
    dataset = datasets.Dataset.from_dict(COLUMNS).to_iterable_dataset()
    assert [row["id"] for row in unseen(dataset, index)] == expected


def test_unseen__takes_columns_by_name_and_leaves_out_rows_without_a_text(index):
    dataset = datasets.Dataset.from_dict({"body": ["one text", None, "one text", "another one"]})
    assert unseen(dataset, index, InputConfig(text_field="body"))["body"][:] == ["one text", "another one"]


@pytest.mark.parametrize("form", ["numpy", "pandas", "arrow", "polars"])
def test_unseen__takes_rows_in_any_format(index, expected, form):
    pytest.importorskip(form if form in ("pandas", "polars") else "datasets")
    dataset = datasets.Dataset.from_dict(COLUMNS).with_format(form)
    assert unseen(dataset, index).with_format(None)["id"][:] == expected
    assert list(unseen(dataset.to_iterable_dataset().with_format(form), index)) == []


@pytest.mark.parametrize("form", [None, "numpy", "pandas"])
def test_unseen__reads_columns_that_the_format_leaves_out(index, expected, form):
    pytest.importorskip(form or "datasets")
    dataset = datasets.Dataset.from_dict(COLUMNS).with_format(form, columns=["label"])
    kept = unseen(dataset, index)
    assert kept.format["columns"] == ["label"]
    assert kept.with_format(None)["id"][:] == expected


def test_unseen__takes_rows_as_a_transform_makes_them(index, expected):
    dataset = datasets.Dataset.from_dict(COLUMNS | {"text": [""] * 30})
    texts = {d.id: d.text for d in DOCUMENTS}
    dataset.set_transform(lambda rows: {**rows, "text": [texts[id_] for id_ in rows["id"]]})
    assert unseen(dataset, index).with_format(None)["id"][:] == expected


def test_unseen__takes_moments_and_other_values_that_json_has_no_form_for(index):
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    dataset = datasets.Dataset.from_dict({"id": [1], "text": ["one text"], "date": [noon]})
    assert len(unseen(dataset, index)) == 1
    (stored,) = index.documents()
    assert (stored.id, stored.date) == ("1", str(noon))


def test_unseen__says_what_is_no_dataset_of_texts(index):
    dataset = datasets.Dataset.from_dict({"body": ["one text"]})
    with pytest.raises(InputError, match="no column text; it has body"):
        unseen(dataset, index)
    with pytest.raises(InputError, match="by the split, such as train; got DatasetDict"):
        unseen(datasets.DatasetDict(train=dataset), index)
