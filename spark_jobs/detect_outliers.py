"""Find the least usual rows of any numeric table: a Gaussian by distributed statistics, epsilon by F1 on labels.

Reads: a text file such as CSV (with or without a header), Parquet, a table of ours (table:NAME), or the features of a
    --subject
Writes: DATA_DIR/reports/<run_id>/{model.json,outliers.csv,outliers.json,outliers.html,scores}; a table on standard
    output; the tables outliers_by_run and reports_by_subject
Example: make job JOB=detect_outliers ARGS="--input X.csv --validation Xval.csv yval.csv"
"""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.cleaning.csv_fields import csv_fields
from domain.contract.generated import is_in_marked
from domain.statistics.feature_scales import Kind
from spark_jobs.frames.partitions import fixed_splits
from spark_jobs.outliers import detectors, epsilon
from spark_jobs.outliers.detectors import Detector, Fitted
from spark_jobs.outliers.epsilon import Epsilon, Labelled
from spark_jobs.outliers.numeric_tables import ROW, filled, read_numbers
from spark_jobs.outliers.plot import outlier_plot
from spark_jobs.outliers.report import (
    Outlier,
    explained_outlier,
    outlier_row,
    outlier_summary,
    outlier_text,
    write_outliers,
)
from spark_jobs.outliers.subjects import SUBJECTS, Subject, known_subject, shuffles_of
from spark_jobs.outliers.transforms.scores import explained, scored
from spark_jobs.run import cli, flags
from spark_jobs.storage import reports
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.folders import scratch
from spark_jobs.storage.paths import spark_path
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import Tables

log = logging.getLogger(__name__)

DRAWN = 1500  # rows in the plot, besides the outliers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of detect_outliers."""
    parser.add_argument("--input", help="file of text or Parquet, or table:NAME (default: what --subject says)")
    parser.add_argument("--subject", type=flags.subject, help=f"{', '.join(SUBJECTS)}, or a name for --input's rows")
    parser.add_argument("--validation", nargs="+", help="labelled rows: files X and y, or one file with --label")
    parser.add_argument("--label", help="column of 0 and 1 (1: outlier) in --validation's one file, else in --input")
    parser.add_argument("--features", type=column_names, help="columns (default: all numbers but --id and --label)")
    parser.add_argument("--id", help="column that names the rows (default: their numbers)")
    parser.add_argument("--header", choices=("auto", "yes", "no"), default="auto", help="of CSV files (default: auto)")
    parser.add_argument("--model", choices=detectors.METHODS, default="per-feature", help="(default: per-feature)")
    parser.add_argument("--model-from", type=flags.folder, metavar="DIR", help="score with an earlier report's model")
    parser.add_argument("--log", type=column_names, default=[], help="features whose ln is taken")
    parser.add_argument("--log1p", type=column_names, default=[], help="features whose ln(1 + x) is taken")
    parser.add_argument("--box-cox", type=column_names, default=[], help="features for Box-Cox, λ of most likelihood")
    parser.add_argument("--epsilon-search", choices=epsilon.SEARCHES, default="exact", help="by F1 (default: exact)")
    parser.add_argument("--contamination", type=flags.share_or_auto(0.01), default=0.01, help="no labels (auto: 0.01)")
    parser.add_argument("--sample-rows", type=flags.positive, default=100_000, help="for robust, forest and Box-Cox")
    parser.add_argument("--seed", type=flags.whole, default=42, help="of sample, robust and forest (default: 42)")
    parser.add_argument("--top", type=flags.positive, default=1000, help="outliers listed (default: 1000)")
    reports.add_tables_flag(parser)


@dataclass(frozen=True)
class Options:
    """The other flags by name: see `add_arguments`."""

    input: str | None
    validation: list[str] | None
    label: str | None
    features: list[str] | None
    id: str | None
    header: str
    model: str
    model_from: Path | None
    log: list[str]
    log1p: list[str]
    box_cox: list[str]
    epsilon_search: str
    contamination: float
    sample_rows: int
    seed: int
    top: int


def main(spark: SparkSession, run: Run, *, subject: str | None, tables: Tables | None, **flags: Any) -> None:
    """Learn, score every row, find epsilon, list what lies below."""
    options = Options(**flags)
    made_from = None if options.input else subject
    with scratch(_work(run)), shuffles_of(spark, run.paths, made_from), fixed_splits(spark):
        _detect(spark, run, subject, tables, options)


def _detect(spark: SparkSession, run: Run, subject: str | None, tables: Tables | None, options: Options) -> None:
    source = _subject(spark, run, subject, tables, options)
    name, run.dataset_id = subject or ("table" if options.input else "servers"), source.dataset_id
    data = source.table.frame.cache()
    labelled = _labelled(spark, run, source, tables, options)
    fitted = _learn(run, data, source, options)
    with reports.report_folder(run) as folder:
        with run.step("score every row") as step:
            scored(data, fitted.detector.features, fitted.detector).write.parquet(str(folder / "scores"))
            step.rows = fitted.rows + fitted.incomplete
        scores = spark.read.parquet(spark_path(folder / "scores"))
        with run.step("find epsilon"):
            chosen = _epsilon(source, fitted.detector, scores, labelled, options)
            below = {search: epsilon.rows_below(scores, limit) for search, limit in chosen.limits.items()}
        with run.step("list the outliers") as step:
            outliers = _listed(run, scores, fitted.detector, chosen, options.top)
            step.rows = len(outliers)
        report = outlier_summary(run, name, source, fitted, chosen, below)
        usual = detectors.sampled(data, fitted.detector.features, DRAWN, options.seed)
        report["plot"] = outlier_plot(fitted.detector, usual, outliers, chosen.log_epsilon)
        fitted.detector.save(folder, {key: value for key, value in report.items() if key != "plot"})
        write_outliers(folder, report, outliers)
    print(outlier_text(report, fitted.detector, chosen, below, outliers))
    rows = [outlier_row(outlier) for outlier in outliers]
    first = f"row {outliers[0].row_id}, {'; '.join(outliers[0].reasons)}" if outliers else ""
    reports.store_report(spark, run, tables, f"outliers.{name}", report["verdict"], report, rows, first)
    run.say(epsilon.threshold_text(fitted.detector, chosen, fitted.incomplete))


def _work(run: Run) -> Path:
    """Where plain copies of files lie while the job runs."""
    return run.paths.checkpoints / run.run_id


def _subject(spark: SparkSession, run: Run, subject: str | None, tables: Tables | None, options: Options) -> Subject:
    with run.step("read"):
        if options.input:
            run.read_invented = is_in_marked(Path(options.input))
            table = read_numbers(spark, options.input, _work(run), tables, options.id, options.header)
            return Subject(table, options.input)
        if subject not in (None, *SUBJECTS):
            raise JobError(f"{subject}: say with --input where its rows are; only {', '.join(SUBJECTS)} are known.")
        known = known_subject(spark, run.paths, subject or "servers", _work(run))
        run.read_invented = is_in_marked(Path(known.source))
        return known


def _labelled(
    spark: SparkSession, run: Run, source: Subject, tables: Tables | None, options: Options
) -> Labelled | None:
    """Rows of --validation, or those that come with the subject; a column of the input itself is checked only.

    Before anything is learned, so that what is wrong with labels is told at once.
    """
    if options.label and not options.validation:
        epsilon.check_label(source.table, options.label)
    elif files := options.validation or source.validation:
        return epsilon.read_labelled(spark, files, _work(run), options.label, options.header, tables)
    return None


def _learn(run: Run, data: DataFrame, source: Subject, options: Options) -> Fitted:
    with run.step("learn") as step:
        saved = options.model_from
        fitted = detectors.reuse(data, saved) if saved else _fit(data, source, options)
        step.rows = fitted.rows
    run.count("rows", fitted.rows + fitted.incomplete)
    run.count("rows.incomplete", fitted.incomplete)
    if fitted.constant:
        log.warning("Left out, the same value in all rows: %s", ", ".join(fitted.constant))
    return fitted


def _fit(data: DataFrame, source: Subject, options: Options) -> Fitted:
    features = options.features or _columns_of_numbers(data, source, options.label)
    kinds = {name: kind for name, kind in source.kinds.items() if name in features}
    for kind, names in ((Kind.LOG, options.log), (Kind.LOG1P, options.log1p), (Kind.BOX_COX, options.box_cox)):
        kinds |= dict.fromkeys(names, kind)
    if unknown := [name for name in [*features, *kinds] if name not in source.table.names]:
        raise JobError(f"{unknown[0]}: no such column of numbers; there are {', '.join(source.table.names)}.")
    return detectors.fit(data, tuple(features), kinds, options.model, options.sample_rows, options.seed)


def _columns_of_numbers(data: DataFrame, source: Subject, label: str | None) -> list[str]:
    names = [name for name in source.table.names if name != label]
    counts = filled(data, names)
    if empty := [name for name in names if not counts[name]]:
        log.warning("Left out, not one number in them: %s", ", ".join(empty))
    if len(empty) == len(names):
        raise JobError(f"{source.source}: no column has a number; the columns are {', '.join(source.table.names)}.")
    return [name for name in names if counts[name]]


def _epsilon(
    source: Subject, detector: Detector, scores: DataFrame, labelled: Labelled | None, options: Options
) -> Epsilon:
    """Epsilon by labels, of other rows or in the input itself; without any by the share of outliers."""
    label, search = options.label, options.epsilon_search
    if labelled is not None:
        columns = [name for name in source.table.names if name != label]
        return epsilon.by_labels(*labelled.scores(detector, columns), search)
    if label:
        return epsilon.by_labels(*epsilon.labelled_input(scores, label), search)
    return epsilon.by_share(scores, options.contamination)


def _listed(run: Run, scores: DataFrame, detector: Detector, chosen: Epsilon, top: int) -> list[Outlier]:
    """The least usual rows below epsilon; all of them are counted, and have their score in the report's Parquet."""
    below = scores.where(F.col("score") < chosen.log_epsilon)
    run.count("outliers", below.count())
    first = below.orderBy("score", ROW).limit(top)
    rows = sorted(explained(first, detector.features, detector).collect(), key=lambda row: (row["score"], row[ROW]))
    return [
        explained_outlier(
            detector, place, row[ROW], row["score"], [row[name] for name in detector.features], row["contributions"]
        )
        for place, row in enumerate(rows, start=1)
    ]


def column_names(text: str) -> list[str]:
    """The argparse type of columns with commas between; a name that has one itself is in double quotes."""
    if not (names := [name.strip() for name in csv_fields(text) or text.split(",") if name.strip()]):
        raise argparse.ArgumentTypeError(f"{text!r} does not name a column")
    return names


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
