"""The weights of the blend: what is set aside to find them, and what is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from domain.evaluation.exposure import NONE
from domain.evaluation.ranking import ndcg
from domain.evaluation.trial import Truth
from domain.models.blended_lists import RankingModel
from domain.models.largest_products import NOTHING
from domain.models.ranking import fitted, histories_of
from domain.models.rating_matrix import RatingMatrix, Triples
from domain.models.settings import Blend, ModelSettings, Settings, defaults_for
from domain.tuning import weights
from domain.tuning.weights import CHOICES, Found, best_blend, scores_of, truth_of, validation, weighed

SMALL = Settings(rank=8, regularization=0.1, alpha=1.5, iterations=5, blocks=1)


def settings(blend: Blend) -> ModelSettings:
    return replace(defaults_for(10_000, 100), ranking=SMALL, blend=blend)


def tastes(users: int = 160, movies: int = 80, seed: int = 1) -> Triples:
    """Users of four tastes: of a fourth of the movies they rate half, and high; of the others few, and low."""
    random = np.random.default_rng(seed)
    own = np.arange(users)[:, np.newaxis] % 4 == np.arange(movies) % 4
    rated = random.random(own.shape) < np.where(own, 0.5, 0.05)
    return of(rated, np.where(own, random.integers(7, 11, own.shape), random.integers(1, 7, own.shape)) / 2)


def only_popularity(users: int = 500, movies: int = 150, seed: int = 1) -> Triples:
    """Users without a taste: each rates about twelve movies, drawn by how well known these are."""
    random = np.random.default_rng(seed)
    known = np.minimum(0.7, 2.5 / np.arange(1, movies + 1))[random.permutation(movies)]
    return of(random.random((users, movies)) < known, np.full((users, movies), 4.0))


def of(rated: np.ndarray, stars: np.ndarray) -> Triples:
    users, movies = np.nonzero(rated)
    return Triples((users + 3).astype(np.int32), (2 * movies).astype(np.int32), stars[rated].astype(np.float32))


def keys(ratings: Triples) -> set[tuple[int, int, float]]:
    return set(zip(ratings.users.tolist(), ratings.movies.tolist(), ratings.stars.tolist(), strict=True))


def planted(ratings: Triples, blend: Blend) -> tuple[RankingModel, np.ndarray, RatingMatrix, Truth]:
    learned, aside = validation(ratings, seed=5)
    matrix = RatingMatrix.of(learned)
    model, users = fitted(matrix, settings(blend), 1000, 5)
    return model, users, matrix, truth_of(aside.where(aside.stars >= 4.0), matrix.movies, 5)


def ndcg_by_lists(blend: Blend, parts: tuple[RankingModel, np.ndarray, RatingMatrix, Truth]) -> np.ndarray:
    """Of each measured user, by the lists that are published and one user at a time."""
    model, users, matrix, truth = parts
    rows = np.searchsorted(matrix.users, truth.users)
    found = replace(model, blend=blend).lists(users[rows], histories_of(matrix.stars, rows), 10)
    wanted = [truth.wanted[truth.wanted // len(matrix.movies) == row] % len(matrix.movies) for row in range(len(rows))]
    values = []
    for row, liked in enumerate(wanted):
        missing = [-5 - k for k in range(truth.relevant[row] - len(liked))]  # liked, but nowhere to be found
        listed = found.positions[row][found.scores[row] > NOTHING]
        values.append(ndcg(listed.tolist(), [*liked.tolist(), *missing], 10))
    return np.array(values)


def test_a_fourth_of_each_users_ratings_is_set_aside_and_the_rest_is_learned_from() -> None:
    ratings = tastes()
    order = np.random.default_rng(0).permutation(len(ratings.users))
    shuffled = Triples(ratings.users[order], ratings.movies[order], ratings.stars[order])
    learned, aside = validation(shuffled, 3)
    assert not keys(learned) & keys(aside)
    assert keys(learned) | keys(aside) == keys(ratings)
    for user, count in zip(*np.unique(ratings.users, return_counts=True), strict=True):
        assert (aside.users == user).sum() == count // 4
    assert keys(validation(shuffled, 3)[1]) == keys(aside) != keys(validation(shuffled, 4)[1])


def test_of_many_users_some_are_drawn_with_all_that_they_liked(monkeypatch: pytest.MonkeyPatch) -> None:
    liked = tastes()
    movies = np.unique(liked.movies)
    monkeypatch.setattr(weights, "MEASURED", 20)
    truth = truth_of(liked, movies, 1)
    assert len(truth.users) == 20
    assert truth.relevant.tolist() == [(liked.users == user).sum() for user in truth.users]
    assert np.array_equal(truth_of(liked, movies, 1).users, truth.users)
    assert not np.array_equal(truth_of(liked, movies, 2).users, truth.users)


@pytest.mark.parametrize("blend", CHOICES, ids=str)
def test_choices_are_weights(blend: Blend) -> None:
    parts = blend.als_weight, blend.ease_weight, blend.popular_weight
    assert min(parts) >= 0.0
    assert sum(parts) == pytest.approx(1.0)
    assert all(part == 0.0 or part > 0.1 for part in parts), "what is nothing is 0, not a rounding error"


@pytest.mark.parametrize("most", [1000, 30])
@pytest.mark.parametrize("blend", [Blend(0.0, 0.0), Blend(0.4, 0.2), Blend(1.0, 0.0), Blend(0.0, 1.0)], ids=str)
def test_dense_scores_are_those_that_lists_are_made_of(blend: Blend, most: int) -> None:
    matrix = RatingMatrix.of(tastes())
    model, users = fitted(matrix, settings(blend), most, 1)
    rows = np.arange(0, len(matrix.users), 3)
    als, ease, popular, rated = scores_of(model, users, matrix.stars, rows)
    blended = blend.als_weight * als + blend.ease_weight * ease + blend.popular_weight * popular
    found = model.lists(users[rows], histories_of(matrix.stars, rows), 10)
    dense = np.sort(np.where(rated, -np.inf, blended), axis=1)[:, ::-1][:, :10]
    of_lists = np.take_along_axis(np.where(rated, -np.inf, blended), found.positions, 1)
    assert of_lists == pytest.approx(dense, abs=1e-4)
    if blend != Blend(0.0, 0.0):
        assert found.scores == pytest.approx(dense, abs=1e-4)


@pytest.mark.parametrize("blend", [Blend(0.0, 0.0), Blend(0.4, 0.2)], ids=str)
def test_figures_are_those_of_the_lists_that_would_be_published(blend: Blend) -> None:
    parts = planted(tastes(), blend)
    found = best_blend(*parts)
    assert found.before == pytest.approx(ndcg_by_lists(blend, parts).mean(), abs=1e-6)
    assert found.ndcg == pytest.approx(ndcg_by_lists(found.blend, parts).mean(), abs=1e-6)


@pytest.mark.parametrize("ratings", [tastes(), only_popularity()], ids=["tastes", "popularity"])
@pytest.mark.parametrize("blend", [Blend(0.4, 0.0), Blend(0.0, 1.0), Blend(0.35, 0.1)], ids=str)
def test_weights_change_only_for_more_than_the_interval(ratings: Triples, blend: Blend) -> None:
    parts = planted(ratings, blend)
    found = best_blend(*parts)
    before = ndcg_by_lists(blend, parts)
    of_choices = {choice: ndcg_by_lists(choice, parts) for choice in CHOICES}
    best = max(of_choices, key=lambda choice: of_choices[choice].mean())
    gain = of_choices[best] - before
    interval = 1.96 * gain.std() / np.sqrt(len(gain))
    if found.blend == blend:
        assert found == Found(blend, found.before, found.before, 0.0)
        assert gain.mean() <= interval + 1e-9
    else:
        assert found.ndcg == pytest.approx(of_choices[best].mean(), abs=1e-9)
        assert found.ndcg - found.before > found.interval == pytest.approx(interval, abs=1e-6)


def test_where_only_popularity_is_planted_it_is_heard_and_where_tastes_are_they_are() -> None:
    popular, tasteful = (best_blend(*planted(ratings, Blend(0.4, 0.0))) for ratings in (only_popularity(), tastes()))
    assert popular.blend.popular_weight >= 0.6
    assert popular.ndcg > popular.before + popular.interval
    assert best_blend(*planted(tastes(), Blend(0.0, 1.0))).blend.popular_weight <= 0.4
    assert tasteful.blend.popular_weight <= 0.2


@pytest.mark.parametrize("ratings", [tastes(), only_popularity()], ids=["tastes", "popularity"])
def test_the_blend_is_never_below_a_part_by_more_than_the_interval(ratings: Triples) -> None:
    parts = planted(ratings, Blend(0.4, 0.0))
    found = best_blend(*parts)
    chosen = ndcg_by_lists(found.blend, parts)
    for alone in (Blend(0.0, 0.0), Blend(1.0, 0.0), Blend(0.0, 1.0)):
        lost = ndcg_by_lists(alone, parts) - chosen
        assert lost.mean() <= 1.96 * lost.std() / np.sqrt(len(lost))


def test_blocks_of_users_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = planted(tastes(), Blend(0.4, 0.2))
    whole = best_blend(*parts)
    monkeypatch.setattr(weights, "CELLS", 80 * 7)
    assert best_blend(*parts) == whole


def test_users_of_whom_nothing_is_known_have_no_list_and_count_as_misses() -> None:
    model, users, matrix, truth = planted(tastes(), Blend(0.4, 0.0))
    stranger = Truth.of(np.array([9999], np.int32), matrix.movies[:1], matrix.movies, np.zeros(len(matrix.movies)))
    assert best_blend(model, users, matrix, stranger).before == 0.0
    known = best_blend(model, users, matrix, truth)
    both = Truth(
        np.append(truth.users, np.int32(9999)), truth.movies, np.append(truth.relevant, 1), truth.wanted, truth.bits
    )
    share = len(truth.users) / len(both.users)
    assert best_blend(model, users, matrix, both).before == pytest.approx(share * known.before)


def test_without_a_liked_rating_there_is_nothing_to_weigh_by() -> None:
    assert weighed(tastes(), settings(Blend()), 5.5, 1000, 1) is None
    few = Triples(np.array([1, 1, 2], np.int32), np.array([1, 2, 1], np.int32), np.full(3, 5.0, np.float32))
    assert weighed(few, settings(Blend()), 4.0, 1000, 1) is None, "a fourth of two ratings is none"


def test_weights_of_ratings_are_found_on_what_the_models_did_not_learn_from() -> None:
    ratings = tastes()
    found = weighed(ratings, settings(Blend(0.0, 1.0)), 4.0, 1000, 5)
    assert found == best_blend(*planted(ratings, Blend(0.0, 1.0)))
    assert weighed(ratings, settings(Blend(0.0, 1.0)), 4.0, 1000, 5) == found


def test_short_lists_end_with_none() -> None:
    every = of(np.random.default_rng(2).random((30, 9)) < 0.6, np.full((30, 9), 4.0))
    matrix = RatingMatrix.of(every)
    model, users = fitted(matrix, settings(Blend(0.4, 0.2)), 1000, 1)
    rows = np.arange(len(matrix.users))
    for lists in weights._lists(model, users, matrix.stars, rows, [Blend(0.4, 0.2), Blend(0.0, 1.0)], 10):
        unseen = len(matrix.movies) - np.diff(matrix.stars.indptr)
        assert lists.shape == (len(rows), 10)
        assert ((lists != NONE).sum(axis=1) == unseen).all()
