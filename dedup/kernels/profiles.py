"""What alignment knows of each text before it meets another: its words, pairs of neighbors and shingles as sets.

A text of a cluster is compared many times; what depends on it alone is worked out once. A pair is then looked up and
no table is made for it.
"""

from typing import NamedTuple

import numpy as np

from dedup.kernels.compile import inner, kernel
from dedup.kernels.furniture import FURNITURE
from dedup.kernels.slots import SLOTS_A_WORD, insert, mark_all, n_slots
from dedup.kernels.text import CAPITAL, NUMBER, SENTENCE_START

__all__ = [
    "ALL_CAPITALS", "ALL_FURNITURE", "ALL_NAMED", "ALL_NAMES", "ALL_NUMBERS", "ALL_PAIRS", "ALL_RARE", "ALL_WORDS",
    "IS_NAME", "IS_NUMBER", "MOST_SUBJECTS", "TOTALS", "Profile", "Profiles", "Sets", "build", "count_slots", "profile",
]  # fmt: skip

IS_NUMBER, IS_NAME = 1, 2
"""What a word is: a number where it stands first, a name anywhere. Of a fact: what it is where it stands."""
ALL_WORDS, ALL_RARE, ALL_NUMBERS, ALL_NAMES, ALL_PAIRS, ALL_FURNITURE, ALL_CAPITALS, ALL_NAMED = range(8)
TOTALS = 8
"""Columns of `Profiles.totals`: weights of the different words, rare words and pairs, and how many numbers and names
there are among the words, how many tokens of furniture, and of the others how many have a capital, and how many of
those where no sentence begins."""
N_WORDS, N_PAIRS, N_SHINGLES = range(3)
MOST_SUBJECTS = 8
"""Words that a text is about: those, no numbers, that weigh most, each as often as it stands there, twice at least."""


class Sets(NamedTuple):
    """The different values of some texts, in the order in which each stands first.

    `values` uint64 (n_tokens,), those of text n from its first token's place on; `slots` uint32, those of text n from
    `Profiles.slot_offsets[n]` on, as `slots.insert` leaves them, and `bloom` uint64 as `slots.mark_all` does, one for
    every `SLOTS_A_WORD` slots.
    """

    values: np.ndarray
    slots: np.ndarray
    bloom: np.ndarray


class Profiles(NamedTuple):
    """Some texts, ready to be compared.

    `offsets` and `slot_offsets` int64 (n_texts + 1,); `counts` int32 (n_texts, 3): how many different words, pairs and
    shingles; `totals` int64 (n_texts, `TOTALS`); `subjects` int32 (n_texts, `MOST_SUBJECTS`), which words each text is
    about, heaviest first, -1 for no more. Of words `word_weights` uint8 where each stands first, `word_counts` int32,
    how often, and `kinds`; of pairs the first weight that is not 0, and `heads` int32, where each first stands as a
    seed, -1 for nowhere. By token `pair_of` int32, which of the text's pairs begins there, -1 for none, and `following`
    int32, where it is a seed next. Facts are the numbers and names that are no furniture, of all texts end to end:
    `fact_words` int32, which word each is, `fact_kinds` uint8, `fact_digits` uint64 of numbers, and `facts_before`
    int64 (n_tokens + 1,), how many stand before each token.
    """

    offsets: np.ndarray
    slot_offsets: np.ndarray
    counts: np.ndarray
    totals: np.ndarray
    subjects: np.ndarray
    words: Sets
    word_weights: np.ndarray
    word_counts: np.ndarray
    kinds: np.ndarray
    pairs: Sets
    pair_weights: np.ndarray
    heads: np.ndarray
    pair_of: np.ndarray
    following: np.ndarray
    shingles: Sets
    fact_words: np.ndarray
    fact_kinds: np.ndarray
    fact_digits: np.ndarray
    facts_before: np.ndarray


class Profile(NamedTuple):
    """One text of `Profiles`, with its tokens as `rarity.Weighed` has them; sets are as long as they have values."""

    hashes: np.ndarray
    token_weights: np.ndarray
    seeds: np.ndarray
    marks: np.ndarray
    sums: np.ndarray
    totals: np.ndarray
    subjects: np.ndarray
    words: Sets
    word_weights: np.ndarray
    word_counts: np.ndarray
    kinds: np.ndarray
    pairs: Sets
    pair_weights: np.ndarray
    heads: np.ndarray
    pair_of: np.ndarray
    following: np.ndarray
    shingles: Sets
    fact_words: np.ndarray
    fact_kinds: np.ndarray
    fact_digits: np.ndarray
    facts_before: np.ndarray


@kernel
def count_slots(offsets, slot_offsets):
    """Fill `slot_offsets` int64 (n_texts + 1,): where the slots of each text begin, in each of the three sets."""
    slot_offsets[0] = 0
    for i in range(len(offsets) - 1):
        slot_offsets[i + 1] = slot_offsets[i] + n_slots(offsets[i + 1] - offsets[i])


@inner
def _part(sets, begin, end, first, last):
    """The set of one text."""
    bloom = sets.bloom[first // SLOTS_A_WORD : last // SLOTS_A_WORD]
    return Sets(sets.values[begin:end], sets.slots[first:last], bloom)


@kernel
def profile(weighed, profiles, i):
    """Text `i`."""
    begin, end = profiles.offsets[i], profiles.offsets[i + 1]
    first, last = profiles.slot_offsets[i], profiles.slot_offsets[i + 1]
    words, pairs = begin + profiles.counts[i, N_WORDS], begin + profiles.counts[i, N_PAIRS]
    shingles = begin + profiles.counts[i, N_SHINGLES]
    return Profile(
        weighed.hashes[begin:end], weighed.token_weights[begin:end], weighed.seeds[begin:end],
        weighed.marks[begin:end], weighed.sums[begin : end + 1], profiles.totals[i],
        profiles.subjects[i],
        _part(profiles.words, begin, words, first, last),
        profiles.word_weights[begin:words], profiles.word_counts[begin:words], profiles.kinds[begin:words],
        _part(profiles.pairs, begin, pairs, first, last),
        profiles.pair_weights[begin:pairs], profiles.heads[begin:pairs],
        profiles.pair_of[begin:end], profiles.following[begin:end],
        _part(profiles.shingles, begin, shingles, first, last),
        profiles.fact_words, profiles.fact_kinds, profiles.fact_digits, profiles.facts_before[begin : end + 1],
    )  # fmt: skip


@kernel
def build(weighed, limits, profiles):
    """Fill `profiles`, whose offsets are given, for all texts.

    `limits` int64 (3,): the least weight of a seed, of a passage and of a rare word.
    """
    profiles.facts_before[0] = 0
    for i in range(len(profiles.offsets) - 1):
        profiles.totals[i] = 0
        _list_words(weighed, limits[2], i, profiles)
        _list_pairs(weighed, limits[0], i, profiles)
        _list_shingles(weighed, i, profiles)


@kernel
def _list_words(weighed, rare_weight, i, profiles):
    """The different words of a text, and its facts; furniture is only counted."""
    begin, end = profiles.offsets[i], profiles.offsets[i + 1]
    first, last = profiles.slot_offsets[i], profiles.slot_offsets[i + 1]
    values, slots, bloom = _part(profiles.words, begin, end, first, last)
    slots[:] = 0
    weights, kinds = profiles.word_weights[begin:end], profiles.kinds[begin:end]
    counts = profiles.word_counts[begin:end]
    n, n_furniture, n_facts = 0, 0, profiles.facts_before[begin]
    n_capitals, n_named = 0, 0
    for at in range(begin, end):
        marks = weighed.marks[at]
        if marks & FURNITURE:
            n_furniture += 1
        else:
            kind = IS_NUMBER if marks & NUMBER else 0
            word = insert(weighed.hashes[at], n, values, slots)
            if word == n:
                weights[n], kinds[n], counts[n] = weighed.token_weights[at], kind, 0
                n += 1
            counts[word] += 1
            n_capitals += marks & CAPITAL != 0
            if marks & CAPITAL and not marks & (NUMBER | SENTENCE_START):
                n_named += 1
                kind |= IS_NAME
                kinds[word] |= IS_NAME
            if kind:
                profiles.fact_words[n_facts], profiles.fact_kinds[n_facts] = word, kind
                profiles.fact_digits[n_facts] = weighed.digits[at]
                n_facts += 1
        profiles.facts_before[at + 1] = n_facts
    mark_all(values[:n], bloom)
    profiles.counts[i, N_WORDS] = n
    _sum_words(weights[:n], kinds, rare_weight, profiles.totals[i])
    _list_subjects(weights[:n], counts, kinds, profiles.subjects[i])
    profiles.totals[i, ALL_FURNITURE] = n_furniture
    profiles.totals[i, ALL_CAPITALS], profiles.totals[i, ALL_NAMED] = n_capitals, n_named


@kernel
def _sum_words(weights, kinds, rare_weight, totals):
    for word in range(len(weights)):
        weight = np.int64(weights[word])
        totals[ALL_WORDS] += weight
        totals[ALL_RARE] += weight if weight >= rare_weight else 0
        totals[ALL_NUMBERS] += kinds[word] & IS_NUMBER != 0
        totals[ALL_NAMES] += kinds[word] & IS_NAME != 0


@kernel
def _list_subjects(weights, counts, kinds, subjects):
    """Write which words a text is about, no numbers; of two that weigh the same the one that stands first."""
    subjects[:] = -1
    for word in range(len(weights)):
        weight = np.int64(weights[word]) * counts[word]
        if counts[word] < 2 or weight == 0 or kinds[word] & IS_NUMBER:
            continue
        place, other = MOST_SUBJECTS, np.int64(0)
        while place > 0:
            other = np.int64(subjects[place - 1])
            if other >= 0 and np.int64(weights[other]) * counts[other] >= weight:
                break
            place -= 1
            if place + 1 < MOST_SUBJECTS:
                subjects[place + 1] = other
        if place < MOST_SUBJECTS:
            subjects[place] = word


@kernel
def _list_pairs(weighed, seed_weight, i, profiles):
    """The different pairs of a text, and where each is a seed."""
    begin, end = profiles.offsets[i], profiles.offsets[i + 1]
    first, last = profiles.slot_offsets[i], profiles.slot_offsets[i + 1]
    values, slots, bloom = _part(profiles.pairs, begin, end, first, last)
    slots[:] = 0
    weights, heads = profiles.pair_weights[begin:end], profiles.heads[begin:end]
    n, total = 0, np.int64(0)
    for at in range(begin, end):
        if weighed.pairs[at] == 0:
            profiles.pair_of[at] = -1
            continue
        pair = insert(weighed.pairs[at], n, values, slots)
        profiles.pair_of[at] = pair
        if pair == n:
            weights[n], heads[n] = 0, -1
            n += 1
        if weights[pair] == 0:
            weights[pair] = weighed.pair_weights[at]
            total += np.int64(weights[pair])
    for at in range(end - begin - 1, -1, -1):
        if weighed.seeds[begin + at] >= seed_weight and profiles.pair_of[begin + at] >= 0:
            pair = np.int64(profiles.pair_of[begin + at])
            profiles.following[begin + at] = heads[pair]
            heads[pair] = at
    mark_all(values[:n], bloom)
    profiles.counts[i, N_PAIRS], profiles.totals[i, ALL_PAIRS] = n, total


@kernel
def _list_shingles(weighed, i, profiles):
    begin, end = profiles.offsets[i], profiles.offsets[i + 1]
    first, last = profiles.slot_offsets[i], profiles.slot_offsets[i + 1]
    values, slots, bloom = _part(profiles.shingles, begin, end, first, last)
    slots[:] = 0
    n = 0
    for at in range(begin, end):
        if weighed.shingles[at] != 0:
            n += insert(weighed.shingles[at], n, values, slots) == n
    mark_all(values[:n], bloom)
    profiles.counts[i, N_SHINGLES] = n
