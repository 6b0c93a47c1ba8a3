"""Which settings of ALS count."""

from __future__ import annotations

import pytest

from domain.models.settings import (
    BLEND_OF_FEW,
    FEW,
    MANY,
    RANKING,
    RANKING_OF_FEW,
    STARS,
    Blend,
    defaults_for,
    settings_for,
)


def test_flags_win_over_defaults_and_large_data_has_more_blocks() -> None:
    assert settings_for(RANKING, 1000, rank=None, alpha=None) == RANKING
    assert settings_for(RANKING, 1000, rank=8).rank == 8
    assert settings_for(RANKING, MANY).blocks > RANKING.blocks
    assert settings_for(RANKING, MANY, iterations=3).iterations == 3


@pytest.mark.parametrize(("ratings", "few"), [(FEW * 50 - 1, True), (FEW * 50, False)])
def test_of_users_with_few_ratings_less_is_learned_and_popularity_counts(ratings: int, few: bool) -> None:
    found = defaults_for(ratings, 50)
    assert found.ranking == (RANKING_OF_FEW if few else RANKING)
    assert found.blend == (BLEND_OF_FEW if few else Blend())
    assert found.stars == STARS
    assert (found.blend.popular_weight > 0.0) == few


def test_large_data_have_more_blocks_and_fewer_iterations_of_both_models() -> None:
    found = defaults_for(MANY, 1000)
    for ours, usual in ((found.ranking, RANKING), (found.stars, STARS)):
        assert ours.blocks > usual.blocks
        assert ours.iterations < usual.iterations
        assert (ours.rank, ours.regularization) == (usual.rank, usual.regularization)


def test_parts_that_are_given_win_and_none_is_no_value() -> None:
    usual = defaults_for(1000, 10)
    found = usual.with_parts({"ranking": {"rank": 8, "alpha": None}, "blend": {"ease_weight": 0.1}})
    assert (found.ranking.rank, found.ranking.alpha) == (8, usual.ranking.alpha)
    assert found.blend == Blend(0.1, usual.blend.popular_weight)
    assert usual.with_parts(found.as_parts()) == found


@pytest.mark.parametrize(("ease", "popular"), [(0.8, 0.2), (0.2, 0.8), (0.6, 0.4), (0.7, 0.3), (0.9, 0.1), (1.0, 0.0)])
def test_weights_that_are_everything_leave_als_nothing_at_all(ease: float, popular: float) -> None:
    assert Blend(ease, popular).als_weight == 0.0
