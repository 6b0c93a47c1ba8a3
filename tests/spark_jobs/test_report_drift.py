"""report_drift on ratings whose change is planted, and on real ones: cut where asked, measured as pandas does, told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from domain.statistics import drift
from spark_jobs import report_drift
from spark_jobs.drift.counts import by_date, count
from spark_jobs.drift.report import ENOUGH, ORDER, analyse
from spark_jobs.publishing.active import FileActiveRuns
from spark_jobs.run import cli
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.schemas import CLEAN
from spark_jobs.storage.tables import ParquetTables
from tests.support.figures import assert_is_told

START = datetime(2015, 1, 1, tzinfo=UTC)
RATINGS = 3000


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Ten ratings a second now and then, from January to June without March; half stars from May on."""
    random = np.random.default_rng(1)
    days = np.sort(random.choice([day for day in range(181) if not 59 <= day < 90], RATINGS))
    stars = random.integers(1, 6, RATINGS) - np.where((days >= 120) & (random.random(RATINGS) < 0.6), 0.5, 0.0)
    pairs = random.permutation(60 * 80)[:RATINGS]
    return pd.DataFrame(
        {
            "user_id": pairs // 80 + 1,
            "movie_id": pairs % 80 + 1,
            "rating": stars,
            "rated_at": [START + timedelta(days=int(day), hours=int(day) % 5) for day in days],
        }
    )


@pytest.fixture(scope="module")
def paths(spark: SparkSession, rows: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    paths = Paths(tmp_path_factory.mktemp("drift"))
    records = [(int(u), int(m), float(r), when.to_pydatetime()) for u, m, r, when in rows.itertuples(index=False)]
    spark.createDataFrame(records, CLEAN["ratings"]).repartition(3).write.parquet(str(paths.clean / "ratings"))
    movies = [(m, f"Movie {m}", 2000, ["Drama"] if m % 3 else ["War", "Drama"]) for m in range(1, 81)]
    spark.createDataFrame(movies, CLEAN["movies"]).write.parquet(str(paths.clean / "movies"))
    (paths.clean / "dataset.json").write_text(json.dumps({"dataset_id": "planted-8"}))
    return paths


def compare(spark: SparkSession, paths: Paths, *typed: str) -> Run:
    flags = vars(cli.parser("report_drift", "", report_drift.add_arguments).parse_args(typed))
    del flags["data_dir"]
    run = Run("report_drift", paths, {})
    report_drift.main(spark, run, **flags)
    return run


def report_of(run: Run) -> dict[str, Any]:
    return dict(json.loads((run.paths.report(run.run_id) / "drift.json").read_text()))


@pytest.fixture(scope="module")
def by_time(spark: SparkSession, paths: Paths) -> Run:
    """A cut in the middle, before anything is published."""
    return compare(spark, paths, "--recent-share", "0.5", "--tables", f"parquet:{paths.root / 'tables'}")


@pytest.fixture(scope="module")
def at_random(spark: SparkSession, paths: Paths) -> Run:
    """A cut by a hash, after a run was published."""
    FileActiveRuns(ParquetTables(paths.root / "published")).flip("run-1", "planted-7", None)
    published = f"parquet:{paths.root / 'published'}"
    return compare(spark, paths, "--at-random", "--recent-share", "0.5", "--tables", published)


@pytest.fixture(scope="module")
def half(by_time: Run) -> dict[str, Any]:
    return report_of(by_time)


def feature(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in report["features"] if one["feature"] == name)


def test_half_of_the_ratings_in_time_is_cut_off_also_within_a_second(half: dict[str, Any], rows: pd.DataFrame) -> None:
    ordered = rows.sort_values(["rated_at", "user_id", "movie_id"])
    parts = ordered.iloc[: RATINGS // 2], ordered.iloc[RATINGS // 2 :]
    assert parts[0]["rated_at"].max() == parts[1]["rated_at"].min(), "the cut is within a second"
    values = np.arange(1, 11) / 2
    counts = [part["rating"].value_counts().reindex(values, fill_value=0) for part in parts]
    expected = drift.distance(*counts, values)
    found = feature(half, "rating")
    assert found["psi"] == pytest.approx(expected.psi, rel=1e-9)
    assert found["wasserstein"] == pytest.approx(expected.wasserstein, rel=1e-9)
    assert found["mean_recent"] == pytest.approx(parts[1]["rating"].mean())


def test_new_users_and_movies_are_shares_of_the_recent_ratings(half: dict[str, Any], rows: pd.DataFrame) -> None:
    ordered = rows.sort_values(["rated_at", "user_id", "movie_id"])
    before, after = ordered.iloc[: RATINGS // 2], ordered.iloc[RATINGS // 2 :]
    for name, column in (("new users", "user_id"), ("new movies", "movie_id")):
        assert feature(half, name)["share"] == pytest.approx((~after[column].isin(before[column])).mean())


def test_half_stars_that_begin_ask_for_training_and_the_reason_is_told(half: dict[str, Any]) -> None:
    assert (half["verdict"], half["retrain"]) == ("act", True)
    assert half["because"].startswith("the distribution of rating has moved: PSI ")
    assert feature(half, "genre")["verdict"] == "good"


def test_a_month_without_data_is_named(half: dict[str, Any]) -> None:
    assert half["months_without_data"] == ["2015-03"]
    assert [month["month"] for month in half["months"]] == ["2015-01", "2015-02", "2015-04", "2015-05", "2015-06"]
    assert sum(month["ratings"] for month in half["months"]) == RATINGS
    assert half["months"][-1]["verdict"] == "act"


def test_a_gap_is_worth_watching_when_it_is_recent(spark: SparkSession, paths: Paths) -> None:
    """March has no ratings; after a cut in February that is news, after one in April it is not."""
    ratings, movies = (spark.read.parquet(str(paths.clean / name)) for name in ("ratings", "movies"))
    until_april = ratings.where("rated_at < '2015-05-01'")  # without the half stars
    found = {
        month: analyse(count(by_date(until_april, datetime(2015, month, 10, tzinfo=UTC)).cache(), movies))
        for month in (2, 4)
    }
    assert {month: report["verdict"] for month, report in found.items()} == {2: "watch", 4: "good"}
    assert found[2]["because"] == f"{ENOUGH}; no ratings came in 2015-03"
    assert (found[2]["retrain"], found[4]["because"]) == (False, ENOUGH)
    assert all(report["months_without_data"] == ["2015-03"] for report in found.values())


def test_years_between_files_and_what_people_rate_on_the_site_are_told_in_a_few_words(
    spark: SparkSession, paths: Paths
) -> None:
    ratings, movies = (spark.read.parquet(str(paths.clean / name)) for name in ("ratings", "movies"))
    on_the_site = ratings.limit(3).withColumn("rated_at", F.lit("2025-01-02").cast("timestamp"))
    report = analyse(
        count(by_date(ratings.unionByName(on_the_site), datetime(2015, 6, 10, tzinfo=UTC)).cache(), movies)
    )
    assert len(report["months_without_data"]) == 115
    told = "2015-07, 2015-08, 2015-09, 2015-10, 2015-11, 2015-12 and 108 more"
    assert report["because"].endswith(f"no ratings came in {told}")


def test_new_users_ask_for_training_and_so_does_the_verdict(
    spark: SparkSession, paths: Paths, rows: pd.DataFrame
) -> None:
    ratings, movies = (spark.read.parquet(str(paths.clean / name)) for name in ("ratings", "movies"))
    cut = ratings.where("rated_at < '2015-03-01'").withColumn("recent", F.col("user_id") > 40).cache()
    report = analyse(count(cut, movies))
    assert feature(report, "new users")["share"] == 1.0
    assert {name: feature(report, name)["verdict"] for name in ("rating", "genre")} == {
        "rating": "good",
        "genre": "good",
    }
    assert (report["verdict"], report["retrain"]) == ("act", True)
    assert report["because"] == "100.0% of the recent ratings are by users without an earlier one"


def test_the_files_and_the_table_have_the_report(spark: SparkSession, paths: Paths, half: dict[str, Any]) -> None:
    folder = paths.report(half["run_id"])
    assert pd.read_csv(folder / "drift_analysis.csv")["feature"].tolist() == list(ORDER)
    assert "retrain: yes, because" in (folder / "drift.html").read_text(encoding="utf-8")
    stored = (
        ParquetTables(paths.root / "tables").read(spark, "reports_by_subject").where(f"run_id = '{half['run_id']}'")
    )
    (row,) = stored.collect()
    assert (row["subject"], row["verdict"]) == ("drift", "act")
    figures = json.loads(row["report"])["figures"]
    by = ("stars given", "genre", "hour of the day", "weekday")
    months = ["Mean rating by month", "Drift of the stars by month"]
    assert [figure["title"] for figure in figures] == [*(f"Ratings by {words}" for words in by), *months]
    for figure in figures:
        assert_is_told(figure["title"], figure["sentence"], figure["plot"])


def test_a_cut_at_a_day_without_ratings_behind_is_refused(spark: SparkSession, paths: Paths) -> None:
    ratings, movies = (spark.read.parquet(str(paths.clean / name)) for name in ("ratings", "movies"))
    with pytest.raises(JobError, match="One side of the cut has no ratings"):
        count(by_date(ratings, datetime(2030, 1, 1, tzinfo=UTC)), movies)


def test_the_record_says_what_is_published(by_time: Run, at_random: Run) -> None:
    assert by_time.facts["drift"]["published"] is None
    assert at_random.facts["drift"]["published"] == {"run_id": "run-1", "dataset_id": "planted-7"}


def test_a_random_cut_is_stable(at_random: Run) -> None:
    report = report_of(at_random)
    assert {report["verdict"], *(feature["verdict"] for feature in report["features"])} == {"good"}
    assert report["retrain"] is False


@pytest.mark.realdata
def test_halves_of_movielens_drawn_at_random_are_stable(spark: SparkSession, movielens_clean: Paths) -> None:
    run = compare(spark, movielens_clean, "--recent-share", "0.5", "--at-random", "--tables", "none")
    assert (run.facts["drift"]["verdict"], run.facts["drift"]["retrain"]) == ("good", False)
    assert run.metrics["psi.rating"] < 0.01
    assert run.metrics["js.genre"] < 0.05


@pytest.mark.realdata
def test_the_later_half_of_movielens_asks_for_training_for_the_stars_that_came_with_halves(
    spark: SparkSession, movielens_clean: Paths
) -> None:
    run = compare(spark, movielens_clean, "--recent-share", "0.5", "--tables", "none")
    assert (run.facts["drift"]["verdict"], run.facts["drift"]["retrain"]) == ("act", True)
    assert "the distribution of rating has moved: PSI 0.2838, JS distance 0.2237" in run.facts["drift"]["because"]
    assert run.metrics["psi.rating"] == pytest.approx(0.2838, abs=5e-5)
