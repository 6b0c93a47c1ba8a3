"""Settings of one training by alternating least squares, and the defaults that were found to be good.

Evidence of a rating: Hu, Koren & Volinsky, «Collaborative Filtering for Implicit Feedback Datasets», ICDM 2008, with
stars in place of counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.models.least_squares import Floats

NOTHING = 2.0  # stars that say nothing about liking
WATCHED = 0.1  # evidence of a low rating, in stars above the 2 that say nothing
SHRINKAGE = 5.0  # ratings, of the biases of users and of items; tuned with STARS


@dataclass(frozen=True)
class Settings:
    """The settings of one training.

    `regularization` is multiplied by the number of ratings of the user or movie (ALS-WR, Zhou et al. 2008), `alpha` is
    confidence per unit of evidence (implicit only), `blocks` fixes the random start, so it must not follow the cluster.
    """

    rank: int
    regularization: float
    alpha: float
    iterations: int
    blocks: int


# Tuned on ml-latest-small, on a validation split of its training part alone: see docs/jobs/train_als.md.
RANKING = Settings(rank=64, regularization=0.2, alpha=1.5, iterations=15, blocks=4)
STARS = Settings(rank=32, regularization=0.15, alpha=1.0, iterations=12, blocks=4)
MANY = 3_000_000  # ratings from which more blocks keep tasks small; an iteration takes a minute at ten times as many
FEWER_ITERATIONS = 10  # changes after these are below a thousandth of nDCG


def settings_for(tuned: Settings, ratings: int, **given: Any) -> Settings:
    """`tuned` for a number of training ratings, with what the user gave (not None) in place of it."""
    by_size = tuned if ratings < MANY else replace(tuned, iterations=FEWER_ITERATIONS, blocks=16)
    return with_given(by_size, **given)


def with_given(settings: Settings, **given: Any) -> Settings:
    """The settings with the values given, where they are not None."""
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def preference(stars: NDArray[np.floating], alpha: float) -> tuple[Floats, Floats]:
    """`quadratic` and `linear` of ratings in stars, for a preference of 1 whose confidence is 1 + alpha · evidence."""
    said = (alpha * np.maximum(stars - NOTHING, WATCHED)).astype(np.float32)
    return said, said + np.float32(1.0)
