"""Settings of one training by alternating least squares, and the defaults that were found to be good."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.models.least_squares import Floats
from domain.serving.fold_in import evidence

Part = TypeVar("Part", bound="Settings | Ease | Blend | Neighbours")
Parts = dict[str, dict[str, Any]]  # values by name, by part: a part is a field of ModelSettings

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


@dataclass(frozen=True)
class Ease:
    """Settings of EASE: λ, as in item_models.ease."""

    regularization: float = 300.0


@dataclass(frozen=True)
class Blend:
    """Settings of the blend that ranks: the weights of EASE and of «most popular»; implicit ALS has the rest."""

    ease_weight: float = 0.4
    popular_weight: float = 0.0

    @property
    def als_weight(self) -> float:
        """The weight of implicit ALS."""
        return 1.0 - (self.ease_weight + self.popular_weight)  # so 0.8 and 0.2 leave nothing at all


@dataclass(frozen=True)
class Neighbours:
    """Settings of the neighbourhood models: the ratings that count, and what `similarities` and `from_neighbours` take.

    Tuned in the blend on ml-latest-small and its dense part, on validation parts: RMSE .8406 and .8215, with shrinkage
    60 and damping 0.5 .8422 and .8231; 60 neighbours are no better.
    """

    count: int = 20
    shrinkage: float = 200.0
    damping: float = 1.0


@dataclass(frozen=True)
class ModelSettings:
    """`ranking` is of implicit ALS, `stars` of explicit ALS on residuals of biases."""

    ranking: Settings
    stars: Settings
    ease: Ease
    blend: Blend
    neighbours: Neighbours

    def with_parts(self, given: Parts) -> ModelSettings:
        """These settings, but with the values that are given; None is no value."""
        changed = {part: with_given(getattr(self, part), **values) for part, values in given.items()}
        return replace(self, **changed)

    def as_parts(self) -> Parts:
        """All values, for a file or a report."""
        return asdict(self)


# Tuned on ml-latest-small, on a validation split of its training part alone: see docs/jobs/train_als.md.
RANKING = Settings(rank=64, regularization=0.2, alpha=1.5, iterations=15, blocks=4)
STARS = Settings(rank=32, regularization=0.15, alpha=1.0, iterations=12, blocks=4)
MANY = 3_000_000  # ratings from which more blocks keep tasks small; an iteration takes a minute at ten times as many
FEWER_ITERATIONS = 10  # changes after these are below a thousandth of nDCG
# Of users with few ratings there is little to learn: fewer factors, more regularization, and popularity counts.
# Validation parts of six sets with 8 to 20 ratings a user: docs/results/evaluation.md, «One set of settings».
FEW = 20  # ratings a user
RANKING_OF_FEW = Settings(rank=32, regularization=2.0, alpha=4.0, iterations=15, blocks=4)
BLEND_OF_FEW = Blend(ease_weight=0.4, popular_weight=0.4)


def defaults_for(ratings: int, users: int) -> ModelSettings:
    """Settings that suit so many training ratings of so many users."""
    few = ratings < FEW * users
    ranking = settings_for(RANKING_OF_FEW if few else RANKING, ratings)
    return ModelSettings(ranking, settings_for(STARS, ratings), Ease(), BLEND_OF_FEW if few else Blend(), Neighbours())


def settings_for(tuned: Settings, ratings: int, **given: Any) -> Settings:
    """`tuned` for a number of training ratings, with what the user gave (not None) in place of it."""
    by_size = tuned if ratings < MANY else replace(tuned, iterations=FEWER_ITERATIONS, blocks=16)
    return with_given(by_size, **given)


def with_given(settings: Part, **given: Any) -> Part:
    """The settings with the values given, where they are not None."""
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def preference(stars: NDArray[np.floating], alpha: float) -> tuple[Floats, Floats]:
    """`quadratic` and `linear` of ratings in stars, for a preference of 1 whose confidence is 1 + alpha · evidence."""
    said = (alpha * evidence(stars)).astype(np.float32)
    return said, said + np.float32(1.0)
