"""generate_sample: from flags to a folder that looks like MovieLens."""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from domain.contract.generated import MARKER
from domain.contract.movielens import HEADERS
from spark_jobs.generate_sample import add_arguments, main
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

FLAGS = "--users 40 --movies 200 --ratings 1200 --seed 3 --dirt-share 0.01 --fake-share 0.1"


def generate(spark: SparkSession, folder: Path, flags: str = FLAGS) -> Run:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    run = Run("generate_sample", Paths(folder), {})
    main(spark, run, **vars(parser.parse_args(flags.split())))
    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def run(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return generate(spark, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def sample(run: Run) -> Path:
    return run.paths.raw("sample")


def test_the_folder_holds_the_four_files_and_the_truth_and_nothing_else(sample: Path) -> None:
    assert set(contents(sample)) == {f"{file}.csv" for file in HEADERS} | {
        MARKER,
        "truth/planted_dirt.csv",
        "truth/fake_profiles.csv",
        *(f"servers/{name}.csv" for name in ("metrics", "validation", "labels")),
    }
    assert [path.name for path in sample.parent.iterdir()] == ["sample"]


@pytest.mark.parametrize("file", HEADERS)
def test_a_file_is_its_header_its_good_lines_and_the_planted_ones(run: Run, sample: Path, file: str) -> None:
    lines = (sample / f"{file}.csv").read_bytes().decode(errors="replace").removesuffix("\n").split("\n")
    with (sample / "truth/planted_dirt.csv").open(encoding="utf-8", newline="") as truth:
        planted = [row["text"] for row in csv.DictReader(truth) if row["file"] == f"{file}.csv"]
    assert lines[0] == HEADERS[file]
    assert len(lines) == 1 + run.counts[f"{file}.good"] + run.counts[f"{file}.planted"]
    assert len(planted) == run.counts[f"{file}.planted"] > 0
    assert Counter(planted) <= Counter(lines)


def test_the_record_counts_what_was_asked_for(run: Run, sample: Path) -> None:
    with (sample / "truth/fake_profiles.csv").open(encoding="utf-8") as truth:
        fakes = {row["user_id"] for row in csv.DictReader(truth)}
    rated_by_fakes = sum(line.split(",")[0] in fakes for line in good_lines(sample, "ratings"))
    assert run.counts["users.fake"] == len(fakes) == 4
    assert run.counts["users"] == 44
    assert run.counts["movies.good"] == 200
    assert run.counts["ratings.good"] - rated_by_fakes == 1200


def good_lines(sample: Path, file: str) -> list[str]:
    """The lines of a file without the header and the planted ones."""
    with (sample / "truth/planted_dirt.csv").open(encoding="utf-8", newline="") as truth:
        planted = {row["text"] for row in csv.DictReader(truth) if row["file"] == f"{file}.csv"}
    lines = (sample / f"{file}.csv").read_bytes().decode(errors="replace").removesuffix("\n").split("\n")
    return [line for line in lines[1:] if line not in planted]


def test_good_ratings_are_sorted_by_user_and_movie(sample: Path) -> None:
    keys = [tuple(map(int, line.split(",")[:2])) for line in good_lines(sample, "ratings")]
    assert keys == sorted(set(keys))
    assert list(dict(keys)) == list(range(1, 45))


def test_a_second_run_writes_the_same_bytes_over_the_first(spark: SparkSession, run: Run, sample: Path) -> None:
    before = contents(sample)
    generate(spark, run.paths.root)
    assert contents(sample) == before


def test_another_seed_writes_other_files(spark: SparkSession, run: Run, sample: Path, tmp_path: Path) -> None:
    other = contents(generate(spark, tmp_path, FLAGS.replace("--seed 3", "--seed 4")).paths.raw("sample"))
    assert {name for name, text in contents(sample).items() if other[name] == text} == {MARKER}


def test_sizes_that_do_not_fit_are_told_in_one_sentence(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="ask for 800 to 2000 ratings"):
        generate(spark, tmp_path, FLAGS.replace("--ratings 1200", "--ratings 10"))


@pytest.mark.parametrize("flags", ["--dirt-share 0.6", "--fake-share -1", "--users 0", "--preset huge"])
def test_wrong_flags_are_refused(flags: str) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(flags.split())
