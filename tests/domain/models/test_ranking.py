"""Whatever the ratings are like: the blend is no worse than its parts, published stars are no worse than biases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from domain.evaluation.exposure import NONE
from domain.evaluation.ranking import ndcg_of_hits
from domain.models import matrix_als
from domain.models.co_rating import head_of, together
from domain.models.item_models import ease, watched
from domain.models.largest_products import NOTHING
from domain.models.ranking import fitted, histories_of
from domain.models.rating_matrix import RatingMatrix, Triples
from domain.models.settings import Blend, ModelSettings, defaults_for
from domain.stars.blend import places
from domain.stars.models import biases, residuals
from domain.stars.neighbours import NearSettings, nearest
from domain.stars.published import StarModel, StarUsers
from domain.tuning.weights import truth_of, validation, weighed
from tests.domain.tuning.test_weights import only_popularity, settings, tastes

HEAD, LIKED, SEED = 20_000, 4.0, 3
KINDS = ["movielens", "its sparse part", "tastes", "popularity", "a handful"]


@dataclass(frozen=True)
class World:
    """A data set, cut: what is learned from one part, as train_als does, is measured on the other."""

    matrix: RatingMatrix
    held_out: Triples
    settings: ModelSettings

    @classmethod
    def of(cls, ratings: Triples) -> World:
        learned, held_out = validation(ratings, SEED)
        chosen = defaults_for(len(ratings.users), len(np.unique(ratings.users)))
        found = weighed(learned, chosen, LIKED, HEAD, SEED + 1)
        return cls(RatingMatrix.of(learned), held_out, replace(chosen, blend=found.blend) if found else chosen)


def real(folder: Path) -> Triples:
    rows = pd.read_csv(folder / "ratings.csv").sort_values(["userId", "timestamp", "movieId"])
    return triples(rows)


def triples(rows: pd.DataFrame) -> Triples:
    columns = rows["userId"].to_numpy(np.int32), rows["movieId"].to_numpy(np.int32)
    return Triples(*columns, rows["rating"].to_numpy(np.float32))


def first(ratings: Triples, n: int) -> Triples:
    """The first n ratings of each user."""
    rank = pd.Series(ratings.users).groupby(ratings.users).cumcount().to_numpy()
    return ratings.where(rank < n)


@pytest.fixture(scope="module", params=KINDS)
def world(request: pytest.FixtureRequest) -> World:
    """Ratings of each kind; of MovieLens those of each third user."""
    return World.of(ratings_of(request))


def ratings_of(request: pytest.FixtureRequest) -> Triples:
    if request.param in KINDS[:2]:
        every = real(request.getfixturevalue("movielens_small"))
        return every.where(every.users % 3 == 0) if request.param == KINDS[0] else first(every, 12)
    planted = {"tastes": (160, 80, 1), "a handful": (6, 20, 1)}
    return tastes(*planted[request.param]) if request.param in planted else only_popularity()


def by_lists(world: World) -> dict[str, np.ndarray]:
    """nDCG@10 of each measured user by the blend, and by each of its parts alone."""
    model, users = fitted(world.matrix, world.settings, HEAD, SEED)
    truth = truth_of(world.held_out.where(world.held_out.stars >= LIKED), world.matrix.movies, SEED)
    rows = np.searchsorted(world.matrix.users, truth.users)
    own = histories_of(world.matrix.stars, rows)
    found = {}
    blends = {
        "blend": world.settings.blend,
        "als": Blend(0.0, 0.0),
        "ease": Blend(1.0, 0.0),
        "popular": Blend(0.0, 1.0),
    }
    for name, blend in blends.items():
        best = replace(model, blend=blend).lists(users[rows], own, 10)
        lists = np.full((len(rows), 10), NONE)
        lists[:, : best.positions.shape[1]] = np.where(best.scores > NOTHING, best.positions, NONE)
        found[name] = ndcg_of_hits(truth.hits(lists), truth.relevant, 10)
    return found


def by_stars(world: World) -> dict[str, np.ndarray]:
    """Squared errors of held-out ratings by what is published, and by biases alone."""
    matrix, als, near = world.matrix, world.settings.stars, NearSettings()
    plain = biases(matrix, 5.0)
    left = residuals(matrix, plain)
    factors = matrix_als.fit(matrix_als.explicit(left), als.rank, als.regularization, als.iterations, SEED)
    head = head_of(np.bincount(matrix.stars.indices, minlength=len(matrix.movies)), HEAD)
    squares = np.asarray(left.multiply(left).sum(axis=0), np.float64).ravel()[head]
    neighbours = nearest(*together(left, head), squares, 0, near)
    model = StarModel(plain.mean, plain.movies.astype(np.float32), factors[1], head, neighbours, near)
    rows, columns = (
        places(known, ids)
        for known, ids in ((matrix.users, world.held_out.users), (matrix.movies, world.held_out.movies))
    )
    users = StarUsers(
        plain.users[rows].astype(np.float32),
        factors[0][rows],
        histories_of(matrix.stars, rows),
        matrix.stars[rows].data,
    )
    predicted = model.predict(users, columns[:, np.newaxis])[:, 0]
    limits = matrix.stars.data.min(), matrix.stars.data.max()
    alone = np.clip(plain.base(rows, columns), *limits)
    stars = world.held_out.stars
    return {"published": (np.clip(predicted, *limits) - stars) ** 2, "biases": (alone - stars) ** 2}


def beyond_the_interval(lost: np.ndarray) -> bool:
    """Whether something is lost on average, by more than 1.96 standard errors."""
    return bool(lost.mean() > 1.96 * lost.std() / np.sqrt(len(lost)))


def test_lists_of_the_blend_are_no_worse_than_those_of_its_parts(world: World) -> None:
    ndcg = by_lists(world)
    better = max(("als", "ease"), key=lambda name: ndcg[name].mean())
    for other in ("popular", better):
        assert not beyond_the_interval(ndcg[other] - ndcg["blend"]), (other, {n: v.mean() for n, v in ndcg.items()})


def test_published_stars_are_no_worse_than_biases(world: World) -> None:
    errors = by_stars(world)
    assert not beyond_the_interval(errors["published"] - errors["biases"])


def test_the_same_seed_gives_the_same_model_to_the_last_bit() -> None:
    matrix = RatingMatrix.of(tastes())
    ours, theirs = (fitted(matrix, settings(Blend()), HEAD, SEED) for _ in range(2))
    assert np.array_equal(ours[1], theirs[1])
    for name in ("factors", "raters", "head", "columns", "weights"):
        assert np.array_equal(getattr(ours[0], name), getattr(theirs[0], name)), name


def test_the_parts_are_those_of_the_models_that_they_are_named_after() -> None:
    """EASE of item_models, cut to the head; implicit ALS of matrix_als; how many rated each movie."""
    matrix = RatingMatrix.of(tastes())
    chosen = settings(Blend())
    model, users = fitted(matrix, chosen, 50, SEED)
    raters = watched(matrix.stars).toarray().sum(axis=0)
    assert model.raters.tolist() == raters.tolist()
    assert model.head.tolist() == head_of(raters.astype(int), 50).tolist()
    dense = ease(watched(matrix.stars)[:, model.head], chosen.ease.regularization)
    found = np.zeros_like(dense)
    np.put_along_axis(found, model.columns.astype(np.intp), model.weights, axis=1)
    assert found == pytest.approx(dense, abs=1e-5)
    als = chosen.ranking
    problem = matrix_als.implicit(matrix.stars, als.alpha)
    alone = matrix_als.fit(problem, als.rank, als.regularization, als.iterations, SEED)
    assert np.array_equal(alone[1], model.factors)
    assert np.array_equal(matrix_als.fold_in(problem, alone[1], als.regularization), users)


def test_strangers_are_folded_in_and_nobody_learns_from_them() -> None:
    ratings = tastes()
    training, history = ratings.where(ratings.users % 5 > 0), ratings.where(ratings.users % 5 == 0)
    alone, users = fitted(RatingMatrix.of(training), settings(Blend()), HEAD, SEED)
    matrix = RatingMatrix.of(training, history)
    beside, everyone = fitted(matrix, settings(Blend()), HEAD, SEED)
    assert np.array_equal(alone.weights, beside.weights)
    assert np.array_equal(alone.factors, beside.factors)
    assert np.array_equal(everyone[matrix.learned], users)
    assert everyone[~matrix.learned].any(axis=1).all()


def test_histories_of_rows_are_their_rated_places() -> None:
    stars = csr_matrix(np.array([[0, 2, 0, 5], [0, 0, 0, 0], [1, 0, 0, 0]], np.float32))
    own = histories_of(stars, np.array([2, 1, 0]))
    assert (own.offsets.tolist(), own.rated.tolist()) == ([0, 1, 1, 3], [0, 1, 3])


@pytest.mark.parametrize("movies", [1, 2, 3])
def test_of_hardly_any_rating_there_is_a_model_still(movies: int) -> None:
    """Two users: no movie is rated often enough to be of the head."""
    rated = np.ones((2, movies), bool)
    rated[0, 0] = movies == 1
    users, columns = np.nonzero(rated)
    some = Triples(users.astype(np.int32), columns.astype(np.int32), np.full(len(users), 4.0, np.float32))
    matrix = RatingMatrix.of(some)
    model, factors = fitted(matrix, defaults_for(len(users), 2), HEAD, SEED)
    lists = model.lists(factors, histories_of(matrix.stars, np.arange(2)), 10)
    assert len(model.head) == 0
    assert (lists.scores > NOTHING).sum(axis=1).tolist() == (~rated).sum(axis=1).tolist()
