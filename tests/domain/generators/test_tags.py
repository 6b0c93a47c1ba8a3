"""Tags of the generated sample."""

from __future__ import annotations

import numpy as np

from domain.generators.movies import GENRES
from domain.generators.random_streams import Stream, generator
from domain.generators.tags import GENERAL, TAGS_OF_GENRE, make_tags


def test_tags_are_those_of_the_movies_genres_or_general() -> None:
    western = np.array([genre == "Western" for genre in GENRES])
    tags = make_tags(generator(1, Stream.TAGS), np.tile(western, (300, 1)))
    folded = {tag.strip().casefold() for tag in tags}
    assert folded <= {tag.casefold() for tag in (*TAGS_OF_GENRE["Western"], *GENERAL)}
    assert folded & {tag.casefold() for tag in TAGS_OF_GENRE["Western"]}
