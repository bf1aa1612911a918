"""Stage 4b: alignments to relations, with a confidence. Every threshold lives here.

Whether two texts are one article is decided by a scorecard, `dedup/data/scorecard.json`: each of a few features gives
points by a table that only rises, and the points add up to log-odds. `benchmarks/quality/train.py` writes the tables.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from dedup import measured
from dedup.arrays import Rows, Scores, offsets
from dedup.config import RelationConfig
from dedup.described import Described
from dedup.kernels.describe import write_passages
from dedup.kernels.rarity import UNITS
from dedup.measured import Columns
from dedup.reasons import SAID
from dedup.records import RELATIONS, SOURCES, Alignments, Tokens
from dedup.sequences import Lists

__all__ = ["Verdicts", "classify", "describe", "doubts", "features", "stated_doubts"]

EXACT, SAME_TEXT, NEAR, SYNDICATED, REWRITE, EXCERPT, QUOTE, TEMPLATE, NONE = range(len(RELATIONS))

FEW_TOKENS = 8
"""Fewer in passages, and less than half of the shorter text, make no two texts one article, however rare they are."""
PART_DISCOUNT = 0.1
"""What is left of the confidence in two texts of which one took a part from the other."""
UNDISPUTED = 0.9
"""The least confidence in two texts of which nearly all is shared while nothing in between contradicts."""
ALIKE, ALIKE_CONFIDENCE = 0.9, 0.98
"""A resemblance at which too little differs to matter, and the least confidence in it: it is linked before siblings."""
MOST_CONFIDENCE = 0.999999
"""Of texts that are not equal."""
DECIDED = 0.6
"""From a confidence of one half to this the resemblance adds ever more to it, from here on in full."""
TYPICAL_WORD = 5 * UNITS
"""What a content word weighs."""
SOME_TOKENS = 30
"""In a text of fewer, numbers that were swapped say no more for standing closer to one another."""
MOST_NAMED = 0.2
"""A text of which a larger share has a capital where no sentence begins writes more than names with one."""
LEAST_CAPITALS = 0.02
"""A text of which a smaller share has one is in a script, or a hand, that does not tell names by them."""
UNTOLD_NAMES = 0.1
"""Share of the words that are names in such a text."""
TOPICAL_WORDING, WORDING_GAIN = 4.0, 20.0
"""What the wording may say of two texts that share their rare words as they share their words; less where they do not.
"""
FEW_RARE = 6 * TYPICAL_WORD
"""Rare words that weigh less in all say little of what two texts are about."""
CLASHING_SUBJECT = 1.5
"""What a typical word of the subjects of both texts counts for where the other lacks it, beside a name as 1.

It counts each time that it stands there, as far as passages fill the texts: a form says its subject again and again,
and what a rewrite calls otherwise stands in what is its own.
"""
OTHER_SUBJECT = 3.0
"""Of two texts with as many such words each a resemblance alone makes no copies."""
FEW_SUBJECTS = 8 * UNITS
"""Subjects that weigh less say little."""
MOST_ABOUT = 0.5
"""The most, in log-odds, that subjects in common say for two texts, as a rewrite calls things otherwise."""
TOKENS_A_FACT, TOKENS_A_SUBJECT = 200, 20
"""Tokens in passages for each fact, or typical word of a subject, that clashes: of fewer two texts are disputed."""
OFF_TOPIC = -0.1
"""Topicality of a pair below which what fills most of both is a frame around something else."""
LITTLE_FILLED, MUCH_FILLED = 0.5, 0.8
"""Share of the shorter text in passages: of a rewrite, which states its own day, and of a version that redates one."""
DAY_NUMBERS = 3
"""A day is written with so many numbers, which are no other facts."""
ORDERED_TOKENS, MOST_ORDERED, ORDERED_RARE = 15, 8, 2
"""So many tokens in passages, up to so many times, or so many rare words say as much as a passage that follows another.
"""
TYPICAL = 0.9
"""So much of what pairs of neighbors weigh on average in two texts is rare too, where that is little."""
RESENT_DAYS = 1
"""An agency sends a report again on the next day, with a dateline of that day."""
LAST_REISSUED = 7
"""After as many days a site that shows nearly the same again means something else by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What each pair is: `relations` uint8 (n_pairs,) are places in `RELATIONS`, `confidence` (n_pairs,) in 0..1."""

    relations: NDArray[np.uint8]
    confidence: Scores

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.relations)


def classify(alignments: Alignments, same_characters: NDArray[np.bool_], config: RelationConfig) -> Verdicts:
    """Decide each pair; `same_characters` (n_pairs,) says which texts are equal to the character."""
    scores = alignments.scores
    same_tokens = (scores["same_tokens"] > 0) & (scores["n_tokens_left"] > 0)
    confidence = np.maximum(_confidence(scores, config), UNDISPUTED * _is_undisputed(scores, config))
    is_alike = (measured.jaccard(scores, "shingles") >= ALIKE) & ~_is_reissued(scores)
    is_alike &= _clashing_subjects(scores) < OTHER_SUBJECT
    confidence = np.maximum(confidence, ALIKE_CONFIDENCE * is_alike)
    is_little = (scores["passage_weight"] < config.least_weight * UNITS) | (measured.held(scores) < config.least_share)
    is_little |= scores["in_passages"] < np.minimum(FEW_TOKENS, measured.shorter(scores) / 2)
    confidence[is_little] = 0.0
    confidence[_is_part(scores, config)] *= PART_DISCOUNT
    confidence = _with_resemblance(confidence, scores)
    confidence[same_tokens | same_characters] = 1.0
    joined = confidence >= config.cluster_confidence
    held, is_excerpt = measured.held(scores), _is_excerpt(scores, config)
    is_excerpt_first = is_excerpt & (scores["longest_unquoted"] >= 2 * config.excerpt_run)
    is_excerpt_first &= (scores["inner_numbers"] + scores["inner_names"] < 2) | (scores["same_site"] == 0)
    # What fills most of both is no part of either.
    is_excerpt_first &= measured.share(scores["in_passages"], measured.longer(scores)) < 2 * config.form_share
    choices = (
        (same_characters, EXACT),
        (same_tokens, SAME_TEXT),
        (joined & (measured.jaccard(scores, "shingles") >= config.near_resemblance), NEAR),
        (joined & (held >= config.syndicated_share), SYNDICATED),
        (joined, REWRITE),
        (is_excerpt_first, EXCERPT),
        (_is_form(scores, config), TEMPLATE),
        (is_excerpt, EXCERPT),
        (scores["longest"] >= config.quote_run, QUOTE),
    )
    relations = np.select([c for c, _ in choices], [np.uint8(r) for _, r in choices], np.uint8(NONE))
    return Verdicts(relations=relations.astype(np.uint8), confidence=confidence)


def describe(alignments: Alignments, verdicts: Verdicts, chosen: Rows, tokens: Tokens) -> Described:
    """The pairs in `chosen` as matches of places in `tokens`, without what only characters tell: quotes and origins.

    Two equal texts share all their tokens as one passage, however short they are.
    """
    scores = {name: column[chosen] for name, column in alignments.scores.items()}
    relations = verdicts.relations[chosen]
    is_equal = relations <= SAME_TEXT
    shares = (
        measured.jaccard(scores, "shingles"), measured.share(scores["in_passages"], scores["n_tokens_left"]),
        measured.share(scores["in_passages"], scores["n_tokens_right"]), verdicts.confidence[chosen],
    )  # fmt: skip
    written = np.stack(shares, axis=1)
    written[is_equal, :3] = 1.0
    sizes = alignments.offsets[chosen + 1] - alignments.offsets[chosen]
    sizes[is_equal] = scores["n_tokens_left"][is_equal] > 0
    begins = offsets(sizes)
    passages = np.empty((int(begins[-1]), 6), np.int32)
    pairs = np.stack((alignments.left[chosen], alignments.right[chosen]), axis=1)
    write_passages(
        tokens.starts, tokens.ends, tokens.flags, tokens.offsets, pairs[:, 0], pairs[:, 1], alignments.passages,
        alignments.offsets[chosen], is_equal, begins, passages,
    )  # fmt: skip
    codes = np.full((len(chosen), 2), SOURCES.index("unknown"), np.uint8)
    codes[:, 0] = relations
    return Described(
        pairs=pairs, codes=codes, scores=written, passages=passages, passage_offsets=begins,
        measures=np.stack([scores[name] for name in SAID], axis=1).astype(np.int32),
        origins=Lists.packed([()] * len(chosen)), quotes=Lists.packed([()] * len(chosen)),
    )  # fmt: skip


def features(scores: Columns) -> dict[str, Scores]:
    """What the scorecard looks at; the more of each, the likelier the two are one article.

    `strength`: log-odds of the share of rare pairs of neighboring words that both hold, which copies, rewrites and
    independent articles differ in most. `rare`: the same of rare words; two reports of one event have their own.
    `spread`: how many tenths of both texts have a passage in them. `order`: log-odds of how often one passage follows
    another as in the other text; what two texts of one kind happen to share stands in any order. `containment`: whether
    one text holds all but nothing of its own. `fineness`: how short the passages are: rewrites share many short ones,
    and texts that took over a block or a quotation few long ones. `wording`: whether it is words that differ, as in
    rewrites, or names, numbers and what comes up most, as in forms filled in with other facts; and not the rare words
    alone, as in forms of another subject. `subjects`: whether both are about what their passages say, or, as forms are,
    about something else that stands between. `concord`: in how many of the gaps between passages no fact clashes; in a
    form it is few. `numbers`: log-odds of how many of them agree, of the text that has fewer of its own, as a longer
    version has more. `inner_numbers`: those that clash between two passages. `swapped_numbers`: how dense numbers are
    in whose place alone the other text has other ones, wherever else it has them.
    """
    words = measured.clashing(scores, "words") / TYPICAL_WORD
    clashing = _clashing_names(scores, words, np.add(*measured.bodies(scores)))
    clashing += 2 * measured.clashing(scores, "numbers")
    clashing += CLASHING_SUBJECT * _clashing_subjects(scores) * measured.filled(scores)
    most = TOPICAL_WORDING + WORDING_GAIN * _topicality(scores)
    rare = scores["rare_left"] + scores["rare_right"] + scores["rare_both"]
    return {
        "strength": measured.log_odds(measured.jaccard(scores, "pairs")),
        "rare": measured.log_odds((scores["rare_both"] + 2 * TYPICAL_WORD) / (rare + 6 * TYPICAL_WORD)),
        "spread": (scores["spread_left"] + scores["spread_right"]) / 20,
        "order": _order(scores),
        "containment": np.clip((measured.filled(scores) - 0.75) / 0.22, 0, 1),
        "fineness": -np.log1p(measured.share(scores["in_passages"], scores["n_passages"])),
        "wording": np.minimum(np.log((words + 10) / (clashing + 0.8)), np.maximum(most, 0)),
        "subjects": _aboutness(scores),
        "concord": 1 - (scores["disputed_gaps"] + 0.5) / (scores["filled_gaps"] + 2),
        "numbers": _agreement(scores),
        "inner_numbers": -np.log1p(scores["inner_numbers"]),
        "swapped_numbers": -np.log1p(SOME_TOKENS * scores["swapped_numbers"] / (scores["in_passages"] + SOME_TOKENS)),
    }


def doubts(scores: Columns, config: RelationConfig) -> Scores:
    """What is taken off the log-odds of each pair for where and when its texts were published, whatever they say."""
    return np.asarray(config.site_doubt * _is_elsewhere(scores) + _of_dates(scores, config), np.float64)


def _of_dates(scores: Columns, config: RelationConfig) -> Scores:
    n_doublings = np.log2(np.maximum(scores["days_apart"] / config.days_undoubted, 1))
    return np.asarray(np.minimum(config.date_doubt * n_doublings, config.most_date_doubt), np.float64)


def stated_doubts(scores: Columns, config: RelationConfig) -> Scores:
    """What is taken off for the days that two texts state, beyond what it is for their dates.

    A form filled in anew has other facts beside the day, while a new version of a page differs in its day and hardly a
    fact. So where two texts are much the same the doubt is as the share of facts that contradict, and whole from
    `form_contradiction` on; where little is the same it is whole in any case.
    """
    days = np.maximum(scores["stated_apart"] - RESENT_DAYS, 0)
    doubt = np.maximum(np.minimum(config.stated_doubt * days, config.most_stated_doubt) - _of_dates(scores, config), 0)
    clashing = np.maximum(measured.clashing(scores, "numbers") - DAY_NUMBERS, 0) + measured.clashing(scores, "names")
    share = measured.share(clashing, clashing + scores["numbers_both"] + scores["names_both"])
    is_retold = (MUCH_FILLED - measured.filled(scores)) / (MUCH_FILLED - LITTLE_FILLED)
    return np.asarray(doubt * np.clip(np.maximum(share / config.form_contradiction, is_retold), 0, 1), np.float64)


@cache
def _scorecard() -> dict[str, dict[str, list[float]]]:
    """For each feature, points `points` at the values `at`, straight lines between; "base" has the points of all."""
    stored = json.loads(files("dedup.data").joinpath("scorecard.json").read_text("utf-8"))
    tables: dict[str, dict[str, list[float]]] = stored["features"]
    return tables


def _confidence(scores: Columns, config: RelationConfig) -> Scores:
    """Probability that a pair is one article, where as many are as are not."""
    # Page and stated days are no part of `doubts`, so that the tables are fitted to tell apart forms that state no day,
    # and to tell versions of a page that nothing says are one.
    points = config.page_trust * scores["same_page"] - doubts(scores, config) - stated_doubts(scores, config)
    values = features(scores)
    for name, table in _scorecard().items():
        points += np.interp(values[name], table["at"], table["points"])
    return np.asarray(np.round(1.0 / (1.0 + np.exp(-points)), 6), np.float64)


def _with_resemblance(confidence: Scores, scores: Columns) -> Scores:
    """Of texts that are likely one article the more alike are surer, so that versions are linked before siblings.

    The features are chosen to know a rewrite, in which little is alike, and hardly tell a copy from it. None comes over
    one half by it, and none to 1, which is of equal texts.
    """
    share = np.clip((confidence - 0.5) / (DECIDED - 0.5), 0, 1) * measured.jaccard(scores, "shingles")
    return np.asarray(np.minimum(np.round(1 - (1 - confidence) * (1 - share), 6), MOST_CONFIDENCE), np.float64)


def _is_elsewhere(scores: Columns) -> Scores:
    """1 for two texts of one site that are not known to be one page."""
    return scores["same_site"] * (1 - scores["same_page"])


def _is_undisputed(scores: Columns, config: RelationConfig) -> NDArray[np.bool_]:
    """Whether long passages fill most of both texts, or all of one, and hardly a fact or a subject clashes beside them.

    Before and behind the passages each site has its own dates and telephone numbers; two texts of one site have not.
    """
    lengths = scores["n_tokens_left"], scores["n_tokens_right"]
    of_longer, of_shorter = (measured.share(scores["in_passages"], side(*lengths)) for side in (np.maximum, np.minimum))
    clashing = measured.facts(scores, "inner") + scores["same_site"] * measured.facts(scores, "outer")
    length = measured.share(scores["in_passages"], scores["n_passages"])
    is_filled = (of_longer >= 0.7) | ((of_longer >= 0.3) & (of_shorter >= 0.9))
    is_filled |= _is_framed(scores, config) & (length >= 6 * config.part_length)
    is_disputed = (clashing > scores["in_passages"] / TOKENS_A_FACT) | (_topicality(scores) < OFF_TOPIC)
    is_disputed |= _clashing_subjects(scores) > scores["in_passages"] / TOKENS_A_SUBJECT
    return np.asarray(is_filled & (length >= 3 * config.part_length) & ~is_disputed & ~_is_reissued(scores))


def _is_reissued(scores: Columns) -> NDArray[np.bool_]:
    """Whether two pages of one site are of days so far apart that what differs is meant."""
    days = np.maximum(scores["days_apart"], scores["stated_apart"])
    return np.asarray(_is_elsewhere(scores) * days > LAST_REISSUED)


def _is_framed(scores: Columns, config: RelationConfig) -> NDArray[np.bool_]:
    """Whether half of both is shared and neither goes on for `part_gap` of its length without the other.

    So are pages of two sites with one article, as each has navigation before it and notes behind.
    """
    of_longer = measured.share(scores["in_passages"], measured.longer(scores))
    return np.asarray((of_longer >= 0.5) & (np.maximum(*measured.gaps(scores)) <= config.part_gap))


def _is_part(scores: Columns, config: RelationConfig) -> NDArray[np.bool_]:
    """Whether blocks were taken word for word from one text into another: each goes on for long without the other.

    The longer the blocks, the less must be left without; least where both are of one site, which says again and again
    who it is.
    """
    length = measured.share(scores["in_passages"], scores["n_passages"])
    bound = np.where(scores["same_site"] > 0, 1 / 2, np.where(length >= 3 * config.part_length, 2 / 3, 1))
    is_part = (np.minimum(*measured.gaps(scores)) >= bound * config.part_gap) & (length >= config.part_length)
    return np.asarray(is_part & ((scores["same_site"] > 0) | ~_is_framed(scores, config)))


def _is_excerpt(scores: Columns, config: RelationConfig) -> NDArray[np.bool_]:
    """Whether one text holds a part of the other that it does not quote, and that few others hold.

    A part may hold quotations too: then it goes on for three times as long, with as many words around them as one
    without has. What two texts of one site share is most often the site's own, so it must be most of one of them.
    """
    tokens = scores["in_passages"] - scores["quoted"]
    share = measured.share(tokens, measured.shorter(scores))
    run = scores["longest_unquoted"]
    is_large = (share >= config.excerpt_share) & (run >= config.excerpt_run / 2)
    is_large |= (share >= config.excerpt_share / 2) & (run >= config.excerpt_run)
    is_mixed = (scores["longest"] >= 3 * config.excerpt_run) & (tokens >= config.excerpt_run)
    is_large |= is_mixed & (measured.held(scores) >= config.excerpt_share) & (run >= config.excerpt_run / 4)
    rarity = np.minimum(config.excerpt_rarity * UNITS, TYPICAL * measured.typical_pair(scores))
    is_rare = scores["unquoted_weight"] >= rarity * tokens
    return np.asarray(is_large & is_rare & ((scores["same_site"] == 0) | (share >= 0.5)))


def _is_form(scores: Columns, config: RelationConfig) -> NDArray[np.bool_]:
    """Whether much of both texts is the same, and the facts in it are others."""
    unquoted = scores["in_passages"] - scores["quoted"]
    covered = measured.share(unquoted, measured.longer(scores))
    clashing = measured.clashing(scores, "numbers") + measured.clashing(scores, "names")
    agreeing = scores["numbers_both"] + scores["names_both"]
    swapped = scores["inner_numbers"] + scores["inner_names"]
    contradicts = (swapped >= 2) | (clashing >= config.form_contradiction * (clashing + agreeing))
    # Where nearly all is the same and the two are not one article, the facts are what keeps them apart; and a form that
    # is filled in anew states another day.
    contradicts |= (covered >= 2 * config.form_share) | (scores["stated_apart"] > 0)
    return np.asarray((covered >= config.form_share) & contradicts & (clashing > 0))


def _clashing_names(scores: Columns, words: Scores, bodies: Scores) -> Scores:
    """About how many names each text has that the other has not, as far as capitals tell; `words` clash in all.

    German writes every noun with a capital, so not all that have one are names; Chinese or Arabic has none, and that
    no name is seen to clash says nothing there. `bodies` are the tokens of both texts, without furniture.
    """
    named, capitals = (
        measured.share(scores[f"{kind}_left"] + scores[f"{kind}_right"], bodies) for kind in ("named", "capitals")
    )
    untold = np.clip(1 - capitals / LEAST_CAPITALS, 0, 1)
    told = np.minimum(MOST_NAMED / np.maximum(named, MOST_NAMED), 1)
    return np.asarray(told * measured.clashing(scores, "names") + untold * UNTOLD_NAMES * words)


def _topicality(scores: Columns) -> Scores:
    """Share of rare words that two texts have in common, less the share that passages fill, in -1..1.

    Both of the text that has fewer of its own. What is re-worded keeps its rare words, and is above 0; in forms of two
    subjects passages fill nearly all, and rare words stand between them. It is drawn to 0 where there are few.
    """
    filled, own = measured.filled(scores), np.minimum(scores["rare_left"], scores["rare_right"])
    return measured.share(scores["rare_both"] + FEW_RARE * filled, scores["rare_both"] + own + FEW_RARE) - filled


def _clashing_subjects(scores: Columns) -> Scores:
    """How many words of its subjects, in typical ones, each text has more often than the other; the fewer of both."""
    lacking = [scores[f"subjects_{side}"] - scores[f"met_{side}"] for side in ("left", "right")]
    return np.asarray(np.minimum(*lacking) / TYPICAL_WORD, np.float64)


def _aboutness(scores: Columns) -> Scores:
    """Log-odds of the share of one text's subjects that the other has as often, less those of what passages fill.

    Of the text of whose subjects more is met, as a longer version has subjects of its own.
    """
    shares = [
        (scores[f"met_{side}"] + FEW_SUBJECTS) / (scores[f"subjects_{side}"] + FEW_SUBJECTS)
        for side in ("left", "right")
    ]
    about = measured.log_odds(np.maximum(*shares)) - measured.log_odds(measured.filled(scores))
    return np.minimum(about, MOST_ABOUT)


def _order(scores: Columns) -> Scores:
    """Log-odds of the share of passages that follow the one before as in the other text, drawn to one half by two each.

    Long passages, in which all words follow one another so, and rare words that both hold are no chance either, and
    count for some passages more.
    """
    within = np.minimum(scores["in_passages"] / ORDERED_TOKENS, MOST_ORDERED)
    within += scores["rare_both"] / (ORDERED_RARE * TYPICAL_WORD)
    n_followed = np.maximum(scores["n_passages"] - 1, 0)
    return measured.log_odds((scores["in_order"] + within + 2) / (n_followed + within + 4))


def _agreement(scores: Columns) -> Scores:
    """Log-odds of the share of numbers that agree, drawn to one half by one that agrees and one that does not."""
    both = scores["numbers_both"]
    return measured.log_odds((both + 1) / (both + measured.clashing(scores, "numbers") + 2))
