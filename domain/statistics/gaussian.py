"""Log densities of a Gaussian whose features are independent, or that has a full covariance.

With independent features p(x) = Π N(xⱼ; μⱼ, σⱼ²); with a full covariance Σ the log density is
-½ (d ln 2π + ln det Σ + (x - μ)ᵀ Σ⁻¹ (x - μ)). Both are computed as -½ (d ln 2π + 2 Σ ln sⱼ - 2 ln |W| + |W z|²) with
z = (x - μ) / s and W the inverse of the Cholesky factor of the correlation matrix, which is I for independent features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.statistics.moments import Matrix, Vector

RIDGES = (0.0, 1e-12, 1e-10, 1e-8, 1e-6)  # on the correlations' diagonal, the first that makes them positive definite


@dataclass(frozen=True)
class Gaussian:
    """`origin`, `mean` (from the origin), `scale` (standard deviations), all d; `whitener` W, d × d, lower triangle."""

    origin: Vector
    mean: Vector
    scale: Vector
    whitener: Matrix
    ridge: float

    def standardized(self, rows: Matrix) -> Matrix:
        """z of rows × d values: standard deviations from the mean."""
        return np.asarray((rows - self.origin - self.mean) / self.scale)

    def log_density(self, rows: Matrix) -> Vector:
        """ln p of each of rows × d values."""
        whitened = self.standardized(rows) @ self.whitener.T
        log_determinant = 2 * np.log(self.scale).sum() - 2 * np.log(np.diag(self.whitener)).sum()
        constant = len(self.mean) * np.log(2 * np.pi) + log_determinant
        return np.asarray(-0.5 * (constant + np.einsum("ij,ij->i", whitened, whitened)))

    def contributions(self, rows: Matrix) -> Matrix:
        """The part of each feature in the squared distance zᵀ R⁻¹ z: zⱼ (R⁻¹ z)ⱼ; a negative one speaks for the row."""
        z = self.standardized(rows)
        return np.asarray(z * (z @ self.whitener.T @ self.whitener))

    def marginal(self, features: Sequence[int]) -> Gaussian:
        """The distribution of some of the features."""
        chosen = list(features)
        factor = np.linalg.inv(self.whitener)
        correlations = (factor @ factor.T)[np.ix_(chosen, chosen)]
        whitener = np.linalg.inv(np.linalg.cholesky(correlations))
        parts = (self.origin[chosen], self.mean[chosen], self.scale[chosen])
        return Gaussian(*parts, np.asarray(whitener, dtype=np.float64), self.ridge)

    def as_json(self) -> dict[str, Any]:
        """The fields as lists; numbers survive JSON to the last bit."""
        return {name: np.asarray(value).tolist() for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Gaussian:
        """The Gaussian of which `as_json` made these fields."""
        vectors = {name: np.asarray(fields[name], dtype=float) for name in ("origin", "mean", "scale", "whitener")}
        return cls(**vectors, ridge=float(fields["ridge"]))


def fit(origin: Vector, mean: Vector, covariance: Matrix, *, full: bool) -> Gaussian:
    """The Gaussian of a mean (from the origin) and a covariance, of which `full` uses more than the diagonal.

    Raises:
        ValueError: a feature has no spread, or the correlations are not those of any data.
    """
    scale = np.sqrt(np.diag(covariance))
    if not (scale > 0).all():
        raise ValueError("a feature has the same value in all rows")
    if not full:
        return Gaussian(origin, mean, scale, np.eye(len(mean)), 0.0)
    correlations = covariance / np.outer(scale, scale)
    for ridge in RIDGES:
        try:
            factor = np.linalg.cholesky(correlations + ridge * np.eye(len(mean)))
        except np.linalg.LinAlgError:
            continue
        return Gaussian(origin, mean, scale, np.linalg.inv(factor), ridge)
    raise ValueError("the covariance is not positive definite")


def constant_features(covariance: Matrix, count: int) -> NDArray[np.bool_]:
    """Whether each feature has no spread; `count` rows were seen."""
    return np.asarray((np.diag(covariance) <= 0) | (count < 2))
