"""Settings of all models: defaults by the size of the data, then a file that `tune` wrote, then flags."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from domain.models.settings import RANKING, STARS, Settings, settings_for
from domain.models.star_blend import Neighbours
from spark_jobs.storage.errors import JobError

Parts = dict[str, dict[str, Any]]  # values by name, by part: a part is a field of ModelSettings

# Few factors and strong regularization where small data are dense: with 50 ratings a movie, of 600 to 1000 users, more
# factors learn the sample. Tuned on validation parts of the 1286 movies of ml-latest-small with 20 ratings or more: the
# middle of a flat top from rank 16 to 24, λ .35 to .45, α 1 to 1.5 (nDCG@10 .232 to .237, at rank 64 and λ .2 .21).
SMALL, DENSE = 300_000, 30  # ratings at most, ratings a movie at least
RANKING_OF_DENSE = replace(RANKING, rank=20, regularization=0.4, alpha=1.2)
# With more ratings a user and a movie less regularization is needed. Seen on generated ratings of the size of ML-1M
# only (RMSE of explicit ALS .879, with λ .15 .916, .06 .880), so better tuned on real data of that size.
LARGE = 500_000  # ratings from which
STARS_OF_LARGE = replace(STARS, regularization=0.1)


@dataclass(frozen=True)
class Ease:
    """Settings of EASE: λ, as in item_models.ease."""

    regularization: float = 500.0


@dataclass(frozen=True)
class Blend:
    """Settings of the blend that ranks: the weight of EASE; implicit ALS has the rest."""

    ease_weight: float = 0.5


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
        changed = {
            part: replace(getattr(self, part), **{name: value for name, value in values.items() if value is not None})
            for part, values in given.items()
        }
        return replace(self, **changed)

    def as_parts(self) -> Parts:
        """All values, for a file or a report."""
        return asdict(self)


def defaults_for(ratings: int, movies: int) -> ModelSettings:
    """Settings that suit so many training ratings of so many movies."""
    dense = ratings <= SMALL and ratings >= DENSE * movies
    ranking = settings_for(RANKING_OF_DENSE if dense else RANKING, ratings)
    stars = settings_for(STARS if ratings < LARGE else STARS_OF_LARGE, ratings)
    return ModelSettings(ranking, stars, Ease(), Blend(), Neighbours())


@dataclass(frozen=True)
class Tuned:
    """The settings in a file that `tune` wrote, and what it says of how they were found."""

    parts: Parts
    about: dict[str, Any]


def read_tuned(path: Path | None) -> Tuned:
    """The settings in a file that `tune` wrote; without a file none.

    Raises:
        JobError: it is missing, or is not such a file.
    """
    if path is None:
        return Tuned({}, {})
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        parts = dict(about.pop("settings"))
        defaults_for(1, 1).with_parts(parts)
    except FileNotFoundError as error:
        raise JobError(f"{path}: no such file. `make tune` writes one and prints its name.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JobError(f"{path} holds no settings of `make tune` ({error}): name the file that it wrote.") from error
    return Tuned(parts, about)
