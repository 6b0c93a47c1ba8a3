"""Epsilon from labelled rows, or from the share of rows that are expected to be outliers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.statistics import thresholds
from domain.statistics.gaussian import Gaussian
from domain.statistics.moments import Matrix, Vector
from domain.statistics.thresholds import Search, Threshold, Truth
from spark_jobs.frames.columns import column
from spark_jobs.outliers.detectors import Detector
from spark_jobs.outliers.numeric_tables import ROW, NumericTable, matrix, read_numbers, truth
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.tables import Tables

QUANTILE_ERROR = 1e-5  # of the rank of epsilon among all rows: none up to 100,000
NAMED = 1000  # rows that are printed for a search
DIFFERENT = 10  # values of a column of labels: enough to see others than 0 and 1
SEARCHES: dict[str, Search] = {"exact": thresholds.exact, "grid": thresholds.grid}


@dataclass(frozen=True)
class Epsilon:
    """The threshold in use; `by_search` and `auroc` are known where there are labels."""

    log_epsilon: float
    how: str
    by_search: dict[str, Threshold]
    auroc: float | None = None

    @property
    def limits(self) -> dict[str, float]:
        """The threshold of each search, without labels the only one there is."""
        return {name: threshold.log_epsilon for name, threshold in self.by_search.items()} or {
            self.how: self.log_epsilon
        }


@dataclass(frozen=True)
class Below:
    """The number of rows below the threshold of a search, and the ids of the first of them."""

    outliers: int
    row_ids: list[str]


def threshold_words(detector: Detector, score: float) -> tuple[str, str]:
    """Name and value of a threshold: epsilon, a density, of a Gaussian; of a forest, which has none, the score."""
    return ("epsilon", density_text(score)) if isinstance(detector.model, Gaussian) else ("score", f"{score:.6f}")


def density_text(log_density: float) -> str:
    """e to the power of a logarithm, also where a float64 would underflow: 8.99e-05, 3.1e-400."""
    if not math.isfinite(log_density):
        return "0" if log_density < 0 else "inf"
    exponent, rest = divmod(log_density / math.log(10), 1.0)
    return f"{10**rest:.6f}e{int(exponent):+03d}"


def threshold_text(detector: Detector, chosen: Epsilon, incomplete: int) -> str:
    """Where the limit between usual and unusual comes from and what it is worth, and how many rows have no score."""
    word, value = threshold_words(detector, chosen.log_epsilon)
    origin = f"{chosen.how}, a share that is assumed: there are no labels"
    if used := chosen.by_search.get(chosen.how):
        origin = f"labels: F1 {used.f1:.4f}, precision {used.precision:.4f}, recall {used.recall:.4f}"
    left_out = f" · {incomplete:,} incomplete rows have no score" if incomplete else ""
    return f"{word} {value} by {origin}{left_out}"


def by_labels(scores: Vector, outlier: Truth, search: str) -> Epsilon:
    """The best F1 by each search, of which the one named is used."""
    by_search = {name: find(scores, outlier) for name, find in SEARCHES.items()}
    return Epsilon(by_search[search].log_epsilon, search, by_search, thresholds.auroc(scores, outlier))


def by_share(scores: DataFrame, share: float) -> Epsilon:
    """The percentile by which scikit-learn's `contamination` cuts: ⌈share · (n - 1)⌉ of n different scores lie below.

    Raises:
        JobError: no row has a score.
    """
    count = scores.where(F.col("score").isNotNull()).count()
    if count == 0:
        raise JobError("No row is complete, so none has a score.")
    place = (count - 1) * (100.0 * share / 100)  # from 0, among the rising scores, as numpy.percentile has it
    lower = int(place)
    # in the middle of a rank, where no rounding leads to the next one
    ranks = [(lower + 0.5) / count, min(lower + 1.5, count - 0.5) / count]
    low, high = scores.approxQuantile("score", ranks, QUANTILE_ERROR)
    between = low + (high - low) * (place - lower) if math.isfinite(low) else high
    return Epsilon(between if place > lower else low, f"contamination {share:g}", {})


def rows_below(scores: DataFrame, log_epsilon: float) -> Below:
    """Count the rows that score less, and name the NAMED least usual ones, by rising number where they are numbered."""
    below = scores.where(F.col("score") < log_epsilon)
    named = [str(row[ROW]) for row in below.orderBy("score", ROW).limit(NAMED).select(ROW).collect()]
    count = len(named) if len(named) < NAMED else below.count()
    return Below(count, sorted(named, key=int) if all(map(str.isdecimal, named)) else named)


@dataclass(frozen=True)
class Labelled:
    """Rows of a file X by the `names` of their columns, and their labels; `sources` are the files of the two."""

    sources: tuple[str, str]
    names: tuple[str, ...]
    rows: Matrix
    labels: Vector

    def scores(self, detector: Detector, columns: Sequence[str]) -> tuple[Vector, Truth]:
        """Scores and truth of the complete rows; `columns` are those of the table that the detector learned from.

        Raises:
            JobError: the columns do not fit, or the complete rows have labels of one kind only.
        """
        rows = self.rows[:, self._places(detector.features, columns)]
        complete = np.isfinite(rows).all(axis=1)
        return detector.score(rows[complete]), truth(self.labels[complete], self.sources[1])

    def _places(self, features: Sequence[str], columns: Sequence[str]) -> list[int]:
        """The positions of the features: by name, else by place among as many columns of the table, or features."""
        for order in (self.names, columns, features):
            if len(order) == len(self.names) and set(features) <= set(order):
                return [list(order).index(name) for name in features]
        raise JobError(f"{self.sources[0]}: has {len(self.names)} columns of numbers, the model {len(features)}.")


def read_labelled(
    spark: SparkSession, files: list[str], work: Path, label: str | None, header: str, tables: Tables | None
) -> Labelled:
    """A file X and a file y, or one file with a column `label`; `work` as in `read_numbers`.

    Raises:
        JobError: the files do not fit each other, or the labels are not of two kinds.
    """
    table = read_numbers(spark, files[0], work, tables, header=header)
    names = tuple(name for name in table.names if len(files) > 1 or name != label)
    if len(files) > 1:
        rows, labels = table.matrix(names), _labels(spark, files[1], work, header)
    elif label in table.names:
        both = table.matrix((*names, label))
        rows, labels = both[:, :-1], both[:, -1]
    else:
        raise JobError(f"{files[0]}: name its column of 0 and 1 with --label, or a file of labels after it.")
    if len(rows) != len(labels):
        raise JobError(f"{files[-1]}: {len(labels)} labels for the {len(rows)} rows of {files[0]}.")
    truth(labels, files[-1])
    return Labelled((files[0], files[-1]), names, rows, labels)


def _labels(spark: SparkSession, file: str, work: Path, header: str) -> Vector:
    table = read_numbers(spark, file, work, header=header)
    if len(table.names) != 1:
        raise JobError(f"{file}: must be one column of labels, but has {len(table.names)}.")
    return table.matrix(table.names)[:, 0]


def check_label(table: NumericTable, label: str) -> None:
    """Return when the table's column `label` is one of labels.

    Raises:
        JobError: it is not there, or has other values than 0 and 1, or one of these only.
    """
    if label not in table.names:
        raise JobError(f"{label}: no such column for --label; there are {', '.join(table.names)}.")
    some = table.frame.select(column(label)).dropna().distinct().limit(DIFFERENT)
    truth(matrix(some), label, are_rows=False)


def labelled_input(scores: DataFrame, label: str) -> tuple[Vector, Truth]:
    """Scores and truth of the rows that were scored; for tables that fit in the driver."""
    both = matrix(scores.where(F.col("score").isNotNull()).select("score", column(label)))
    return both[:, 0], truth(both[:, 1], label)
