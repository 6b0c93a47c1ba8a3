"""Conjugate gradients against NumPy's own solver."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.models.least_squares import gramian, solve_rows

RANK, ROWS, OTHERS = 8, 30, 40


class Problem:
    """Random ratings of ROWS rows, the third of them without any."""

    def __init__(self, seed: int, implicit: bool) -> None:
        draw = np.random.default_rng(seed)
        counts = draw.integers(1, OTHERS, ROWS)
        counts[2] = 0
        self.offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.columns = np.concatenate([draw.permutation(OTHERS)[:n] for n in counts]).astype(np.int32)
        values = draw.random(len(self.columns)).astype(np.float32)
        self.quadratic = values if implicit else np.ones_like(values)
        self.linear = 1 + values if implicit else values
        self.others = draw.normal(size=(OTHERS, RANK)).astype(np.float32)
        self.gramian = (gramian(self.others) * implicit).astype(np.float32)
        self.regularization = (0.1 * counts).astype(np.float32)

    def solved(self, steps: int, rows: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        rows = np.zeros((ROWS, RANK), np.float32) if rows is None else rows.copy()
        ratings = self.offsets, self.columns, self.quadratic, self.linear
        solve_rows(*ratings, self.others, self.gramian, self.regularization, rows, steps)
        return rows

    def exact(self, row: int) -> NDArray[np.float64]:
        own = slice(self.offsets[row], self.offsets[row + 1])
        known = self.others[self.columns[own]].astype(float)
        normal = self.gramian + self.regularization[row] * np.eye(RANK) + (known.T * self.quadratic[own]) @ known
        return np.linalg.solve(normal, known.T @ self.linear[own])


@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "explicit"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_as_many_steps_as_factors_solve_the_normal_equations(seed: int, implicit: bool) -> None:
    problem = Problem(seed, implicit)
    rows = problem.solved(2 * RANK)
    for row in set(range(ROWS)) - {2}:
        np.testing.assert_allclose(rows[row], problem.exact(row), rtol=2e-3, atol=2e-4)


def test_a_row_without_ratings_is_zero_whatever_it_was() -> None:
    problem = Problem(1, implicit=True)
    assert not problem.solved(3, np.ones((ROWS, RANK), np.float32))[2].any()


def test_every_step_brings_the_rows_nearer_from_a_warm_start_too() -> None:
    problem = Problem(4, implicit=True)
    exact = np.array([problem.exact(row) for row in range(ROWS) if row != 2])
    far = [np.abs(np.delete(problem.solved(steps), 2, axis=0) - exact).max() for steps in range(RANK)]
    assert far == sorted(far, reverse=True)
    warm = np.delete(problem.solved(3, problem.solved(3)), 2, axis=0)
    assert np.abs(warm - exact).max() < far[3]


def test_the_gramian_of_parts_adds_up() -> None:
    rows = np.random.default_rng(5).normal(size=(50, RANK)).astype(np.float32)
    np.testing.assert_allclose(gramian(rows[:20]) + gramian(rows[20:]), gramian(rows), rtol=1e-12)
