"""The fixtures of the layers: none for pure tests, one local Spark session, one real cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[1]
# executors are forked from this process's environment, and must import the same code
os.environ["PYTHONPATH"] = str(ROOT)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """One local session for all tests of frames."""
    session = (
        SparkSession.builder.master("local[2]")
        .appName("tests")
        .config("spark.sql.shuffle.partitions", 4)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", False)
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def movielens_small() -> Path:
    """The real ml-latest-small: $MOVIELENS_SMALL, or ../shared/data beside the repository.

    Where it is absent the tests that need it are skipped on a user's machine and fail in CI.
    """
    folder = Path(os.environ.get("MOVIELENS_SMALL") or ROOT.parent / "shared" / "data" / "ml-latest-small")
    if not (folder / "ratings.csv").is_file():
        absent = f"the real ml-latest-small is not at {folder}; name its folder with MOVIELENS_SMALL"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(absent)
    return folder
