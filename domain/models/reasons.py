"""Which rated movies a score comes from, and how much of it.

EASE's score is a sum over the rated movies as it stands. ALS's user is x = A⁻¹ Σ c_i y_i over the rated movies, with
A = YᵀY + α Σ e_i y_i y_iᵀ + λ n 1 and confidence c_i = 1 + α e_i, so that the score y_j · x is the sum of c_i y_j · A⁻¹
y_i.
Source: Hu, Koren & Volinsky, «Collaborative Filtering for Implicit Feedback Datasets», ICDM 2008, section 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from domain.models.blended_lists import Histories, Lists, Parts, Positions
from domain.models.largest_products import NOTHING
from domain.models.least_squares import Floats
from domain.models.settings import Settings, preference
from domain.serving.fold_in import NEUTRAL

REASONS = 3  # movies that are named at most


@dataclass(frozen=True)
class Reasons:
    """Of each listed movie the rated ones that contributed most, most first: users × n × REASONS.

    `shares` (float32, 0 … 1) are of the sum of what rated movies add to the score, those that take from it left out;
    0 where there are fewer reasons, and `positions` mean nothing there.
    """

    positions: Positions
    shares: Floats


def reasons(lists: Lists, histories: Histories, stars: Floats, parts: Parts, als: Settings) -> Reasons:
    """Reasons for what `RankingModel.lists` found, among movies rated at or above their user's mean and above 2 stars.

    `stars` are the ratings of `histories.rated`; `als` are the settings that the factors were learned with.
    """
    users, n = lists.positions.shape
    found = Reasons(np.zeros((users, n, REASONS), np.intp), np.zeros((users, n, REASONS), np.float32))
    evidence, confidence = preference(stars, als.alpha)
    liked = _at_or_above_mean(histories.offsets, stars)
    for user in range(users):
        own = slice(histories.offsets[user], histories.offsets[user + 1])
        listed = lists.positions[user][lists.scores[user] > NOTHING]
        rated = histories.rated[own]
        if len(listed) and len(rated):
            added = _by_als(parts, rated, listed, evidence[own], confidence[own], als.regularization)
            added *= np.where(parts.place[listed] >= 0, lists.loudness[user, 0], lists.loudness[user, 2])
            _add_ease(parts, rated, listed, lists.loudness[user, 1], added)
            _loudest(added, rated, liked[own], found.positions[user], found.shares[user])
    return found


def _at_or_above_mean(offsets: NDArray[np.int64], stars: Floats) -> NDArray[np.bool_]:
    lengths = np.diff(offsets)
    owners = np.repeat(np.arange(len(lengths)), lengths)
    means = np.bincount(owners, stars, minlength=len(lengths)) / np.maximum(lengths, 1)
    return (stars >= means[owners].astype(np.float32)) & (stars > NEUTRAL)


def _by_als(
    parts: Parts, rated: Positions, listed: Positions, evidence: Floats, confidence: Floats, regularization: float
) -> Floats:
    """What each rated movie adds to ALS's score of each listed one (rated × listed)."""
    own = parts.factors[rated]
    normal = parts.gram.astype(np.float32) + own.T @ (own * evidence[:, np.newaxis])
    normal[np.diag_indices_from(normal)] += np.float32(regularization * len(rated))
    reached = np.linalg.solve(normal, parts.factors[listed].T)
    return (own * confidence[:, np.newaxis]) @ reached


@numba.njit(nogil=True, cache=True)
def _add_ease(parts: Parts, rated: Positions, listed: Positions, loudness: float, added: Floats) -> None:
    """Add what each rated movie adds to EASE's score of each listed one, times `loudness`."""
    at = np.full(len(parts.head), -1, np.int32)
    for j in range(len(listed)):
        if parts.place[listed[j]] >= 0:
            at[parts.place[listed[j]]] = j
    for k in range(len(rated)):
        row = parts.place[rated[k]]
        if row >= 0:
            for entry in range(parts.columns.shape[1]):
                if at[parts.columns[row, entry]] >= 0:
                    added[k, at[parts.columns[row, entry]]] += loudness * parts.weights[row, entry]


@numba.njit(nogil=True, cache=True)
def _loudest(added: Floats, rated: Positions, liked: NDArray[np.bool_], positions: Positions, shares: Floats) -> None:
    """Fill `positions` and `shares` (listed × REASONS) with the largest of each column of `added`."""
    for j in range(added.shape[1]):
        total = np.float32(0.0)
        for k in range(len(rated)):
            value = added[k, j]
            if value <= 0.0:
                continue
            total += value
            if not liked[k]:
                continue
            for place in range(shares.shape[1]):
                if value > shares[j, place]:
                    for later in range(shares.shape[1] - 1, place, -1):
                        shares[j, later], positions[j, later] = shares[j, later - 1], positions[j, later - 1]
                    shares[j, place], positions[j, place] = value, rated[k]
                    break
        if total > 0.0:
            shares[j] /= total
