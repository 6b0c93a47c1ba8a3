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
    watched = (np.random.default_rng(11).random((90, MOVIES)) < 0.3)[:, head].astype(np.float64)
    rows = loudest(np.linalg.inv(watched.T @ watched + 5.0 * np.eye(len(head))), kept)
    return RankingModel(FACTORS, RATERS, head, rows.columns, rows.weights, blend)


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


@pytest.mark.parametrize("noise", [0.0, 1e-7, 1e-6])
@pytest.mark.parametrize("step", [1, 130], ids=["head", "tail"])
def test_movies_alike_are_in_the_order_of_their_sums_in_any_company(step: int, noise: float) -> None:
    """What one user alone rated has nearly the factors of all that they rated: hundreds of scores almost equal."""
    random = np.random.default_rng(3)
    alike, rank = 400, 64
    factors = random.normal(size=rank) * (1.0 + noise * random.normal(size=(alike, rank)))
    head = np.arange(0, alike, step)
    no_ease = np.zeros((len(head), 0), np.int32), np.zeros((len(head), 0), np.float32)
    model = RankingModel(factors.astype(np.float32), np.ones(alike), head, *no_ease, Blend(0.0, 0.0))
    user = random.normal(size=(1, rank)).astype(np.float32)
    rated = [np.array([own]) for own in range(40)]
    whole = model.lists(np.repeat(user, 40, axis=0), histories(rated), 10)
    sums = np.zeros(alike, np.float32)
    for f in range(rank):
        sums += user[0, f] * model.factors[:, f]
    for row, own in enumerate(rated):
        unseen = np.where(np.arange(alike) == own, -np.inf, sums)
        assert whole.positions[row].tolist() == np.argsort(-unseen, kind="stable")[:10].tolist()
        assert np.array_equal(model.lists(user, histories([own]), 10).positions[0], whole.positions[row])


@pytest.mark.parametrize("blend", BLENDS, ids=str)
@pytest.mark.parametrize("head", HEADS)
def test_of_equal_scores_the_lower_position_is_first(head: str, blend: Blend) -> None:
    """Movies 2 … 5, in the head and beyond it, that neither factors nor raters nor EASE tell apart."""
    factors, raters = FACTORS.copy(), RATERS.copy()
    factors[2:6], raters[2:6] = 3.0 * OF_USERS[1], 100.0
    model = replace(model_of(HEADS[head], blend), factors=factors, raters=raters)
    model = replace(model, weights=np.zeros_like(model.weights))
    found = model.lists(OF_USERS[1:2], histories([np.array([9, 10])]), 10)
    places = np.flatnonzero(np.isin(found.positions[0], np.arange(2, 6)))
    assert found.positions[0, places].tolist() == [2, 3, 4, 5]
    assert np.ptp(places) == 3
    assert len(set(found.scores[0, places])) == 1


@pytest.mark.parametrize("blend", BLENDS, ids=str)
def test_who_rated_only_movies_beyond_the_head_is_served_by_the_others(blend: Blend) -> None:
    model = model_of(SOME, blend)
    rated = [ALL[ALL % 3 == 0][: 3 + user % 9] for user in range(USERS)]
    found = model.lists(OF_USERS, histories(rated), 10)
    check(model, found, OF_USERS, rated, 10)
    without = replace(model, blend=Blend(0.0, blend.popular_weight))
    assert np.array_equal(found.positions, without.lists(OF_USERS, histories(rated), 10).positions)
    assert not found.loudness[:, 1].any()


@pytest.mark.parametrize("left", [0, 1, 2])
@pytest.mark.parametrize("head", HEADS)
def test_who_rated_all_but_a_few_gets_these(head: str, left: int) -> None:
    rated = [np.setdiff1d(ALL, RNG.choice(MOVIES, left, replace=False)) for _ in range(USERS)]
    found = model_of(HEADS[head], Blend(0.4, 0.2)).lists(OF_USERS, histories(rated), 10)
    for own, positions, scores in zip(rated, found.positions, found.scores, strict=True):
        assert set(positions[:left]) == set(ALL) - set(own)
        assert np.abs(scores[:left]).max(initial=0.0) < 10.0  # z-scores, no rounding blown up
        assert (scores[left:] == NOTHING).all()


def test_who_rated_the_whole_head_is_served_from_the_tail() -> None:
    model = model_of(SOME, Blend(0.4, 0.2))
    found = model.lists(OF_USERS, histories([SOME] * USERS), 10)
    check(model, found, OF_USERS, [SOME] * USERS, 10)


def test_movies_that_are_all_alike_leave_the_word_to_the_others() -> None:
    """The sums of numbers that are equal leave rounding errors, which must not be blown up to a taste."""
    flat = replace(model_of(SOME, Blend(0.0, 0.5)), factors=np.repeat(FACTORS[:1], MOVIES, axis=0))
    found = flat.lists(OF_USERS, histories(RATED), 5)
    for own, positions in zip(RATED, found.positions, strict=True):
        unseen = np.where(np.isin(ALL, own), -np.inf, RATERS)
        assert positions.tolist() == np.argsort(-unseen, kind="stable")[:5].tolist()
