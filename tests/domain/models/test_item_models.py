"""EASE and item-kNN against NumPy written down from the papers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from domain.evaluation.exposure import NONE
from domain.models import item_models
from domain.models.item_models import best_similar, ease, item_knn, watched


@pytest.fixture(params=[7, 1000], ids=["many blocks", "one block"])
def history(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> csr_matrix:
    """50 users × 30 movies, of which one was rated by nobody."""
    monkeypatch.setattr(item_models, "BLOCK", request.param)
    dense = np.random.default_rng(2).random((50, 30)) < 0.2
    dense[:, 4] = False
    return csr_matrix(dense.astype(np.float32))


def test_ease_equals_the_closed_form(history: csr_matrix) -> None:
    dense = history.toarray().astype(np.float64)
    inverse = np.linalg.inv(dense.T @ dense + 3.0 * np.eye(30))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0.0)
    assert np.abs(ease(history, 3.0) - expected).max() < 1e-6


def test_item_knn_keeps_the_nearest_by_cosine(history: csr_matrix) -> None:
    dense = history.toarray().astype(np.float64)
    lengths = np.maximum(np.sqrt((dense**2).sum(axis=0)), 1.0)
    cosines = (dense.T @ dense) / np.outer(lengths, lengths)
    np.fill_diagonal(cosines, 0.0)
    found = item_knn(history, 4).toarray()
    for movie in range(30):
        highest = np.sort(cosines[:, movie])[::-1][:4]
        assert np.sort(found[:, movie])[::-1][:4] == pytest.approx(highest, abs=1e-6)
        assert (found[:, movie] > 0).sum() == (highest > 0).sum()
        kept = found[:, movie] > 0
        assert found[kept, movie] == pytest.approx(cosines[kept, movie], abs=1e-6)


@pytest.mark.parametrize("fit", [lambda history: ease(history, 3.0), lambda history: item_knn(history, 5)])
def test_lists_are_the_best_unseen_movies_in_order(history: csr_matrix, fit: object) -> None:
    similar = fit(history)  # type: ignore[operator]
    scores = np.asarray(history @ similar) if isinstance(similar, np.ndarray) else (history @ similar).toarray()
    lists = best_similar(history, similar, 6)
    for user, own in enumerate(lists):
        seen = set(history[user].indices)
        unseen = sorted(set(range(30)) - seen, key=lambda movie: (-scores[user, movie], movie))
        assert own.tolist() == unseen[:6]


def test_without_a_history_there_is_no_list_and_a_short_one_ends_with_none() -> None:
    history = watched(csr_matrix([[0.0, 0.0, 0.0, 0.0], [0.5, 3.0, 5.0, 0.0]]))
    lists = best_similar(history, np.ones((4, 4), np.float32), 3)
    assert lists.tolist() == [[NONE, NONE, NONE], [3, NONE, NONE]]
