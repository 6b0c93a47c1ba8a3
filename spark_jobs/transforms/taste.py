"""The taste of users as vectors over genres, and the segments that k-means finds among them."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.ml.clustering import KMeans, KMeansModel
from pyspark.ml.evaluation import ClusteringEvaluator
from pyspark.ml.feature import StandardScaler, StandardScalerModel
from pyspark.ml.functions import array_to_vector
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from domain.segments import MIN_RATINGS

DAMPING = 20  # ratings at the user's own mean, added to those of each genre: a mean of few ratings says little
SAMPLE = 5_000  # users that the segments are learned from
ITERATIONS, TOLERANCE = 10, 0.05  # of k-means; in standard deviations that a centre still moves

RAW, TASTE, CLUSTER = "raw_taste", "taste", "cluster"


def with_taste(users: DataFrame, genres: Sequence[str]) -> DataFrame:
    """`users` and the vector `raw_taste`: of each genre the share of the user's ratings, then of each the deviation.

    The deviation is that of the genre's mean from the user's, in stars, times n / (n + DAMPING) for n ratings.

    Args:
        users: rating_count, mean_rating, genres, genre_counts, genre_means as in users_by_id.
        genres: every genre of the data set.
    """
    # a lambda in place of one expression a genre: the generated code stays short
    maps = users.withColumn("counts", F.map_from_arrays("genres", "genre_counts"))
    maps = maps.withColumn("means", F.map_from_arrays("genres", "genre_means"))

    def share(genre: Column) -> Column:
        return F.coalesce(F.element_at("counts", genre) / F.col("rating_count"), F.lit(0.0))

    def deviation(genre: Column) -> Column:
        count, mean = F.element_at("counts", genre), F.element_at("means", genre).cast("double")
        return F.coalesce((mean - F.col("mean_rating")) * count / (count + DAMPING), F.lit(0.0))

    every = F.array(*map(F.lit, genres))
    taste = F.concat(F.transform(every, share), F.transform(every, deviation))
    return maps.withColumn(RAW, array_to_vector(taste)).drop("counts", "means")


def sample_of(users: DataFrame, seed: int) -> DataFrame:
    """At most `SAMPLE` users with enough ratings, in one partition and an order of their own.

    k-means adds up and draws partition by partition. With one partition whose rows are in a fixed order its result
    depends on neither the cores nor how the users were partitioned before.
    """
    enough = users.where(F.col("rating_count") >= MIN_RATINGS).select("user_id", RAW)
    return enough.orderBy(F.xxhash64(F.lit(seed), "user_id"), "user_id").limit(SAMPLE).coalesce(1)


def learn_scale(sample: DataFrame) -> StandardScalerModel:
    """What standardises the columns of `raw_taste` to `taste`; one that is the same for all users becomes 0."""
    return StandardScaler(inputCol=RAW, outputCol=TASTE, withMean=True).fit(sample)


def learn_segments(sample: DataFrame, k: int, seed: int) -> KMeansModel:
    """k-means (k-means|| to begin with) on `taste`; fewer than `k` clusters where there are fewer tastes."""
    means = KMeans(k=k, seed=seed, featuresCol=TASTE, predictionCol=CLUSTER, maxIter=ITERATIONS, tol=TOLERANCE)
    return means.fit(sample)


def silhouette(sample: DataFrame, model: KMeansModel) -> float:
    """Mean silhouette by squared Euclidean distance, -1 to 1; -1 for a single cluster, which has none."""
    if sum(size > 0 for size in model.summary.clusterSizes) < 2:
        return -1.0
    return ClusteringEvaluator(featuresCol=TASTE, predictionCol=CLUSTER).evaluate(model.transform(sample))
