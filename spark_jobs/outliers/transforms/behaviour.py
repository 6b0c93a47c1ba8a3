"""Features of users by how they rate, and of movies by how they are rated, for the detectors of outliers."""

from __future__ import annotations

from functools import reduce
from operator import add

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from domain.contract.movielens import SCALE, Scale
from domain.statistics.feature_scales import Kind

USER_SCALES = {"rating_count": Kind.LOG, "ratings_per_day": Kind.LOG}
MOVIE_SCALES = {"rating_count": Kind.LOG, "tag_count": Kind.LOG1P}


def user_behaviour(ratings: DataFrame, scale: Scale = SCALE) -> DataFrame:
    """One row a user: user_id, rating_count, mean_rating, std_rating (stars), entropy of the stars (bits),
    ratings_per_day (on days with any), extreme_share (of the highest and the two lowest stars: 0.5, 1 and 5)."""
    names = {stars: f"of_{number}_stars" for number, stars in enumerate(scale.stars)}
    counts = [F.count_if(F.col("rating") == F.lit(stars).cast("float")).alias(name) for stars, name in names.items()]
    by_day = ratings.groupBy("user_id", F.to_date("rated_at")).agg(*counts)  # the only pass over all ratings
    sums = [F.sum(name).cast("double").alias(name) for name in names.values()]
    users = by_day.groupBy("user_id").agg(F.count("*").alias("days"), *sums)
    number = {stars: F.col(name) for stars, name in names.items()}
    extremes = reduce(add, [number[stars] for stars in sorted({*scale.stars[:2], scale.stars[-1]})])
    shares = [of_stars / F.col("rating_count") for of_stars in number.values()]
    bits = [F.when(share > 0, -share * F.log2(share)).otherwise(0.0) for share in shares]
    total = reduce(add, [stars * of_stars for stars, of_stars in number.items()])
    apart = reduce(add, [of_stars * (stars - F.col("mean_rating")) ** 2 for stars, of_stars in number.items()])
    return (
        users.withColumn("rating_count", reduce(add, number.values()))
        .withColumn("mean_rating", total / F.col("rating_count"))
        .select(
            "user_id",
            "rating_count",
            "mean_rating",
            F.sqrt(apart / F.col("rating_count")).alias("std_rating"),
            reduce(add, bits).alias("entropy"),
            (F.col("rating_count") / F.col("days")).alias("ratings_per_day"),
            (extremes / F.col("rating_count")).alias("extreme_share"),
        )
    )


def movie_behaviour(ratings: DataFrame, tags: DataFrame) -> DataFrame:
    """One row a rated movie: movie_id, rating_count, mean_rating (stars), tag_count."""
    rated = ratings.groupBy("movie_id").agg(
        F.count("*").cast("double").alias("rating_count"), F.avg("rating").alias("mean_rating")
    )
    tagged = tags.groupBy("movie_id").agg(F.count("*").cast("double").alias("tag_count"))
    return rated.join(tagged, on="movie_id", how="left").fillna(0.0, ["tag_count"])


def deviations(ratings: DataFrame) -> DataFrame:
    """One row a user: how their ratings differ from the others', after Chirita et al. (2005) and Burke et al. (2006).

    user_id, mean_log_popularity (ln of the movies' counts), rdma and wdma (distance from the movies' means, divided by
    the count and by its square), mean_variance (of these distances, stars²), busiest_hour (most ratings in one hour).
    """
    of_movies = ratings.groupBy("movie_id").agg(F.count("*").alias("c"), F.avg("rating").alias("m"))
    rated = ratings.join(F.broadcast(of_movies), on="movie_id", how="inner")
    apart = F.abs(F.col("rating") - F.col("m"))
    figures = rated.groupBy("user_id").agg(
        F.avg(F.log("c")).alias("mean_log_popularity"),
        F.avg(apart / F.col("c")).alias("rdma"),
        F.avg(apart / (F.col("c") * F.col("c"))).alias("wdma"),
        F.avg(apart * apart).alias("mean_variance"),
    )
    hours = ratings.groupBy("user_id", F.date_trunc("hour", "rated_at").alias("hour")).agg(F.count("*").alias("n"))
    busiest = hours.groupBy("user_id").agg(F.max("n").cast("double").alias("busiest_hour"))
    return figures.join(busiest, on="user_id", how="inner")
