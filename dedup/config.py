"""Every setting, frozen, one class a stage, checked when made. Config owns no algorithm."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeVar

from dedup.checks import at_least, at_most, check_kinds, one_of
from dedup.errors import ConfigError
from dedup.records import RELATIONS

__all__ = [
    "AlignConfig",
    "CandidateConfig",
    "ClusterConfig",
    "Config",
    "EvidenceConfig",
    "InputConfig",
    "PassageConfig",
    "RelationConfig",
    "ReportConfig",
    "SketchConfig",
    "given",
    "of_near_copies",
]

C = TypeVar("C")
LEAST_MEMORY_BYTES = 512 << 20
MOST_HASHES = 512
MOST_PARTNERS = 1 << 17
"""Pairs of one text that have room at once."""
RESOURCES = ("threads", "memory_bytes", "disk_bytes")
POLICIES = ("earliest", "latest", "longest", "shortest", "first")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputConfig:
    """How documents are read.

    A field may have several names, separated by commas: the first that an object has, and not as null, counts.
    `encoding` is that of text files, CSV and TSV; JSON lines are UTF-8, and pages of HTML say what they are. `html` is
    what is taken of a page: its `main` text, or `all` that is visible. A line or a file of more than
    `max_document_bytes` is skipped: 92 KB of zstd can hold a line of 3 GB.
    """

    id_field: str = "id"
    text_field: str = "text"
    url_field: str = "url"
    source_field: str = "source"
    date_field: str = "date"
    encoding: str = "utf-8"
    html: str = "main"
    max_document_bytes: int = 1 << 28

    def __post_init__(self) -> None:
        """Check kinds, that there is a text field, a known encoding and a bound that positions can hold."""
        check_kinds(self)
        if not self.text_field.strip(", "):
            raise ConfigError(f"text_field must name a field, got {self.text_field!r}")
        one_of("html", self.html, ("main", "all"))
        at_least("max_document_bytes", self.max_document_bytes, 1)
        at_most("max_document_bytes", self.max_document_bytes, (1 << 31) - 1)
        try:
            # Names of hosts have an encoding as well, of at most 63 characters.
            ("a" * 64).encode(self.encoding)
        except (LookupError, ValueError):
            raise ConfigError(f"encoding must be one of texts that Python knows, got {self.encoding}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchConfig:
    """How a text becomes shingles and a signature.

    `scheme` names the signature: `fss32` is fast similarity sketching, with a smaller error in less time; `affine32` is
    bit-identical to datasketch 2 with the same `seed`. Signatures of different schemes, seeds or shingles never meet.
    """

    shingle_size: int = 5
    shingle_unit: Literal["token", "character"] = "token"
    n_hashes: int = 128
    scheme: Literal["fss32", "affine32"] = "fss32"
    seed: int = 1

    def __post_init__(self) -> None:
        """Check kinds and ranges."""
        check_kinds(self, 32)
        at_least("shingle_size", self.shingle_size, 1)
        at_most("shingle_size", self.shingle_size, 16)
        at_least("n_hashes", self.n_hashes, 16)
        at_most("n_hashes", self.n_hashes, MOST_HASHES)
        at_least("seed", self.seed, 0)
        at_most("seed", self.seed, (1 << 32) - 1)
        one_of("scheme", self.scheme, ("fss32", "affine32"))
        one_of("shingle_unit", self.shingle_unit, ("token", "character"))


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceConfig:
    """What is learned from the collection before texts are compared.

    The words of at most `max_texts` are counted, one of each group of near copies: texts whose signatures agree in at
    least `near_agreement` of their places. The background counts as `background_texts` more, and as what a collection
    lacks of `least_texts`: a few texts on one subject are judged as they would be among others. What stands on at least
    `furniture_share` of a site's pages, and on `furniture_pages`, is the site's and no evidence; at most `site_pages`
    of a site are looked at, and `max_pages` in all.
    """

    max_texts: int = 20_000
    max_pages: int = 50_000
    site_pages: int = 50
    near_agreement: float = 0.5
    background_texts: int = 1_000
    least_texts: int = 5_000
    furniture_share: float = 0.2
    furniture_pages: int = 4

    def __post_init__(self) -> None:
        """Check kinds and ranges."""
        check_kinds(self)
        for name in ("max_texts", "max_pages", "site_pages"):
            at_least(name, getattr(self, name), 1)
        at_least("background_texts", self.background_texts, 1)
        at_least("least_texts", self.least_texts, 1)
        at_least("furniture_pages", self.furniture_pages, 2)
        for name in ("furniture_share", "near_agreement"):
            if not 0 < getattr(self, name) <= 1:
                raise ConfigError(f"{name} must lie in 0..1, above 0, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignConfig:
    """How texts are aligned. Weights are nats: a word that one text in 1,000 of its language holds weighs 6.9.

    No word weighs more than `heaviest`, so that scores mean the same in small and large collections; a passage begins
    at two neighbors that weigh `seed_weight` and weighs at least `passage_weight` in all; a word of `rare_weight` is
    rare. Quoted words count for `quoted_share` of their weight, as independent articles quote the same sources.
    """

    shingle_size: int = 5
    heaviest: float = 8.0
    seed_weight: float = 3.0
    passage_weight: float = 6.0
    rare_weight: float = 4.5
    quoted_share: float = 0.125

    def __post_init__(self) -> None:
        """Check kinds and ranges."""
        check_kinds(self)
        at_least("shingle_size", self.shingle_size, 1)
        at_least("heaviest", self.heaviest, 1)
        at_least("seed_weight", self.seed_weight, 0.1)
        at_least("passage_weight", self.passage_weight, 0.1)
        at_least("quoted_share", self.quoted_share, 0)
        at_most("quoted_share", self.quoted_share, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationConfig:
    """Where one relation ends and the next begins. Shares are of words in passages, in 0..1.

    Two texts are one article from `cluster_confidence` on, if what they share weighs at least `least_weight` nats and
    is `least_share` of the shorter, and not when each goes on for `part_gap` of its length without the other (two
    thirds of that where passages are three times as long, half where both are of one site) and passages are
    `part_length` words long on average; on two sites that is no bar where half of both is shared and neither goes on
    for more than `part_gap`. `site_doubt` is taken off the log-odds of two texts of one site that are not versions of
    one page: a site fills in its own forms again more often than it re-words its own articles. `page_trust` is added
    for two texts of one URL, or of two that differ in a release such as `3.9`, `v2` or `latest`, which are most often
    one page as it was fetched twice, taken from its furniture in two ways, or revised. `date_doubt` is taken off for
    each doubling of the days between two known dates from `days_undoubted` on, in all `most_date_doubt`: an article is
    copied within days, and a form is filled in again after weeks. `stated_doubt` is for each day but the first between
    those that two texts state at their beginning, in all `most_stated_doubt`, if it is more than their dates take off:
    a copy keeps its dateline, and a new version of a page the other facts, so it is less as far as these agree. One
    article is `near` from a resemblance of `near_resemblance`, `syndicated` when `syndicated_share` of the shorter is
    shared, else a `rewrite`. Other texts are a `template` when `form_share` of the longer is shared and
    `form_contradiction` of the names and numbers contradict; an `excerpt` when `excerpt_share` of the shorter is
    shared outside quotations, with a run of half of `excerpt_run` words, or half of it with such a run, or
    `excerpt_share` with quotations, in a passage of three such runs and with one outside them in all; and its pairs of
    words weigh `excerpt_rarity` nats on average, or nearly as much as in all of both texts; a `quote` from a run of
    `quote_run` words on.
    """

    cluster_confidence: float = 0.5
    site_doubt: float = 1.7
    page_trust: float = 1.7
    date_doubt: float = 0.8
    most_date_doubt: float = 3.0
    days_undoubted: float = 2.0
    stated_doubt: float = 1.5
    most_stated_doubt: float = 3.0
    least_weight: float = 12.0
    least_share: float = 0.04
    near_resemblance: float = 0.8
    syndicated_share: float = 0.8
    part_gap: float = 0.3
    part_length: float = 8.0
    form_share: float = 0.3
    form_contradiction: float = 0.2
    excerpt_share: float = 0.2
    excerpt_run: int = 40
    excerpt_rarity: float = 3.0
    quote_run: int = 8

    def __post_init__(self) -> None:
        """Check kinds and ranges."""
        check_kinds(self)
        for name in (
            "cluster_confidence", "near_resemblance", "syndicated_share", "part_gap", "form_share",
            "form_contradiction", "excerpt_share", "least_share",
        ):  # fmt: skip
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} must lie in 0..1, got {getattr(self, name)}")
        for name in (
            "site_doubt", "page_trust", "date_doubt", "most_date_doubt", "stated_doubt", "most_stated_doubt",
            "least_weight", "part_length", "excerpt_run", "excerpt_rarity", "quote_run",
        ):  # fmt: skip
            at_least(name, getattr(self, name), 0)
        at_least("days_undoubted", self.days_undoubted, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """Who belongs together, and which copy is kept.

    `joining` are the relations that put two texts into one cluster. Two groups may be one cluster while the mean
    confidence of all pairs between them that were measured is at least `mean_floor`. A member is verified against the
    representative with at least `member_floor` confidence: less than a match needs, since the chain of matches that led
    to it speaks for it too.
    A member that shares too little with the representative for the pair to be proposed needs `unproposed_floor`.
    `keep` is a list of policies for the representative, each breaking the ties of those before it:
    `earliest`, `latest`, `longest`, `shortest`, `first` (input order), `host:NAME` (a source or URL host preferred).
    """

    joining: tuple[str, ...] = ("exact", "same_text", "near", "syndicated", "rewrite")
    keep: tuple[str, ...] = ("earliest", "longest")
    member_floor: float = 0.3
    mean_floor: float = 0.4
    unproposed_floor: float = 0.85
    n_representative_tries: int = 3

    def __post_init__(self) -> None:
        """Check kinds, names and ranges."""
        check_kinds(self)
        for relation in self.joining:
            if relation not in RELATIONS:
                raise ConfigError(f"joining must name relations of {', '.join(RELATIONS)}, got {relation!r}")
        for policy in self.keep:
            if policy not in POLICIES and (policy == "host:" or not policy.startswith("host:")):
                raise ConfigError(f"keep must be of {', '.join(POLICIES)} or host:NAME, got {policy!r}")
        for name in ("member_floor", "mean_floor", "unproposed_floor"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} must lie in 0..1, got {getattr(self, name)}")
        at_least("n_representative_tries", self.n_representative_tries, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateConfig:
    """Which signatures are close enough to compare the texts: `n_bands` bands of `n_rows` places, or as many as fit.

    The texts of a bucket of more than `max_bucket` follow one leader, the one most likely to be kept; two that follow
    the same are a pair only if the square of their agreement is above their agreements with it. Else such a bucket
    pairs each with `n_partners` others; it and all that follow, however small, pair each of its texts with at most
    `most_partners` later ones that agree in three of four places, with as many that agree in half of them, and with as
    many others. A pair whose signatures agree in less than `min_agreement` of their places is left to the passages.
    """

    n_bands: int = 42
    n_rows: int = 3
    max_bucket: int = 32
    n_partners: int = 4
    most_partners: int = 2
    min_agreement: float = 0.25

    def __post_init__(self) -> None:
        """Check kinds and ranges."""
        check_kinds(self)
        at_least("n_bands", self.n_bands, 1)
        at_most("n_bands", self.n_bands, MOST_HASHES)
        at_least("n_rows", self.n_rows, 1)
        at_least("max_bucket", self.max_bucket, 2)
        at_least("n_partners", self.n_partners, 1)
        for name in ("max_bucket", "n_partners"):
            at_most(name, getattr(self, name), MOST_PARTNERS)
        at_least("most_partners", self.most_partners, 1)
        at_most("most_partners", self.most_partners, 255)
        at_least("min_agreement", self.min_agreement, 0)
        at_most("min_agreement", self.min_agreement, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageConfig:
    """Which fingerprints are kept, and how much of rare ones a candidate pair must share.

    Two texts that share a run of `shingle_size + window - 1` tokens share a fingerprint; the window is narrower where
    a text would keep fewer than about `n_least`. For every `n_per_word` of a text's fingerprints one of its rare words
    is kept too, none where that is 0, up to 64. One that stands in more than `max_frequency` texts is not rare, and an
    index asks for no band that more have; texts whose signatures agree in `near_agreement` of their places count once
    for that. A pair must score `floor` in a collection of 65,536 texts and `floor_growth` more for every doubling, as
    more texts share something by chance, but never less than `least_floor`. A text takes part in more than `n_most`
    pairs only by being among the best of others. Where not `sampled`, no text keeps a fingerprint.
    """

    sampled: bool = True
    shingle_size: int = 3
    window: int = 8
    n_least: int = 64
    n_per_word: int = 4
    max_frequency: int = 64
    near_agreement: float = 0.4
    floor: float = 0.6
    floor_growth: float = 0.05
    least_floor: float = 0.25
    n_most: int = 64

    def __post_init__(self) -> None:
        """Check kinds and ranges."""
        check_kinds(self)
        for name, least in {"shingle_size": 1, "window": 1, "n_least": 1, "max_frequency": 2, "n_most": 1}.items():
            at_least(name, getattr(self, name), least)
        for name in ("n_per_word", "near_agreement", "floor", "floor_growth", "least_floor"):
            at_least(name, getattr(self, name), 0)


def of_near_copies() -> tuple[CandidateConfig, PassageConfig]:
    """Settings by which only copies are found that resemble one another as a whole, in about half of the time.

    Signatures of a resemblance of 0.8 meet in one of 20 bands of 4 with a probability of 0.99997 [Leskovec, Rajaraman,
    Ullman, ch. 3]. Rewrites, excerpts and bodies in other furniture are not looked for.
    """
    return CandidateConfig(n_bands=20, n_rows=4, min_agreement=0.6), PassageConfig(sampled=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConfig:
    """Which relations are reported as matches; what joins clusters is reported whatever stands here."""

    relations: tuple[str, ...] = ("exact", "same_text", "near", "syndicated", "rewrite", "excerpt")
    n_quotes: int = 3

    def __post_init__(self) -> None:
        """Check kinds, names and ranges."""
        check_kinds(self)
        for relation in self.relations:
            if relation not in RELATIONS:
                raise ConfigError(f"relations must be of {', '.join(RELATIONS)}, got {relation!r}")
        at_least("n_quotes", self.n_quotes, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings of a run.

    No result depends on `threads`, how many work at once, one a core when 0; on `memory_bytes`, what the process may
    hold, a half of the machine's when 0; or on `disk_bytes`, what work files may take, without bound when 0.
    """

    input: InputConfig = field(default_factory=InputConfig)
    sketch: SketchConfig = field(default_factory=SketchConfig)
    candidates: CandidateConfig = field(default_factory=CandidateConfig)
    passages: PassageConfig = field(default_factory=PassageConfig)
    evidence: EvidenceConfig = field(default_factory=EvidenceConfig)
    align: AlignConfig = field(default_factory=AlignConfig)
    relation: RelationConfig = field(default_factory=RelationConfig)
    cluster: ClusterConfig = field(default_factory=ClusterConfig)
    report: ReportConfig = field(default_factory=ReportConfig)
    threads: int = 0
    memory_bytes: int = 0
    disk_bytes: int = 0

    def __post_init__(self) -> None:
        """Check kinds, that there is memory enough to begin, and that a signature has places for one band."""
        check_kinds(self, 63)
        for name in ("threads", "memory_bytes", "disk_bytes"):
            at_least(name, getattr(self, name), 0)
        if self.memory_bytes:
            at_least("memory_bytes", self.memory_bytes, LEAST_MEMORY_BYTES)
        # Of a signature that is shorter than one band there are none, and no pair would be proposed by them.
        at_most("n_rows", self.candidates.n_rows, self.sketch.n_hashes)

    def settings(self) -> dict[str, object]:
        """All settings on which results depend, by class and name."""
        return {name: value for name, value in asdict(self).items() if name not in RESOURCES}

    def digest(self) -> str:
        """Sixteen hexadecimal digits that differ whenever a setting does on which results depend."""
        text = json.dumps(self.settings(), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def given(config: C | None, kind: type[C]) -> C:
    """These settings, those by default where there are none; ConfigError where they are something else."""
    if config is None:
        return kind()
    if not isinstance(config, kind):
        raise ConfigError(f"the settings must be of type {kind.__name__}, got {config!r:.80}")
    return config
