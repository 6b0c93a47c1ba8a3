"""Epsilon from labelled rows, or from the share of rows that are expected to be outliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain import thresholds
from domain.moments import Vector
from domain.thresholds import Search, Threshold, Truth
from spark_jobs.common.detectors import Detector
from spark_jobs.common.errors import JobError
from spark_jobs.common.io import Tables
from spark_jobs.common.numeric_tables import matrix, read_numbers, truth

QUANTILE_ERROR = 1e-5  # of the rank of epsilon among all rows
SEARCHES: dict[str, Search] = {"exact": thresholds.exact, "grid": thresholds.grid}


@dataclass(frozen=True)
class Epsilon:
    """The threshold in use; `by_search` and `auroc` are known where there are labels."""

    log_epsilon: float
    how: str
    by_search: dict[str, Threshold]
    auroc: float | None = None


def by_labels(scores: Vector, outlier: Truth, search: str) -> Epsilon:
    """The best F1 by each search, of which the one named is used."""
    found = {name: find(scores, outlier) for name, find in SEARCHES.items()}
    return Epsilon(found[search].log_epsilon, search, found, thresholds.auroc(scores, outlier))


def by_share(scores: DataFrame, share: float) -> Epsilon:
    """At most `share` of the rows lie below.

    Raises:
        JobError: no row has a score.
    """
    quantiles = scores.approxQuantile("score", [share], QUANTILE_ERROR)
    if not quantiles:
        raise JobError("No row is complete, so none has a score.")
    return Epsilon(quantiles[0], f"contamination {share:g}", {})


def labelled_scores(
    spark: SparkSession, files: list[str], label: str | None, header: str, tables: Tables | None, detector: Detector
) -> tuple[Vector, Truth]:
    """Scores and truth of the rows of a file X and a file y, or of one file with a column `label`.

    Columns are found by name where X has the detector's names, else by place. Incomplete rows are left out.

    Raises:
        JobError: the files do not fit each other or the detector.
    """
    table = read_numbers(spark, files[0], tables, header=header)
    columns = [name for name in table.names if len(files) > 1 or name != label]
    features = detector.features if set(detector.features) <= set(columns) else tuple(columns)
    if len(features) != len(detector.features):
        raise JobError(f"{files[0]}: has {len(columns)} columns of numbers, the model {len(detector.features)}.")
    if len(files) == 1:
        if label not in table.names:
            raise JobError(f"{files[0]}: name its column of 0 and 1 with --label, or a file of labels after it.")
        both = table.matrix((*features, label))
        rows, labels = both[:, :-1], both[:, -1]
    else:
        rows, labels = table.matrix(features), _labels(spark, files[1], header)
    if len(rows) != len(labels):
        raise JobError(f"{files[-1]}: {len(labels)} labels for the {len(rows)} rows of {files[0]}.")
    complete = np.isfinite(rows).all(axis=1)
    return detector.score(rows[complete]), truth(labels[complete], files[-1])


def _labels(spark: SparkSession, file: str, header: str) -> Vector:
    table = read_numbers(spark, file, header=header)
    if len(table.names) != 1:
        raise JobError(f"{file}: must be one column of labels, but has {len(table.names)}.")
    return table.matrix(table.names)[:, 0]


def labelled_input(scores: DataFrame, label: str) -> tuple[Vector, Truth]:
    """Scores and truth of the rows that were scored; for tables that fit in the driver."""
    both = matrix(scores.where(F.col("score").isNotNull()).select("score", f"`{label}`"))
    return both[:, 0], truth(both[:, 1], label)
