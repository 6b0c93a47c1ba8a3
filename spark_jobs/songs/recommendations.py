"""Songs for each listener, by the ALS and the top-n of the movies: a play is what a star above two is there."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from domain.models.settings import RANKING, Settings, with_given
from domain.serving.fold_in import NEUTRAL
from spark_jobs.models.block_als import BlockALS
from spark_jobs.models.engines import by_rising_id
from spark_jobs.models.transforms.topn import Items, best_unseen, histories
from spark_jobs.songs.transforms.models import named_lists, numbered, play_ratings

SEED = 42
# fewer factors than for movies: a listener plays songs of one taste; the number of plays is the evidence
SETTINGS: Settings = with_given(RANKING, rank=32, iterations=10)


def songs_by_listener(
    spark: SparkSession, plays: DataFrame, tracks: DataFrame, n: int, settings: Settings, scratch: Path
) -> DataFrame:
    """The rows of songs_by_listener: at most `n` songs for each listener, none that they played.

    Confidence is 1 + alpha · plays. `scratch` may go when the rows are written.
    """
    numbers = numbered(tracks).cache()
    ratings = play_ratings(plays, numbers, NEUTRAL).cache()
    factors = BlockALS(scratch).implicit(ratings, settings, SEED)
    songs = Items(*by_rising_id(factors.items))
    users = factors.users.withColumnRenamed("id", "user_id").join(histories(ratings), on="user_id", how="inner")
    return named_lists(best_unseen(users, spark.sparkContext.broadcast(songs), n), numbers)
