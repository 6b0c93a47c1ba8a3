"""Laws of blending rankings by z-scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from domain.evaluation.exposure import NONE
from domain.models.blend import best_blended, blended, by_factors, by_similarity, z_scores

RANDOM = np.random.default_rng(3)
STARS = csr_matrix(np.where(RANDOM.random((12, 20)) < 0.4, RANDOM.integers(1, 11, (12, 20)) / 2, 0.0), dtype=np.float32)
ROWS = np.arange(12)
LEFT, RIGHT = RANDOM.normal(size=(2, 12, 20))


def rated() -> np.ndarray:
    return STARS.toarray() > 0


@given(st.floats(0.01, 100.0), st.floats(-100.0, 100.0))
def test_z_scores_ignore_scale_and_shift(scale: float, shift: float) -> None:
    assert z_scores(LEFT * scale + shift, rated()) == pytest.approx(z_scores(LEFT, rated()), abs=1e-9)


def test_z_scores_are_those_of_the_candidates_alone() -> None:
    scores = z_scores(LEFT, rated())
    for row, own in enumerate(rated()):
        assert scores[row, ~own].mean() == pytest.approx(0.0, abs=1e-12)
        assert scores[row, ~own].std() == pytest.approx(1.0)
    other = np.where(rated(), 1e6, LEFT)
    assert z_scores(other, rated())[~rated()] == pytest.approx(scores[~rated()])


def test_a_user_to_whom_all_movies_are_alike_has_no_taste() -> None:
    assert not z_scores(np.full((12, 20), 0.1), rated()).any()


def test_a_model_with_all_the_weight_is_the_blend() -> None:
    parts = [(lambda rows: LEFT[rows], 1.0), (lambda rows: RIGHT[rows], 0.0)]
    assert np.array_equal(blended(parts, ROWS, rated()), LEFT)
    alone = best_blended(parts[:1], STARS, ROWS, 7)
    assert np.array_equal(best_blended(parts, STARS, ROWS, 7), alone)
    assert not np.array_equal(best_blended([parts[0], (parts[1][0], 1.0)], STARS, ROWS, 7), alone)


def test_lists_hold_the_best_unrated_movies_and_end_with_them() -> None:
    lists = best_blended([(lambda rows: LEFT[rows], 1.0)], STARS, ROWS, 20)
    for own, scores, row in zip(rated(), LEFT, lists, strict=True):
        candidates = np.flatnonzero(~own)
        assert row[: len(candidates)].tolist() == sorted(candidates, key=lambda movie: -scores[movie])
        assert (row[len(candidates) :] == NONE).all()


def test_strangers_and_users_without_ratings_have_no_list() -> None:
    empty = csr_matrix((12, 20), dtype=np.float32)
    assert (best_blended([(lambda rows: LEFT[rows], 1.0)], empty, ROWS, 3) == NONE).all()
    assert (best_blended([(lambda rows: LEFT[rows], 1.0)], STARS, np.array([-1]), 3) == NONE).all()


def test_scorers_are_products() -> None:
    similar = RANDOM.normal(size=(20, 20)).astype(np.float32)
    assert by_similarity(STARS, similar)(ROWS[3:5]) == pytest.approx(STARS.toarray()[3:5] @ similar, rel=1e-5)
    assert by_factors(LEFT, RIGHT[:, :20])(ROWS[3:5]) == pytest.approx(LEFT[3:5] @ RIGHT.T)
