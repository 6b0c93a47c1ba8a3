"""Small random models, as compiled code and as the site has them: for tests that hold the two together."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.models.blended_lists import Histories, RankingModel
from domain.models.settings import SHRINKAGE, Blend, Settings
from domain.models.sparse_ease import loudest
from domain.stars.neighbours import Near, NearSettings, Weights
from domain.stars.published import StarModel

MOVIES, RANK, KEPT = 80, 6, 12
ALL, SOME = np.arange(MOVIES), np.arange(MOVIES)[np.arange(MOVIES) % 3 > 0]
HEADS = {"all": ALL, "some": SOME, "one": ALL[7:8], "none": ALL[:0]}
BLENDS = [Blend(0.0, 0.0), Blend(1.0, 0.0), Blend(0.0, 1.0), Blend(0.4, 0.0), Blend(0.4, 0.4), Blend(0.8, 0.2)]
ALS = Settings(rank=RANK, regularization=0.2, alpha=1.5, iterations=1, blocks=1)
STAR_ALS = Settings(rank=RANK, regularization=0.1, alpha=1.0, iterations=1, blocks=1)
MEAN, SCALE = 3.4, (0.5, 5.0, 0.5)
RNG = np.random.default_rng(5)
FACTORS = RNG.normal(0.3, 1.0, (MOVIES, RANK)).astype(np.float32)
STAR_FACTORS = RNG.normal(0.0, 0.4, (MOVIES, RANK)).astype(np.float32)
STAR_BIASES = RNG.normal(0.0, 0.5, MOVIES).astype(np.float32)
RATERS = RNG.integers(1, 40, MOVIES).astype(np.float64)
SIMILAR = RNG.random((MOVIES, MOVIES)).astype(np.float32)


def ranking_model(head: NDArray[np.intp], blend: Blend) -> RankingModel:
    """A model of random factors, whose head knows EASE of random watchers."""
    watched = (np.random.default_rng(11).random((90, MOVIES)) < 0.3)[:, head].astype(np.float64)
    rows = loudest(np.linalg.inv(watched.T @ watched + 5.0 * np.eye(len(head))), KEPT)
    return RankingModel(FACTORS, RATERS, head, rows.columns, rows.weights, blend)


def star_model(head: NDArray[np.intp]) -> StarModel:
    """A model whose movies of the head have random neighbours, some of them none."""
    counts = np.arange(len(head)) % 9
    counts[counts >= max(len(head), 1)] = 0
    order = [np.argsort(-SIMILAR[movie, : len(head)])[:count] for movie, count in zip(head, counts, strict=True)]
    positions = np.concatenate([*order, np.zeros(0, np.int64)]).astype(np.int32)
    similar = SIMILAR[np.repeat(head, counts), positions].astype(np.float32)
    near = Near(np.append(0, np.cumsum(counts)).astype(np.int64), positions, similar)
    return StarModel(MEAN, STAR_BIASES, STAR_FACTORS, head, near, NearSettings(count=3))


def published_arrays(ranking: RankingModel, stars: StarModel) -> dict[str, NDArray[Any]]:
    """The arrays that are published of the two."""
    return {
        "ids": np.arange(MOVIES, dtype=np.int32) * 10 + 1,
        **{name: getattr(ranking, name) for name in ("factors", "head", "columns", "weights")},
        "raters": ranking.raters.astype(np.float32),
        "star_biases": stars.biases,
        "star_factors": stars.factors,
        "near_offsets": stars.near.offsets,
        "near_positions": stars.near.positions,
        "near_similar": stars.near.similar,
    }


def published_settings(ranking: RankingModel, stars: StarModel) -> dict[str, Any]:
    """The settings that are published with them."""
    return {
        "ranking": asdict(ALS),
        "stars": asdict(STAR_ALS),
        "blend": asdict(ranking.blend),
        "mean_rating": stars.mean,
        "scale": list(SCALE),
        "near": asdict(stars.settings),
        "star_weights": asdict(Weights()),
        "bias_shrinkage": SHRINKAGE,
    }


def history(seed: int, most: int = MOVIES - 5) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Positions of rated movies, rising, and their stars: at least one."""
    rng = np.random.default_rng(seed)
    rated = np.sort(rng.choice(MOVIES, size=int(rng.integers(1, most)), replace=False))
    return rated, rng.integers(1, 11, len(rated)).astype(np.float32) / 2


def of_one(rated: NDArray[np.intp]) -> Histories:
    """The history of one user as compiled code takes it."""
    return Histories(np.array([0, len(rated)]), rated)
