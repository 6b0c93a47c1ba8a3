"""Sparse neighbours of movies, against dense computations that know nothing of strips."""

from __future__ import annotations

import numpy as np
import pytest

from domain.stars.models import from_neighbours
from domain.stars.neighbours import UNKNOWN, Histories, Near, NearSettings, Weights, from_near, nearest, together
from tests.domain.stars.test_models import LEFT, THERE

RESIDUALS = LEFT.toarray().astype(np.float64)  # 15 users × 10 movies, 0 where not rated
COMMON = (THERE.T.astype(np.float32) @ THERE).astype(np.float32)
PRODUCTS = (RESIDUALS.T @ RESIDUALS).astype(np.float32)
SQUARES = (RESIDUALS**2).sum(axis=0)
ALL = NearSettings(kept=10, count=10, shrinkage=3.0, damping=0.5)
HISTORIES = Histories(LEFT.indptr.astype(np.int64), LEFT.indices, LEFT.data)
EVERYTHING = np.tile(np.arange(10), (15, 1))


def dense(shrinkage: float) -> np.ndarray:
    """s_ij for all pairs, 0 on the diagonal and where it would be below."""
    similar = COMMON / (COMMON + shrinkage) * (RESIDUALS.T @ RESIDUALS) / np.sqrt(np.outer(SQUARES, SQUARES))
    np.fill_diagonal(similar, 0.0)
    return np.maximum(similar, 0.0)


def near_of(settings: NearSettings, strip: int = 10) -> Near:
    starts = range(0, 10, strip)
    return together([nearest(COMMON[i : i + strip], PRODUCTS[i : i + strip], SQUARES, i, settings) for i in starts])


def added(near: Near, settings: NearSettings, wanted: np.ndarray = EVERYTHING) -> np.ndarray:
    return from_near(near, HISTORIES, wanted, settings)


@pytest.mark.parametrize("kept", [1, 3, 10, 50])
def test_the_nearest_are_the_largest_of_a_dense_row_in_falling_order(kept: int) -> None:
    near = near_of(NearSettings(kept=kept, shrinkage=3.0))
    similar = dense(3.0)
    for i in range(10):
        expected = [j for j in sorted(range(10), key=lambda j: -similar[i, j]) if similar[i, j] > 0][:kept]
        mine = slice(near.offsets[i], near.offsets[i + 1])
        assert list(near.positions[mine]) == expected
        assert near.similar[mine] == pytest.approx(similar[i, expected], rel=1e-5)


def test_of_movies_as_near_those_of_lower_positions_are_kept() -> None:
    ones = np.ones((5, 5), np.float32)
    near = nearest(ones[1:3], ones[1:3], np.ones(5), 1, NearSettings(kept=3))
    assert list(near.offsets) == [0, 3, 6]
    assert list(near.positions) == [0, 2, 3, 0, 1, 3]


def test_the_size_of_strips_changes_nothing() -> None:
    whole = near_of(NearSettings(kept=4))
    for strip in (1, 3, 7):
        parts = near_of(NearSettings(kept=4), strip)
        for name in ("offsets", "positions", "similar"):
            assert np.array_equal(getattr(parts, name), getattr(whole, name)), (strip, name)


def test_movies_that_nobody_rated_or_whose_residuals_are_all_0_have_no_neighbours() -> None:
    products = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 0.0]], np.float32)
    near = nearest(np.ones((3, 3), np.float32), products, np.diag(products), 0, ALL)
    assert list(near.offsets) == [0, 1, 2, 2]
    assert list(near.positions) == [1, 0]


def test_strips_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="no strips"):
        nearest(COMMON[:4], PRODUCTS[:4], SQUARES, 7, ALL)
    with pytest.raises(ValueError, match="no strips"):
        nearest(COMMON[:4], PRODUCTS[:3], SQUARES, 0, ALL)


@pytest.mark.parametrize("count", [1, 3, 10])
def test_with_all_neighbours_kept_it_is_what_the_dense_model_predicts(count: int) -> None:
    settings = NearSettings(kept=10, count=count, shrinkage=3.0, damping=0.5)
    rows, columns = (places.ravel().astype(np.int64) for places in np.indices((15, 10)))
    similar = dense(3.0).astype(np.float32)
    known = (HISTORIES.offsets, HISTORIES.rated, HISTORIES.left)
    expected = from_neighbours(rows, columns, *known, similar, count, 0.5)
    assert added(near_of(settings), settings).ravel() == pytest.approx(expected, abs=1e-6)


def test_only_kept_neighbours_speak() -> None:
    settings = NearSettings(kept=2, count=10, shrinkage=3.0, damping=0.5)
    similar = dense(3.0)
    for i in range(10):
        similar[i, np.argsort(-similar[i])[2:]] = 0.0
    naive = RESIDUALS @ similar.T / (0.5 + THERE.astype(float) @ similar.T)
    assert added(near_of(settings), settings) == pytest.approx(naive, abs=1e-6)


def test_users_are_apart_and_may_come_in_any_portion() -> None:
    near, offsets = near_of(ALL), HISTORIES.offsets
    whole = added(near, ALL)
    for user in range(15):
        mine = slice(offsets[user], offsets[user + 1])
        alone = Histories(offsets[user : user + 2] - offsets[user], LEFT.indices[mine], LEFT.data[mine])
        assert np.array_equal(from_near(near, alone, EVERYTHING[:1], ALL)[0], whole[user])


def test_what_is_unknown_adds_nothing() -> None:
    near = near_of(ALL)
    assert not added(near, ALL, np.full((15, 2), UNKNOWN)).any()
    for rated in (0, 3):  # nothing, or only movies without neighbours
        stranger = Histories(np.array([0, rated]), np.full(rated, UNKNOWN, np.int32), np.ones(rated, np.float32))
        assert not from_near(near, stranger, EVERYTHING[:1], ALL).any()


def test_als_is_heard_the_louder_the_more_a_user_rated() -> None:
    weights = Weights(als=0.8, doubt=40.0, neighbours=1.5)
    als, neighbours = np.array([[1.0, -1.0], [1.0, 0.5]]), np.array([[0.2, 0.0], [0.0, -0.2]])
    found = weights.added(als, neighbours, np.array([[0], [40]]))
    assert found == pytest.approx(np.array([[0.3, 0.0], [0.4, -0.1]]))
