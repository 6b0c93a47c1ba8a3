"""Detectors of outliers: Gaussians by distributed statistics, robust ones and forests from a sample."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy.stats import boxcox_normmax
from sklearn.covariance import MinCovDet
from sklearn.ensemble import IsolationForest

from domain.contract.files import write_json
from domain.contract.report_files import finite
from domain.statistics import gaussian
from domain.statistics.feature_scales import Kind, Scale, rescaled
from domain.statistics.gaussian import Gaussian
from domain.statistics.moments import Matrix, Moments, Vector, merge_all
from spark_jobs.frames.columns import column
from spark_jobs.outliers.numeric_tables import LINE, ROW, filled, is_finite, matrix
from spark_jobs.outliers.transforms.scores import partial_moments
from spark_jobs.storage.errors import JobError

log = logging.getLogger(__name__)

METHODS = ("per-feature", "full", "robust", "isolation-forest")
FIRST_ROWS = 1000
NUMBER = "_number_of_the_row"
ABOUT, TREES = "model.json", "forest.joblib"


@dataclass(frozen=True)
class Forest:
    """An Isolation Forest (Liu et al., 2008) and the medians of the rows that it was grown on."""

    trees: IsolationForest
    medians: Vector

    def log_density(self, rows: Matrix) -> Vector:
        """Scikit-learn's score: the negative of the paper's anomaly score; not a density, but of the same order."""
        return np.asarray(self.trees.score_samples(rows)) if len(rows) else np.empty(0)

    def contributions(self, rows: Matrix) -> Matrix:
        """The rise of the score when a value is replaced by the feature's median."""
        scores = self.log_density(rows)
        gains = np.empty(rows.shape)
        for feature, middle in enumerate(self.medians):
            changed = rows.copy()
            changed[:, feature] = middle
            gains[:, feature] = self.log_density(changed) - scores
        return gains


@dataclass(frozen=True)
class Detector:
    """Raw values of `features` are put on their `scales`, then the model says how usual they are."""

    method: str
    features: tuple[str, ...]
    scales: tuple[Scale, ...]
    model: Gaussian | Forest

    def score(self, rows: Matrix) -> Vector:
        """ln p, or the score of the forest; -inf where a value's scale is not defined, nothing is less usual."""
        values = rescaled(rows, self.scales)
        defined = np.isfinite(values).all(axis=1)
        scores = np.full(len(rows), -np.inf)
        if defined.any():
            scores[defined] = self.model.log_density(values[defined])
        return scores

    def contributions(self, rows: Matrix) -> Matrix:
        """The share of each value in its row's distance; infinite where its scale is not defined."""
        values = rescaled(rows, self.scales)
        undefined = ~np.isfinite(values)
        return np.where(undefined, np.inf, self.model.contributions(np.where(undefined, 0.0, values)))

    def save(self, folder: Path, about: dict[str, Any]) -> None:
        """model.json, and for a forest its trees beside it."""
        fields: dict[str, Any] = {"method": self.method, "features": list(self.features)}
        fields["scales"] = [scale.as_json() for scale in self.scales]
        if isinstance(self.model, Gaussian):
            fields["gaussian"] = self.model.as_json()
        else:
            joblib.dump(self.model, folder / TREES)
        write_json(folder / ABOUT, {**finite(about), **fields})


def load(folder: Path) -> Detector:
    """Read what `Detector.save` wrote; its forest is a pickle, so load only what you trust."""
    fields = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    scales = tuple(map(Scale.from_json, fields["scales"]))
    model = Gaussian.from_json(fields["gaussian"]) if "gaussian" in fields else joblib.load(folder / TREES)
    return Detector(fields["method"], tuple(fields["features"]), scales, model)


@dataclass(frozen=True)
class Fitted:
    """A detector, and how many rows of the table it could not learn from; `constant` features are left out of it."""

    detector: Detector
    rows: int
    incomplete: int
    constant: tuple[str, ...]


def fit(
    table: DataFrame, features: tuple[str, ...], kinds: dict[str, Kind], method: str, sample_rows: int, seed: int
) -> Fitted:
    """Learn from the complete rows of `table` (columns of doubles).

    Raises:
        JobError: there is nothing to learn from, or a value does not fit its scale.
    """
    needs_sample = method in ("robust", "isolation-forest") or Kind.BOX_COX in kinds.values()
    sample = sampled(table, features, sample_rows, seed) if needs_sample else first_rows(table, features)
    if len(sample) < 2:
        raise _nothing_to_learn(table, features)
    scales = tuple(_scale(name, kinds.get(name, Kind.PLAIN), sample[:, at]) for at, name in enumerate(features))
    values = rescaled(sample, scales)
    origin = np.median(np.where(np.isfinite(values), values, 0.0), axis=0)
    moments, incomplete = _moments(table, features, scales, origin)
    spread = ~gaussian.constant_features(moments.covariance, moments.count)
    if not spread.any():
        alike = f"Every feature has the same value in all rows: {', '.join(features)}."
        if method != "isolation-forest":  # to which they are equally usual
            raise JobError(alike)
        log.warning("%s So none is unusual.", alike)
    # a forest draws its splits from all features: without a constant one its trees would be others than scikit-learn's
    kept = np.arange(len(features)) if method == "isolation-forest" else np.flatnonzero(spread)
    if method == "isolation-forest":
        grown = IsolationForest(random_state=seed, n_jobs=1).fit(values[:, kept])
        model: Gaussian | Forest = Forest(grown, np.median(values[:, kept], axis=0))
    elif method == "robust":
        model = _robust(values[:, kept], origin[kept], seed)
    else:
        covariance = moments.covariance[np.ix_(kept, kept)]
        model = _gaussian(method, origin[kept], moments.mean[kept], covariance)
    names = np.array(features)
    detector = Detector(method, tuple(names[kept].tolist()), tuple(scales[at] for at in kept), model)
    left_out = tuple(name for name in names.tolist() if name not in detector.features)
    return Fitted(detector, moments.count, incomplete, left_out)


def reuse(table: DataFrame, folder: Path) -> Fitted:
    """The detector in a report's folder, for the rows of another table.

    Raises:
        JobError: there is none, or the table lacks one of its features.
    """
    try:
        detector = load(folder)
    except (FileNotFoundError, KeyError) as error:
        raise JobError(f"{folder}: no model of detect_outliers here. Name the folder of a report.") from error
    if missing := [name for name in detector.features if name not in table.columns]:
        raise JobError(f"{missing[0]}: the model needs this feature, but the table has none of that name.")
    complete = _complete(table, detector.features).count()
    return Fitted(detector, complete, table.count() - complete, ())


def sampled(table: DataFrame, features: tuple[str, ...], rows: int, seed: int) -> Matrix:
    """About `rows` of the complete rows (all where there are fewer), chosen by a hash of their number, values and seed.

    So the sample does not depend on partitions, and of rows with the same values it takes a share and not all or none.
    Rows that are numbered come in that order, so that a forest draws the same ones as scikit-learn's on the same file;
    other rows in the order of their values.
    """
    named = [name for name in (LINE, ROW) if name in table.columns]
    number = F.col(named[0]).cast("double") if named else F.lit(None).cast("double")
    complete = _complete(table.withColumn(NUMBER, number), features, NUMBER, *named)
    count = complete.count()
    if count > rows:
        share = int(2**32 * rows / count)
        names = map(column, (*features, *named))
        complete = complete.where(F.pmod(F.xxhash64(F.lit(seed), *names), F.lit(2**32)) < share)
    rows_with_number = matrix(complete.drop(*named))
    values, numbers = rows_with_number[:, :-1], rows_with_number[:, -1]
    numbered = len(numbers) > 0 and np.isfinite(numbers).all()
    return np.asarray(values[np.argsort(numbers, kind="stable") if numbered else np.lexsort(values.T[::-1])])


def first_rows(table: DataFrame, features: tuple[str, ...]) -> Matrix:
    """A few complete rows, to know whereabouts the data are."""
    return matrix(_complete(table, features).limit(FIRST_ROWS))


def _complete(table: DataFrame, features: tuple[str, ...], *more: str) -> DataFrame:
    """Columns `features` and `more` of the rows whose features are all finite numbers."""
    complete = table.select(*map(column, (*features, *more)))
    for name in features:
        complete = complete.where(is_finite(name))
    return complete


def _nothing_to_learn(table: DataFrame, features: tuple[str, ...]) -> JobError:
    counts = filled(table, features)
    emptiest = min(counts, key=counts.__getitem__)
    return JobError(
        "There are fewer than two complete rows of numbers: nothing can be learned from them. The emptiest column is"
        f" {emptiest}, with {counts[emptiest]:,} numbers in {table.count():,} rows:"
        " leave it out (detect_outliers: --features)."
    )


def _moments(
    table: DataFrame, features: tuple[str, ...], scales: tuple[Scale, ...], origin: Vector
) -> tuple[Moments, int]:
    parts = sorted(partial_moments(table, features, scales, origin).collect(), key=lambda part: part["part"])
    if outside := sum(part["outside"] for part in parts):
        raise JobError(
            f"{outside:,} rows have values of 0 or less, for which the logarithm or Box-Cox is not defined:"
            " leave those features as they are (detect_outliers: --log1p)."
        )
    side = len(features)
    moments = [
        Moments(part["count"], np.array(part["mean"]), np.array(part["comoments"]).reshape(side, side))
        for part in parts
    ]
    return merge_all(moments), sum(part["incomplete"] for part in parts)


def _scale(name: str, kind: Kind, values: Vector) -> Scale:
    if kind is not Kind.BOX_COX:
        return Scale(kind)
    if values.min() <= 0 or values.min() == values.max():
        raise JobError(f"{name}: Box-Cox needs different values, all above 0; the lowest is {values.min():g}.")
    return Scale(kind, float(boxcox_normmax(values, method="mle")))


def _robust(values: Matrix, origin: Vector, seed: int) -> Gaussian:
    """Location and scatter of the half that lies closest together (Rousseeuw and Van Driessen, 1999)."""
    try:
        half = MinCovDet(random_state=seed).fit(values - origin)
    except ValueError as error:
        raise _unusable("robust", error) from error
    return _gaussian("robust", origin, half.location_, half.covariance_)


def _gaussian(method: str, origin: Vector, mean: Vector, covariance: Matrix) -> Gaussian:
    try:
        model = gaussian.fit(origin, mean, covariance, full=method != "per-feature")
    except ValueError as error:
        raise _unusable(method, error) from error
    if model.ridge:
        log.warning(
            "The covariance is singular: some features follow from others. %g was added to the diagonal of the"
            " correlations; leave features out, or fit each alone (detect_outliers: --features, --model per-feature).",
            model.ridge,
        )
    return model


def _unusable(method: str, error: ValueError) -> JobError:
    return JobError(
        f"The {method} covariance cannot be used: {str(error).rstrip('.')}. Fit each feature alone (detect_outliers:"
        " --model per-feature)."
    )
