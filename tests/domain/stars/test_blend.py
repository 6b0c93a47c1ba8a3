"""The blend of models that predict stars."""

from __future__ import annotations

import numpy as np
import pytest

from domain.models.rating_matrix import RatingMatrix, Triples
from domain.models.settings import Settings
from domain.stars.blend import Neighbours, Predicted, StarSettings, fitted_weights, predict, set_aside
from tests.domain.stars.test_models import MATRIX, TABLE, THERE, ratings

RANDOM = np.random.default_rng(3)
ALS = Settings(rank=3, regularization=0.1, alpha=1.0, iterations=5, blocks=1)


def test_predicted_stars_of_a_model_with_weight_one_are_the_blend() -> None:
    base, als, neighbours = RANDOM.normal(size=(3, 20))
    predicted = Predicted(base, {"als": als, "item-knn": neighbours})
    assert predicted.blended({"als": 1.0, "item-knn": 0.0}) == pytest.approx(als)
    assert predicted.blended({}) == pytest.approx(base)


def test_fitted_weights_find_the_model_that_is_right() -> None:
    base, good, noise = RANDOM.normal(size=(3, 5000))
    weights = fitted_weights(Predicted(base, {"als": base + good / 2, "item-knn": base + noise}), base + good)
    assert weights["als"] == pytest.approx(2.0, abs=0.05)  # what is too timid is heard louder
    assert weights["item-knn"] == pytest.approx(0.0, abs=0.05)


def test_ratings_set_aside_are_parted_from_the_others() -> None:
    users, movies = np.divmod(np.arange(3000, dtype=np.int32), 50)
    kept, aside = set_aside(Triples(users, movies, np.ones(3000, np.float32)), seed=1)
    assert 200 < len(aside.stars) < 400
    keys = np.concatenate([part.users * 50 + part.movies for part in (kept, aside)])
    assert np.array_equal(np.sort(keys), np.arange(3000))


def test_of_the_unknown_every_model_says_what_biases_say() -> None:
    wanted = Triples(np.array([0, 99, 99], np.int32), np.array([99, 0, 99], np.int32), np.zeros(3, np.float32))
    predicted = predict(MATRIX, wanted, StarSettings(ALS, Neighbours(), 100, 0))
    for name in ("als", "item-knn", "user-knn"):
        expected = predicted.of["bias_only"] if name == "als" else predicted.base
        assert predicted.of[name] == pytest.approx(expected)
    assert predicted.base[2] == pytest.approx(TABLE[THERE].mean())


def test_what_is_too_large_for_a_matrix_of_similarities_is_left_out() -> None:
    some = ratings(TABLE)
    assert set(predict(MATRIX, some, StarSettings(ALS, Neighbours(), 12, 0)).of) == {
        "bias_only",
        "als",
        "published",
        "item-knn",
    }
    assert set(predict(MATRIX, some, StarSettings(ALS, Neighbours(), 5, 0)).of) == {"bias_only", "als", "published"}


def test_nobody_learns_from_strangers_whose_histories_are_known() -> None:
    """What is predicted for a learned user is the same with and without the histories of others."""
    training, history = ratings(TABLE[:10]), ratings(np.vstack([np.zeros((10, 10)), TABLE[10:]]))
    wanted, settings = ratings(np.where(THERE[:10], 0.0, 1.0)), StarSettings(ALS, Neighbours(), 100, 0)
    alone = predict(RatingMatrix.of(training), wanted, settings)
    beside = predict(RatingMatrix.of(training, history), wanted, settings)
    for name, stars in alone.of.items():
        assert beside.of[name] == pytest.approx(stars, abs=1e-5), name


def test_a_stranger_is_folded_in_as_the_user_they_equal() -> None:
    training = ratings(TABLE)
    copied = Triples(
        training.users[training.users == 4] + 100,
        training.movies[training.users == 4],
        training.stars[training.users == 4],
    )
    matrix = RatingMatrix.of(training, copied)
    settings = StarSettings(Settings(3, 0.1, 1.0, 60, 1), Neighbours(), 100, 0)
    movies = np.arange(10, dtype=np.int32)
    wanted = [Triples(np.full(10, user, np.int32), movies, np.zeros(10, np.float32)) for user in (4, 104)]
    own, other = (predict(matrix, one, settings) for one in wanted)
    for name in ("bias_only", "als", "item-knn"):
        assert other.of[name] == pytest.approx(own.of[name], abs=1e-2), name
