"""Ratings cut in a reference and a recent part, and the counts of both that a drift report needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.drift.transforms import cuts
from spark_jobs.storage.errors import JobError


@dataclass(frozen=True)
class Counts:
    """Small tables of a cut, see transforms/cuts.py; `sides` has a row for the reference and one for the recent.

    `unknown` counts the recent ratings of users, and of movies, without an earlier one, by "user" and "movie".
    """

    categories: pd.DataFrame
    months: pd.DataFrame
    unknown: dict[str, int]
    sides: pd.DataFrame


def by_share(ratings: DataFrame, share: float) -> DataFrame:
    """Cut after the first `share` of the ratings in time; those of one second in the order of users and movies."""
    days = _rising(cuts.ratings_by_day(ratings), "day")
    if days.empty:
        raise _one_sided(days)
    before = int(share * int(days["n"].sum()))
    day, rest = _reach(days, before)
    seconds = _rising(cuts.ratings_by_second(ratings, days["day"].iloc[day]), "rated_at")
    row, ties = _reach(seconds, rest)
    second = seconds["rated_at"].iloc[row].to_pydatetime().replace(tzinfo=UTC)
    last = cuts.in_second(ratings, second).offset(ties - 1).limit(1).collect() if ties else []
    return cuts.cut_at(ratings, second, (last[0]["user_id"], last[0]["movie_id"]) if last else None)


def by_date(ratings: DataFrame, date: datetime) -> DataFrame:
    """Cut at `date` (UTC): recent is what came then or later."""
    return ratings.withColumn(cuts.SIDE, F.col("rated_at") >= F.lit(date))


def count(cut: DataFrame, movies: DataFrame) -> Counts:
    """All counts of a cut.

    Raises:
        JobError: one side is empty; the message says when the ratings are of.
    """
    of_values = cuts.by_value(cut).cache()
    sides = pd.DataFrame(cuts.spans(of_values).toPandas()).sort_values(cuts.SIDE, ignore_index=True)
    if len(sides) < 2:
        raise _one_sided(sides)
    of_users, of_movies = (cuts.by_id(cut, who).cache() for who in ("user", "movie"))
    return Counts(
        categories=pd.DataFrame(cuts.counts_by_category(of_values, of_movies, movies).toPandas()),
        months=pd.DataFrame(cuts.months(cut, of_users, of_movies).toPandas()),
        unknown={
            who: cuts.unknown_before(ids).collect()[0]["n"] for who, ids in (("user", of_users), ("movie", of_movies))
        },
        sides=sides,
    )


def _one_sided(sides: pd.DataFrame) -> JobError:
    """What to do when all ratings are on one side; `sides` has its row, or none."""
    if sides.empty:
        return JobError("There are no ratings, so there is nothing to compare: run preprocess_movielens.")
    (side,) = sides.itertuples()
    if side.ratings == 1:
        return JobError("There is one rating only, so there is nothing to compare it with.")
    between = f"{side.first:%Y-%m-%d} to {side.last:%Y-%m-%d}"
    return JobError(
        f"One side of the cut has no ratings: all {side.ratings:,} are of {between}. Choose a --date between, or"
        " another --recent-share."
    )


def _rising(counted: DataFrame, by: str) -> pd.DataFrame:
    return pd.DataFrame(counted.toPandas()).sort_values(by, ignore_index=True)


def _reach(counted: pd.DataFrame, wanted: int) -> tuple[int, int]:
    """The row in which the first `wanted` end, and how many of them are in it."""
    ends = counted["n"].cumsum()
    row = min(int((ends < wanted).sum()), len(counted) - 1)
    return row, wanted - int(ends.iloc[row] - counted["n"].iloc[row])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of JSON types."""
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()} for row in frame.to_dict("records")
    ]
