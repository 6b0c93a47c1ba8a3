"""The Isolation Forest over users: trained on a sample, scored on the executors, its stability over seeds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sklearn.ensemble import IsolationForest

from domain.statistics.moments import Matrix
from spark_jobs.outliers import detectors, epsilon
from spark_jobs.outliers.detectors import Detector
from spark_jobs.outliers.transforms.scores import scored

FEATURES = ("rating_count", "mean_rating", "std_rating")
SEEDS = 5  # of the forests that are compared


@dataclass(frozen=True)
class Isolated:
    """The detector, and by rising user_id `isolation_score` and `isolation_anomaly` of each user."""

    detector: Detector
    users: pd.DataFrame
    stability: float


def isolate(features: DataFrame, contamination: float, sample_rows: int, seed: int) -> Isolated:
    """Forest over FEATURES; anomalies are the users below the score that `contamination` of the users do not reach."""
    detector = detectors.fit(features, FEATURES, {}, "isolation-forest", sample_rows, seed).detector
    scores = scored(features.select("user_id", *FEATURES), detector.features, detector).cache()
    limit = epsilon.by_share(scores, contamination).log_epsilon
    users = scores.select(
        "user_id", F.col("score").alias("isolation_score"), (F.col("score") < limit).alias("isolation_anomaly")
    )
    by_user = pd.DataFrame(users.toPandas()).sort_values("user_id", ignore_index=True)
    scores.unpersist()
    sample = detectors.sampled(features, detector.features, sample_rows, seed)
    return Isolated(detector, by_user, stability(sample, contamination, seed))


def stability(sample: Matrix, contamination: float, seed: int) -> float:
    """Mean overlap (Jaccard) of the anomalies of forests that differ in their seed only; 1 if it means nothing."""
    flagged = []
    for other in range(seed, seed + SEEDS):
        scores = IsolationForest(random_state=other).fit(sample).score_samples(sample)
        flagged.append(set(np.argsort(scores, kind="stable")[: max(1, int(contamination * len(sample)))].tolist()))
    return float(np.mean([len(first & other) / len(first | other) for first, other in pairwise(flagged)]))
