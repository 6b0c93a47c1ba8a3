"""What NumPy computes for one user is what compiled code computes for all when lists are published."""

from __future__ import annotations

import numpy as np
import pytest

from domain.models.largest_products import NOTHING
from domain.models.reasons import reasons
from domain.models.settings import Blend
from domain.serving.ranking import Ranking, best
from tests.support.small_models import (
    ALS,
    BLENDS,
    HEADS,
    MOVIES,
    history,
    of_one,
    published_arrays,
    published_settings,
    ranking_model,
    star_model,
)

N = 20


def served(head: str, blend: Blend) -> Ranking:
    model, stars = ranking_model(HEADS[head], blend), star_model(HEADS[head])
    return Ranking.of(published_arrays(model, stars), published_settings(model, stars))


@pytest.mark.parametrize("blend", BLENDS, ids=str)
@pytest.mark.parametrize("head", HEADS)
def test_scores_order_and_reasons_are_those_of_the_published_lists(head: str, blend: Blend) -> None:
    model, ours = ranking_model(HEADS[head], blend), served(head, blend)
    for seed in range(20):
        rated, stars = history(seed)
        user = ours.user(rated, stars)
        theirs = model.lists(user[np.newaxis], of_one(rated), N)
        kept = theirs.scores[0] > NOTHING
        scores, loudness = ours.scores(user, rated)
        listed = best(scores, N)
        assert np.array_equal(listed, theirs.positions[0][kept])
        assert scores[listed] == pytest.approx(theirs.scores[0][kept], abs=1e-5)
        why = reasons(theirs, of_one(rated), stars, model.parts, ALS)
        for found, positions, shares in zip(
            ours.reasons(rated, stars, listed, loudness), why.positions[0], why.shares[0], strict=False
        ):
            assert [reason.share for reason in found] == pytest.approx(shares[shares > 0.0], abs=1e-4)
            assert [reason.position for reason in found] == list(positions[shares > 0.0])


def test_who_has_rated_all_but_one_gets_that_one_and_who_has_rated_all_nothing() -> None:
    ours = served("some", Blend(0.4, 0.2))
    everything, stars = np.arange(MOVIES), np.full(MOVIES, 4.0, np.float32)
    but_one = np.delete(everything, 13)
    user = ours.user(but_one, stars[1:])
    assert list(best(ours.scores(user, but_one)[0], N)) == [13]
    assert len(best(ours.scores(ours.user(everything, stars), everything)[0], N)) == 0


@pytest.mark.parametrize(("stars", "named"), [(0.5, False), (2.0, False), (2.5, True)])
def test_nobody_has_liked_what_they_gave_two_stars(stars: float, named: bool) -> None:
    ours, rated, given = served("all", Blend(0.4, 0.0)), np.array([5]), np.array([stars], np.float32)
    scores, loudness = ours.scores(ours.user(rated, given), rated)
    listed = best(scores, N)
    theirs = ranking_model(HEADS["all"], Blend(0.4, 0.0)).lists(ours.user(rated, given)[np.newaxis], of_one(rated), N)
    why = reasons(theirs, of_one(rated), given, ranking_model(HEADS["all"], Blend(0.4, 0.0)).parts, ALS)
    assert any(ours.reasons(rated, given, listed, loudness)) == bool(why.shares.any()) == named


def test_of_equal_scores_the_lower_position_comes_first() -> None:
    scores = np.array([1.0, 3.0, 2.0, 3.0, -np.inf, 2.0, 2.0], np.float32)
    assert list(best(scores, 4)) == [1, 3, 2, 5]
    assert list(best(scores, 99)) == [1, 3, 2, 5, 6, 0]
    assert list(best(scores, 0)) == []
