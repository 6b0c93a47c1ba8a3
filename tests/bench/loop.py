"""A world in which people rate what they are shown: what they truly like of it, round after round.

    python -m tests.bench.loop

The generator of the sample knows what a movie is worth to each user. Every user begins with a few ratings. In each
round another tenth of the movies is on, so that the best are not used up; users are shown ten of these, three times,
and rate the one of each ten that they watch. After a round the models learn from all ratings. Three such worlds differ
in their lists only: as they were first published, without what is rated; published anew after each round; and these,
answering to each rating at once.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.generators.movielens import Sample, SampleSizes, make_sample, user_ratings
from domain.generators.random_streams import Stream, generator
from domain.generators.ratings import MOOD_SPREAD, Taste, to_stars
from domain.generators.tastes import PULL
from domain.models.ranking import fitted
from domain.models.rating_matrix import RatingMatrix, Triples
from domain.models.settings import defaults_for
from domain.serving.ranking import Ranking, best
from domain.tuning.weights import weighed

SHOWN, ROUNDS, PAGES, FIRST_RATINGS = 10, 10, 3, 5
HEAD = 20_000
LIKED = 4.0  # stars
NOW = 2**31  # a time at which half stars are given


@dataclass
class World:
    """Users of a sample, and what they have rated so far: stars by position of the movie."""

    sample: Sample
    rng: np.random.Generator
    ratings: list[dict[int, float]] = field(default_factory=list)

    @cached_property
    def tastes(self) -> list[Taste]:
        """The users' tastes."""
        streams = (generator(self.sample.seed, Stream.RATINGS, user + 1) for user in range(len(self.sample.users)))
        return [Taste.draw(rng) for rng in streams]

    def liking(self, user: int, movies: list[int] | NDArray[np.intp]) -> NDArray[np.float64]:
        """What movies are worth to the user, in stars."""
        return self.tastes[user].liking(self.sample.tastes, np.array(movies))

    def pick(self, user: int, listed: list[int]) -> int:
        """Which of the listed movies the user watches: by taste, as users of the sample do."""
        weights = np.exp(PULL * self.tastes[user].affinity(self.sample.tastes, np.array(listed)))
        return int(self.rng.choice(listed, p=weights / weights.sum()))

    def begin(self) -> None:
        """Everybody has rated a few movies of their own choice."""
        for user in range(len(self.sample.users)):
            own = user_ratings(self.sample, user + 1)
            some = self.rng.choice(len(own.movies), FIRST_RATINGS, replace=False)
            self.ratings.append(dict(zip(own.movies[some].tolist(), own.stars[some].tolist(), strict=True)))

    def rate(self, user: int, movie: int) -> None:
        """The user rates a movie, by what it is worth to them and by mood."""
        worth = self.liking(user, [movie]) + MOOD_SPREAD * self.rng.standard_normal()
        self.ratings[user][movie] = float(to_stars(worth, np.array([NOW]), True)[0])

    def model(self, seed: int) -> tuple[Ranking, NDArray[np.int32]]:
        """The ranking that is learned from all ratings, and the positions of its movies in the sample."""
        users = np.repeat(np.arange(len(self.ratings)), [len(own) for own in self.ratings]).astype(np.int32)
        movies = np.array([movie for own in self.ratings for movie in own], np.int32)
        stars = np.array([given for own in self.ratings for given in own.values()], np.float32)
        ratings = Triples(users, movies, stars)
        settings = defaults_for(len(users), len(self.ratings))
        if found := weighed(ratings, settings, LIKED, HEAD, seed):
            settings = replace(settings, blend=found.blend)
        matrix = RatingMatrix.of(ratings)
        model, _ = fitted(matrix, settings, HEAD, seed)
        als, blend = settings.ranking, settings.blend
        parts = (model.factors, model.raters, model.head, model.columns, model.weights)
        ranking = Ranking(*parts, blend.ease_weight, blend.popular_weight, als.regularization, als.alpha)
        return ranking, np.asarray(matrix.movies)


def ten(
    model: tuple[Ranking, NDArray[np.int32]], by: dict[int, float], rated: dict[int, float], on: NDArray[np.bool_]
) -> list[int]:
    """The ten movies that the model lists for the ratings `by`, of those that are `on` and not rated."""
    ranking, movies = model
    at = np.flatnonzero(np.isin(movies, list(by)))
    stars = np.array([by[int(movie)] for movie in movies[at]], np.float32)
    scores, _ = ranking.scores(ranking.user(at, stars), at)
    scores[~on[movies] | np.isin(movies, list(rated))] = -np.inf
    return [int(movie) for movie in movies[best(scores, SHOWN)]]


def run(sample: Sample, seed: int, answers: bool, learns: bool) -> list[float]:
    """How good what was shown truly was, round by round: 0 is a random ten of what was on, 1 the user's best ten."""
    world = World(sample, np.random.default_rng(seed))
    world.begin()
    part = world.rng.integers(ROUNDS, size=len(sample.movies.ids))
    shown = []
    for round_ in range(ROUNDS):
        if learns or round_ == 0:
            model, learned = world.model(seed), [dict(own) for own in world.ratings]
        worth, on = [], np.flatnonzero(part == round_)
        for user, own in enumerate(world.ratings):
            liking = world.liking(user, on)
            random, perfect = liking.mean(), np.sort(liking)[-SHOWN:].mean()
            for _ in range(PAGES):
                listed = ten(model, own if answers else learned[user], own, part == round_)
                worth.append((world.liking(user, listed).mean() - random) / (perfect - random))
                world.rate(user, world.pick(user, listed))
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
