"""detect_anomalous_users on planted attackers: the same verdict as in memory, both files, both reports."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from sklearn.ensemble import IsolationForest

from domain.fakes import verdicts
from spark_jobs import detect_anomalous_users
from spark_jobs.evaluation import own_holdout
from spark_jobs.outliers import fake_profiles
from spark_jobs.outliers.flagged import fake_users
from spark_jobs.run import cli
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.schemas import CLEAN
from spark_jobs.storage.tables import ParquetTables

GENUINE, FAKES, MOVIES, TARGET = 120, 8, 900, 850


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    """Genuine users choose by popularity; the last ones draw a sixth of all movies, and praise movie TARGET."""
    random = np.random.default_rng(3)
    chance = np.exp(1.7 * random.standard_normal(MOVIES))
    chance[TARGET - 1] = chance.min()
    rows = []
    for user in range(1, GENUINE + FAKES + 1):
        fake = user > GENUINE
        drawn = random.choice(
            MOVIES, 150 if fake else random.integers(20, 120), replace=False, p=None if fake else chance / chance.sum()
        )
        stars = random.integers(4, 10, len(drawn)) / 2
        if fake:
            drawn, stars = np.append(drawn[drawn != TARGET - 1], TARGET - 1), np.append(stars[drawn != TARGET - 1], 5.0)
        rows += [
            (user, int(movie) + 1, float(star), user, minute)
            for minute, (movie, star) in enumerate(zip(drawn, stars, strict=True))
        ]
    return pd.DataFrame(rows, columns=["user_id", "movie_id", "rating", "day", "minute"])


@pytest.fixture(scope="module")
def run(spark: SparkSession, ratings: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("anomalous")
    paths = Paths(root)
    rows = [
        (one.user_id, one.movie_id, one.rating, datetime.fromtimestamp(1e9 + 86_400 * one.day + 90 * one.minute, UTC))
        for one in ratings.itertuples()
    ]
    spark.createDataFrame(rows, CLEAN["ratings"]).repartition(3).write.parquet(str(paths.clean / "ratings"))
    (paths.clean / "dataset.json").write_text(json.dumps({"dataset_id": "planted-9"}))
    (root / "truth.csv").write_text("user_id\n" + "\n".join(str(GENUINE + n) for n in range(1, FAKES + 1)))
    typed = ["--truth", str(root / "truth.csv"), "--tables", f"parquet:{root / 'tables'}", "--seed", "5"]
    parsed = cli.parser("detect_anomalous_users", "", detect_anomalous_users.add_arguments).parse_args(typed)
    flags = vars(parsed)
    del flags["data_dir"]
    made = Run("detect_anomalous_users", paths, {})
    detect_anomalous_users.main(spark, made, **flags)
    return made


@pytest.fixture(scope="module")
def users(run: Run) -> pd.DataFrame:
    return pd.read_csv(run.paths.report(run.run_id) / "user_statistics_with_anomalies.csv")


def test_tasks_come_to_the_verdict_of_one_process(users: pd.DataFrame, ratings: pd.DataFrame) -> None:
    profiles, movies = verdicts.profiles_of(*(ratings[name].to_numpy() for name in ("user_id", "movie_id", "rating")))
    verdict = verdicts.find(verdicts.passes_in_memory(profiles, len(movies)))
    assert users["user_id"].tolist() == verdict.users.tolist()
    assert users["fake_profile"].tolist() == verdict.flagged.tolist()
    np.testing.assert_allclose(users["list_evidence"], verdict.evidence.nats, rtol=1e-9)


def test_planted_attackers_are_flagged_and_measured_against_the_truth(run: Run, users: pd.DataFrame) -> None:
    assert users.loc[users["fake_profile"], "user_id"].tolist() == list(range(GENUINE + 1, GENUINE + FAKES + 1))
    assert (run.metrics["precision"], run.metrics["recall"], run.metrics["genuine_flagged"]) == (1.0, 1.0, 0.0)
    assert run.counts["users.fake-profiles"] == FAKES


def test_features_equal_pandas(users: pd.DataFrame, ratings: pd.DataFrame) -> None:
    counts = ratings.groupby("movie_id")["rating"].agg(["count", "mean"])
    rated = ratings.join(counts, on="movie_id")
    apart = (rated["rating"] - rated["mean"]).abs()
    expected = pd.DataFrame(
        {
            "rating_count": rated.groupby("user_id").size().astype(float),
            "mean_rating": rated.groupby("user_id")["rating"].mean(),
            "std_rating": rated.groupby("user_id")["rating"].std(ddof=0),
            "mean_log_popularity": np.log(rated["count"]).groupby(rated["user_id"]).mean(),
            "rdma": (apart / rated["count"]).groupby(rated["user_id"]).mean(),
            "wdma": (apart / rated["count"] ** 2).groupby(rated["user_id"]).mean(),
            "mean_variance": (apart**2).groupby(rated["user_id"]).mean(),
        }
    )
    found = users.set_index("user_id")[list(expected.columns)]
    pd.testing.assert_frame_equal(found, expected, check_names=False, rtol=1e-6)
    assert users["busiest_hour"].max() == 40  # a rating every 90 seconds


def test_the_forest_is_scikit_learns_and_flags_its_share(users: pd.DataFrame, run: Run) -> None:
    features = users[["rating_count", "mean_rating", "std_rating"]].to_numpy()
    ordered = features[np.lexsort(features.T[::-1])]
    own = IsolationForest(random_state=5).fit(ordered).score_samples(features)
    np.testing.assert_allclose(users["isolation_score"], own, rtol=1e-6)
    assert users["isolation_anomaly"].sum() == (own < np.percentile(own, 5)).sum()
    assert 0.0 < run.metrics["isolation_stability"] <= 1.0


def test_every_anomalous_user_has_a_reason_in_words(run: Run, users: pd.DataFrame) -> None:
    anomalous = pd.read_csv(run.paths.report(run.run_id) / "anomalous_users.csv")
    assert set(anomalous["user_id"]) == set(users.loc[users["fake_profile"] | users["isolation_anomaly"], "user_id"])
    fakes = anomalous[anomalous["fake_profile"]]
    assert fakes["reason"].str.contains("movies look drawn from a list of").all()
    assert fakes["reason"].str.contains(f"gives the highest star to movie {TARGET}").any()
    assert anomalous.loc[~anomalous["fake_profile"], "reason"].str.contains(r"unusual: .*median").all()


def test_both_reports_and_their_lists_are_stored(spark: SparkSession, run: Run) -> None:
    tables = ParquetTables(run.paths.root / "tables")
    reports = {row["subject"]: row for row in tables.read(spark, "reports_by_subject").collect()}
    assert reports.keys() == {"outliers.fake-profiles", "outliers.unusual-users"}
    assert (reports["outliers.fake-profiles"]["verdict"], reports["outliers.unusual-users"]["verdict"]) == (
        "act",
        "good",
    )
    rows = tables.read(spark, "outliers_by_run").where("subject = 'outliers.fake-profiles'").collect()
    assert len(rows) == FAKES
    assert all(row["reasons"] and len(row["values"]) == 5 for row in rows)


def test_the_verdict_does_not_depend_on_the_partitioning(spark: SparkSession, run: Run, users: pd.DataFrame) -> None:
    ratings = spark.read.parquet(str(run.paths.clean / "ratings")).repartition(5)
    verdict, _ = fake_profiles.find(spark, ratings)
    assert verdict.flagged.tolist() == users["fake_profile"].tolist()


def test_training_can_leave_the_flagged_users_out(spark: SparkSession, run: Run) -> None:
    fakes = fake_users(run.paths, "planted-9")
    assert sorted(fakes) == list(range(GENUINE + 1, GENUINE + FAKES + 1))
    training = Run("train_als", run.paths, {})
    split = own_holdout.split(spark, training, 0.2, 1, fakes)
    kept = {row["user_id"] for part in (split.training, split.held_out) for row in part.select("user_id").collect()}
    assert kept == set(range(1, GENUINE + 1))
    assert training.counts["users.excluded"] == FAKES
    with pytest.raises(JobError, match="run detect_anomalous_users first"):
        fake_users(run.paths, "another")


def test_every_user_has_a_row_with_both_verdicts(spark: SparkSession, run: Run, users: pd.DataFrame) -> None:
    stored = ParquetTables(run.paths.root / "tables").read(spark, "anomalies_by_user").orderBy("user_id").toPandas()
    assert set(stored["dataset_id"]) == {"planted-9"}
    assert set(stored["run_id"]) == {run.run_id}
    for column, of_report in (
        ("user_id", "user_id"),
        ("unusual", "isolation_anomaly"),
        ("fake_profile", "fake_profile"),
    ):
        assert stored[column].tolist() == users[of_report].tolist()
    np.testing.assert_allclose(stored["isolation_score"], users["isolation_score"])
    np.testing.assert_allclose(stored["list_evidence"], users["list_evidence"])
    told = stored["reasons"].map(len) > 0
    assert told.tolist() == (stored["unusual"] | stored["fake_profile"]).tolist()
