"""What people did on the site, judged like lines of a file, and merged into the ratings of the files."""

from __future__ import annotations

from enum import StrEnum

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from domain.cleaning.reasons import Reason
from domain.contract.movielens import Scale
from spark_jobs.frames.csv_lines import (
    Rule,
    first_fault,
    judged,
    reject_unknown_movies,
    time_rule,
)
from spark_jobs.movielens.transforms.ratings import star_rules

RATING = ("user_id", "movie_id", "rating", "rated_at")


class Change(StrEnum):
    """What an interaction does to the ratings of the files; the others find a newer rating there, or nothing."""

    ADDED = "added"
    REPLACED = "replaced"
    REMOVED = "removed"


def digest(interactions: DataFrame) -> DataFrame:
    """One row: hidden, the hidden movies; rated, the ratings given or taken back; sum, that of their hashes."""
    is_rated = F.col("rated_at").isNotNull()
    hashed = F.xxhash64(*RATING).cast("decimal(20,0)")
    return interactions.agg(
        F.count("hidden_at").alias("hidden"),
        F.count("rated_at").alias("rated"),
        F.sum(F.when(is_rated, hashed)).cast("string").alias("sum"),
    )


def classify_interactions(interactions: DataFrame, movies: DataFrame, scale: Scale, until: int) -> DataFrame:
    """Ratings given or taken back, to user_id, movie_id, rating, rated_at, text, reason, field and value.

    Text and field are as in a line of ratings.csv.

    Args:
        interactions: rows of interactions_by_user; those that only hide a movie are left out.
        movies: the clean movies.
        scale: what a rating may be.
        until: seconds since 1970; later ratings are rejected.
    """
    rated = interactions.where(F.col("rated_at").isNotNull()).select(*RATING)
    as_line = F.concat_ws(",", *[F.coalesce(F.col(name).cast("string"), F.lit("")) for name in RATING])
    stars = F.col("rating").cast("double")
    fault = first_fault(
        _id_rule("user_id", "userId"),
        _id_rule("movie_id", "movieId"),
        *star_rules(stars, scale, F.col("rating").cast("string")),
        time_rule(F.unix_seconds("rated_at"), until, F.col("rated_at").cast("string")),
    )
    return judged(reject_unknown_movies(rated.withColumn("text", as_line).withColumn("fault", fault), movies))


def _id_rule(column: str, field: str) -> Rule:
    return Rule(Reason.ID_OUT_OF_RANGE, F.col(column) < 0, field, F.col(column).cast("string"))


def merge_ratings(ratings: DataFrame, interactions: DataFrame) -> DataFrame:
    """Ratings of the files and accepted interactions, to the newest of each user and movie, with its `change`.

    Of equally late ones the interaction wins. A rating that was taken back is a row still, with the change REMOVED,
    where the files have it. Who did nothing on the site keeps their rows as they lie, without a shuffle.
    """
    users = F.broadcast(interactions.select("user_id").distinct())
    others = ratings.join(users, on="user_id", how="left_anti")
    merged = _newest(ratings.join(users, on="user_id", how="left_semi"), interactions)
    return merged.unionByName(others.select(*RATING, F.lit(None).cast("string").alias("change")))


def _newest(ratings: DataFrame, interactions: DataFrame) -> DataFrame:
    both = _from(ratings, here=False).unionByName(_from(interactions, here=True)).repartition("user_id")
    newest = F.max(F.struct("rated_at", "here", "rating")).alias("newest")
    found = both.groupBy("user_id", "movie_id").agg(newest, F.bool_or(~F.col("here")).alias("in_files"))
    merged = found.select(
        "user_id", "movie_id", "newest.rating", "newest.rated_at", _change(F.col("newest.here")).alias("change")
    )
    nothing = F.col("rating").isNull() & F.col("change").isNull()
    return merged.where(~nothing).sortWithinPartitions("user_id", "movie_id")


def _from(rows: DataFrame, here: bool) -> DataFrame:
    return rows.select(*RATING, F.lit(here).alias("here"))


def _change(here: Column) -> Column:
    in_files, is_rating = F.col("in_files"), F.col("newest.rating").isNotNull()
    return (
        F.when(here & in_files & is_rating, str(Change.REPLACED))
        .when(here & in_files, str(Change.REMOVED))
        .when(here & is_rating, str(Change.ADDED))
    )
