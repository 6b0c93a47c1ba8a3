"""A content catalogue of any size in the form of titles.csv and credits.csv, made block by block.

Shares are those of the real Netflix catalogue. A block is a pure function of the seed, the sizes and its number, so any
task may make any block.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from domain.contract.catalogue import ACTOR, DIRECTOR
from domain.contract.titles import split_title
from domain.generators.lines import csv_line
from domain.generators.names import person_name, words
from domain.generators.random_streams import Stream, generator
from domain.generators.titles import make_titles

BLOCK = 1000  # titles
MOVIE_SHARE = 0.65
YEARS = ((0, 0.25, 0.5, 0.75, 1), (1945, 2015, 2018, 2020, 2022))  # share of titles not later, year
GENRES = {
    "drama": 2968, "comedy": 2325, "thriller": 1228, "action": 1157, "romance": 971, "documentation": 952,
    "crime": 936, "animation": 683, "fantasy": 634, "family": 622, "scifi": 589, "european": 436, "horror": 379,
    "music": 246, "history": 238, "reality": 208, "war": 186, "sport": 166, "western": 48,
}  # fmt: skip
COUNTRIES = {
    "US": 2327, "IN": 622, "GB": 401, "JP": 297, "FR": 272, "KR": 223, "CA": 214, "ES": 212, "DE": 170, "MX": 123,
    "CN": 108, "BR": 95, "NG": 80, "IT": 77, "AU": 77, "BE": 73, "TR": 71, "PH": 70, "ID": 60, "AR": 58,
}  # fmt: skip
CERTIFICATIONS = {
    "": 2610, "TV-MA": 841, "R": 575, "TV-14": 470, "PG-13": 440, "PG": 246, "TV-PG": 186, "G": 131, "TV-Y7": 112,
    "TV-Y": 105, "TV-G": 76, "NC-17": 14,
}  # fmt: skip
GENRES_PER_TITLE = (0.01, 0.28, 0.31, 0.24, 0.12, 0.04)
COUNTRIES_PER_TITLE = (0.04, 0.83, 0.09, 0.04)
NO_IMDB_ID, NO_SCORE = 0.08, 0.09
SCORE_MEAN, SCORE_STD = 6.53, 1.16
VOTES_MEDIAN, VOTES_SIGMA = 2200.0, 1.9
DIRECTED = 0.7  # share of titles with a director
PEOPLE_PER_CREDIT = 0.7
SKEW = 1.3  # above 1: few people have many credits
LINKED_EVERY = 3  # titles, of which one is a movie of MovieLens as long as there are any


@dataclass(frozen=True)
class MediaSizes:
    """The size of the catalogue, and the movies of MovieLens that are in it."""

    titles: int
    credits: int  # about as many
    dirt_share: float = 0.0
    movies: tuple[tuple[str, str, int], ...] = ()  # IMDb id, title, year
    apart: bool = False  # nothing in it has an id that looks like a real one

    @property
    def people(self) -> int:
        """Person ids are 1 … this."""
        return max(10, int(PEOPLE_PER_CREDIT * self.credits))

    @property
    def blocks(self) -> int:
        """Numbers of blocks are 0 … this - 1."""
        return -(-self.titles // BLOCK)


@dataclass
class MediaLines:
    """Lines of both files without line ends (but those inside of fields), and how many of them are bad by reason."""

    titles: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    planted: dict[str, int] = field(default_factory=dict)


def media_block(seed: int, sizes: MediaSizes, block: int) -> MediaLines:
    """The titles number block · BLOCK, … and their credits, good and bad."""
    rng = generator(seed, Stream.MEDIA, block)
    numbers = np.arange(block * BLOCK, min((block + 1) * BLOCK, sizes.titles))
    lines = MediaLines(_title_lines(rng, sizes, numbers), _credit_lines(rng, sizes, numbers))
    for bad in range(round(sizes.dirt_share * len(numbers))):
        _plant(lines, bad, numbers[bad % len(numbers)])
    return lines


def media_id(number: int, is_show: bool, apart: bool = False) -> str:
    """The id of a title: tm17 for a movie, ts18 for a show, as in real catalogues; `apart` from these invented17."""
    return f"invented{number + 1}" if apart else f"t{'s' if is_show else 'm'}{number + 1}"


def _is_show(numbers: np.ndarray) -> np.ndarray:
    """Whether titles are shows: by their number alone, so that credits know it; linked movies are none."""
    spread = (numbers * 2_654_435_761 % 2**32) / 2**32
    return (spread > MOVIE_SHARE) & (numbers % LINKED_EVERY != 0)


def _title_lines(rng: np.random.Generator, sizes: MediaSizes, numbers: np.ndarray) -> list[str]:
    count = len(numbers)
    shows = _is_show(numbers)
    years = np.interp(rng.random(count), *YEARS).round().astype(int)
    names = [split_title(name)[0] for name in make_titles(years, rng)]
    genres = _lists(rng, count, GENRES, GENRES_PER_TITLE)
    countries = _lists(rng, count, COUNTRIES, COUNTRIES_PER_TITLE)
    certifications = _choices(rng, count, CERTIFICATIONS)
    runtimes = np.clip(rng.normal(np.where(shows, 40, 105), np.where(shows, 15, 25)), 5, 240).astype(int)
    seasons = rng.geometric(0.46, count)
    scores = np.clip(rng.normal(SCORE_MEAN, SCORE_STD, count), 1, 9.8).round(1)
    votes = rng.lognormal(np.log(VOTES_MEDIAN), VOTES_SIGMA, count).astype(int) + 5
    has_score, has_imdb = rng.random(count) >= NO_SCORE, rng.random(count) >= NO_IMDB_ID
    popularity = rng.lognormal(2.0, 1.4, count).round(3)
    tmdb = np.clip(scores + rng.normal(0.2, 0.7, count), 0.5, 10).round(1)
    lines = []
    for row, number in enumerate(numbers.tolist()):
        imdb = f"tt{20_000_000 + number}" if has_imdb[row] and not sizes.apart else ""
        name, year, place = names[row], int(years[row]), number // LINKED_EVERY
        if number % LINKED_EVERY == 0 and place < len(sizes.movies):
            imdb, name, year = sizes.movies[place]
        is_scored = has_score[row] and (bool(imdb) or (sizes.apart and has_imdb[row]))
        lines.append(
            csv_line(
                media_id(number, shows[row], sizes.apart),
                name,
                "SHOW" if shows[row] else "MOVIE",
                _description(rng, genres[row]),
                year,
                certifications[row],
                runtimes[row],
                genres[row],
                countries[row],
                f"{seasons[row]}.0" if shows[row] else "",
                imdb,
                scores[row] if is_scored else "",
                f"{votes[row]}.0" if is_scored else "",
                popularity[row],
                tmdb[row],
            )
        )
    return lines


def _choices(rng: np.random.Generator, count: int, weights: dict[str, int]) -> list[str]:
    shares = np.array(list(weights.values())) / sum(weights.values())
    return [list(weights)[place] for place in rng.choice(len(weights), count, p=shares)]


def _lists(
    rng: np.random.Generator, count: int, weights: dict[str, int], lengths: tuple[float, ...]
) -> list[list[str]]:
    """Different names for each title, the more frequent ones more often; shown as Python lists."""
    names = np.array(list(weights), object)
    race = rng.exponential(size=(count, len(names))) / np.array(list(weights.values()))
    wanted = rng.choice(len(lengths), count, p=lengths)
    return [names[order[:n]].tolist() for order, n in zip(race.argsort(axis=1), wanted, strict=True)]


def _description(rng: np.random.Generator, genres: list[str]) -> str:
    """Some tens of words, the genres among them; one in a hundred has a line end and quotes."""
    text = " ".join([*words(rng, int(rng.integers(12, 40))), *genres]).capitalize() + "."
    return f'{text}\n"{text[:20]}"' if rng.random() < 0.01 else text


def _credit_lines(rng: np.random.Generator, sizes: MediaSizes, numbers: np.ndarray) -> list[str]:
    shows = _is_show(numbers)
    directed = rng.random(len(numbers)) < DIRECTED
    actors = rng.geometric(1 / max(1.0, sizes.credits / sizes.titles - DIRECTED + 1), len(numbers)) - 1
    lines = []
    for row, number in enumerate(numbers.tolist()):
        people = _people(rng, sizes.people, int(actors[row] + directed[row]))
        title = media_id(number, shows[row], sizes.apart)
        for place, person in enumerate(people):
            is_director = bool(directed[row]) and place == len(people) - 1
            character = "" if is_director else words(rng, 1)[0].capitalize() if rng.random() < 0.88 else ""
            lines.append(csv_line(person, title, person_name(person), character, DIRECTOR if is_director else ACTOR))
    return lines


def _people(rng: np.random.Generator, people: int, count: int) -> list[int]:
    """Different people, those with low ids more often; at most `count`."""
    return list(dict.fromkeys((1 + (people * rng.random(count) ** SKEW).astype(int)).tolist()))


def _plant(lines: MediaLines, kind: int, number: int) -> None:
    """Add a bad line; its id is one that no good line has."""
    title, name = f"tx{number + 1}", person_name(int(number) + 1)
    bad = [
        ("titles.unknown_type", [title, "Bad", "SERIES", "", 2000, "", 1, [], [], "", "", "", "", "", ""]),
        ("titles.empty_title", [title, "", "MOVIE", "", 2000, "", 1, [], [], "", "", "", "", "", ""]),
        ("titles.not_a_list", [title, "Bad", "MOVIE", "", 2000, "", 1, "drama", [], "", "", "", "", "", ""]),
        ("titles.score_out_of_range", [title, "Bad", "MOVIE", "", 2000, "", 1, [], [], "", "", "11.5", "", "", ""]),
        ("credits.unknown_title", [number + 1, title, name, "", ACTOR]),
        ("credits.unknown_role", [number + 1, title, name, "", "WRITER"]),
        ("credits.empty_name", [number + 1, title, "", "", ACTOR]),
    ]
    reason, fields = bad[kind % len(bad)]
    (lines.titles if reason.startswith("titles") else lines.credits).append(csv_line(*fields))
    lines.planted[reason] = lines.planted.get(reason, 0) + 1
