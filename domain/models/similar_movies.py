"""Movies like a movie: half by what the same people chose, half by content.

People: partial correlations of who rated what, -P_ij / sqrt(P_ii · P_jj) with P = (XᵀX + λ · 1)⁻¹, in which what all
popular movies share is taken out. Source: Lauritzen, «Graphical Models», 1996, section 5.1; P is that of EASE (Steck,
WWW 2019). Movies that the inverse does not hold have cosines of who rated them instead. The highest of a movie counts
as n / (n + FEW), n its ratings: without ratings content alone speaks, and no score is above a half.
Content: the cosine of genres, tags and years. All works on a block of movies, with a few arrays of block × movies:
half a gigabyte for 100 of 80,000. What was measured: docs/results/similar.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, diags, hstack

from domain.evaluation.ranking import top_n
from domain.models.largest_products import NOTHING

Floats = NDArray[np.floating]
Positions = NDArray[np.intp]

FEW = 5.0  # ratings that make the people's half count half
YEARS = 0.3  # length of the years beside 1 of the genres; more costs siblings, which often are years apart
STEP = 10.0  # years from which on two movies have less and less of them in common; none at twice as many


@dataclass(frozen=True)
class Movies:
    """All movies: `features` as `content_features` gives them, `ratings` how many each has, `least` of a similar one.

    A movie with fewer than `least` ratings has a list, but is in none.
    """

    features: csr_matrix
    ratings: NDArray[np.integer]
    least: int

    @cached_property
    def shown(self) -> Positions:
        """The movies that may be in lists, rising."""
        return np.flatnonzero(self.ratings >= self.least)

    @cached_property
    def narrow(self) -> csr_matrix:
        """The features in single precision, in which all is computed."""
        return self.features.astype(np.float32)

    @cached_property
    def narrow_shown(self) -> csr_matrix:
        """Those of the movies shown, turned: features × shown."""
        return csr_matrix(self.narrow[self.shown].T)


@dataclass(frozen=True)
class Watched:
    """1.0 where a user rated a movie, as sparse columns of all movies, and as sparse rows of those that may be listed.

    Rows of the same ratings are made once: from columns SciPy would make them anew for each product.
    """

    of_all: csc_matrix
    of_others: csr_matrix

    @classmethod
    def of(cls, of_all: csc_matrix, others: Positions) -> Watched:
        """Of users × all movies, `others` being those that may be listed."""
        return cls(of_all, csr_matrix(of_all[:, others]))


@dataclass(frozen=True)
class Head:
    """The movies of the inverse P: their positions among all movies, and the diagonal of P, both of one order."""

    positions: Positions
    diagonal: Floats


def content_features(genres: csr_matrix, tags: csr_matrix, years: Floats) -> csr_matrix:
    """Rows of length 1 (movies × features), whose products are cosines; 0 for a movie of which nothing is known.

    Genres, tags and years are vectors of their own of length 1, less for few tags, and YEARS. Rare genres and tags
    count more: by log(movies / movies with it), Spärck Jones, Journal of Documentation 28(1), 1972.

    Args:
        genres: movies × genres, not 0 where the movie has it.
        tags: movies × tags, how many users gave it; no columns where there are none.
        years: of each movie, NaN where unknown.
    """
    given = np.asarray(tags.sum(axis=1)).ravel()
    shrunk = diags(np.sqrt(given / (given + 1.0)))
    parts = [_unit(_by_rarity(genres)), shrunk @ _unit(_by_rarity(tags)), YEARS * _unit(_year_features(years))]
    return _unit(csr_matrix(hstack(parts)))


def like_head(places: Positions, inverse: Floats, head: Head, movies: Movies, n: int) -> tuple[Positions, Floats]:
    """The best n for each movie of a block of the head; as `like_tail`.

    Args:
        places: which movies of `head` the block has.
        inverse: their rows of P (block × head).
    """
    found = partial_correlations(places, inverse, head.diagonal)
    of_shown = np.searchsorted(movies.shown, head.positions)
    inside = np.isin(head.positions, movies.shown)
    evidence = np.zeros((len(places), len(movies.shown)), np.float32)
    evidence[:, of_shown[inside]] = found[:, inside]
    return _best(head.positions[places], evidence, movies, n)


def like_tail(rows: Positions, watched: Watched, movies: Movies, n: int) -> tuple[Positions, Floats]:
    """Positions and scores (both block × n) of the best n others for each movie outside the head, best first.

    Scores (float32) are above 0 and at most 1: half for people, full for the highest of a movie with many ratings, half
    for content, full for the same. Of equal scores the lower position is first; rows with fewer end with NOTHING.

    Args:
        rows: positions of the block's movies among all.
        watched: who rated what; the others are those of `movies` that are shown.
    """
    return _best(rows, cosines(rows, watched, movies.shown), movies, n)


def partial_correlations(places: Positions, inverse: Floats, diagonal: Floats) -> Floats:
    """-P_ij / sqrt(P_ii · P_jj) of the rows of P (block × head), -1 … 1; 0 for a movie and itself."""
    lengths = np.sqrt(diagonal)
    found = -inverse / lengths[places, np.newaxis] / lengths
    found[np.arange(len(places)), places] = 0.0
    return found


def cosines(rows: Positions, watched: Watched, others: Positions) -> Floats:
    """Common users / sqrt(n_i · n_j) of rows and others (rows × others), 0 … 1; 0 for a movie and itself."""
    common = (watched.of_all[:, rows].T @ watched.of_others).toarray()
    lengths = np.sqrt(np.maximum(np.diff(watched.of_all.indptr), 1)).astype(np.float32)
    common /= lengths[rows, np.newaxis] * lengths[others]
    common[rows[:, np.newaxis] == others] = 0.0
    return np.asarray(common)


def _best(rows: Positions, evidence: Floats, movies: Movies, n: int) -> tuple[Positions, Floats]:
    shown = movies.shown
    scores = (movies.narrow[rows] @ movies.narrow_shown).toarray()
    scores += _people(movies.ratings[rows], evidence)
    scores *= 0.5
    own = np.flatnonzero(np.isin(rows, shown))
    scores[own, np.searchsorted(shown, rows[own])] = NOTHING
    positions, best = np.zeros((len(rows), n), np.intp), np.full((len(rows), n), NOTHING, np.float32)
    for row, of_row in enumerate(scores):
        found = _top(of_row, n)
        positions[row, : len(found)], best[row, : len(found)] = shown[found], of_row[found].clip(max=1.0)
    return positions, best


def _people(ratings: NDArray[np.integer], evidence: Floats) -> Floats:
    """Evidence, scaled so that the highest of each row is n / (n + FEW); nothing where none is above 0."""
    highest = evidence.max(axis=1, initial=0.0)
    scale = np.divide(ratings / (ratings + FEW), highest, out=np.zeros(len(ratings)), where=highest > 0)
    return evidence * scale[:, np.newaxis].astype(np.float32)


def _top(scores: Floats, n: int) -> Positions:
    """`top_n` of the scores above 0, without sorting all of them."""
    positive = np.flatnonzero(scores > 0)
    if len(positive) > n:
        worst = np.partition(scores[positive], -n)[-n]
        positive = positive[scores[positive] >= worst]
    return positive[top_n(scores[positive], n)]


def _by_rarity(counts: csr_matrix) -> csr_matrix:
    present = counts.astype(bool).astype(np.float64)
    movies_with = np.asarray(present.sum(axis=0)).ravel()
    return present @ diags(np.log(counts.shape[0] / np.maximum(movies_with, 1.0)))


def _year_features(years: Floats) -> csr_matrix:
    """Two features of each year: how near it is to the begin and to the end of its stretch of STEP years."""
    known = np.flatnonzero(~np.isnan(years))
    if len(known) == 0:
        return csr_matrix((len(years), 0))
    since = (years[known] - years[known].min()) / STEP
    begun = np.floor(since).astype(np.intp)
    values = np.concatenate([1.0 - (since - begun), since - begun])
    columns = np.concatenate([begun, begun + 1])
    return csr_matrix((values, (np.tile(known, 2), columns)), shape=(len(years), int(columns.max()) + 1))


def _unit(features: csr_matrix) -> csr_matrix:
    """Rows scaled to length 1; rows of zeros stay zeros."""
    lengths = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    return csr_matrix(diags(1.0 / np.where(lengths > 0, lengths, 1.0)) @ features)
