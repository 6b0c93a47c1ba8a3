"""Stars that NumPy computes for one user are those that are published for all."""

from __future__ import annotations

import numpy as np
import pytest

from domain.models.settings import SHRINKAGE, Blend
from domain.serving.fold_in import fold_in_explicit, user_bias
from domain.serving.stars import Stars
from domain.stars.published import StarUsers
from tests.support.small_models import (
    HEADS,
    MEAN,
    MOVIES,
    SCALE,
    STAR_ALS,
    history,
    of_one,
    published_arrays,
    published_settings,
    ranking_model,
    star_model,
)


@pytest.mark.parametrize("head", HEADS)
def test_stars_are_those_of_the_published_lists(head: str) -> None:
    model, ranking = star_model(HEADS[head]), ranking_model(HEADS[head], Blend())
    ours = Stars.of(published_arrays(ranking, model), published_settings(ranking, model))
    wanted = np.arange(MOVIES)
    for seed in range(20):
        rated, stars = history(seed)
        bias = user_bias(stars, model.biases[rated], MEAN, SHRINKAGE)
        left = (stars - MEAN - model.biases[rated] - bias).astype(np.float32)
        factors = fold_in_explicit(model.factors[rated], left, STAR_ALS.regularization).astype(np.float32)
        users = StarUsers(np.array([bias]), factors[np.newaxis], of_one(rated), stars)
        theirs = model.predict(users, wanted[np.newaxis])[0]
        assert ours.predict(rated, stars, wanted) == pytest.approx(np.clip(theirs, *SCALE[:2]), abs=1e-5)
