"""How right lists are that answer at once: beside published ones, and beside those of a new training.

    python -m tests.bench.fold_in ML_LATEST_SMALL [--published TABLES CLEAN]

The first table: of some users the five newest ratings are taken away, a model learns from the rest, and then the five
come back. The list of before (without what is rated), the folded-in list and the list of a model that has learned all
ratings are compared. With TABLES, where `publish_recommendations --tables parquet:TABLES` has published, and CLEAN, the
cleaned data, the second: lists of 500 users as they were published, and as the site makes them of the same histories
from the published arrays.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from domain.models.ranking import fitted
from domain.models.rating_matrix import RatingMatrix, Triples
from domain.models.settings import defaults_for
from domain.serving.arrays import ABOUT, from_parts, read_about
from domain.serving.ranking import Ranking, best
from domain.serving.recommender import Recommender

USERS, NEW, HEAD, SEED = 200, 5, 20_000, 42
COMPARED = (10, 20)
PUBLISHED_USERS = 500


class Model:
    """What is learned of ratings (userId, movieId, rating), and lists by it."""

    def __init__(self, ratings: pd.DataFrame) -> None:
        columns = [ratings[name].to_numpy(np.int32) for name in ("userId", "movieId")]
        matrix = RatingMatrix.of(Triples(*columns, ratings["rating"].to_numpy(np.float32)))
        settings = defaults_for(len(ratings), len(matrix.users))
        model, _ = fitted(matrix, settings, HEAD, SEED)
        als, blend = settings.ranking, settings.blend
        parts = (model.factors, model.raters, model.head, model.columns, model.weights)
        self.ranking = Ranking(*parts, blend.ease_weight, blend.popular_weight, als.regularization, als.alpha)
        self.movies = matrix.movies

    def best(self, history: pd.DataFrame, n: int, without: NDArray[np.integer]) -> list[int]:
        """The best n for a history, without the movies of these ids."""
        known = history[history["movieId"].isin(self.movies)].sort_values("movieId")
        rated = np.searchsorted(self.movies, known["movieId"].to_numpy())
        scores, _ = self.ranking.scores(self.ranking.user(rated, known["rating"].to_numpy(np.float32)), rated)
        scores[np.flatnonzero(np.isin(self.movies, without))] = -np.inf
        return [int(movie) for movie in self.movies[best(scores, n)]]


def overlap(one: list[int], other: list[int], n: int) -> float:
    """The share of the first n that both lists have."""
    return len(set(one[:n]) & set(other[:n])) / n


def new_ratings(folder: Path) -> pd.DataFrame:
    """Mean overlaps with the list of a new training, over users."""
    ratings = pd.read_csv(folder / "ratings.csv").sort_values(["timestamp", "userId", "movieId"])
    chosen = np.random.default_rng(SEED).choice(ratings["userId"].unique(), USERS, replace=False)
    newest = ratings[ratings["userId"].isin(chosen)].groupby("userId").tail(NEW)
    before, after = Model(ratings.drop(newest.index)), Model(ratings)
    rows = []
    for user in chosen:
        whole = ratings[ratings["userId"] == user]
        rated = whole["movieId"].to_numpy()
        old = before.best(whole.drop(newest.index, errors="ignore"), max(COMPARED), rated)
        made, learned = before.best(whole, max(COMPARED), rated), after.best(whole, max(COMPARED), rated)
        rows.append([overlap(each, learned, n) for each in (old, made) for n in COMPARED])
    means = np.mean(rows, axis=0).reshape(2, len(COMPARED))
    names = ["list of before, without what is rated", "folded in"]
    return pd.DataFrame(means, index=names, columns=[f"overlap@{n}" for n in COMPARED])


def published(tables: Path, clean: Path) -> pd.Series:
    """Published lists against those that the site makes of the same ratings."""
    run = max(path for path in (tables / "published").iterdir() if (path / "recommendations").is_dir())
    parts = pq.read_table(run / "model_parts").to_pylist()
    stored = {(row["name"], row["part"]): row["data"] for row in parts}
    about = read_about(stored[ABOUT, 0])
    arrays = from_parts(about, lambda name, count: (stored[name, part] for part in range(count)))
    site = Recommender.of(arrays, about.settings)
    lists = pq.read_table(run / "recommendations").to_pandas().set_index("user_id").sort_index()
    ratings = pq.read_table(clean / "ratings", columns=["user_id", "movie_id", "rating"]).to_pandas()
    users = lists.index[: min(PUBLISHED_USERS, len(lists))]
    mine = ratings[ratings["user_id"].isin(users)]
    figures = []
    for user, own in mine.groupby("user_id"):
        row = lists.loc[user]
        made = site.recommend(dict(zip(own["movie_id"].tolist(), own["rating"].tolist(), strict=True)), 20)
        same = overlap([each.movie_id for each in made], list(row["movie_ids"]), len(made))
        scores = np.abs(np.array([each.score for each in made]) - row["scores"][: len(made)]).max()
        stars = np.abs(np.array([each.stars for each in made]) - row["predicted_ratings"][: len(made)]).max()
        figures.append((same, scores, stars))
    found = np.array(figures)
    return pd.Series(
        {
            "users": len(found),
            "overlap@20": found[:, 0].mean(),
            "largest difference of scores": found[:, 1].max(),
            "of stars": found[:, 2].max(),
        }
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--published", type=Path, nargs=2, metavar=("TABLES", "CLEAN"))
    options = parser.parse_args()
    print(new_ratings(options.folder).round(3).to_string())
    if options.published:
        print(published(*options.published).to_string())


if __name__ == "__main__":
    main()
