"""Who rated both of two movies, against products of dense matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from domain.models import co_rating
from domain.models.co_rating import LEAST, Histories, drawn, head_histories, head_of, rows_together, together

USERS, MOVIES = 70, 40
RNG = np.random.default_rng(5)
RATED = RNG.random((USERS, MOVIES)) < RNG.uniform(0.02, 0.5, MOVIES)
LEFT = np.where(RATED, RNG.normal(size=RATED.shape), 0.0).astype(np.float32)
HEAD = np.flatnonzero(np.arange(MOVIES) % 4 != 1)


def matrix(values: np.ndarray, rated: np.ndarray = RATED) -> csr_matrix:
    """One stored value for each rating, also where it is 0."""
    rows, columns = np.nonzero(rated)
    return csr_matrix((values[rows, columns], (rows, columns)), shape=rated.shape, dtype=np.float32)


@pytest.mark.parametrize("head", [np.arange(MOVIES), HEAD, HEAD[:1], HEAD[:0]], ids=["all", "some", "one", "none"])
def test_counts_and_products_are_those_of_dense_matrices(head: np.ndarray) -> None:
    counts, products = together(matrix(LEFT), head)
    watched, left = RATED[:, head].astype(np.float64), LEFT[:, head].astype(np.float64)
    assert np.array_equal(counts, watched.T @ watched)
    assert products == pytest.approx(left.T @ left, abs=1e-4)
    assert counts.dtype == products.dtype == np.float32


def test_a_rating_whose_value_is_0_is_a_rating() -> None:
    counts, products = together(matrix(np.zeros_like(LEFT)), HEAD)
    watched = RATED[:, HEAD].astype(np.float64)
    assert np.array_equal(counts, watched.T @ watched)
    assert not products.any()


def test_of_heavy_users_a_drawn_part_counts_for_both_movies_of_a_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(co_rating, "MOST", 8)
    counts, products = together(matrix(LEFT), HEAD)
    assert np.array_equal(counts, counts.T)
    assert np.allclose(products, products.T, atol=1e-6)
    shares = 8 / np.maximum(RATED.sum(axis=1), 1)
    kept = np.array([[RATED[u, m] and (shares[u] >= 1 or drawn(u, m, shares[u])) for m in HEAD] for u in range(USERS)])
    assert np.array_equal(counts, kept.astype(np.float64).T @ kept)
    light = shares >= 1
    assert np.array_equal(kept[light], RATED[light][:, HEAD])
    assert kept.sum() < RATED[:, HEAD].sum()


def test_the_draw_is_always_the_same_and_grows_with_the_share() -> None:
    pairs = [(user, movie) for user in range(40) for movie in range(50)]
    few, many = ({pair for pair in pairs if drawn(*pair, share)} for share in (0.2, 0.5))
    assert few == {pair for pair in pairs if drawn(*pair, 0.2)}
    assert few < many
    assert not any(drawn(*pair, 0.0) for pair in pairs)
    assert all(drawn(*pair, 1.0) for pair in pairs)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_the_drawn_part_is_near_its_share_for_every_user_and_every_movie(share: float) -> None:
    """Within 6 standard deviations: rows and columns of ids as they come, small and one after the other."""
    kept = np.array([[drawn(user, movie, share) for movie in range(600)] for user in range(400)])
    for axis, count in ((0, 400), (1, 600)):
        off = np.abs(kept.mean(axis=axis) - share) / np.sqrt(share * (1 - share) / count)
        assert off.max() < 6.0
    half = np.corrcoef(kept[:, :-1].ravel(), kept[:, 1:].ravel())[0, 1]
    assert abs(half) < 0.02  # neighbours are no more often drawn together than others


def test_strips_of_rows_and_blocks_of_users_change_nothing() -> None:
    values, place_of = matrix(LEFT), np.full(MOVIES, -1, np.int32)
    place_of[HEAD] = np.arange(len(HEAD))
    expected = together(values, HEAD)
    for users, strip in ((1, 1), (13, 7), (USERS, len(HEAD))):
        pieces = []
        for first in range(0, USERS, users):
            some = values[first : first + users]
            arrays = some.indptr.astype(np.int64), some.indices.astype(np.int32), some.data
            pieces.append(head_histories(*arrays, place_of, first, co_rating.MOST))
        lengths = np.concatenate([np.diff(piece[0]) for piece in pieces])
        by_user = Histories(
            np.append(0, np.cumsum(lengths)),
            np.concatenate([piece[1] for piece in pieces]),
            np.concatenate([piece[2] for piece in pieces]),
        )
        by_movie = by_user.by_movie(len(HEAD))
        for first in range(0, len(HEAD), strip):
            shape = min(strip, len(HEAD) - first), len(HEAD)
            rows = np.full(shape, 7.0, np.float32), np.full(shape, 7.0, np.float32)
            of_movies = by_movie.offsets, by_movie.places, by_movie.values
            rows_together(first, *of_movies, by_user.offsets, by_user.places, by_user.values, *rows)
            for ours, theirs in zip(rows, expected, strict=True):
                assert np.array_equal(ours, theirs[first : first + strip])


def test_the_part_of_a_heavy_user_is_the_same_in_any_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(co_rating, "MOST", 5)
    values, place_of = matrix(LEFT), np.arange(MOVIES, dtype=np.int32)
    arrays = values.indptr.astype(np.int64), values.indices.astype(np.int32), values.data
    offsets, places, _ = head_histories(*arrays, place_of, 0, 5)
    for user in range(USERS):
        own = values[user]
        _, alone, _ = head_histories(own.indptr.astype(np.int64), own.indices, own.data, place_of, user, 5)
        assert np.array_equal(alone, places[offsets[user] : offsets[user + 1]])


def test_the_head_is_the_most_rated_of_equal_ones_the_lower_and_none_of_few_ratings() -> None:
    raters = np.array([5, LEAST - 1, 9, LEAST, 5, 0, 5])
    assert head_of(raters, 3).tolist() == [0, 2, 4]
    assert head_of(raters, 100).tolist() == [0, 2, 3, 4, 6]
    assert head_of(np.zeros(4, int), 3).tolist() == []
