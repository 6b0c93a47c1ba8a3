"""The loudest entries of EASE against the dense matrix."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from domain.models import sparse_ease
from domain.models.item_models import ease, regularized_inverse
from domain.models.sparse_ease import SparseRows, loudest

MOVIES = 40
RNG = np.random.default_rng(2)
WATCHED = (RNG.random((120, MOVIES)) < RNG.uniform(0.05, 0.5, MOVIES)).astype(np.float32)
DENSE = ease(csr_matrix(WATCHED), 7.0)  # row: the movie rated, column: the movie scored


def rows_of(kept: int) -> SparseRows:
    return loudest(regularized_inverse((WATCHED.T @ WATCHED).astype(np.float64), 7.0), kept)


def dense(rows: SparseRows) -> np.ndarray:
    table = np.zeros((len(rows.columns), len(rows.columns)))
    np.put_along_axis(table, rows.columns.astype(np.intp), rows.weights, axis=1)
    return table


@pytest.mark.parametrize("block", [7, 1000])
@pytest.mark.parametrize("kept", [1, 9, MOVIES - 1])
def test_of_each_row_the_loudest_are_kept_as_they_are(kept: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_ease, "BLOCK", block)
    rows = rows_of(kept)
    assert rows.columns.shape == rows.weights.shape == (MOVIES, kept)
    for movie, (columns, weights) in enumerate(zip(rows.columns, rows.weights, strict=True)):
        loud = np.argsort(-np.abs(DENSE[movie]), kind="stable")
        assert columns.tolist() == sorted(set(loud[:kept].tolist()))
        assert movie not in columns
        assert weights == pytest.approx(DENSE[movie, columns], abs=1e-6)
    assert (rows.weights < 0).any(), "negative ones are among them"


@pytest.mark.parametrize("kept", [MOVIES - 1, MOVIES, 10 * MOVIES])
def test_with_as_many_as_there_are_it_is_dense_ease(kept: int) -> None:
    assert dense(rows_of(kept)) == pytest.approx(DENSE, abs=1e-6)


@pytest.mark.parametrize("movies", [0, 1, 2])
def test_of_hardly_any_movie_there_is_hardly_anything(movies: int) -> None:
    gram = (WATCHED.T @ WATCHED)[:movies, :movies].astype(np.float32)
    rows = loudest(regularized_inverse(gram, 7.0))
    assert rows.columns.shape == rows.weights.shape == (movies, max(movies - 1, 0))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_inverse_is_whole_and_symmetric(kind: type) -> None:
    gram = (WATCHED.T @ WATCHED).astype(kind)
    expected = np.linalg.inv(gram.astype(np.float64) + 7.0 * np.eye(MOVIES))
    inverse = regularized_inverse(gram, 7.0)
    assert inverse.dtype == kind
    assert np.array_equal(inverse, inverse.T)
    assert inverse == pytest.approx(expected, abs=1e-6)
