"""Titles that no film has but any could: a small grammar, in the spelling of MovieLens' movies.csv."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ADJECTIVES = _words("""
    Amber Ancient Blind Bitter Bright Broken Burning Careless Crimson Crooked Distant Double Drowned Electric
    Empty Endless Faithful Fallen Final Forgotten Frozen Gentle Gilded Golden Hidden Hollow Hungry Idle
    Invisible Iron Last Little Lonely Lost Lucky Midnight Missing Modern Narrow Noble Northern Pale Paper
    Patient Perfect Quiet Reckless Restless Sacred Scarlet Second Secret Seventh Silent Silver Sleeping Stolen
    Strange Sudden Tender Thirsty Unfinished Velvet Violet Wandering Western Wicked Wild Winter Wooden Yellow
    Young
""")
_NOUNS = _words("""
    Alibi Anchor Archive Bargain Baker Bell Bridge Cage Candle Captain Carnival Castle Cellar Choir Circle
    Clockmaker Comet Corridor Courier Crown Dancer Daughter Diary Dinner Dragon Echo Elevator Empire Engine
    Envelope Exile Farmer Ferry Festival Garden Ghost Giant Glacier Guest Harbor Harvest Heir Horizon Hotel
    Hunter Island Judge Key Kingdom Ladder Lantern Letter Library Lighthouse Locksmith Machine Map Mask Meadow
    Mirror Monsoon Mountain Neighbor Nurse Oath Orchard Orchestra Orphan Parade Passenger Pilot Planet
    Portrait Promise Puzzle Railway Rebel Refugee River Robot Room Sailor Scandal Shadow Shepherd Signal
    Sister Soldier Sparrow Station Storm Stranger Summer Tailor Thief Tiger Tower Train Treasure Umbrella
    Valley Verdict Violin Voyage Waiter Wedding Widow Window Witness Wolf
""")
_NAMES = _words("""
    Ada Agnes Alfred Amélie Anselm Bruno Clara Conrad Cosima Dora Edgar Elif Elsa Emil Esteban Fatima Felix
    Greta Hana Henrik Ida Ines Ivo Jasper Joaquín Jonas Kamala Karin Leila Leo Lucía Magda Mateo Maud Mira
    Nadia Nils Noor Olga Oskar Otto Paloma Petra Quentin Rafael Renée Rosa Ruth Samir Selma Søren Tamar Theo
    Ursula Vera Viktor Wanda Yusuf Zoë
""")
_PLACES = (
    "Aarhus",
    "Avalon",
    "Bergen",
    "Bombay",
    "Bruges",
    "Cairo",
    "Córdoba",
    "Dakar",
    "Dover",
    "Dresden",
    "Genoa",
    "Ghent",
    "Havana",
    "Kraków",
    "Lisbon",
    "Lima",
    "Málaga",
    "Manila",
    "Montréal",
    "Nairobi",
    "Naples",
    "Odessa",
    "Oslo",
    "Porto",
    "Quito",
    "Rangoon",
    "Riga",
    "São Paulo",
    "Seville",
    "Shanghai",
    "Tangier",
    "Trieste",
    "Tromsø",
    "Valparaíso",
    "Zürich",
    "the Attic",
    "the Desert",
    "the Moon",
    "the North",
    "the Suburbs",
)
_FOREIGN = (
    "Été sans fin",
    "La última carta",
    "Der stille Hafen",
    "Il giardino d'inverno",
    "Een vreemde brief",
    "Söndagsbarn",
    "Noite de São João",
    "Żółty latawiec",
    "À la gare",
    "Die Tür",
    "El corazón de piedra",
    "L'île oubliée",
    "Kış güneşi",
    "Příběh řeky",
    "Den sidste færge",
)
_ARTICLES = ("The", "The", "The", "A", "An")
_VOWELS = "AEIOU"

NO_YEAR_SHARE = 0.0015  # 13 of the 9,742 titles of ml-latest-small have none
TWIN_SHARE = 0.0005  # 5 of them are the title of another movie


def make_titles(years: np.ndarray, rng: np.random.Generator) -> list[str]:
    """One title for each of `years`, such as `Silent Harbor, The (1994)`.

    Few have no year, few are those of another movie, all others differ; some hold commas, quotes and accents.
    """
    titles: list[str] = []
    seen: set[str] = set()
    for year in years.tolist():
        title = _unseen(rng, year, seen)
        seen.add(title)
        titles.append(title)
    _repeat_some(titles, rng)
    _forget_some_years(titles, rng)
    return titles


def _unseen(rng: np.random.Generator, year: int, seen: set[str]) -> str:
    pattern = _PATTERNS[int(rng.choice(len(_PATTERNS), p=_SHARES))]
    body = pattern(rng)
    title = f"{_article_last(body)}{_original(rng)} ({year})"
    while title in seen:
        body = f"{body}: {_subtitle(rng)}"
        title = f"{_article_last(body)} ({year})"
    return title


def _article_last(body: str) -> str:
    article, _, rest = body.partition(" ")
    return f"{rest}, {article}" if article in _ARTICLES else body


def _original(rng: np.random.Generator) -> str:
    return f" ({_one(rng, _FOREIGN)})" if rng.random() < 0.04 else ""


def _repeat_some(titles: list[str], rng: np.random.Generator) -> None:
    for _ in range(max(1, round(TWIN_SHARE * len(titles)))):
        copy, original = rng.choice(len(titles), 2, replace=False)
        titles[copy] = titles[original]


def _forget_some_years(titles: list[str], rng: np.random.Generator) -> None:
    some = rng.choice(len(titles), max(1, round(NO_YEAR_SHARE * len(titles))), replace=False)
    for position in some:
        titles[position] = titles[position].rpartition(" (")[0]


def _one(rng: np.random.Generator, words: Sequence[str]) -> str:
    return words[int(rng.integers(len(words)))]


def _adjective_noun(rng: np.random.Generator) -> str:
    return f"{_one(rng, _ADJECTIVES)} {_one(rng, _NOUNS)}"


def _with_article(rng: np.random.Generator) -> str:
    words = _adjective_noun(rng)
    if rng.random() < 0.7:
        return f"The {words}"
    return f"{'An' if words[0] in _VOWELS else 'A'} {words}"


def _of(rng: np.random.Generator) -> str:
    return f"The {_one(rng, _NOUNS)} of {_one(rng, _PLACES)}"


def _two(rng: np.random.Generator) -> str:
    return f"{_one(rng, _NOUNS)} and {_one(rng, _NOUNS)}"


def _owned(rng: np.random.Generator) -> str:
    return f"{_one(rng, _NAMES)}'s {_one(rng, _NOUNS)}"


def _somewhere(rng: np.random.Generator) -> str:
    return f"{_with_article(rng)} in {_one(rng, _PLACES)}"


def _listed(rng: np.random.Generator) -> str:
    return f"{_one(rng, _NAMES)}, {_one(rng, _NAMES)} & {_one(rng, _NAMES)}"


def _quoted(rng: np.random.Generator) -> str:
    return f'"{_one(rng, _ADJECTIVES)}" {_one(rng, _NOUNS)}'


def _sequel(rng: np.random.Generator) -> str:
    return f"{_adjective_noun(rng)} {int(rng.integers(2, 5))}"


def _subtitle(rng: np.random.Generator) -> str:
    return _with_article(rng)


_PATTERNS: tuple[Callable[[np.random.Generator], str], ...] = (
    _adjective_noun,
    _with_article,
    _of,
    _two,
    _owned,
    _somewhere,
    _listed,
    _quoted,
    _sequel,
)
_SHARES = (0.2, 0.25, 0.15, 0.08, 0.1, 0.12, 0.04, 0.01, 0.05)
