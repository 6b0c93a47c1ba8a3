"""The ratings of each movie by the year in which they were given, and by the segment of who gave them."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

KINDS = {"year": ("years", "year_counts", "year_means"), "segment": ("segments", "segment_counts", "segment_means")}


def movie_breakdown(ratings: DataFrame, users: DataFrame) -> DataFrame:
    """One row a rated movie; columns as in the table breakdown_by_movie, without the data set.

    The ratings are counted once, by movie, year and segment; what follows works on these few counts.

    Args:
        ratings: movie_id, user_id, rating, rated_at.
        users: user_id, segment; null where the user has none.
    """
    segments = F.broadcast(users.select("user_id", "segment").where("segment IS NOT NULL"))  # 331k in the full data set
    cells = (
        ratings.join(segments, on="user_id", how="left")
        .groupBy("movie_id", F.year("rated_at").alias("year"), "segment")
        .agg(F.count("*").alias("n"), F.sum(F.col("rating").cast("double")).alias("stars"))
    )
    each = F.explode(F.array(*[F.struct(F.lit(kind).alias("kind"), F.col(kind).alias("of")) for kind in KINDS]))
    parts = cells.select("movie_id", "n", "stars", each.alias("part")).select("movie_id", "n", "stars", "part.*")
    counted = parts.where("of IS NOT NULL").groupBy("movie_id", "kind", "of")
    summed = counted.agg(
        F.sum("n").cast("int").alias("count"), (F.sum("stars") / F.sum("n")).cast("float").alias("mean")
    )
    return (
        summed.groupBy("movie_id").agg(*[_listed(kind).alias(kind) for kind in KINDS]).select("movie_id", *_columns())
    )


def _listed(kind: str) -> Column:
    """The parts of one kind, rising; those of the other are left out by collect_list, as they are null."""
    return F.sort_array(F.collect_list(F.when(F.col("kind") == kind, F.struct("of", "count", "mean"))))


def _columns() -> list[Column]:
    return [
        F.col(f"{kind}.{field}").alias(name)
        for kind, names in KINDS.items()
        for field, name in zip(("of", "count", "mean"), names, strict=True)
    ]
