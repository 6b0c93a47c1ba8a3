"""Rows of a model's arrays, made by tasks, are the arrays."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np
import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from domain.contract.movielens import Scale
from domain.models.blended_lists import RankingModel
from domain.models.settings import SHRINKAGE, Blend, Settings
from domain.serving.arrays import ABOUT, PART, from_parts, read_about
from domain.stars.neighbours import Near
from domain.stars.published import StarModel
from spark_jobs.models.transforms.model_parts import A_TASK, arrays_of, model_parts, parts_of
from spark_jobs.models.transforms.recommendations import Learned

MOVIES, RANK, STAR_RANK, HEAD, KEPT = 70_000, 64, 8, 40, 6
ALS, STARS = Settings(RANK, 0.2, 1.5, 15, 4), Settings(STAR_RANK, 0.15, 1.0, 12, 4)


@pytest.fixture(scope="module")
def model() -> Learned:
    """Factors of 35 parts, more than a task makes."""
    random = np.random.default_rng(1)
    head = np.sort(random.choice(MOVIES, HEAD, replace=False))
    ranking = RankingModel(
        random.normal(size=(MOVIES, RANK)).astype(np.float32),
        random.integers(0, 100_000, MOVIES).astype(np.float64),
        head,
        random.integers(0, HEAD, (HEAD, KEPT)).astype(np.int32),
        random.normal(size=(HEAD, KEPT)).astype(np.float32),
        Blend(0.3, 0.1),
    )
    near = Near(
        np.arange(HEAD + 1) * 2, np.arange(2 * HEAD, dtype=np.int32), random.random(2 * HEAD).astype(np.float32)
    )
    biases, factors = random.normal(size=MOVIES), random.normal(size=(MOVIES, STAR_RANK))
    stars = StarModel(3.25, biases.astype(np.float32), factors.astype(np.float32), head, near)
    return Learned(np.arange(MOVIES, dtype=np.int32) * 3, ranking, ALS, STARS, stars, Scale(1.0, 5.0, 1.0))


@pytest.fixture(scope="module")
def rows(spark: SparkSession, model: Learned) -> list[Row]:
    parts = model_parts(spark, spark.sparkContext.broadcast(model), len(parts_of(model)))
    return parts.withColumn("task", F.spark_partition_id()).collect()


def test_the_rows_give_back_every_array(model: Learned, rows: list[Row]) -> None:
    stored = {(row.name, row.part): bytes(row.data) for row in rows}
    about = read_about(stored[ABOUT, 0])
    found = from_parts(about, lambda name, count: (stored.get((name, part)) for part in range(count)))
    expected = {
        "ids": model.ids,
        "factors": model.ranking.factors,
        "raters": model.ranking.raters,
        "head": model.ranking.head,
        "columns": model.ranking.columns,
        "weights": model.ranking.weights,
        "star_biases": model.stars.biases,
        "star_factors": model.stars.factors,
        "near_offsets": model.stars.near.offsets,
        "near_positions": model.stars.near.positions,
        "near_similar": model.stars.near.similar,
    }
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert np.array_equal(found[name], array), name
    types = {name: array.dtype.str for name, array in found.items()}
    small = dict.fromkeys(("factors", "raters", "weights", "star_biases", "star_factors", "near_similar"), "<f4")
    places = dict.fromkeys(("ids", "head", "columns", "near_positions"), "<i4")
    assert types == {**small, **places, "near_offsets": "<i8"}


def test_settings_are_all_that_the_site_computes_with(model: Learned, rows: list[Row]) -> None:
    about = read_about(bytes(next(row.data for row in rows if row.name == ABOUT)))
    assert Settings(**about.settings["ranking"]) == ALS
    assert Settings(**about.settings["stars"]) == STARS
    assert Blend(**about.settings["blend"]) == model.ranking.blend
    assert about.settings["scale"] == [1.0, 5.0, 1.0]
    assert (about.settings["mean_rating"], about.settings["bias_shrinkage"]) == (3.25, SHRINKAGE)
    assert type(model.stars.settings)(**about.settings["near"]) == model.stars.settings
    assert type(model.stars.weights)(**about.settings["star_weights"]) == model.stars.weights


def test_each_part_is_one_row_of_half_a_megabyte_and_a_task_makes_few(rows: list[Row]) -> None:
    keys = [(row.name, row.part) for row in rows]
    assert len(set(keys)) == len(keys)
    assert {name for name, part in keys if part > 0} == {"factors", "star_factors"}
    assert all(len(row.data) <= PART for row in rows)
    tasks = [row.task for row in rows]
    assert len(set(tasks)) == ceil(len(rows) / A_TASK) > 1
    assert max(tasks.count(task) for task in tasks) <= A_TASK


def test_a_model_without_a_head_has_empty_arrays(model: Learned) -> None:
    none = np.zeros(0, np.intp)
    near = Near(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    columns, weights = np.zeros((0, 0), np.int32), np.zeros((0, 0), np.float32)
    alone = replace(
        model,
        ranking=replace(model.ranking, head=none, columns=columns, weights=weights),
        stars=replace(model.stars, head=none, near=near),
    )
    assert arrays_of(alone)["columns"].shape == (0, 0)
    assert {part.name for part in parts_of(alone)} & {"head", "columns", "weights", "near_similar"} == set()
