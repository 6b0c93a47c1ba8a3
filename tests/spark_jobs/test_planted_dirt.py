"""The generated sample knows what is wrong with it: cleaning rejects exactly that."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from domain.contract.generated import is_generated
from domain.contract.movielens import HEADERS
from spark_jobs import generate_sample, preprocess_movielens
from spark_jobs.storage.datasets import clean_dataset
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import ParquetTables


def test_cleaning_rejects_what_was_planted_and_nothing_else(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths(tmp_path)
    monkeypatch.setattr(preprocess_movielens, "store", lambda *_: None)  # other tests look at tables
    generate_sample.main(
        spark,
        Run("generate_sample", paths, {}),
        preset="small",
        users=40,
        movies=300,
        ratings=1500,
        seed=11,
        dirt_share=0.02,
        fake_share=0.1,
        out=None,
    )
    cleaning = Run("preprocess_movielens", paths, {})
    preprocess_movielens.main(
        spark,
        cleaning,
        movielens=paths.raw("sample"),
        max_rejected_share=0.5,
        force=False,
        segments=None,
        tables=ParquetTables(tmp_path / "tables"),
    )
    assert is_generated(cleaning.dataset_id)
    assert is_generated(clean_dataset(paths)["dataset_id"])
    with (paths.raw("sample") / "truth/planted_dirt.csv").open(encoding="utf-8", newline="") as lines:
        planted = Counter((row["file"], row["reason"], row["text"]) for row in csv.DictReader(lines))
    rejected = pd.concat([pd.read_parquet(paths.rejected / name) for name in HEADERS])
    found = Counter(rejected[["file", "reason", "text"]].itertuples(index=False, name=None))
    assert len({reason for _, reason, _ in planted}) >= 10
    assert (found - planted, planted - found) == (Counter(), Counter())
