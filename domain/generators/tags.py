"""Tags of the sample: words tied to the genres of the tagged movie, in the careless spelling of real ones."""

from __future__ import annotations

import numpy as np

from domain.generators.movies import GENRES

_OF_GENRE = {
    "Action": "explosions|martial arts|car chase|fast-paced|stunts|heroic",
    "Adventure": "treasure hunt|epic journey|jungle|pirates|quest|swashbuckler",
    "Animation": "stop motion|hand-drawn|anime|talking animals|colorful|short",
    "Children": "family friendly|fairy tale|friendship|school|dogs|magic",
    "Comedy": "funny|satire|slapstick|quirky|dark comedy|witty dialogue",
    "Crime": "heist|gangsters|detective|corruption|prison|con artists",
    "Documentary": "interviews|nature|true story|politics|journalism|sports",
    "Drama": "thought-provoking|emotional|family|coming of age|melancholic|good acting",
    "Fantasy": "dreamlike|wizards|mythology|dragons|surreal|alternate reality",
    "Film-Noir": "black and white|femme fatale|cynical|private eye|shadows|classic",
    "Horror": "creepy|ghosts|vampires|zombies|gore|haunted house",
    "IMAX": "breathtaking|space|big screen|3D|landscape|visually appealing",
    "Musical": "catchy songs|dancing|Broadway|music|singing|costumes",
    "Mystery": "twist ending|whodunit|suspense|clues|memory|complicated plot",
    "Romance": "love story|wedding|chick flick|bittersweet|Paris|unlikely couple",
    "Sci-Fi": "aliens|time travel|robots|dystopia|spaceship|artificial intelligence",
    "Thriller": "tense|serial killer|conspiracy|psychological|paranoia|kidnapping",
    "War": "World War II|anti-war|soldiers|battle|submarine|resistance",
    "Western": "cowboys|gunfight|desert|outlaws|spaghetti western|horses",
}
TAGS_OF_GENRE = {genre: tuple(words.split("|")) for genre, words in _OF_GENRE.items()}
GENERAL = (
    "atmospheric",
    "seen more than once",
    "great soundtrack",
    "overrated",
    "underrated",
    "boring",
    "based on a book",
    "slow, but worth it",
    "beautiful cinematography",
    "too long",
    'the "cult" kind',
    "remake",
    "cliché",
)
GENERAL_SHARE = 0.25
SHOUTED_SHARE = 0.03
PADDED_SHARE = 0.02


def make_tags(rng: np.random.Generator, has_genre: np.ndarray) -> list[str]:
    """One tag for each row (a movie) of `has_genre`: of one of its genres, else a general one."""
    genres = list(GENRES)
    return [_spelling(rng, _tag(rng, [genres[position] for position in np.flatnonzero(row)])) for row in has_genre]


def _tag(rng: np.random.Generator, genres: list[str]) -> str:
    if not genres or rng.random() < GENERAL_SHARE:
        return GENERAL[int(rng.integers(len(GENERAL)))]
    words = TAGS_OF_GENRE[genres[int(rng.integers(len(genres)))]]
    return words[int(rng.integers(len(words)))]


def _spelling(rng: np.random.Generator, tag: str) -> str:
    habit = rng.random()
    if habit < SHOUTED_SHARE:
        return tag.upper()
    return f" {tag} " if habit < SHOUTED_SHARE + PADDED_SHARE else tag
