"""Reasons against what each rated movie adds, written down once more from the equations."""

from __future__ import annotations

import numpy as np
import pytest

from domain.models.blended_lists import Lists
from domain.models.largest_products import NOTHING
from domain.models.reasons import REASONS, Reasons, reasons
from domain.models.settings import Blend, Settings, preference
from tests.domain.models.test_blended_lists import ALL, FACTORS, HEADS, MOVIES, OF_USERS, SOME, histories, model_of

ALS = Settings(rank=5, regularization=0.3, alpha=1.5, iterations=1, blocks=1)
BLENDS = [Blend(0.0, 0.0), Blend(0.5, 0.0), Blend(0.3, 0.3), Blend(1.0, 0.0), Blend(0.8, 0.2), Blend(0.0, 1.0)]
RNG = np.random.default_rng(8)
LENGTHS = [0, 1, 2, 5, 9, 20, 40, MOVIES]
RATED = [np.sort(RNG.choice(MOVIES, length, replace=False)) for length in LENGTHS]
STARS = [(RNG.integers(1, 11, length) / 2).astype(np.float32) for length in LENGTHS]
SHOWN = [RNG.permutation(MOVIES)[:9] for _ in LENGTHS]


def exact_user(own: np.ndarray, stars: np.ndarray) -> np.ndarray:
    """What ALS's objective is smallest for, given the movies' factors: a dense solution of all places."""
    wide = FACTORS.astype(np.float64)
    confidence, liked = np.ones(MOVIES), np.zeros(MOVIES)
    confidence[own] += ALS.alpha * np.maximum(stars - 2.0, 0.1)
    liked[own] = 1.0
    normal = (wide.T * confidence) @ wide + ALS.regularization * len(own) * np.eye(wide.shape[1])
    return np.asarray(np.linalg.solve(normal, wide.T @ (confidence * liked)))


def added_by_als(own: np.ndarray, stars: np.ndarray) -> np.ndarray:
    """Of each rated movie (rated × movies): the user's factors without that movie's preference, taken away."""
    wide = FACTORS.astype(np.float64)
    confidence = np.ones(MOVIES)
    confidence[own] += ALS.alpha * np.maximum(stars - 2.0, 0.1)
    normal = (wide.T * confidence) @ wide + ALS.regularization * len(own) * np.eye(wide.shape[1])
    inverse = np.linalg.inv(normal)
    return np.array([confidence[movie] * wide @ inverse @ wide[movie] for movie in own]).reshape(len(own), MOVIES)


def found_for(head: np.ndarray, blend: Blend) -> tuple[Lists, Reasons]:
    model, known = model_of(head, blend), histories(RATED)
    lists = model.lists(OF_USERS[: len(RATED)], known, 8)
    return lists, reasons(lists, known, np.concatenate(STARS), model.parts, ALS)


def added_by_ease(head: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Of each rated movie (rated × movies), 0 beyond the head."""
    model, table = model_of(head, BLENDS[0]), np.zeros((MOVIES, MOVIES))
    for place, movie in enumerate(head):
        table[movie, head[model.columns[place]]] = model.weights[place]
    return table[own]


def expected(added: np.ndarray, own: np.ndarray, stars: np.ndarray) -> list[tuple[int, float]]:
    """Reasons for one movie: the three liked ones that add most, and their shares of what is added."""
    total = added[added > 0].sum()
    liked = stars * max(len(stars), 1) >= stars.sum()
    best = sorted(np.flatnonzero((added > 0) & liked), key=lambda place: -added[place])
    return [(int(own[place]), float(added[place] / total)) for place in best[:REASONS]]


@pytest.mark.parametrize("blend", BLENDS, ids=str)
@pytest.mark.parametrize("head", ["all", "some", "none"])
def test_reasons_are_the_liked_movies_that_add_most_to_the_score(head: str, blend: Blend) -> None:
    lists, why = found_for(HEADS[head], blend)
    for user, (own, stars) in enumerate(zip(RATED, STARS, strict=True)):
        by_als, by_ease = added_by_als(own, stars), added_by_ease(HEADS[head], own)
        in_head, ease, beyond = lists.loudness[user].astype(np.float64)
        for place in np.flatnonzero(lists.scores[user] > NOTHING):
            movie = lists.positions[user, place]
            als = in_head if movie in HEADS[head] else beyond
            wanted = expected(als * by_als[:, movie] + ease * by_ease[:, movie], own, stars)
            count = len(wanted)
            assert why.shares[user, place, :count] == pytest.approx([share for _, share in wanted], abs=2e-4)
            assert why.positions[user, place, :count].tolist() == [reason for reason, _ in wanted]
            assert not why.shares[user, place, count:].any()


def test_shares_of_ease_alone_are_its_entries() -> None:
    lists, why = found_for(ALL, Blend(1.0, 0.0))
    for user, (own, stars) in enumerate(zip(RATED, STARS, strict=True)):
        by_ease = added_by_ease(ALL, own)
        if not len(own):
            continue
        for place in np.flatnonzero(lists.scores[user] > NOTHING):
            wanted = expected(by_ease[:, lists.positions[user, place]], own, stars)
            assert why.shares[user, place, : len(wanted)] == pytest.approx([share for _, share in wanted], rel=1e-5)


def test_what_rated_movies_add_to_als_sums_to_the_score_of_the_solved_user() -> None:
    for own, stars in zip(RATED[1:], STARS[1:], strict=True):
        assert added_by_als(own, stars).sum(axis=0) == pytest.approx(FACTORS @ exact_user(own, stars), abs=1e-9)
        evidence, confidence = preference(stars, ALS.alpha)
        assert confidence == pytest.approx(1.0 + evidence)


@pytest.mark.parametrize("blend", BLENDS, ids=str)
def test_reasons_are_rated_at_or_above_the_mean_at_most_three_and_shares_fall_from_1_to_0(blend: Blend) -> None:
    _, why = found_for(SOME, blend)
    assert why.shares.shape[2] == why.positions.shape[2] == REASONS == 3
    assert ((why.shares >= 0) & (why.shares <= 1 + 1e-6)).all()
    assert (np.diff(why.shares, axis=2) <= 0).all()
    assert (why.shares.sum(axis=2) <= 1 + 1e-6).all()
    for own, stars, positions, shares in zip(RATED, STARS, why.positions, why.shares, strict=True):
        liked = set(own[stars >= stars.mean()].tolist()) if len(own) else set()
        assert set(positions[shares > 0].tolist()) <= liked
        for of_movie, of_shares in zip(positions, shares, strict=True):
            named = of_movie[of_shares > 0].tolist()
            assert len(named) == len(set(named))


def test_who_rated_nothing_has_no_reasons_and_neither_has_popularity() -> None:
    _, why = found_for(SOME, Blend(0.4, 0.2))
    assert not why.shares[0].any()
    assert why.shares[4].any()
    _, popular = found_for(SOME, Blend(0.0, 1.0))
    assert not popular.shares.any()


def test_movies_beyond_the_head_that_als_lists_in_place_of_ease_have_its_reasons() -> None:
    lists, why = found_for(SOME, Blend(1.0, 0.0))
    beyond = (lists.scores > NOTHING) & ~np.isin(lists.positions, SOME)
    assert beyond[2:-1].any()
    assert why.shares[2:-1][beyond[2:-1]].max(axis=1).mean() > 0.2
