"""Lists for ratings by movie id: what is known counts, what is rated or unwanted is not listed."""

from __future__ import annotations

import numpy as np
import pytest

from domain.models.settings import Blend
from domain.serving.recommender import Recommender
from tests.support.small_models import (
    HEADS,
    MOVIES,
    history,
    published_arrays,
    published_settings,
    ranking_model,
    star_model,
)


@pytest.fixture(scope="module")
def recommender() -> Recommender:
    model, stars = ranking_model(HEADS["some"], Blend(0.4, 0.1)), star_model(HEADS["some"])
    return Recommender.of(published_arrays(model, stars), published_settings(model, stars))


def ratings(recommender: Recommender, seed: int) -> dict[int, float]:
    rated, stars = history(seed, 20)
    return dict(zip(recommender.ids[rated].tolist(), stars.tolist(), strict=True))


def test_a_list_has_scores_stars_and_reasons_that_the_user_rated(recommender: Recommender) -> None:
    given = ratings(recommender, 3)
    listed = recommender.recommend(given, 10)
    scores = [each.score for each in listed]
    assert (len(listed), scores) == (10, sorted(scores, reverse=True))
    assert not {each.movie_id for each in listed} & set(given)
    assert all(0.5 <= each.stars <= 5.0 for each in listed)
    assert {movie for each in listed for movie, _ in each.because} <= set(given)
    assert any(each.because for each in listed)


def test_what_is_not_wanted_makes_room_for_the_next(recommender: Recommender) -> None:
    given = ratings(recommender, 4)
    whole = [each.movie_id for each in recommender.recommend(given, 10)]
    without = [each.movie_id for each in recommender.recommend(given, 9, without={whole[2], 4711})]
    assert without == whole[:2] + whole[3:]


def test_among_some_movies_the_best_of_them_are_listed_as_among_all(recommender: Recommender) -> None:
    given = ratings(recommender, 6)
    whole = recommender.recommend(given, MOVIES)
    some = recommender.ids[::3]
    listed = recommender.recommend(given, 5, among=np.append(some, [2, 4711]).astype(np.int32))
    expected = [each for each in whole if each.movie_id in some][:5]
    assert [each.movie_id for each in listed] == [each.movie_id for each in expected]
    assert [each.score for each in listed] == [each.score for each in expected]
    assert recommender.recommend(given, 5, among=np.zeros(0, np.int32)) == []


def test_movies_that_the_model_does_not_know_count_for_nothing(recommender: Recommender) -> None:
    given = ratings(recommender, 5)
    assert recommender.recommend({**given, 0: 5.0, 10**9: 0.5}, 10) == recommender.recommend(given, 10)
    assert recommender.recommend({2: 5.0}, 10) == []
    assert recommender.recommend({}, 10) == []


def test_who_has_rated_everything_has_an_empty_list(recommender: Recommender) -> None:
    assert recommender.recommend(dict.fromkeys(recommender.ids.tolist(), 4.0), 10) == []
    assert len(recommender.recommend(dict.fromkeys(recommender.ids.tolist()[1:], 4.0), 10)) == 1
    assert len(recommender.recommend({1: 4.0}, 10 * MOVIES)) == MOVIES - 1
