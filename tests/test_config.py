"""Settings are checked when made, and say what, which, got."""

import pytest

import dedup
from dedup.config import (
    MOST_PARTNERS,
    AlignConfig,
    CandidateConfig,
    ClusterConfig,
    Config,
    EvidenceConfig,
    InputConfig,
    PassageConfig,
    RelationConfig,
    ReportConfig,
    SketchConfig,
)
from dedup.errors import ConfigError
from dedup.stages.candidates import ROOM

DOCUMENTS = [dedup.Document(id=name, text="The bridge will reopen on Monday.") for name in "ab"]


@pytest.mark.parametrize(
    ("made", "values", "says"),
    [
        (Config, {"threads": "2"}, "threads must be a whole number of at most 63 bits, got '2'"),
        (Config, {"threads": None}, "threads must be a whole number"),
        (Config, {"threads": 1 << 63}, "threads must be a whole number of at most 63 bits, got 9223372036854775808"),
        (Config, {"input": {"text_field": "body"}}, "input must be of type InputConfig, got {'text_field': 'body'}"),
        (Config, {"candidates": SketchConfig()}, "candidates must be of type CandidateConfig, got SketchConfig"),
        (InputConfig, {"text_field": None}, "text_field must be a string, got None"),
        (InputConfig, {"encoding": 8}, "encoding must be a string, got 8"),
        (SketchConfig, {"n_hashes": 128.0}, "n_hashes must be a whole number of at most 32 bits, got 128.0"),
        (SketchConfig, {"seed": True}, "seed must be a whole number of at most 32 bits, got True"),
        (EvidenceConfig, {"furniture_pages": 1 << 31}, "furniture_pages must be a whole number of at most 31 bits"),
        (CandidateConfig, {"max_bucket": 1 << 18}, "max_bucket must be at most 131072, got 262144"),
        (CandidateConfig, {"n_partners": 1 << 18}, "n_partners must be at most 131072, got 262144"),
        (CandidateConfig, {"n_bands": 513}, "n_bands must be at most 512, got 513"),
        (SketchConfig, {"scheme": 1}, "scheme must be a string, got 1"),
        (PassageConfig, {"sampled": "no"}, "sampled must be true or false, got 'no'"),
        (PassageConfig, {"floor": float("nan")}, "floor must be a number of at most 1e9, got nan"),
        (RelationConfig, {"site_doubt": float("inf")}, "site_doubt must be a number of at most 1e9, got inf"),
        (AlignConfig, {"seed_weight": 1e300}, "seed_weight must be a number of at most 1e9, got 1e.300"),
        (CandidateConfig, {"min_agreement": 2}, "min_agreement must be at most 1, got 2"),
        (AlignConfig, {"heaviest": "8"}, "heaviest must be a number of at most 1e9, got '8'"),
        (ClusterConfig, {"keep": "earliest"}, "keep must be a tuple of strings, got 'earliest'"),
        (ClusterConfig, {"keep": (1,)}, "keep must be a tuple of strings"),
        (ClusterConfig, {"keep": ("host:",)}, "keep must be of .* or host:NAME, got 'host:'"),
        (ReportConfig, {"relations": "near"}, "relations must be a tuple of strings, got 'near'"),
    ],
)
def test_config__a_value_of_another_kind_is_refused_and_named(made, values, says):
    with pytest.raises(ConfigError, match=f"^{says}"):
        made(**values)


def test_config__lists_of_names_and_whole_numbers_for_fractions_are_taken():
    config = Config(cluster=ClusterConfig(keep=["longest"], member_floor=0), report=ReportConfig(relations=["near"]))
    report = dedup.scan(DOCUMENTS, config)
    assert [decision.keep for decision in report.decisions] == [True, False]


@pytest.mark.parametrize("config", [{"near": 1}, "near", InputConfig(), Config])
def test_config__what_is_no_config_is_refused_by_all_that_takes_one(tmp_path, config):
    dedup.Index.create(tmp_path / "index").close()
    for called in (
        lambda: dedup.scan(DOCUMENTS, config),
        lambda: dedup.compare(*DOCUMENTS, config),
        lambda: dedup.Index.create(tmp_path / "other", config),
        lambda: dedup.Index.open(tmp_path / "index", config),
    ):
        with pytest.raises(ConfigError, match="the settings must be of type Config, got"):
            called()


def test_config__a_band_has_no_more_rows_than_a_signature_has_places():
    sketch = SketchConfig(n_hashes=16)
    assert Config(sketch=sketch, candidates=CandidateConfig(n_rows=16))
    with pytest.raises(ConfigError, match=r"^n_rows must be at most 16, got 17"):
        Config(sketch=sketch, candidates=CandidateConfig(n_rows=17))


def test_config__the_largest_buckets_have_room():
    assert MOST_PARTNERS + 1 < ROOM
    config = Config(candidates=CandidateConfig(max_bucket=MOST_PARTNERS, n_partners=MOST_PARTNERS))
    assert len(dedup.scan(DOCUMENTS, config).matches) == 1
