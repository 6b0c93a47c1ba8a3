"""Epsilon: exact is the best there is, grid is the course's loop; both where densities underflow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from domain.statistics import thresholds


def labelled(seed: int, rows: int = 200, spread: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    outlier = random.random(rows) < 0.1
    outlier[0], outlier[1] = True, False
    return np.round(random.normal(-5.0 * outlier, spread, rows), 2), outlier


def course_loop(density: np.ndarray, outlier: np.ndarray) -> tuple[float, float]:
    """select_threshold of the course, word for word."""
    best_epsilon, best_f1 = 0.0, 0.0
    for epsilon in np.arange(min(density), max(density), (max(density) - min(density)) / 1000):
        predictions = density < epsilon
        tp, fp = np.sum(predictions & outlier), np.sum(predictions & ~outlier)
        fn = np.sum(~predictions & outlier)
        if tp:
            precision, recall = tp / (tp + fp), tp / (tp + fn)
            f1 = 2 * precision * recall / (precision + recall)
            if f1 > best_f1:
                best_f1, best_epsilon = f1, epsilon
    return best_epsilon, best_f1


@pytest.mark.parametrize("seed", range(8))
def test_grid_is_the_loop_of_the_course(seed: int) -> None:
    scores, outlier = labelled(seed)
    epsilon, f1 = course_loop(np.exp(scores), outlier)
    found = thresholds.grid(scores, outlier)
    assert found.f1 == pytest.approx(f1, rel=1e-12)
    assert np.exp(found.log_epsilon) == pytest.approx(epsilon, rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_exact_is_the_best_of_all_thresholds(seed: int) -> None:
    scores, outlier = labelled(seed, rows=60)
    candidates = [*np.unique(scores), np.inf]
    best = max(f1_score(outlier, scores < epsilon) for epsilon in candidates)
    found = thresholds.exact(scores, outlier)
    flagged = scores < found.log_epsilon
    assert found.f1 == pytest.approx(best) == pytest.approx(f1_score(outlier, flagged))
    assert found.precision == pytest.approx(precision_score(outlier, flagged))
    assert found.recall == pytest.approx(recall_score(outlier, flagged))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 900.0))
def test_exact_is_never_worse_than_grid(seed: int, spread: float) -> None:
    scores, outlier = labelled(seed, rows=40, spread=spread)
    assert thresholds.exact(scores, outlier).f1 >= thresholds.grid(scores, outlier).f1 - 1e-12


@pytest.mark.parametrize("search", [thresholds.exact, thresholds.grid])
def test_densities_that_underflow_have_the_same_order(search: thresholds.Search) -> None:
    scores, outlier = labelled(1)
    near, far = search(scores, outlier), search(scores - 5000.0, outlier)
    assert far.f1 == near.f1
    assert far.log_epsilon + 5000.0 == pytest.approx(near.log_epsilon, abs=1e-6)


def test_equal_densities_give_no_threshold_that_splits_them() -> None:
    scores, outlier = np.zeros(4), np.array([True, False, False, False])
    assert thresholds.grid(scores, outlier).f1 == 0.0
    assert thresholds.exact(scores, outlier).f1 == pytest.approx(0.4)


@pytest.mark.parametrize("seed", range(4))
def test_auroc_equals_scikit_learn(seed: int) -> None:
    scores, outlier = labelled(seed)
    assert thresholds.auroc(scores, outlier) == pytest.approx(roc_auc_score(outlier, -scores), abs=1e-12)
    assert np.isnan(thresholds.auroc(scores, np.zeros(len(scores), dtype=bool)))
