"""A world in which people rate what they are shown: what they truly like of it, round after round.

    python -m tests.bench.loop

The generator of the sample knows what a movie is worth to each user. Every user begins with a few ratings; in each
round they are shown ten movies, twice, and rate one of each ten. After a round the models learn from all ratings. Three
such worlds differ in their lists only: as they were first published, without what is rated; published anew after each
round; and these, answering to each rating at once.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.generators.movielens import Sample, SampleSizes, make_sample, user_ratings
from domain.generators.random_streams import Stream, generator
from domain.generators.ratings import MOOD_SPREAD, Taste, to_stars
from domain.models.ranking import fitted
from domain.models.rating_matrix import RatingMatrix, Triples
from domain.models.settings import defaults_for
from domain.serving.ranking import Ranking, best

SHOWN, ROUNDS, PAGES, FIRST_RATINGS = 10, 10, 2, 5
HEAD = 20_000
NOW = 2**31  # a time at which half stars are given


@dataclass
class World:
    """Users of a sample, and what they have rated so far: stars by position of the movie."""

    sample: Sample
    rng: np.random.Generator
    ratings: list[dict[int, float]] = field(default_factory=list)

    @cached_property
    def liking(self) -> NDArray[np.float64]:
        """What each movie is worth to each user, in stars (users × movies)."""
        movies = np.arange(len(self.sample.movies.ids))
        streams = (generator(self.sample.seed, Stream.RATINGS, user + 1) for user in range(len(self.sample.users)))
        return np.array([Taste.draw(rng).liking(self.sample.tastes, movies) for rng in streams])

    def begin(self) -> None:
        """Everybody has rated a few movies of their own choice."""
        for user in range(len(self.sample.users)):
            own = user_ratings(self.sample, user + 1)
            some = self.rng.choice(len(own.movies), FIRST_RATINGS, replace=False)
            self.ratings.append(dict(zip(own.movies[some].tolist(), own.stars[some].tolist(), strict=True)))

    def rate(self, user: int, movie: int) -> None:
        """The user rates a movie, by what it is worth to them and by mood."""
        worth = self.liking[user, movie] + MOOD_SPREAD * self.rng.standard_normal()
        self.ratings[user][movie] = float(to_stars(np.array([worth]), np.array([NOW]), True)[0])

    def model(self, seed: int) -> tuple[Ranking, NDArray[np.int32]]:
        """The ranking that is learned from all ratings, and the positions of its movies in the sample."""
        users = np.repeat(np.arange(len(self.ratings)), [len(own) for own in self.ratings]).astype(np.int32)
        movies = np.array([movie for own in self.ratings for movie in own], np.int32)
        stars = np.array([given for own in self.ratings for given in own.values()], np.float32)
        settings = defaults_for(len(users), len(self.ratings))
        matrix = RatingMatrix.of(Triples(users, movies, stars))
        model, _ = fitted(matrix, settings, HEAD, seed)
        als, blend = settings.ranking, settings.blend
        parts = (model.factors, model.raters, model.head, model.columns, model.weights)
        ranking = Ranking(*parts, blend.ease_weight, blend.popular_weight, als.regularization, als.alpha)
        return ranking, np.asarray(matrix.movies)


def ten(model: tuple[Ranking, NDArray[np.int32]], by: dict[int, float], without: dict[int, float]) -> list[int]:
    """The ten movies that the model lists for the ratings `by`, none of them in `without`."""
    ranking, movies = model
    at = np.array(sorted(place for movie in by if (place := _place(movies, movie)) >= 0), np.intp)
    stars = np.array([by[int(movie)] for movie in movies[at]], np.float32)
    scores, _ = ranking.scores(ranking.user(at, stars), at)
    scores[[place for movie in without if (place := _place(movies, movie)) >= 0]] = -np.inf
    return [int(movie) for movie in movies[best(scores, SHOWN)]]


def _place(movies: NDArray[np.int32], movie: int) -> int:
    at = int(np.searchsorted(movies, movie))
    return at if at < len(movies) and movies[at] == movie else -1


def run(sample: Sample, seed: int, answers: bool, learns: bool) -> list[float]:
    """The mean true liking of what was shown, in stars, round by round."""
    world = World(sample, np.random.default_rng(seed))
    world.begin()
    shown = []
    for round_ in range(ROUNDS):
        if learns or round_ == 0:
            model, learned = world.model(seed), [dict(own) for own in world.ratings]
        worth = []
        for user, own in enumerate(world.ratings):
            for _ in range(PAGES):
                listed = ten(model, own if answers else learned[user], own)
                worth.append(world.liking[user, listed].mean())
                world.rate(user, int(world.rng.choice(listed)))
        shown.append(float(np.mean(worth)))
    return shown


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--movies", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    sample = make_sample(options.seed, SampleSizes(options.users, options.movies, 40 * options.users))
    worlds = {
        "published once": run(sample, options.seed, answers=False, learns=False),
        "published every round": run(sample, options.seed, answers=False, learns=True),
        "and answering at once": run(sample, options.seed, answers=True, learns=True),
    }
    print(pd.DataFrame(worlds, index=range(1, ROUNDS + 1)).round(4).to_string())


if __name__ == "__main__":
    main()
