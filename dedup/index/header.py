"""What an index must have in common with who opens it: format, settings, and the answers of its kernels."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from dedup.config import (
    AlignConfig,
    CandidateConfig,
    ClusterConfig,
    Config,
    EvidenceConfig,
    PassageConfig,
    RelationConfig,
    SketchConfig,
    given,
)  # fmt: skip
from dedup.errors import StoreError
from dedup.index.keys import keys_of
from dedup.io.store import places
from dedup.io.store.places import Place
from dedup.stages import collection, sketch, text

__all__ = ["create", "exists", "settings_of"]

FORMAT = 2
CLASSES = {
    "sketch": SketchConfig, "candidates": CandidateConfig, "passages": PassageConfig, "evidence": EvidenceConfig,
    "align": AlignConfig, "relation": RelationConfig, "cluster": ClusterConfig,
}  # fmt: skip
FREE = {("cluster", "keep")}
"""Settings on which no answer of an index depends."""
SAMPLES = (
    "On Monday, 12 May 2014, the committee's 3rd report said: “Nothing is agreed until everything is agreed.”",
    "Комитет ещё раз рассмотрел доклад о 12 мерах; naïve Œuvre, ﬁnancial, Ａ１.",
    "委員會在星期一說，什麼都還沒有同意。今日は晴れです。",
    "لم يوافق على شيء؛ کچھ نہیں، ٣ ایران.",
    "?!",
)
PLACES = (
    ("Example Herald", "", ""),
    ("Example Herald", "https://herald.example/1", ""),
    ("", "https://herald.example/2", ""),
)
"""Sources, URLs and dates."""


def create(path: Place, config: Config) -> None:
    """Write the header of a new index."""
    places.write(path, {"format": FORMAT, "settings": _settings(config), "known_answers": _known_answers(config)})


def exists(path: Place) -> bool:
    """Whether there is an index."""
    return places.exists(path)


def settings_of(path: Place, config: Config | None) -> Config:
    """The settings to use an index with: its own, and what is free from `config`; StoreError where they differ."""
    found = places.read(path)
    if found.get("format") != FORMAT:
        # Texts are kept alike in all formats so far; what they are found by is not, and is made anew by an import.
        raise StoreError(
            f"index {places.shown(path)} has format {found.get('format')}, this version opens {FORMAT}; `dedup index "
            "export` and `import` carry it over"
        )
    stored: Any = found["settings"]
    wanted = given(config, Config)
    if config is not None:
        _check_same(path, stored, _settings(wanted))
    used = _config(stored, wanted)
    if _known_answers(used) != found["known_answers"]:
        raise StoreError(
            f"index {places.shown(path)} was made by a version that hashes texts or sites otherwise; `dedup index "
            "export` and `import` carry it over"
        )
    return used


def _settings(config: Config) -> dict[str, dict[str, object]]:
    return {
        name: {key: _plain(value) for key, value in asdict(getattr(config, name)).items() if (name, key) not in FREE}
        for name in CLASSES
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _config(stored: Mapping[str, Mapping[str, Any]], config: Config) -> Config:
    classes = dict[str, Any]()
    for name, kind in CLASSES.items():
        known = {field.name for field in fields(kind)}
        values = {key: tuple(v) if isinstance(v, list) else v for key, v in stored[name].items() if key in known}
        free = {key: getattr(getattr(config, name), key) for owner, key in FREE if owner == name}
        classes[name] = kind(**values, **free)
    return Config(input=config.input, report=config.report, threads=config.threads, **classes)


def _check_same(
    path: Place, stored: Mapping[str, Mapping[str, object]], wanted: Mapping[str, Mapping[str, object]]
) -> None:
    differing = [
        f"{name}.{key} {stored.get(name, {}).get(key)!r}, not {value!r}"
        for name, values in wanted.items()
        for key, value in values.items()
        if stored.get(name, {}).get(key) != value
    ]
    if differing:
        raise StoreError(f"index {places.shown(path)} was made with {'; '.join(differing)}")


def _known_answers(config: Config) -> str:
    """What becomes of a few texts and sites, in short."""
    sketches = sketch.build(text.encode(SAMPLES), config.sketch, config.passages, 1)
    keys = keys_of(sketches, config).keys
    sites = collection.keys(*zip(*PLACES, strict=True)).sites
    arrays = sketches.signatures, sketches.token_hashes, sketches.text_hashes, sketches.fingerprints, keys, sites
    digest = hashlib.blake2b(digest_size=8)
    for array in arrays:
        digest.update(array.tobytes())
    return digest.hexdigest()
