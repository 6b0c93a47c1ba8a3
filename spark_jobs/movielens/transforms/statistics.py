"""Figures about every movie and every user, from clean rows."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from domain.contract.movielens import SCALE, Scale


def movie_statistics(movies: DataFrame, ratings: DataFrame, tags: DataFrame, scale: Scale = SCALE) -> DataFrame:
    """One row a movie, rated or not; columns as in the table statistics_by_movie, without the data set.

    The histogram counts the ratings of each of the stars of `scale`.
    """
    rated = ratings.groupBy("movie_id").agg(*_rating_figures(), F.array(*map(count_of, scale.stars)).alias("histogram"))
    tagged = tags.groupBy("movie_id").agg(F.count("*").cast("int").alias("tag_count"))
    joined = movies.select("movie_id").join(rated, on="movie_id", how="left").join(tagged, on="movie_id", how="left")
    nothing = F.array(*[F.lit(0)] * len(scale.stars))
    return joined.fillna(0, ["rating_count", "tag_count"]).withColumn("histogram", F.coalesce("histogram", nothing))


def user_statistics(ratings: DataFrame, movies: DataFrame) -> DataFrame:
    """One row a user; columns as in the table users_by_id, without the data set."""
    figures = ratings.groupBy("user_id").agg(*_rating_figures())
    lists = [
        F.coalesce(F.col(name), F.array().cast(kind)).alias(name)
        for name, kind in (
            ("genres", "array<string>"),
            ("genre_counts", "array<int>"),
            ("genre_means", "array<float>"),
        )
    ]
    return figures.join(_taste(ratings, movies), on="user_id", how="left").select(*figures.columns, *lists)


def ratings_by_month(ratings: DataFrame) -> DataFrame:
    """Ratings of each month that has any: month ("1996-03"), ratings, in that order of time."""
    months = ratings.groupBy(F.year("rated_at").alias("year"), F.month("rated_at").alias("of_year"))
    counted = months.agg(F.count("*").alias("ratings")).orderBy("year", "of_year")
    return counted.select(F.format_string("%04d-%02d", "year", "of_year").alias("month"), "ratings")


def _rating_figures() -> list[Column]:
    return [
        F.count("*").cast("int").alias("rating_count"),
        F.avg("rating").alias("mean_rating"),
        F.stddev_pop("rating").alias("std_rating"),
        F.min("rated_at").alias("first_rated_at"),
        F.max("rated_at").alias("last_rated_at"),
    ]


def count_of(stars: float) -> Column:
    """How many ratings of a group have so many stars."""
    return F.count(F.when(F.col("rating") == F.lit(stars).cast("float"), True)).cast("int")


def _taste(ratings: DataFrame, movies: DataFrame) -> DataFrame:
    """The genres of each user's movies, most rated first: user_id, genres, genre_counts, genre_means."""
    genres = F.broadcast(movies.select("movie_id", "genres"))  # 84k rows in the full data set
    rated = ratings.join(genres, on="movie_id", how="inner").select("user_id", "rating", F.explode("genres").alias("g"))
    each = rated.groupBy("user_id", "g").agg(F.count("*").cast("int").alias("n"), F.avg("rating").alias("mean"))
    by_count = F.array_sort(
        F.collect_list(F.struct((-F.col("n")).alias("fewer"), "g", F.col("mean").cast("float").alias("mean")))
    )
    ordered = each.groupBy("user_id").agg(by_count.alias("taste"))
    return ordered.select(
        "user_id",
        F.col("taste.g").alias("genres"),
        F.transform("taste.fewer", lambda fewer: -fewer).alias("genre_counts"),
        F.col("taste.mean").alias("genre_means"),
    )
