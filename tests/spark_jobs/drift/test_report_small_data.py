"""report_drift on data of any size: it reports what it can and says what it cannot, or says why there is no report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from spark_jobs import report_drift
from spark_jobs.run import cli
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.schemas import CLEAN
from tests.support.parquet import save

Rating = tuple[int, int, float, datetime]
START = datetime(2015, 1, 1, tzinfo=UTC)


def ratings(count: int, users: int = 7, stars: Sequence[float] = (1.0, 3.5, 5.0), days: float = 1.0) -> list[Rating]:
    """So many, each `days` after the one before."""
    return [
        (n % users + 1, n // users + 1, stars[n % len(stars)], START + timedelta(seconds=int(86_400 * days * n)))
        for n in range(count)
    ]


def report_on(
    spark: SparkSession, root: Path, rows: list[Rating], *typed: str, genres: Sequence[str] = ("Drama",)
) -> Run:
    """The run of a report on these ratings; all movies have the `genres`."""
    paths = Paths(root)
    movies = [(movie, f"Movie {movie}", 2000, list(genres)) for movie in {row[1] for row in rows}]
    for name, of_table in (("ratings", rows), ("movies", movies)):
        schema = to_arrow_schema(CLEAN[name])
        columns = [dict(zip(schema.names, row, strict=True)) for row in of_table]
        save(paths.clean / name, pa.Table.from_pylist(columns, schema))
    (paths.clean / "dataset.json").write_text(json.dumps({"dataset_id": "small-1"}))
    flags = vars(cli.parser("report_drift", "", report_drift.add_arguments).parse_args(["--tables", "none", *typed]))
    del flags["data_dir"]
    run = Run("report_drift", paths, {})
    report_drift.main(spark, run, **flags)
    return run


def no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


CASES = {
    "no month has 200 ratings": ratings(150),
    "one month": ratings(60, days=0.3),
    "one second": ratings(60, days=0.0),
    "one user": ratings(60, users=1),
    "one movie": ratings(60, users=60),
    "one user, one movie, two ratings": [(1, 1, 3.0, START), (1, 1, 4.0, START + timedelta(days=1))],
    "two ratings of one second": ratings(2, days=0.0),
    "all the same star": ratings(60, stars=(4.0,)),
    "another star afterwards": [(1, n, 4.0 if n < 8 else 2.0, START + timedelta(days=n)) for n in range(10)],
    "years between": ratings(12, days=500.0),
}


@pytest.mark.parametrize("rows", CASES.values(), ids=CASES)
def test_small_data_have_a_report(spark: SparkSession, tmp_path: Path, rows: list[Rating]) -> None:
    run = report_on(spark, tmp_path, rows)
    folder = run.paths.report(run.run_id)
    report = json.loads((folder / "drift.json").read_text(encoding="utf-8"), parse_constant=no_constant)
    assert sum(side["ratings"] for side in report["sides"]) == len(rows)
    assert len(run.summary) == 3
    assert run.summary[0].startswith(f"drift: {report['verdict']}, ")
    assert "no month has 200 ratings" in run.summary[1]
    assert run.summary[2] == f"report: {folder}"


def test_a_month_with_enough_ratings_is_compared_and_nothing_is_said_of_it(spark: SparkSession, tmp_path: Path) -> None:
    run = report_on(spark, tmp_path, ratings(600, users=30, days=0.1))
    assert run.summary[1] == "retrain: yes · 480 ratings before, 120 recent, from 2015-02-18 on"


def test_genres_may_be_missing_on_both_sides(spark: SparkSession, tmp_path: Path) -> None:
    assert report_on(spark, tmp_path, ratings(40), genres=[]).facts["drift"]["verdict"]


def test_genres_on_one_side_only_are_said_to_be(spark: SparkSession, tmp_path: Path) -> None:
    rows = [(user, 1 if user <= 8 else 2, 4.0, START + timedelta(days=user)) for user in range(1, 11)]
    paths = Paths(tmp_path)
    report_on(spark, tmp_path / "all", rows)  # the same with genres on both sides
    schema = to_arrow_schema(CLEAN["movies"])
    movies = [{"movie_id": 1, "title": "A", "year": 2000, "genres": ["War"]}]
    movies += [{"movie_id": 2, "title": "B", "year": 2000, "genres": []}]
    save(paths.clean / "movies", pa.Table.from_pylist(movies, schema))
    (tmp_path / "all" / "clean" / "ratings").rename(paths.clean / "ratings")
    (paths.clean / "dataset.json").write_text(json.dumps({"dataset_id": "small-1"}))
    run = Run("report_drift", paths, {})
    report_drift.main(spark, run, recent_share=0.2, date=None, at_random=False, seed=1, tables=None)
    report = json.loads((run.paths.report(run.run_id) / "drift.json").read_text(encoding="utf-8"))
    (genre,) = (feature for feature in report["features"] if feature["feature"] == "genre")
    assert (genre["verdict"], genre["sentence"]) == ("watch", "no recent rating has a genre, so it cannot be compared")


@pytest.mark.parametrize(
    ("rows", "typed", "said"),
    [
        ([], (), "no ratings"),
        (ratings(1), (), "one rating only"),
        (ratings(5), ("--date", "2030-01-01"), "all 5 are of 2015-01-01 to 2015-01-05"),
        (ratings(5), ("--date", "2014-01-01"), "all 5 are of 2015-01-01 to 2015-01-05"),
        (ratings(2), ("--recent-share", "0.9"), "another --recent-share"),
    ],
)
def test_what_cannot_be_cut_is_said_with_what_would_help(
    spark: SparkSession, tmp_path: Path, rows: list[Rating], typed: tuple[str, ...], said: str
) -> None:
    with pytest.raises(JobError, match=said):
        report_on(spark, tmp_path, rows, *typed)
