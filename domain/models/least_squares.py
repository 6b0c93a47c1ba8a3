"""The row problems of alternating least squares, solved by conjugate gradients in compiled code.

A side of the model (all users, or all movies) is a matrix X of factors, one row each; the other side is Y. Row u of X
minimizes, over the ratings i of u,

    sum_i (quadratic_ui (x_u . y_i)^2 - 2 linear_ui (x_u . y_i))  +  x_u' G x_u  +  regularization_u |x_u|^2

Implicit feedback (Hu, Koren & Volinsky 2008) has G = w Y'Y for a weight w of what was not rated, linear = confidence
and quadratic = confidence - w; explicit feedback has G = 0, quadratic = 1 and linear = the rating.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STEPS = 3  # of conjugate gradients: enough from a warm start, as factors move little between iterations (Takacs 2011)
SMALL = 1e-20  # a squared residual below which a row is solved


@numba.njit(nogil=True, fastmath=True, cache=True)
def solve_rows(
    offsets: NDArray[np.int64],
    columns: NDArray[np.int32],
    quadratic: Floats,
    linear: Floats,
    others: Floats,
    gramian: Floats,
    regularization: Floats,
    rows: Floats,
    steps: int,
) -> None:
    """Improve `rows` (n x rank) in place by `steps` steps of conjugate gradients each, from the values they have.

    The ratings of row u are `offsets[u]:offsets[u + 1]` of `columns` (row numbers of `others`, m x rank), `quadratic`
    and `linear`; `gramian` is rank x rank and `regularization` has one value a row. A row without ratings becomes zero.
    """
    rank = others.shape[1]
    residual, direction, image = np.empty(rank, np.float32), np.empty(rank, np.float32), np.empty(rank, np.float32)
    for u in range(len(rows)):
        own = slice(offsets[u], offsets[u + 1])
        ratings = columns[own], quadratic[own], linear[own]
        if len(columns[own]) == 0:
            rows[u] = 0.0
            continue
        _gradient(ratings, others, gramian, regularization[u], rows[u], np.float32(1.0), residual)
        direction[:] = residual
        squared = _dot(residual, residual)
        for _ in range(steps):
            if squared < SMALL:
                break
            _gradient(ratings, others, gramian, regularization[u], direction, np.float32(0.0), image)
            length = -squared / _dot(direction, image)
            rows[u] += length * direction
            residual += length * image
            before, squared = squared, _dot(residual, residual)
            direction[:] = residual + squared / before * direction


@numba.njit(nogil=True, fastmath=True, cache=True)
def _gradient(
    ratings: tuple[NDArray[np.int32], Floats, Floats],
    others: Floats,
    gramian: Floats,
    regularization: np.float32,
    x: Floats,
    with_linear: np.float32,
    out: Floats,
) -> None:
    """out = with_linear * b - A x, for the normal equations A x = b of one row; one pass over its ratings."""
    columns, quadratic, linear = ratings
    out[:] = -regularization * x
    for f in range(len(x)):
        for g in range(len(x)):
            out[g] -= x[f] * gramian[f, g]
    for k in range(len(columns)):
        y = others[columns[k]]
        dot = np.float32(0.0)
        for f in range(len(x)):
            dot += x[f] * y[f]
        weight = with_linear * linear[k] - quadratic[k] * dot
        for f in range(len(x)):
            out[f] += weight * y[f]


@numba.njit(nogil=True, fastmath=True, cache=True)
def _dot(left: Floats, right: Floats) -> np.float32:
    """The dot product; NumPy's library takes another path, and another rounding, by environment and processor."""
    total = np.float32(0.0)
    for f in range(len(left)):
        total += left[f] * right[f]
    return total


def gramian(rows: Floats) -> NDArray[np.float64]:
    """The product rows' rows, rank x rank, summed in double precision so that blocks may be added in any number."""
    wide = rows.astype(np.float64)
    return np.asarray(wide.T @ wide)


def random_start(count: int, rank: int, seed: int) -> Floats:
    """Random factors, count x rank, of about length 1."""
    return np.random.default_rng(seed).normal(scale=rank**-0.5, size=(count, rank)).astype(np.float32)
