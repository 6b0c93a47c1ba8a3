"""Lists of similar movies, ours beside others: how many siblings are in the first ten, and how known what is shown is.

Prints Markdown. Lists are measured of movies with at least 20 ratings, which alone may be in them; titles take no part.

Example: python -m tests.bench.similar ../shared/data/ml-latest-small
         python -m tests.bench.similar recbole-1.2.1-py3-none-any.whl   (its ML-100K)
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from domain.contract.titles import split_title
from domain.models import matrix_als
from domain.models.item_models import watched
from domain.models.settings import RANKING
from domain.models.similar_movies import (
    Head,
    Movies,
    Watched,
    content_features,
    like_head,
    like_tail,
    partial_correlations,
)
from tests.bench.siblings import siblings

LEAST, K = 20, 10
FOLDER = "recbole/dataset_example/ml-100k/ml-100k."
KNOWN = (
    "Toy Story",
    "Matrix, The",
    "Godfather, The",
    "Pulp Fiction",
    "Lion King, The",
    "Alien",
    "Titanic",
    "Shrek",
    "Casablanca",
    "Lord of the Rings: The Fellowship of the Ring, The",
)
Lists = NDArray[np.intp]
Floats = NDArray[np.float64]
Similar = Callable[[NDArray[np.intp]], NDArray[np.floating]]


@dataclass(frozen=True)
class World:
    """A data set: stars (users × movies), titles, content features."""

    stars: csr_matrix
    titles: list[str]
    features: csr_matrix

    @property
    def ratings(self) -> NDArray[np.intp]:
        """How many each movie has."""
        return np.diff(self.stars.tocsc().indptr).astype(np.intp)


def read(source: Path) -> World:
    """A folder with MovieLens' CSV files, or RecBole's wheel, which has ML-100K."""
    if source.suffix == ".whl":
        with zipfile.ZipFile(source) as wheel:
            tables = [pd.read_csv(wheel.open(FOLDER + name), sep="\t", na_filter=False) for name in ("item", "inter")]
        movies = tables[0].set_axis(["movieId", "title", "year", "genres"], axis=1)
        ratings = tables[1].set_axis(["userId", "movieId", "rating", "timestamp"], axis=1)
        return _world(movies.assign(genres=movies["genres"].str.split(" ")), ratings, None)
    movies, ratings, tags = (pd.read_csv(source / f"{name}.csv") for name in ("movies", "ratings", "tags"))
    years = [split_title(title)[1] for title in movies["title"]]
    genres = [[] if names.startswith("(no") else names.split("|") for names in movies["genres"]]
    return _world(movies.assign(year=years, genres=genres), ratings, tags)


def _world(movies: pd.DataFrame, ratings: pd.DataFrame, tags: pd.DataFrame | None) -> World:
    movies = movies.sort_values("movieId").reset_index(drop=True)
    place = pd.Series(movies.index, index=movies["movieId"])
    shape = ratings["userId"].nunique(), len(movies)
    users = np.unique(ratings["userId"], return_inverse=True)[1]
    stars = csr_matrix((ratings["rating"].astype(np.float32), (users, place[ratings["movieId"]])), shape=shape)
    stars.sort_indices()
    names = movies["genres"].explode().dropna()
    given = pd.Series([], dtype=str) if tags is None else tags["tag"].str.casefold().set_axis(place[tags["movieId"]])
    years = pd.to_numeric(movies["year"], errors="coerce").to_numpy(np.float64)
    features = content_features(_table(names, len(movies)), _table(given, len(movies)), years)
    return World(stars, movies["title"].tolist(), features)


def _table(names: pd.Series, count: int) -> csr_matrix:
    known, columns = np.unique(names.astype(str), return_inverse=True)
    return csr_matrix((np.ones(len(names)), (names.index, columns)), shape=(count, len(known)))


def inverse(history: csr_matrix, rows: NDArray[np.intp], regularization: float) -> tuple[Floats, Floats]:
    """Rows of (XᵀX + λ · 1)⁻¹ and its diagonal, through the smaller matrix of users (Woodbury)."""
    dense = history.toarray().astype(np.float64)
    small = np.linalg.inv(dense @ dense.T + regularization * np.eye(len(dense)))
    explained = small @ dense
    found = -dense[:, rows].T @ explained
    found[np.arange(len(rows)), rows] += 1.0
    return found / regularization, (1.0 - (dense * explained).sum(axis=0)) / regularization


def ours(world: World, rows: NDArray[np.intp], regularization: float, least: int = LEAST) -> Lists:
    """The method that is published, all rated movies in the head."""
    head = np.flatnonzero(world.ratings > 0)
    places = np.searchsorted(head, rows)
    of_rows, diagonal = inverse(watched(world.stars)[:, head], places, regularization)
    return like_head(places, of_rows, Head(head, diagonal), Movies(world.features, world.ratings, least), K)[0]


def without_inverse(world: World, rows: NDArray[np.intp], unrated: bool = False) -> Lists:
    """As movies outside the head are treated; `unrated`: as if they had no ratings, by content alone."""
    counts = world.ratings
    history = watched(world.stars).tocsc()
    if not unrated:
        movies = Movies(world.features, counts, LEAST)
        return like_tail(rows, Watched.of(history, movies.shown), movies, K)[0]
    nothing = csr_matrix(history.shape).tocsc()
    movies = Movies(world.features, counts, LEAST)
    return like_tail(rows, Watched.of(nothing, movies.shown), movies, K)[0]


def by(world: World, rows: NDArray[np.intp], similar: Similar) -> Lists:
    """The best by a matrix of similarities alone."""
    scores = np.array(similar(rows), np.float64)
    scores[:, world.ratings < LEAST] = -np.inf
    scores[np.arange(len(rows)), rows] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, :K]


def als(world: World) -> Similar:
    """Cosines of ALS factors, as were published before."""
    problem = matrix_als.implicit(world.stars, RANKING.alpha)
    _, movies = matrix_als.fit(problem, 64, RANKING.regularization, RANKING.iterations, 1)
    units = movies / np.maximum(np.linalg.norm(movies, axis=1, keepdims=True), 1e-9)
    return lambda rows: units[rows] @ units.T


def cosine(world: World) -> Similar:
    """Cosines of who rated the movies."""
    units = watched(world.stars) / np.sqrt(np.maximum(world.ratings, 1))
    units = csr_matrix(units).tocsc()
    return lambda rows: (units[:, rows].T @ units).toarray()


def likelihood_ratio(world: World) -> Similar:
    """Dunning's log-likelihood ratio of common raters, negative where they are fewer than chance makes."""
    history, n, users = watched(world.stars).astype(np.float64), world.ratings, world.stars.shape[0]

    def similar(rows: NDArray[np.intp]) -> NDArray[np.float64]:
        both = (history.tocsc()[:, rows].T @ history).toarray()
        first, second = n[rows, np.newaxis], n[np.newaxis]
        cells = [both, first - both, second - both, users - first - second + both]
        sums = sum(map(_xlogx, [first, users - first, second, users - second]))
        ratio = 2 * (sum(map(_xlogx, cells)) + _xlogx(np.array(float(users))) - sums)
        return np.where(both * users > first * second, ratio, -ratio)

    return similar


def _xlogx(values: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.where(values > 0, values * np.log(np.maximum(values, 1e-12)), 0.0)


def partial(world: World, regularization: float) -> Similar:
    """Partial correlations alone."""

    def similar(rows: NDArray[np.intp]) -> NDArray[np.floating]:
        return partial_correlations(rows, *inverse(watched(world.stars), rows, regularization))

    return similar


def line(name: str, world: World, rows: NDArray[np.intp], lists: Lists) -> str:
    """A row of the table: mean recall of the movies with siblings, and how known what is shown is."""
    of = siblings([world.titles[row] for row in rows])
    recalls = [len(set(lists[one]) & set(rows[others])) / min(K, len(others)) for one, others in of.items()]
    known = np.log10(np.maximum(world.ratings[lists], 1)).mean()
    return f"| {name} | {np.mean(recalls):.3f} | {known:.2f} |"


def side_by_side(world: World, rows: NDArray[np.intp], before: Lists, after: Lists) -> Sequence[str]:
    """The first ten of well-known movies by both."""
    lines = ["| | before | now |", "|---|---|---|"]
    for place, row in enumerate(rows):
        if split_title(world.titles[row])[0] in KNOWN:
            shown = [
                "; ".join(split_title(world.titles[each])[0] for each in lists[place]) for lists in (before, after)
            ]
            lines.append(f"| *{split_title(world.titles[row])[0]}* | {shown[0]} | {shown[1]} |")
    return lines


def _shown(world: World, places: NDArray[np.intp]) -> str:
    return "; ".join(split_title(world.titles[place])[0] for place in places)


def main(source: Path) -> None:
    """The table of methods, then the lists."""
    world = read(source)
    rows = np.flatnonzero(world.ratings >= LEAST)
    of = siblings([world.titles[row] for row in rows])
    print(f"{len(rows)} movies with {LEAST} ratings, {len(of)} of them with siblings\n")
    print(f"| {source.name} | siblings, recall@{K} | mean log10 of ratings |\n|---|---|---|")
    before, after = by(world, rows, als(world)), ours(world, rows, 500.0)
    print(line("cosine of ALS factors (before)", world, rows, before))
    for name, similar in (("cosine of who rated it", cosine(world)), ("log-likelihood ratio", likelihood_ratio(world))):
        print(line(name, world, rows, by(world, rows, similar)))
    for strength in (250.0, 500.0):
        print(line(f"partial correlations, λ {strength:.0f}", world, rows, by(world, rows, partial(world, strength))))
    for strength in (100.0, 250.0, 500.0, 1000.0):
        print(line(f"**ours, λ {strength:.0f}**", world, rows, ours(world, rows, strength)), flush=True)
    for least in (1, 5, 10):
        print(
            line(f"ours, λ 500, shown from {least} ratings", world, rows, ours(world, rows, 500.0, least)), flush=True
        )
    print(line("as outside the head: cosines and content", world, rows, without_inverse(world, rows)))
    print(line("as without ratings: content alone", world, rows, without_inverse(world, rows, unrated=True)))
    print("", *side_by_side(world, rows, before, after), sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
