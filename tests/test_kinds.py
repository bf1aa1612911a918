"""Kinds of pairs that a crawl is full of, made of invented words: which join and which do not."""

import random
from collections.abc import Callable

import pytest

import dedup
from dedup.records import Document

JOINING = ("exact", "same_text", "near", "syndicated", "rewrite")
COMMON = ("the", "of", "and", "to", "a", "in", "that", "it", "was", "for", "on", "with", "as", "at", "by", "not", "he")
SYLLABLES = [
    "ba", "bri", "dor", "fen", "gla", "kel", "lum", "mor", "nai", "pel", "quo", "ras", "sil", "tor", "ven", "wix",
]  # fmt: skip


def word(rng: random.Random) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randrange(2, 4)))


def sentence(rng: random.Random, n: int = 16) -> str:
    said = [rng.choice(COMMON) if rng.random() < 0.45 else word(rng) for _ in range(n)]
    return " ".join(said).capitalize() + "."


def prose(rng: random.Random, n: int) -> list[str]:
    return [sentence(rng) for _ in range(n)]


def name(rng: random.Random) -> str:
    return word(rng).capitalize()


def grant(rng: random.Random, form: list[str]) -> str:
    """A release of which only the town and the sum are new."""
    town, amount = f"{name(rng)} {name(rng)}", f"{rng.randrange(10, 99)},{rng.randrange(100, 999)}"
    facts = [
        f"{town} to receive assistance.",
        f"The {town} Fire Department will receive ${amount}.",
        f"Good news for the people of {town}, who asked for it.",
        f"The money went to {town} for its engines.",
    ]
    return " ".join(part for pair in zip(facts, form, strict=True) for part in pair)


def grants(rng: random.Random) -> tuple[str, str]:
    form = [" ".join(prose(rng, 2)) for _ in range(4)]
    return grant(rng, form), grant(rng, form)


def bulletins(rng: random.Random) -> tuple[str, str]:
    """Two incidents told in the set phrases of one office."""
    phrases = [" ".join(word(rng) for _ in range(4)) for _ in range(6)]

    def told() -> str:
        order = rng.sample(phrases, len(phrases))
        return " ".join(f"{sentence(rng, 9)[:-1]} {phrase} {sentence(rng, 9)}" for phrase in order)

    return told(), told()


def statements(rng: random.Random) -> tuple[str, str]:
    """Two people who mourn the same person, each in own words."""
    person = f"{name(rng)} {name(rng)}"

    def said() -> str:
        opening = f"{name(rng)} statement on the death of {person}. Senator {name(rng)} today issued the following "
        return f"{opening} statement on the death of {person}. {' '.join(prose(rng, 6))} {person} will be missed."

    return said(), said()


def galleries(rng: random.Random) -> tuple[str, str]:
    """Two articles of one site that show the same captions beneath."""
    captions = [f"Hide caption {k} of 43: {sentence(rng, 12)}" for k in range(12)]
    first, second = (" ".join(prose(rng, 12)) for _ in range(2))
    return first + "\n" + "\n".join(captions), second + "\n" + "\n".join(captions)


def parts(rng: random.Random) -> tuple[str, str]:
    """Two parts of a guide under one head."""
    head = " ".join(prose(rng, 3))
    first, second = (" ".join(prose(rng, 14)) for _ in range(2))
    return f"{head} Part 1. {first}", f"{head} Part 2. {second}"


def listings(rng: random.Random) -> tuple[str, str]:
    """What one office does in two weeks: the same words around other places and hours."""
    head = " ".join(prose(rng, 2))

    def week() -> str:
        lines = [
            f"{rng.randrange(1, 13)}:{rng.randrange(10, 60)} {name(rng)} {name(rng)} will hold office hours in the "
            f"library of {name(rng)}, {rng.randrange(10, 999)} {name(rng)} Street."
            for _ in range(8)
        ]
        return f"{head} Week of May {rng.randrange(1, 30)}.\n" + "\n".join(lines)

    return week(), week()


def tables(rng: random.Random) -> tuple[str, str]:
    """Results of two days in one table of the same teams."""
    teams = [f"{name(rng)} {name(rng)}" for _ in range(10)]

    def day() -> str:
        rows = [f"{team} {rng.randrange(1, 130)} {rng.randrange(1, 130)} {rng.randrange(1, 40)}" for team in teams]
        return f"Final scores of day {rng.randrange(1, 30)}\n" + "\n".join(rows)

    return day(), day()


def obituaries(rng: random.Random) -> tuple[str, str]:
    """Two lives in the set phrases of one home."""
    phrases = [" ".join(word(rng) for _ in range(5)) for _ in range(5)]

    def life() -> str:
        who = f"{name(rng)} {name(rng)}"
        facts = [f"{who}, {rng.randrange(50, 99)}, of {name(rng)}", *(f"{name(rng)} {name(rng)}" for _ in phrases[1:])]
        return " ".join(f"{fact} {phrase} {sentence(rng, 8)}" for fact, phrase in zip(facts, phrases, strict=True))

    return life(), life()


def forecasts(rng: random.Random) -> tuple[str, str]:
    """The weather of two days in one form."""
    regions = [f"{name(rng)} {word(rng)} {word(rng)}" for _ in range(9)]

    def day() -> str:
        said = [
            f"{region}: highs of {rng.randrange(10, 99)}, lows of {rng.randrange(10, 50)}, winds up to "
            f"{rng.randrange(5, 60)} miles an hour, a chance of rain of {rng.randrange(1, 99)} percent."
            for region in regions
        ]
        return f"Forecast for the {rng.randrange(1, 30)}th. " + " ".join(said)

    return day(), day()


def swapped(rng: random.Random) -> tuple[str, str]:
    """A release for each of two visits, nothing but the company and the town swapped."""
    body = prose(rng, 10)

    def visit() -> str:
        company, town, who = (f"{name(rng)} {name(rng)}" for _ in range(3))
        own = [f"{company} of {town} welcomed {who}, who runs it with {rng.randrange(20, 900)} people. "]
        return f"Visit to {company}. " + " ".join(
            f"{text} {company} in {town} and {who} agree on {rng.randrange(3, 90)}." if k % 2 else text
            for k, text in enumerate([*own, *body])
        )

    return visit(), visit()


def resent(rng: random.Random) -> tuple[str, str]:
    """A wire story and the same with a correction, a new opening and two paragraphs more."""
    story = prose(rng, 12)
    longer = [sentence(rng), *story[:5], sentence(rng), *story[5:], *prose(rng, 2)]
    return " ".join(story), " ".join(longer).replace(" the ", " the said ", 1)


def joint(rng: random.Random) -> tuple[str, str]:
    """A release of two offices, each with its own head, date and telephone."""
    body = " ".join(prose(rng, 14))

    def telephone() -> str:
        return f"{name(rng)}, {rng.randrange(200, 999)} {rng.randrange(1000, 9999)}"

    def released(day: int) -> str:
        return f"Press office {telephone()}\n{sentence(rng, 10)}\nMay {day} 2007\n{body}\nContact {telephone()}"

    return released(3), released(4)


def reworded(rng: random.Random) -> tuple[str, str]:
    """An article and the same with every sixth word another, names and numbers kept."""
    words = " ".join(f"{sentence(rng)[:-1]} {name(rng)} {rng.randrange(10, 999)}." for _ in range(14)).split()
    changed = [word(rng) if w.islower() and rng.random() < 1 / 6 else w for w in words]
    return " ".join(words), " ".join(changed)


def led(rng: random.Random) -> tuple[str, str]:
    """An agency's story, and a newspaper that prints it under its own head and behind its own first paragraph."""
    story = [f"{text} {name(rng)} {rng.randrange(10, 999)} {sentence(rng, 6)}" for text in prose(rng, 12)]
    own = [f"{name(rng)} {name(rng)} reports.", *prose(rng, 2)]
    return " ".join(story), " ".join([*own, *story[1:]]) + " The agency contributed to this report."


def shortened(rng: random.Random) -> tuple[str, str]:
    """A story under two heads, in the second without its last third."""
    story = prose(rng, 15)
    return f"{sentence(rng, 7)}\n" + " ".join(story), f"{sentence(rng, 6)}\n" + " ".join(story[:10])


Kind = Callable[[random.Random], tuple[str, str]]

OF_ONE_SITE: list[Kind] = [
    grants, bulletins, statements, galleries, parts, listings, tables, obituaries, forecasts, swapped
]  # fmt: skip
TOGETHER: list[Kind] = [resent, joint, reworded, led, shortened]


def scanned(texts: tuple[str, str], sites: tuple[str, str], dates: tuple[str, str] = ("", "")) -> tuple[str, bool]:
    """What the two are to one another, and whether they share a cluster."""
    both = [
        Document(id=f"{k}", text=text, source=site, date=date)
        for k, (text, site, date) in enumerate(zip(texts, sites, dates, strict=True))
    ]
    return dedup.compare(*both).relation, bool(dedup.scan(both).clusters)


@pytest.mark.parametrize("kind", OF_ONE_SITE, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("seed", range(3))
def test_scan__texts_of_one_mold_are_no_copies(kind, seed):
    relation, is_cluster = scanned(kind(random.Random(seed)), ("A", "A"))
    assert relation not in JOINING
    assert not is_cluster


@pytest.mark.parametrize("kind", TOGETHER, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("seed", range(3))
def test_scan__one_article_sent_again_or_by_another_office_is_one_cluster(kind, seed):
    relation, is_cluster = scanned(kind(random.Random(seed)), ("A", "B"))
    assert relation in JOINING
    assert is_cluster


def reissued(rng: random.Random) -> tuple[str, str]:
    """A release on a bill that is brought in, and on the same bill when it is passed."""
    body = prose(rng, 14)
    first = [f"Senator {name(rng)} brings in a bill.", *prose(rng, 2), *body, sentence(rng)]
    return " ".join(first), " ".join(["The Senate has passed the bill.", *prose(rng, 2), *body, sentence(rng)])


@pytest.mark.parametrize("seed", range(3))
def test_scan__a_release_that_its_office_issues_again_after_weeks_is_another_one(seed):
    pair = reissued(random.Random(seed))
    assert scanned(pair, ("A", "A"), ("2007-01-23", "2007-03-09"))[1] is False
    assert scanned(pair, ("A", "B"), ("2007-03-09", "2007-03-09"))[1] is True


def retold(rng: random.Random) -> tuple[str, str]:
    """An article and the same with every third word another, names and numbers kept."""
    words = " ".join(f"{sentence(rng)[:-1]} {name(rng)} {rng.randrange(10, 999)}." for _ in range(14)).split()
    changed = [word(rng) if w.islower() and rng.random() < 1 / 3 else w for w in words]
    return " ".join(words), " ".join(changed)


def dataset(rng: random.Random, n_rewrites: int, place: dict[str, str]) -> list[Document]:
    """Rewrites, two of each, and other texts, 60 in all, all of one place."""
    texts = [text for _ in range(n_rewrites // 2) for text in retold(rng)]
    texts += [" ".join(prose(rng, 20)) for _ in range(60 - len(texts))]
    places = [{key: value.format(k) for key, value in place.items()} for k in range(len(texts))]
    return [Document(id=f"{k:03}", text=text, **places[k]) for k, text in enumerate(texts)]


@pytest.mark.parametrize("place", [{"source": "corpus"}, {"url": "https://corpus.example/{}"}], ids=["source", "host"])
@pytest.mark.parametrize("n_rewrites", [4, 40])
def test_scan__what_names_a_dataset_of_rewrites_is_not_held_against_them_as_a_site_is(n_rewrites, place):
    rng = random.Random(n_rewrites)
    documents = dataset(rng, n_rewrites, place)
    nowhere = [Document(id=document.id, text=document.text) for document in documents]
    found, expected = dedup.scan(documents), dedup.scan(nowhere)
    assert found.summary["reworded_sites"] == (["corpus" + ".example" * ("url" in place)] if n_rewrites > 30 else [])
    both = [{(m.left, m.right): m.confidence for m in report.matches} for report in (found, expected)]
    assert len(both[0]) == n_rewrites // 2
    assert (both[0] == both[1]) == (n_rewrites > 30)
    rng.shuffle(documents)
    assert {(m.left, m.right): m.confidence for m in dedup.scan(documents).matches} == both[0]


@pytest.mark.parametrize("n_versions", [0, 3, 6])
def test_scan__an_address_under_which_stand_different_texts_is_no_page(n_versions):
    rng = random.Random(n_versions)
    texts = [" ".join(prose(rng, 20)) for _ in range(60)]
    form = [" ".join(prose(rng, 2)) for _ in range(4)]
    posts = [*texts[:12], grant(rng, form), grant(rng, form)]
    versions = [" ".join([*texts[0].split()[: -3 * k or None], *prose(rng, k)]) for k in range(n_versions)]

    def scan(url: str) -> dedup.Report:
        stands = [*((text, url) for text in (versions or posts)), *((text, "") for text in texts[20:])]
        documents = [Document(id=f"{k:03}", text=text, url=url) for k, (text, url) in enumerate(stands)]
        return dedup.scan(documents)

    found, apart = scan("https://a.example/thread"), scan("")
    assert found.summary["lists"] == (n_versions == 0)
    assert [len(cluster.members) for cluster in found.clusters] == ([n_versions] if n_versions else [])
    assert not n_versions or [m.confidence for m in found.matches] > [m.confidence for m in apart.matches]


HAN = [chr(0x4E00 + 7 * k) for k in range(600)]
"""Characters of a script without capitals and without spaces."""


def sermon(rng: random.Random, characters: list[str], phrases: list[str]) -> str:
    """Sentences of common and rare characters, two of five with a set phrase, in any order."""
    said = []
    for _ in range(60):
        ranks = [min(int(rng.expovariate(1 / 60)), len(characters) - 1) for _ in range(rng.randrange(8, 16))]
        phrase = rng.choice(phrases) if rng.random() < 0.4 else ""
        said.append("".join(characters[rank] for rank in ranks) + phrase + "。")
    return "".join(said)


@pytest.mark.parametrize("seed", range(3))
def test_scan__texts_of_a_kind_in_a_language_that_few_are_written_in_are_no_copies(seed):
    rng = random.Random(seed)
    characters = rng.sample(HAN, len(HAN))
    phrases = ["".join(rng.choices(characters[:200], k=6)) for _ in range(40)]
    few = [sermon(rng, characters, phrases) for _ in range(40)]
    cut = "".join(f"{part}。" for k, part in enumerate(few[0].split("。")[:-1]) if k % 10)
    many = [" ".join(prose(rng, 30)) for _ in range(300)]
    documents = [Document(id=f"{k:03}", text=text) for k, text in enumerate([*few, cut, *many])]
    clusters = [tuple(member.id for member in found.members) for found in dedup.scan(documents).clusters]
    assert clusters == [("000", "040")]
