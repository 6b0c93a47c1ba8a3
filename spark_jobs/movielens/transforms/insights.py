"""The figures of /insights from figures about movies and users: pandas in, equally long columns out.

The frames are small enough for one process: the full data set has 84k movies and 331k users.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import gaussian_kde

from domain.contract.insights import Insight
from domain.contract.movielens import SCALE, Scale

Columns = dict[str, list]

BUCKETS = {"0–50": (0, 50), "50–100": (50, 100), "100–200": (100, 200), "200+": (200, np.inf)}  # from, below
POINTS = 2000  # of a scatter plot: more are slow to draw and hide each other
CURVE_POINTS = 200
MOST_RATED = 200
EXAMPLES = 8


def insights(
    movies: pd.DataFrame, users: pd.DataFrame, months: pd.DataFrame, scale: Scale = SCALE
) -> dict[Insight, Columns]:
    """All figures by name, with the columns that `domain.contract.insights` tells.

    Args:
        movies: movie_id, title, rating_count, mean_rating, tag_count, histogram; one row a movie, rated or not.
        users: user_id, rating_count, mean_rating.
        months: month, ratings; in the order of time.
        scale: of the ratings, whose stars the histograms count.
    """
    movies = movies.sort_values("movie_id", ignore_index=True)
    rated = movies[movies["rating_count"] > 0]
    tagged = movies[movies["tag_count"] > 0]
    by_count = ["rating_count", "mean_rating"]
    return {
        Insight.MOVIES_BY_RATING_COUNT: movies_in_buckets(movies["rating_count"]),
        Insight.RATING_COUNT_DENSITY: density_of_counts(rated["rating_count"]),
        Insight.MEAN_AGAINST_COUNT: _columns(most_and_some(rated, "rating_count"), [*by_count, "title"]),
        Insight.USER_MEAN_AGAINST_COUNT: _columns(
            most_and_some(users.sort_values("user_id"), "rating_count"), by_count
        ),
        Insight.TAGS_PER_MOVIE: _columns(outliers_and_some(tagged, "tag_count"), ["tag_count", "title"]),
        Insight.MEAN_AGAINST_TAGS: _columns(
            most_and_some(tagged[tagged["rating_count"] > 0], "tag_count"), ["tag_count", "mean_rating", "title"]
        ),
        Insight.RATINGS_BY_STAR: ratings_by_star(movies["histogram"], scale),
        Insight.RATINGS_BY_MONTH: _columns(months, ["month", "ratings"]),
        Insight.EXAMPLE_USERS: example_users(users),
    }


def movies_in_buckets(rating_counts: pd.Series) -> Columns:
    """How many movies have so many ratings; a movie with 50 is in "50–100"."""
    movies = [int(((rating_counts >= low) & (rating_counts < high)).sum()) for low, high in BUCKETS.values()]
    return {"bucket": list(BUCKETS), "movies": movies}


def density_of_counts(rating_counts: pd.Series) -> Columns:
    """Gaussian kernel density of log10 of the counts, Scott's bandwidth; empty where all counts are the same."""
    logarithms = np.log10(rating_counts.to_numpy(dtype=float))
    if len(np.unique(logarithms)) < 2:
        return {"log10_count": [], "density": []}
    grid = np.linspace(logarithms.min(), logarithms.max(), CURVE_POINTS)
    return {"log10_count": _rounded(grid), "density": _rounded(gaussian_kde(logarithms)(grid))}


def most_and_some(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """At most `POINTS` rows: the `MOST_RATED` highest, and of the others evenly many from the top to the bottom."""
    ordered = rows.sort_values(by, ascending=False, kind="stable")
    return pd.concat([ordered[:MOST_RATED], _evenly(ordered[MOST_RATED:], POINTS - MOST_RATED)])


def outliers_and_some(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """All rows above Tukey's fence (upper quartile + 1.5 interquartile ranges), and others up to `POINTS` in all."""
    ordered = rows.sort_values(by, ascending=False, kind="stable")
    lower, upper = ordered[by].quantile([0.25, 0.75]) if len(ordered) else (0, 0)
    is_outlier = ordered[by] > upper + 1.5 * (upper - lower)
    others = _evenly(ordered[~is_outlier], max(POINTS - int(is_outlier.sum()), 0))
    return pd.concat([ordered[is_outlier], others])


def ratings_by_star(histograms: pd.Series, scale: Scale) -> Columns:
    """Ratings of each of the stars of the scale over all movies."""
    totals = np.sum([np.zeros(len(scale.stars), dtype=np.int64), *histograms], axis=0)
    return {"rating": list(scale.stars), "ratings": totals.tolist()}


def example_users(users: pd.DataFrame) -> Columns:
    """Up to `EXAMPLES` users from the least to the most active, evenly over their ranks."""
    ordered = users.sort_values(["rating_count", "user_id"], ignore_index=True)
    return _columns(_evenly(ordered, EXAMPLES), ["user_id", "rating_count"])


def _evenly(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    if len(rows) <= count:
        return rows
    return rows.iloc[np.linspace(0, len(rows) - 1, count).round().astype(int)]


def _columns(rows: pd.DataFrame, names: list[str]) -> Columns:
    return {name: _rounded(rows[name]) if rows[name].dtype.kind == "f" else rows[name].tolist() for name in names}


def _rounded(values: np.ndarray | pd.Series) -> list[float]:
    return np.round(np.asarray(values, dtype=float), 4).tolist()
