"""inject_attackers: a copy of a folder of ratings with attackers in it, and the truth about them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import SparkSession

from domain.contract.generated import MARKER
from domain.contract.movielens import HEADERS
from spark_jobs.inject_attackers import add_arguments, main
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

USERS, MOVIES = 40, 60


def inject(spark: SparkSession, folder: Path, flags: str) -> Run:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    run = Run("inject_attackers", Paths(folder), {})
    main(spark, run, **vars(parser.parse_args(flags.split())))
    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Forty users, each with twenty of sixty movies, and a file of truth that has a line already."""
    rng = np.random.default_rng(1)
    rows = [
        f"{user},{movie},{rng.integers(1, 11) / 2},{1_000_000_000 + 100_000 * user + 10 * movie}"
        for user in range(1, USERS + 1)
        for movie in sorted(rng.choice(np.arange(1, MOVIES + 1), 20, replace=False).tolist())
    ]
    folder = tmp_path / "movielens"
    (folder / "truth").mkdir(parents=True)
    (folder / "ratings.csv").write_text("\n".join([HEADERS["ratings"], *rows]))  # no line end at the end
    (folder / "movies.csv").write_text(f"{HEADERS['movies']}\n1,Known (1999),Drama\n")
    (folder / "truth/fake_profiles.csv").write_text("user_id,attack,target_movie_id\n3,random,7\n")
    return folder


def test_attackers_are_put_into_a_copy_of_a_folder_with_the_truth_beside(
    spark: SparkSession, source: Path, tmp_path: Path
) -> None:
    before = contents(source)
    run = inject(
        spark, tmp_path, f"--attack average --into {source} --attack-size 0.1 --filler-size 0.2 --targets 2 --seed 3"
    )
    after = contents(run.paths.raw("movielens-average"))
    assert contents(source) == before
    assert json.loads(after.pop(MARKER))["by"] == "inject_attackers"
    assert {name for name in before if after[name] != before[name]} == {"ratings.csv", "truth/fake_profiles.csv"}
    assert after["ratings.csv"].startswith(before["ratings.csv"] + b"\n")
    rows = [line.split(",") for line in after["ratings.csv"][len(before["ratings.csv"]) + 1 :].decode().splitlines()]
    truth = after["truth/fake_profiles.csv"][len(before["truth/fake_profiles.csv"]) :].decode().splitlines()
    fakes, attacks, targets = ({line.split(",")[place] for line in truth} for place in range(3))
    assert len(truth) == 2 * run.counts["users.fake"] == 2 * len(fakes) == 8
    assert attacks == {"average"}
    assert len(targets) == 2
    assert {row[0] for row in rows} == fakes == {"41", "42", "43", "44"}
    assert {row[2] for row in rows if row[1] in targets} == {"5.0"}
    assert len(rows) == run.counts["ratings.fake"] == 4 * (12 + 2)


def test_an_attack_needs_a_folder_of_ratings(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"ratings\.csv: no such file"):
        inject(spark, tmp_path, f"--attack random --into {tmp_path}")


def test_more_filler_than_movies_is_told_in_one_sentence(spark: SparkSession, source: Path, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="more than the 24 movies to choose from"):
        inject(spark, tmp_path, f"--attack aop --into {source} --filler-size 0.5")


@pytest.mark.parametrize("flags", ["", "--attack flattery", "--attack aop --targets 0", "--attack aop --seed 0"])
def test_wrong_flags_are_refused(flags: str) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(flags.split())
