"""Lists of the blend against dense z-scores written down once more, one user at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from domain.models.blended_lists import Histories, Lists, RankingModel
from domain.models.largest_products import NOTHING
from domain.models.settings import Blend
from domain.models.sparse_ease import loudest

MOVIES, USERS, RANK = 60, 25, 5
ALL, SOME = np.arange(MOVIES), np.arange(MOVIES)[np.arange(MOVIES) % 3 > 0]
HEADS = {"all": ALL, "some": SOME, "one": ALL[7:8], "none": ALL[:0]}
BLENDS = [Blend(0.0, 0.0), Blend(1.0, 0.0), Blend(0.0, 1.0), Blend(0.4, 0.0), Blend(0.4, 0.4), Blend(0.8, 0.2)]
RNG = np.random.default_rng(7)
FACTORS = RNG.normal(0.3, 1.0, (MOVIES, RANK)).astype(np.float32)
OF_USERS = RNG.normal(0.3, 1.0, (USERS, RANK)).astype(np.float32)
RATERS = RNG.integers(1, 40, MOVIES).astype(np.float64)
RATED = [np.sort(RNG.choice(MOVIES, size=2 * user, replace=False)) for user in range(USERS)]


def model_of(head: np.ndarray, blend: Blend, kept: int = 9) -> RankingModel:
    """A model of random factors, whose head knows EASE of random watchers."""
    watched = (RNG_OF_EASE.random((90, MOVIES)) < 0.3)[:, head].astype(np.float64)
    rows = loudest(np.linalg.inv(watched.T @ watched + 5.0 * np.eye(len(head))), kept)
    return RankingModel(FACTORS, RATERS, head, rows.columns, rows.weights, blend)


RNG_OF_EASE = np.random.default_rng(11)


def histories(rated: Sequence[np.ndarray]) -> Histories:
    """What so many users rated."""
    offsets = np.append(0, np.cumsum([len(own) for own in rated])).astype(np.int64)
    return Histories(offsets, np.concatenate([*rated, np.zeros(0, np.intp)]).astype(np.intp))


def z(scores: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    spread = scores[unseen].std() if unseen.any() else 0.0
    return (scores - scores[unseen].mean()) / spread if spread > 1e-9 else np.zeros(len(scores))


def naive(model: RankingModel, user: np.ndarray, own: np.ndarray) -> np.ndarray:
    """The scores of all movies for one user; what is rated has -inf."""
    unseen = np.ones(MOVIES, bool)
    unseen[own] = False
    als = model.factors.astype(np.float64) @ user
    ease = np.zeros((len(model.head), len(model.head)))
    np.put_along_axis(ease, model.columns.astype(np.intp), model.weights, axis=1)
    said = ease[np.isin(model.head, own)].sum(axis=0)
    by_ease = z(als, unseen)
    heard = z(said, unseen[model.head])
    blend = model.blend
    silent = not heard.any()
    if not silent:
        by_ease[model.head] = heard
    if blend.popular_weight == 0.0 and (blend.ease_weight == 0.0 or silent):
        scores = als  # one model alone: its scores as they are
    else:
        scores = blend.als_weight * z(als, unseen) + blend.ease_weight * by_ease
        scores = scores + blend.popular_weight * z(model.raters, unseen)
    return np.where(unseen, scores, -np.inf)


def check(model: RankingModel, found: Lists, users: np.ndarray, rated: Sequence[np.ndarray], n: int) -> None:
    for user, own, positions, scores in zip(users, rated, found.positions, found.scores, strict=True):
        expected = naive(model, user, own)
        best = np.argsort(-expected, kind="stable")[: min(n, MOVIES - len(own))]
        assert positions[: len(best)].tolist() == best.tolist()
        assert scores[: len(best)] == pytest.approx(expected[best], abs=1e-5)
        assert (scores[len(best) :] == NOTHING).all()


@pytest.mark.parametrize("n", [5, MOVIES + 3])
@pytest.mark.parametrize("blend", BLENDS, ids=str)
@pytest.mark.parametrize("head", HEADS)
def test_lists_are_the_best_by_dense_z_scores(head: str, blend: Blend, n: int) -> None:
    model = model_of(HEADS[head], blend)
    check(model, model.lists(OF_USERS, histories(RATED), n), OF_USERS, RATED, n)


def taken(rated: Sequence[np.ndarray], users: np.ndarray, batch: np.ndarray) -> tuple[np.ndarray, Histories]:
    return users[batch], histories([rated[user] for user in batch])


@pytest.mark.parametrize("head", HEADS)
def test_lists_are_the_same_bit_by_bit_however_users_are_cut_into_batches(head: str) -> None:
    model = model_of(HEADS[head], Blend(0.4, 0.2))
    whole = model.lists(OF_USERS, histories(RATED), 12)
    order = np.random.default_rng(1).permutation(USERS)
    for parts in (1, 4, USERS):
        for batch in np.array_split(order, parts):
            some = model.lists(*taken(RATED, OF_USERS, batch), 12)
            for ours, theirs in zip(
                (some.positions, some.scores, some.loudness),
                (whole.positions, whole.scores, whole.loudness),
                strict=True,
            ):
                assert np.array_equal(ours, theirs[batch])


@pytest.mark.parametrize("noise", [0.0, 3e-7])
@pytest.mark.parametrize("head", [ALL, np.arange(0, MOVIES, 20)], ids=["head", "tail"])
def test_movies_alike_are_in_the_order_of_their_sums_in_any_company(head: np.ndarray, noise: float) -> None:
    """What one user alone rated has nearly the factors of all that they rated: hundreds of scores almost equal."""
    random = np.random.default_rng(3)
    factors = FACTORS[5] * (1.0 + noise * random.normal(size=(MOVIES, RANK)))
    model = replace(model_of(head, Blend(0.0, 0.0)), factors=factors.astype(np.float32))
    users = np.repeat(OF_USERS[:1], 40, axis=0)
    rated = [np.array([user]) for user in range(40)]
    whole = model.lists(users, histories(rated), 10)
    for user, own in enumerate(rated):
        alone = model.lists(users[:1], histories([own]), 10)
        assert np.array_equal(alone.positions[0], whole.positions[user])
        sums = np.zeros(MOVIES, np.float32)
        for f in range(RANK):
            sums += users[0, f] * model.factors[:, f]
        sums[own] = -np.inf
        assert alone.positions[0].tolist() == np.argsort(-sums, kind="stable")[:10].tolist()
