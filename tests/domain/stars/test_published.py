"""Published stars, added up by hand: biases, weighted ALS and neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from domain.models.blended_lists import Histories
from domain.stars.neighbours import UNKNOWN, Near, NearSettings, Weights, nearest
from domain.stars.published import StarModel, StarUsers

USERS, MOVIES, RANK = 9, 14, 3
RNG = np.random.default_rng(4)
HEAD = np.array([1, 3, 4, 6, 7, 8, 11, 13])
RATED = RNG.random((USERS, MOVIES)) < 0.5
RATED[0] = False
STARS = np.where(RATED, RNG.integers(1, 11, RATED.shape) / 2, 0.0)
SETTINGS, WEIGHTS = NearSettings(kept=5, count=3, shrinkage=2.0, damping=0.3), Weights(als=0.7, doubt=4.0)
EVERY = np.tile(np.arange(MOVIES), (USERS, 1))


def near() -> Near:
    """Neighbours of the head by places within it."""
    products = RNG.normal(0.5, 1.0, (len(HEAD), len(HEAD))).astype(np.float32)
    common = RNG.integers(1, 9, products.shape).astype(np.float32)
    return nearest(common, products, np.full(len(HEAD), 4.0), 0, SETTINGS)


MODEL = StarModel(
    mean=3.6,
    biases=RNG.normal(0, 0.4, MOVIES).astype(np.float32),
    factors=RNG.normal(0, 0.5, (MOVIES, RANK)).astype(np.float32),
    head=HEAD,
    near=near(),
    settings=SETTINGS,
    weights=WEIGHTS,
)


def users_of(rows: np.ndarray) -> StarUsers:
    draw = np.random.default_rng(6)
    biases, factors = draw.normal(0, 0.3, USERS), draw.normal(0, 0.5, (USERS, RANK))
    rated = [np.flatnonzero(RATED[user]) for user in rows]
    return StarUsers(
        biases[rows].astype(np.float32),
        factors[rows].astype(np.float32),
        Histories(np.append(0, np.cumsum([len(own) for own in rated])).astype(np.int64), np.concatenate(rated)),
        STARS[rows][RATED[rows]].astype(np.float32),
    )


EVERYONE = users_of(np.arange(USERS))


def by_hand(user: int, movie: int) -> float:
    base = MODEL.mean + EVERYONE.biases[user] + MODEL.biases[movie]
    rated = RATED[user].sum()
    als = WEIGHTS.als * rated / (rated + WEIGHTS.doubt) * (EVERYONE.factors[user] @ MODEL.factors[movie])
    total, weight, spoke = 0.0, SETTINGS.damping, 0
    if movie in HEAD:
        place = np.searchsorted(HEAD, movie)
        for k in range(MODEL.near.offsets[place], MODEL.near.offsets[place + 1]):
            other = HEAD[MODEL.near.positions[k]]
            if RATED[user, other] and spoke < SETTINGS.count:
                left = STARS[user, other] - MODEL.mean - EVERYONE.biases[user] - MODEL.biases[other]
                total, weight, spoke = total + MODEL.near.similar[k] * left, weight + MODEL.near.similar[k], spoke + 1
    return float(base + als + WEIGHTS.neighbours * total / weight)


def test_stars_are_biases_and_what_als_and_neighbours_add() -> None:
    found = MODEL.predict(EVERYONE, EVERY)
    expected = np.array([[by_hand(user, movie) for movie in range(MOVIES)] for user in range(USERS)])
    assert found == pytest.approx(expected, abs=1e-5)
    plain = MODEL.mean + EVERYONE.biases[:, np.newaxis] + MODEL.biases
    assert (np.abs(found - plain)[1:] > 0.01).mean() > 0.5, "both add something"


def test_unknown_movies_are_by_the_users_bias_alone() -> None:
    wanted = EVERY.copy()
    wanted[:, ::2] = UNKNOWN
    found = MODEL.predict(EVERYONE, wanted)
    assert found[:, ::2] == pytest.approx(np.repeat(MODEL.mean + EVERYONE.biases[:, np.newaxis], 7, axis=1))
    assert np.array_equal(found[:, 1::2], MODEL.predict(EVERYONE, EVERY)[:, 1::2])


def test_who_rated_nothing_has_biases_alone() -> None:
    found = MODEL.predict(EVERYONE, EVERY)[0]
    assert found == pytest.approx(MODEL.mean + EVERYONE.biases[0] + MODEL.biases, abs=1e-6)


def test_users_are_apart_and_may_come_in_any_portion() -> None:
    whole = MODEL.predict(EVERYONE, EVERY)
    for rows in np.array_split(np.random.default_rng(1).permutation(USERS), 4):
        assert np.array_equal(MODEL.predict(users_of(rows), EVERY[: len(rows)]), whole[rows])
