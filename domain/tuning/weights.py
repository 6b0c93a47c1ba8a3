"""The weights of the blend, found on ratings that its models did not learn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from domain.evaluation.exposure import NONE
from domain.evaluation.ranking import ndcg_of_hits
from domain.evaluation.trial import Truth
from domain.models.blend import z_scores
from domain.models.blended_lists import RankingModel
from domain.models.least_squares import Floats
from domain.models.ranking import fitted
from domain.models.rating_matrix import RatingMatrix, Triples, places
from domain.models.settings import Blend, ModelSettings

K = 10  # of the nDCG that weights are chosen by
SHARE = 0.25  # of each user's ratings, rounded down, for validation
MEASURED = 2_000  # users at most: their mean is certain enough to choose by
CELLS = 10_000_000  # scores of users at a time, of each model 80 MB
CANDIDATES = 100  # the best of each model: a movie beyond all of these is in no blend's first ten
SURE = 1.96  # standard errors: half of a 95 % interval
CHOICES = [Blend(e / 10, p / 10) for e in range(0, 11, 2) for p in range(0, 11, 2) if e + p <= 10]


@dataclass(frozen=True)
class Found:
    """The weights, their nDCG and that of the weights before, and half of the 95 % interval of the difference."""

    blend: Blend
    ndcg: float
    before: float
    interval: float


def weighed(ratings: Triples, settings: ModelSettings, relevant_from: float, most: int, seed: int) -> Found | None:
    """Weights for these ratings: the models learn from a part of them, and are measured on the rest.

    None where no rating of the rest has `relevant_from` stars.
    """
    learned, aside = validation(ratings, seed)
    matrix = RatingMatrix.of(learned)
    truth = truth_of(aside.where(aside.stars >= relevant_from), matrix.movies, seed)
    if not len(truth.users):
        return None
    model, users = fitted(matrix, settings, most, seed)
    return best_blend(model, users, matrix, truth)


def validation(ratings: Triples, seed: int) -> tuple[Triples, Triples]:
    """The ratings to learn from, and of each user the drawn SHARE of theirs."""
    drawn = np.random.default_rng(seed).random(len(ratings.stars))
    order = np.lexsort((drawn, ratings.users))
    _, starts, counts = np.unique(ratings.users[order], return_index=True, return_counts=True)
    place = np.arange(len(order)) - np.repeat(starts, counts)
    aside = np.zeros(len(order), np.bool_)
    aside[order] = place < np.repeat(np.floor(SHARE * counts), counts)
    return ratings.where(~aside), ratings.where(aside)


def truth_of(liked: Triples, movies: NDArray[np.int32], seed: int) -> Truth:
    """What lists should hold, for at most MEASURED drawn users."""
    users = np.unique(liked.users)
    if len(users) > MEASURED:
        chosen = np.random.default_rng(seed).choice(users, MEASURED, replace=False)
        liked = liked.where(np.isin(liked.users, chosen))
    return Truth.of(liked.users, liked.movies, movies, np.zeros(len(movies)))


def best_blend(model: RankingModel, users: Floats, matrix: RatingMatrix, truth: Truth, k: int = K) -> Found:
    """The weights of CHOICES whose lists have the highest nDCG@k, if by more than the interval, else the model's own.

    Args:
        users: factors of the rows of `matrix`, whose ratings the model learned from.
        truth: of ratings that it did not.
    """
    choices = [model.blend, *(choice for choice in CHOICES if choice != model.blend)]
    rows = places(matrix.users, truth.users)
    known = np.flatnonzero(rows >= 0)
    found = np.zeros((len(choices), len(rows)))
    for some in _blocks(known, len(matrix.movies)):
        lists = np.full((len(rows), k), NONE)
        for choice, best in zip(choices, _lists(model, users, matrix.stars, rows[some], choices, k), strict=True):
            lists[some] = best
            found[choices.index(choice), some] = ndcg_of_hits(truth.hits(lists), truth.relevant, k)[some]
    means = found.mean(axis=1)
    highest = int(means.argmax())
    gain = found[highest] - found[0]
    interval = float(SURE * gain.std() / np.sqrt(len(gain)))
    taken = highest if gain.mean() > interval else 0
    return Found(choices[taken], float(means[taken]), float(means[0]), interval if taken else 0.0)


def scores_of(
    model: RankingModel, users: Floats, stars: csr_matrix, rows: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """z-scores of ALS, EASE and the number of ratings (rows × movies), and what is rated: see blended_lists.py."""
    rated = stars[rows].astype(bool).toarray()
    als = z_scores(users[rows] @ model.factors.T, rated)
    popular = z_scores(np.broadcast_to(model.raters, als.shape), rated)
    parts = model.parts
    places = np.repeat(np.arange(len(model.head)), model.columns.shape[1])
    shape = len(model.head), len(model.head)
    matrix = csr_matrix((model.weights.ravel(), (places, model.columns.ravel())), shape=shape)
    said = (rated[:, parts.head].astype(np.float32) @ matrix) if len(model.head) else np.zeros((len(rows), 0))
    ease = als.copy()
    heard = z_scores(said, rated[:, parts.head])
    speaks = heard.any(axis=1)
    ease[np.ix_(np.flatnonzero(speaks), parts.head)] = heard[speaks]
    return als, ease, popular, rated


def _lists(
    model: RankingModel, users: Floats, stars: csr_matrix, rows: NDArray[np.intp], choices: list[Blend], k: int
) -> Iterator[NDArray[np.intp]]:
    """The first k movies of each row (rows × k, NONE beyond the end), for each of the choices."""
    *scores, rated = scores_of(model, users, stars, rows)
    candidates = np.sort(np.concatenate([_best(score, rated) for score in scores], axis=1), axis=1)
    twice = np.zeros(candidates.shape, np.bool_)
    twice[:, 1:] = candidates[:, 1:] == candidates[:, :-1]
    out = twice | np.take_along_axis(rated, candidates, 1)
    als, ease, popular = (np.take_along_axis(score, candidates, 1) for score in scores)
    for choice in choices:
        blended = choice.als_weight * als + choice.ease_weight * ease + choice.popular_weight * popular
        order = np.argsort(np.where(out, np.inf, -blended), axis=1, kind="stable")[:, :k]
        best = np.where(np.take_along_axis(out, order, 1), NONE, np.take_along_axis(candidates, order, 1))
        yield np.pad(best, ((0, 0), (0, k - best.shape[1])), constant_values=NONE)


def _best(scores: NDArray[np.float64], rated: NDArray[np.bool_]) -> NDArray[np.intp]:
    few = min(CANDIDATES, scores.shape[1])
    return np.argpartition(np.where(rated, np.inf, -scores), few - 1, axis=1)[:, :few]


def _blocks(places: NDArray[np.intp], movies: int) -> list[NDArray[np.intp]]:
    return np.array_split(places, max(1, -(-len(places) * movies // CELLS)))
