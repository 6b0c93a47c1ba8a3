"""Every release of MovieLens ends in the same lists where it holds the same ratings; and what people make of them."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from domain.contract.generated import mark
from domain.contract.movielens import SCALE, Scale
from spark_jobs import preprocess_movielens, publish_recommendations, train_als
from spark_jobs.movielens.cleaned import Cleaned
from spark_jobs.movielens.cleaning import Places, clean
from spark_jobs.movielens.rating_files import read_ratings
from spark_jobs.movielens.releases import is_invented, survey_release
from spark_jobs.run import cli
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import ParquetTables
from tests.support.releases import MOVIES, RELEASES, Ratings, ratings, write_release

# the whole way takes half a minute for each: `PUBLISHED=all` goes it with all of them
PUBLISHED = [*RELEASES][:-1] if os.environ.get("PUBLISHED") == "all" else ["ml-100k"]
WHOLE = "ml-20m-kaggle"  # goes through the whole job
KEYS = {"ratings": ["user_id", "movie_id"], "movies": ["movie_id"]}
CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "movielens"


@dataclass(frozen=True)
class World:
    """A cleaned release: the run, its folders and its tables."""

    run: Run
    paths: Paths
    tables: ParquetTables

    def clean(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.paths.clean / name)

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.tables.root / name)


def cleaned(spark: SparkSession, folder: Path, data: Path, scale: Scale = SCALE, highest: float = 0.05) -> World:
    paths, tables = Paths(data), ParquetTables(data / "tables")
    run = Run("preprocess_movielens", paths, {})
    flags = {"scale": scale, "max_rejected_share": highest, "force": False, "segments": None}
    preprocess_movielens.main(spark, run, movielens=folder, tables=tables, **flags)
    return World(run, paths, tables)


def only_cleaned(spark: SparkSession, folder: Path, data: Path, scale: Scale = SCALE) -> World:
    """Clean and rejected rows without the tables, which take most of the time."""
    paths = Paths(data)
    run, cleaned = Run("preprocess_movielens", paths, {}), Cleaned(paths)
    clean(spark, run, Places(folder, cleaned, 0.05), survey_release(folder, data / "work"), scale)
    cleaned.publish({"dataset_id": folder.name, "run_id": run.run_id, "scale": str(scale), "counts": run.counts})
    return World(run, paths, ParquetTables(data / "tables"))


def published(spark: SparkSession, world: World) -> pd.DataFrame:
    for job, typed in ((train_als, ["--rank", "3", "--unvalidated"]), (publish_recommendations, ["--force"])):
        flags = vars(cli.parser(job.__name__, job.__doc__, job.add_arguments).parse_args(typed))
        del flags["data_dir"]
        if job is publish_recommendations:
            flags["tables"] = world.tables
        job.main(spark, Run(job.__name__, world.paths, {}), **flags)
    return world.table("recommendations_by_user").drop(columns="run_id").sort_values("user_id", ignore_index=True)


@pytest.fixture(scope="module")
def worlds(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    root = tmp_path_factory.mktemp("releases")
    return {
        name: (cleaned if name == WHOLE else only_cleaned)(
            spark, write_release(root / name, name), root / f"{name}-data"
        )
        for name in RELEASES
    }


@pytest.fixture(scope="module")
def usual_lists(spark: SparkSession, worlds: dict[str, World]) -> pd.DataFrame:
    return published(spark, worlds["ml-latest-small"])


@pytest.mark.parametrize("name", RELEASES)
def test_every_release_has_the_same_clean_rows(worlds: dict[str, World], name: str) -> None:
    usual, found = worlds["ml-latest-small"], worlds[name]
    for file in KEYS:
        keys = KEYS[file]
        rows, expected = (world.clean(file).sort_values(keys, ignore_index=True) for world in (found, usual))
        pd.testing.assert_frame_equal(rows, expected)
    assert found.run.counts["ratings.clean"] == len(ratings())
    assert not [count for count in found.run.counts if ".rejected." in count]
    assert found.clean("movies")["title"].tolist() == [title[:-7] for title, _ in MOVIES.values()]
    assert found.clean("movies")["genres"].map(tuple).tolist() == [genres for _, genres in MOVIES.values()]


def test_tags_and_links_are_optional_and_read_where_they_are(worlds: dict[str, World]) -> None:
    rows = {name: (len(world.clean("tags")), len(world.clean("links"))) for name, world in worlds.items()}
    without = dict.fromkeys(("ml-100k", "ml-1m"), (0, 0))
    assert rows == dict.fromkeys(RELEASES, (2, len(MOVIES))) | without | {"ml-10m": (2, 0)}


def test_the_tag_genome_adds_tags_that_fit_and_no_user_gave(worlds: dict[str, World]) -> None:
    genome = [(1, "quiet", 1), (3, "quiet", 0), (3, "so, so quiet", 1), (5, "foreign", 0)]
    tags = worlds[WHOLE].table("tags_by_movie")[["movie_id", "tag", "uses"]]
    assert sorted(tags.itertuples(index=False, name=None)) == genome
    for name in ("ml-20m", "ml-20m-kaggle", "ml-25m-gzipped"):
        assert worlds[name].run.counts["genome-scores.clean"] == 4


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_lists_are_the_same(
    spark: SparkSession, worlds: dict[str, World], usual_lists: pd.DataFrame, name: str
) -> None:
    pd.testing.assert_frame_equal(published(spark, worlds[name]), usual_lists)


@pytest.mark.parametrize("name", RELEASES)
def test_evaluate_and_tune_read_them_alike(spark: SparkSession, tmp_path: Path, name: str) -> None:
    folder = write_release(tmp_path / "parent" / name, name)
    read = read_ratings(spark, folder.parent, SCALE, tmp_path / "work")  # a folder in a folder, as archives unpack
    found = read.selectExpr("user_id", "movie_id", "int(rating)", "unix_timestamp(rated_at)").collect()
    assert sorted(map(tuple, found)) == ratings()


def test_a_release_is_invented_where_it_says_so_packed_or_in_another_folder(tmp_path: Path) -> None:
    made = tmp_path / "outer" / "made"
    made.mkdir(parents=True)
    (made / "ratings.csv").write_text("userId\n")
    assert not is_invented(tmp_path / "outer")
    mark(made, "generate_sample")
    assert is_invented(tmp_path / "outer")
    shutil.make_archive(str(tmp_path / "made"), "zip", made.parent)
    assert is_invented(tmp_path / "made.zip")


def test_a_zip_is_read_whatever_folder_it_has_the_files_in(spark: SparkSession, tmp_path: Path) -> None:
    folder = write_release(tmp_path / "ml-1m", "ml-1m")
    archive = shutil.make_archive(str(tmp_path / "any name"), "zip", tmp_path, "ml-1m")
    assert read_ratings(spark, Path(archive), SCALE, tmp_path / "work").count() == len(ratings())
    shutil.copy(folder / "movies.dat", tmp_path / "no.zip")
    with pytest.raises(JobError, match=r"no\.zip: no whole zip"):
        read_ratings(spark, tmp_path / "no.zip", SCALE, tmp_path / "other")


# --------------------------------------------------------------------------------- what people make of the files


def rewritten(folder: Path, change: dict[str, bytes | None]) -> Path:
    """ml-latest-small with some files changed, or gone."""
    write_release(folder, "ml-latest-small")
    for name, content in change.items():
        (folder / name).unlink() if content is None else (folder / name).write_bytes(content)
    return folder


def lines_of(name: str) -> list[str]:
    return RELEASES["ml-latest-small"](ratings())[name].decode().splitlines()


def with_cells(name: str, change: dict[int, str]) -> bytes:
    """A file whose cells of some columns are written in another way, such as {0: '{}.0'}."""
    header, *rows = lines_of(name)
    cells = [row.split(",") for row in rows]
    return "\n".join(
        [header, *(",".join(change.get(at, "{}").format(cell) for at, cell in enumerate(row)) for row in cells)]
    ).encode()


def reordered() -> bytes:
    rows = [row.split(",") for row in lines_of("ratings.csv")]
    named = ["", "Timestamp", "USER_ID", "note", "movie id", "Rating"]
    return "\n".join(
        [
            ",".join(named),
            *(f"{n},{at},{user},x,{movie},{stars}" for n, (user, movie, stars, at) in enumerate(rows[1:])),
        ]
    ).encode()


def from_r() -> bytes:
    header, *rows = lines_of("ratings.csv")
    quoted = " ".join(f'"{name}"' for name in header.split(","))
    return "\n".join([quoted.replace(" ", ","), *(f'"{n}",{row}' for n, row in enumerate(rows, 1))]).encode()


CHANGED = {
    "no tags, and no links in their file": {"tags.csv": None, "links.csv": b""},
    "pandas: whole numbers as floats": {
        "links.csv": with_cells("links.csv", {2: "{}.0"}),
        "ratings.csv": with_cells("ratings.csv", {0: "{}.0", 1: "{}.0", 3: "{}.0"}),
    },
    "R: exponents": {"ratings.csv": with_cells("ratings.csv", {0: "{}e+00", 2: "{}e0"})},
    "milliseconds": {"ratings.csv": with_cells("ratings.csv", {3: "{}000"})},
    "JavaScript: ISO times and quotes": {"ratings.csv": RELEASES["ml-20m-kaggle"](ratings())["rating.csv"]},
    "columns in another order, and more of them": {"ratings.csv": reordered()},
    "row names": {"ratings.csv": from_r()},
    "no header": {"ratings.csv": "\n".join(lines_of("ratings.csv")[1:]).encode()},
    "Excel: semicolons and decimal commas": {
        "ratings.csv": "\r\n".join(lines_of("ratings.csv")).replace(",", ";").replace(".0;", ",0;").encode("utf-8-sig")
    },
    "tabs": {"ratings.csv": "\n".join(lines_of("ratings.csv")).replace(",", "\t").encode()},
    "UTF-16": {"movies.csv": "\r\n".join(lines_of("movies.csv")).encode("utf-16")},
    "carriage returns": {"ratings.csv": "\r".join(lines_of("ratings.csv")).encode()},
    "Latin-1": {"movies.csv": "\n".join(lines_of("movies.csv")).encode("latin-1")},
    "upper case": {"ratings.csv": None, "RATINGS.CSV": "\n".join(lines_of("ratings.csv")).encode()},
}


@pytest.mark.parametrize("way", CHANGED)
def test_a_release_is_read_however_it_was_saved_again(
    spark: SparkSession, tmp_path: Path, worlds: dict[str, World], way: str
) -> None:
    found = only_cleaned(spark, rewritten(tmp_path / "raw", CHANGED[way]), tmp_path / "data")
    for file, keys in KEYS.items():
        rows, expected = (world.clean(file).sort_values(keys) for world in (found, worlds["ml-latest-small"]))
        pd.testing.assert_frame_equal(rows.reset_index(drop=True), expected.reset_index(drop=True))


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()) if CASES.is_dir() else [])
def test_the_cases_of_public_reports(spark: SparkSession, tmp_path: Path, case: str) -> None:
    scale = Scale.parse("0,10") if case.startswith("scale") else SCALE
    counts = only_cleaned(spark, CASES / case, tmp_path / "data", scale).run.counts
    assert counts["ratings.in"] == counts["ratings.clean"] >= 50
    assert counts["movies.clean"] == counts["movies.in"]
    assert counts["links.clean"] == counts["links.in"]


def rated_on(scale: Scale, first_user: int = 1) -> Ratings:
    """The usual ratings, with the highest and the lowest stars of a scale."""
    return [
        (user - 1 + first_user, movie, int(scale.highest if stars == 5 else scale.lowest), at)
        for user, movie, stars, at in ratings()
    ]


@pytest.mark.parametrize("text", ["0,10", "1,100,1", "-3,3,1"])
def test_ratings_off_the_scale_are_told_with_the_flag_that_says_another(
    spark: SparkSession, tmp_path: Path, text: str
) -> None:
    scale = Scale.parse(text)
    folder = write_release(tmp_path / "raw", "ml-latest-small", rated_on(scale))
    with pytest.raises(JobError, match=rf"rating_out_of_range.*from {scale.lowest:g} to {scale.highest:g}.*--scale"):
        only_cleaned(spark, folder, tmp_path / "refused")
    with pytest.raises(JobError, match=r"ratings\.csv, line \d+: rating_out_of_range .* Say it with --scale"):
        read_ratings(spark, folder, SCALE, tmp_path / "work")
    assert read_ratings(spark, folder, scale, tmp_path / "work").count() == len(ratings())


def test_another_scale_and_user_zero_are_kept_and_shown_as_given(spark: SparkSession, tmp_path: Path) -> None:
    scale = Scale.parse("0,10")
    folder = write_release(tmp_path / "raw", "ml-latest-small", rated_on(scale, first_user=0))
    world = cleaned(spark, folder, tmp_path / "data", scale)
    rows = world.clean("ratings")
    assert sorted(set(rows["rating"])) == [0, 10]
    assert rows["user_id"].min() == 0
    assert world.table("statistics_by_movie")["histogram"].map(sum).sum() == len(ratings())
    lists = published(spark, world)
    assert lists["user_id"].min() == 0
    assert lists["predicted_ratings"].explode().dropna().between(0, 10).all()
