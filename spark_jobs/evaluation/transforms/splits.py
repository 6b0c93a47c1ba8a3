"""Protocols of evaluation: which ratings are learned from, and which are measured on.

All draw by hashes of ids and the seed, or by time: a part has the same ratings whatever their order and partitioning.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from spark_jobs.evaluation.transforms.holdout import rating_hash, split_holdout


@dataclass(frozen=True)
class Split:
    """Parts of the ratings (user_id, movie_id, rating, rated_at), each with all columns.

    `history` is what is known of a user when their list is made: their ratings in `training`, but for users that no
    model learned from (`held_out_users`).
    """

    training: DataFrame
    history: DataFrame
    held_out: DataFrame


def random_split(ratings: DataFrame, by: str, share: float, seed: int) -> Split:
    """The share, rounded down, of each user's (`by` user_id) or movie's (movie_id) ratings is held out."""
    training, held_out = split_holdout(ratings, share, seed, by)
    return Split(training, training, held_out)


def k_folds(ratings: DataFrame, folds: int, seed: int) -> list[Split]:
    """Each rating is held out in one of the folds; their sizes differ as those of random draws do."""
    fold = F.pmod(rating_hash(seed), F.lit(folds))
    return [_split(ratings, fold == number, ratings.columns) for number in range(folds)]


def leave_last_out(ratings: DataFrame, seed: int) -> Split:
    """Each user's newest rating is held out, of equally new ones a drawn one; a user of one rating keeps it."""
    of_user = Window.partitionBy("user_id")
    newest_first = of_user.orderBy(F.col("rated_at").desc(), rating_hash(seed), "movie_id")
    is_last = F.row_number().over(newest_first) == 1
    return _split(ratings, is_last & (F.count(F.lit(1)).over(of_user) > 1), ratings.columns)


def time_split(ratings: DataFrame, share: float) -> Split:
    """About the newest `share` of all ratings is held out: all are later than any in training.

    Ratings of one second are never parted: they stay in training where they would exceed the share.
    """
    dated = ratings.withColumn("day", F.to_date("rated_at"))
    days = dated.groupBy("day").agg(F.count(F.lit(1)).alias("in_day"))
    # one partition sorts them all, but days are few: 10,000 in MovieLens
    later_days = Window.orderBy(F.col("day").desc()).rowsBetween(Window.unboundedPreceding, -1)
    everything = Window.orderBy("day").rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    counted = days.select(
        "day",
        F.coalesce(F.sum("in_day").over(later_days), F.lit(0)).alias("later"),
        F.sum("in_day").over(everything).alias("all"),
    )
    since = Window.partitionBy("day").orderBy(F.col("rated_at").desc())
    not_earlier = F.count(F.lit(1)).over(since.rangeBetween(Window.unboundedPreceding, Window.currentRow))
    is_new = F.col("later") + not_earlier <= F.floor(F.col("all") * F.lit(share))
    return _split(dated.join(F.broadcast(counted), on="day", how="inner"), is_new, ratings.columns)


def held_out_users(ratings: DataFrame, user_share: float, share: float, seed: int) -> Split:
    """Strong generalization: no model learns from the drawn users; they are known by their history alone.

    Of all n users the floor(user_share · n) with the smallest hash of (user, seed) are drawn; of each one's ratings
    `share` is held out, as in `random_split`, and the rest is the history.
    Source: Marlin, «Collaborative Filtering: A Machine Learning Perspective», 2004, section 3.3.
    """
    users = ratings.select("user_id").distinct()
    # one partition sorts all users: ids and hashes alone, a few MB for every 100,000
    user_hash = F.xxhash64(F.col("user_id").cast("long"), F.lit(seed).cast("long"))
    drawn = F.row_number().over(Window.orderBy(user_hash, "user_id"))
    everyone = Window.orderBy("user_id").rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    is_drawn = drawn <= F.floor(F.count(F.lit(1)).over(everyone) * F.lit(user_share))
    chosen = users.select("user_id", is_drawn.alias("drawn")).where("drawn").select("user_id")
    history, held_out = split_holdout(ratings.join(chosen, on="user_id", how="left_semi"), share, seed)
    return Split(ratings.join(chosen, on="user_id", how="left_anti"), history, held_out)


def _split(ratings: DataFrame, held_out: Column, columns: list[str]) -> Split:
    marked = ratings.withColumn("held_out", held_out)
    training = marked.where(~F.col("held_out")).select(*columns)
    return Split(training, training, marked.where("held_out").select(*columns))
