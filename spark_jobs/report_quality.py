"""Check tables against rules: missing values, types, ranges, keys, references, distributions, months, trend.

Errors stop training, warnings do not: the verdict on the cleaned data lies beside them, and train_als reads it.

Reads: DATA_DIR/clean/{movies,ratings,tags,links,dataset.json}, or the release that --movielens names, or the CSV or
    Parquet files of --table; rules in YAML;
    DATA_DIR/reports/*/quality.json for the trend
Writes: DATA_DIR/reports/<run_id>/{summary_statistics.csv,quality_checks.csv,quality.json,quality.html};
    DATA_DIR/clean/quality.json (by the default rules only); the table reports_by_subject; a summary on standard output
Example: make job JOB=report_quality ARGS="--rules my_rules.yaml"
"""

from __future__ import annotations

import argparse
import logging
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.contract.files import plain_path
from domain.contract.generated import is_in_marked
from domain.contract.lights import Outcome
from domain.contract.movielens import Scale
from spark_jobs.frames.columns import column
from spark_jobs.movielens.cleaning import clean_apart
from spark_jobs.movielens.releases import is_invented
from spark_jobs.quality import gate, sources
from spark_jobs.quality.checks import Measured, check_table, check_tables, check_trend, followed
from spark_jobs.quality.report import earlier_reports, quality_report, quality_text, sentences, write_quality
from spark_jobs.quality.rules import DEFAULT_RULES, Rules, TableRules, read_rules
from spark_jobs.quality.scan import KeyCount, Table, scan
from spark_jobs.run import cli, flags
from spark_jobs.storage import datasets, reports
from spark_jobs.storage.folders import scratch
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import Tables

log = logging.getLogger(__name__)

EXAMPLES = 3
CLEANED = "quality"  # the subject of reports on the cleaned data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of report_quality."""
    own = parser.add_mutually_exclusive_group()
    own.add_argument("--movielens", type=flags.folder, help="folder of a release, in place of the cleaned data")
    own.add_argument(
        "--table", type=place, action="append", metavar="NAME=PATH", help="CSV or Parquet in place of the cleaned data"
    )
    parser.add_argument("--scale", type=flags.scale, metavar="LOW,HIGH[,STEP]", help="of its ratings (0.5,5,0.5)")
    parser.add_argument(
        "--max-rejected-share", type=flags.share, default=1.0, help="of the lines of a file of --movielens (1)"
    )
    parser.add_argument("--rules", type=flags.folder, default=DEFAULT_RULES, help="(default: spark_jobs/quality.yaml)")
    parser.add_argument("--subject", type=flags.subject, help="name of a report on other data (movielens, tables)")
    parser.add_argument("--as-of", type=flags.day, help="how old data are is counted from this day (default: now)")
    parser.add_argument("--only-report", action="store_true", help="exit code 0 in spite of errors")
    parser.add_argument("--force", action="store_true", help="check even what was checked by the same rules before")
    reports.add_tables_flag(parser)


def main(
    spark: SparkSession,
    run: Run,
    *,
    movielens: Path | None,
    scale: Scale | None,
    max_rejected_share: float,
    table: list[tuple[str, Path]] | None,
    rules: Path,
    subject: str | None,
    as_of: datetime | None,
    only_report: bool,
    force: bool,
    tables: Tables | None,
) -> None:
    """Count, check, report, and refuse data that have errors."""
    about: dict[str, Any] = {} if movielens or table else datasets.clean_dataset(run.paths)
    rated_on = scale or datasets.scale(about)
    expected = read_rules(rules)
    if expected.is_default and not table:
        expected = expected.on_scale(rated_on)
    run.dataset_id = about.get("dataset_id")
    run.read_invented = is_invented(movielens) if movielens else any(is_in_marked(path) for _, path in table or [])
    before = None if force or not run.dataset_id else gate.load(run.paths, run.dataset_id)
    if before and before["rules"] == expected.digest and not expected.ask_the_clock and _is_told(spark, tables, before):
        run.fact("unchanged", True)
        run.say(f"{CLEANED}: {before['verdict']}, as run {before['run_id']} has found by the same rules")
        run.report = run.paths.report(before["run_id"])
        errors = before["errors"]
    else:
        with scratch(run.paths.checkpoints / run.run_id) as work:
            name = CLEANED
            if movielens:
                cleaned = clean_apart(spark, run, movielens, rated_on, work, max_rejected_share)
                looked_at = sources.cleaned(spark, cleaned)
                about, name = {"counts": run.counts}, f"quality.{subject or 'movielens'}"
            elif table:
                looked_at, name = sources.named(spark, dict(table), work), f"quality.{subject or 'tables'}"
            else:
                looked_at = sources.cleaned(spark, run.paths)
            report = _report(spark, run, looked_at, expected, name, as_of or run.started_at, about)
        errors = sentences(report, Outcome.ERROR)
        told = [Outcome.WARN] if errors and not only_report else [Outcome.ERROR, Outcome.WARN]  # or by the refusal
        print(quality_text(report, told))
        first = next(iter(sentences(report, *told)), "") if Outcome.ERROR in told else ""
        reports.store_report(spark, run, tables, name, report["verdict"], report, first=first)
    if errors and not only_report:
        raise gate.refusal(run.dataset_id, errors, gate.advice(run.dataset_id, expected))


def _is_told(spark: SparkSession, tables: Tables | None, before: dict[str, Any]) -> bool:
    """Whether the report is where it should be: Cassandra may have been away, or emptied since."""
    return tables is None or reports.is_stored(spark, tables, CLEANED, before["run_id"])


def _report(
    spark: SparkSession,
    run: Run,
    looked_at: list[Table],
    rules: Rules,
    subject: str,
    as_of: datetime,
    about: dict[str, Any],
) -> dict[str, Any]:
    """Make the report, write its files, and keep the verdict on the cleaned data."""
    measured = [_measure(spark, run, table, rules, looked_at, about) for table in looked_at]
    checks = [check for table in measured for check in check_table(table, as_of)]
    checks += check_tables(rules, [table.name for table in looked_at])
    figures = {name: value for table in measured for name, value in followed(table).items()}
    earlier = earlier_reports(run.paths, subject, figures, run.dataset_id)
    checks += check_trend(figures, [before["metrics"] for before in earlier], rules)
    identity = {"run_id": run.run_id, "dataset_id": run.dataset_id, "generated": run.generated}
    identity |= {"subject": subject, "as_of": as_of.isoformat()}
    with_rejected = [(table, sources.rejected(about, table.name)) for table in measured]
    report = quality_report(identity, with_rejected, checks, figures, earlier, rules)
    for status in Outcome:
        run.count(f"checks.{status}", sum(check.status == status for check in checks))
    run.fact("quality", {"verdict": report["verdict"], "sentence": report["sentence"]})
    with reports.report_folder(run) as folder:
        write_quality(folder, report)
    if run.dataset_id and rules.is_default:  # others are a trial, which opens and closes nothing
        verdict = {name: report[name] for name in ("dataset_id", "run_id", "verdict")}
        gate.save(run.paths, {**verdict, "rules": rules.digest, "errors": sentences(report, Outcome.ERROR)})
    return report


def _measure(
    spark: SparkSession, run: Run, table: Table, rules: Rules, others: list[Table], about: dict[str, Any]
) -> Measured:
    expected = rules.tables.get(table.name)
    if expected is None:
        log.warning("%s: no rules for table %s, so it is described and not checked.", rules.source, table.name)
    with run.step(f"count {table.name}") as step:
        scanned = scan(spark, table, sources.wanted(table, rules, others))
        step.rows = scanned.rows
    run.count(f"{table.name}.rows", scanned.rows)
    lost = sources.rejected(about, table.name)
    share = lost["rejected"] / max(lost["lines"], 1) if lost else None
    measured = Measured(table.name, expected or TableRules(), dict(table.frame.dtypes), scanned, share)
    if measured.key and scanned.keys[measured.key].surplus:
        return _with_repeated(run, table.frame, measured)
    return measured


def _with_repeated(run: Run, frame: DataFrame, measured: Measured) -> Measured:
    """The number of rows that repeat a key, by Spark and so without hashes, and the first such keys."""
    key = measured.key or ()
    with run.step(f"repeated keys of {measured.name}") as step:
        present = frame.select(*map(column, key)).dropna()
        repeated = present.groupBy(*map(column, key)).agg(F.count("*").alias("rows")).where("rows > 1").cache()
        surplus = repeated.agg(F.sum(F.col("rows") - 1)).collect()[0][0] or 0
        first = repeated.orderBy(F.desc("rows"), *map(column, key)).limit(EXAMPLES).collect()
        step.rows = surplus
        repeated.unpersist()
    told = ", ".join(f"{'/'.join(str(row[name]) for name in key)} {row['rows']} times" for row in first)
    counted = {key: KeyCount(measured.scanned.keys[key].rows, surplus)}
    words = f"{surplus:,} rows repeat {' and '.join(key)}: {told}"
    return replace(measured, scanned=replace(measured.scanned, keys=counted), repeated=words)


def place(text: str) -> tuple[str, Path]:
    """The argparse type of `--table`."""
    name, _, path = text.partition("=")
    if not re.fullmatch(r"\w+", name) or not path:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=PATH, such as titles=/data/titles.csv")
    return name, plain_path(path)


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
