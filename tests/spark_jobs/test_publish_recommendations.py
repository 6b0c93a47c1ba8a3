"""The publishing job on a model that was planted, with tables of Parquet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from cql.kinds import Kind
from domain.models.reasons import REASONS
from domain.serving.arrays import ABOUT, from_parts, read_about
from spark_jobs import publish_recommendations
from spark_jobs.models import saved
from spark_jobs.models.transforms.model_parts import arrays_of
from spark_jobs.publish_recommendations import COPIES
from spark_jobs.publishing.active import FileActiveRuns
from spark_jobs.storage.errors import Refused
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import ParquetTables
from tests.support.planted_model import MEASURED_LISTS, plant_model

FLAGS: dict[str, Any] = {
    "model": None,
    "top": 10,
    "tolerance": 0.05,
    "keep": 2,
    "force": False,
}


class Site:
    """One DATA_DIR and its tables."""

    def __init__(self, spark: SparkSession, paths: Paths) -> None:
        self.spark, self.paths, self.tables = spark, paths, ParquetTables(paths.root / "tables")
        self.published = Paths(self.tables.root).published(Kind.RECOMMENDATIONS)

    def publish(self, **flags: Any) -> Run:
        run = Run("publish_recommendations", self.paths, {})
        publish_recommendations.main(self.spark, run, **{"tables": self.tables, **FLAGS, **flags})
        return run

    def rows(self, table: str, run: Run) -> DataFrame:
        return self.tables.read(self.spark, table).where(f"run_id = '{run.run_id}'")

    def runs_with_rows(self) -> set[str]:
        return {row.run_id for table in COPIES for row in self.tables.read(self.spark, table).collect()}

    def active(self) -> str | None:
        active = FileActiveRuns(self.tables).get()
        return active.run_id if active else None


@pytest.fixture(scope="module")
def first(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, clean_data: Callable[[Path, str], Paths]
) -> tuple[Site, Run]:
    """A site with one published run, for tests that only read."""
    paths = clean_data(tmp_path_factory.mktemp("published"), "planted-1")
    plant_model(paths, "20200101T000000.000Z-aaaaaa", ndcg=0.2)
    site = Site(spark, paths)
    return site, site.publish()


def seen(site: Site) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for row in site.spark.read.parquet(str(site.paths.clean / "ratings")).collect():
        found.setdefault(row.user_id, set()).add(row.movie_id)
    return found


def test_every_user_with_ratings_has_a_row_and_none_of_the_rated_movies(first: tuple[Site, Run]) -> None:
    site, run = first
    rows = {row.user_id: row for row in site.rows("recommendations_by_user", run).collect()}
    rated = seen(site)
    assert set(rows) == set(rated)
    for user, row in rows.items():
        assert len(row.movie_ids) == min(10, 80 - len(rated[user]))
        assert not set(row.movie_ids) & rated[user]
        assert row.scores == sorted(row.scores, reverse=True)
        assert len(row.predicted_ratings) == len(row.scores) == len(row.movie_ids)
        assert all(0.5 <= stars <= 5.0 for stars in row.predicted_ratings)


def test_each_movie_of_a_list_has_three_places_for_what_it_is_there_for(first: tuple[Site, Run]) -> None:
    site, run = first
    liked: dict[int, list[tuple[int, float]]] = {}
    for row in site.spark.read.parquet(str(site.paths.clean / "ratings")).collect():
        liked.setdefault(row.user_id, []).append((row.movie_id, row.rating))
    named = 0
    for row in site.rows("recommendations_by_user", run).collect():
        assert len(row.because_ids) == len(row.because_shares) == REASONS * len(row.movie_ids)
        mean = np.mean([stars for _, stars in liked[row.user_id]])
        own = {movie for movie, stars in liked[row.user_id] if stars >= mean - 1e-6}
        assert set(row.because_ids) <= own | {0}
        shares = np.array(row.because_shares).reshape(-1, REASONS)
        ids = np.array(row.because_ids).reshape(-1, REASONS)
        assert ((ids > 0) == (shares > 0)).all()
        assert (np.diff(shares, axis=1) <= 0).all()
        assert (shares.sum(axis=1) <= 1 + 1e-6).all()
        named += int((ids > 0).sum())
    assert named > 0


def test_similar_movies_and_measured_lists_are_those_of_the_models_folder(first: tuple[Site, Run]) -> None:
    site, run = first
    movies = pq.read_table(site.paths.clean / "ratings")["movie_id"].unique().sort().to_numpy()
    similar = {row.movie_id: (row.movie_ids, row.scores) for row in site.rows("similar_by_movie", run).collect()}
    assert similar == {movie: ([other], [0.5]) for movie, other in zip(movies, np.roll(movies, -1), strict=True)}
    measured = {row.user_id: row.movie_ids for row in site.rows("measured_lists_by_user", run).collect()}
    assert measured == dict(zip((1, 2), MEASURED_LISTS.to_pylist(), strict=True))


def test_the_parts_of_the_model_give_back_its_arrays(first: tuple[Site, Run]) -> None:
    site, run = first
    stored = {(row.name, row.part): bytes(row.data) for row in site.rows("model_parts_by_run", run).collect()}
    about = read_about(stored[ABOUT, 0])
    found = from_parts(about, lambda name, count: (stored[name, part] for part in range(count)))
    model = saved.load(site.paths.model("20200101T000000.000Z-aaaaaa"))
    expected = arrays_of(saved.learned(model))
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert array.size > 0
        assert np.array_equal(found[name], array), name
    assert about.settings["stars"] == model.about["settings"]["stars"]
    assert about.settings["ranking"] == model.about["settings"]["ranking"]


def test_what_is_stored_is_counted_copied_and_active(first: tuple[Site, Run]) -> None:
    site, run = first
    for table, folder in COPIES.items():
        copy = site.spark.read.parquet(str(site.published / run.run_id / folder))
        assert sorted(copy.collect()) == sorted(site.rows(table, run).select(*copy.columns).collect())
        assert run.counts[table] == copy.count() > 0
    assert site.active() == run.run_id
    assert run.facts["model"] == "20200101T000000.000Z-aaaaaa"


def test_a_worse_model_is_refused_with_its_figures_and_nothing_changes(first: tuple[Site, Run]) -> None:
    site, run = first
    plant_model(site.paths, "20200102T000000.000Z-bbbbbb", ndcg=0.15)
    with pytest.raises(Refused, match=r"0\.1500.*0\.1900"):
        site.publish()
    assert site.active() == run.run_id
    assert site.runs_with_rows() == {run.run_id}


def test_what_counts_is_how_the_lists_rank_that_are_published(first: tuple[Site, Run]) -> None:
    """Of a blend its own figure, though ALS alone had been better; of ALS alone that one."""
    site, run = first
    plant_model(
        site.paths,
        "20200103T000000.000Z-cccccc",
        ndcg=0.9,
        model="als",
        metrics={"ndcg@10.blend": 0.9, "ndcg@10.als": 0.11, "ndcg@10.popular": 0.1},
    )
    with pytest.raises(Refused, match=r"0\.1100.*0\.1900"):
        site.publish()
    assert site.active() == run.run_id


def test_a_model_below_most_popular_is_refused_also_as_the_first_but_not_by_force(
    spark: SparkSession, tmp_path: Path, clean_data: Callable[[Path, str], Paths]
) -> None:
    paths = clean_data(tmp_path, "planted-1")
    plant_model(paths, "20200102T000000.000Z-bbbbbb", ndcg=0.05)
    site = Site(spark, paths)
    with pytest.raises(Refused, match="most popular"):
        site.publish()
    assert site.active() is None
    assert site.publish(force=True).run_id == site.active()
