"""report_quality: good data are good, planted faults are found and told, and errors stop the training."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from domain.contract.generated import mark
from spark_jobs import report_quality, train_als
from spark_jobs.quality import gate
from spark_jobs.quality.rules import DEFAULT_RULES
from spark_jobs.run import cli
from spark_jobs.storage.errors import JobError, Refused
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import ParquetTables
from tests.spark_jobs.test_train_als import FLAGS
from tests.support.figures import assert_is_told
from tests.support.releases import ratings, write_release

START = datetime(2015, 1, 1, tzinfo=UTC)
RATINGS, MOVIES = 4000, 150
Frames = dict[str, pd.DataFrame]
SCHEMAS = {
    "movies": {"movie_id": pa.int32(), "title": pa.string(), "year": pa.int32(), "genres": pa.list_(pa.string())},
    "ratings": {
        **{"user_id": pa.int32(), "movie_id": pa.int32(), "rating": pa.float32()},
        "rated_at": pa.timestamp("us", "UTC"),
    },
    "tags": {
        **{"user_id": pa.int32(), "movie_id": pa.int32(), "tag": pa.string()},
        "tagged_at": pa.timestamp("us", "UTC"),
    },
    "links": {"movie_id": pa.int32(), "imdb_id": pa.string(), "tmdb_id": pa.int32()},
}


def good() -> Frames:
    """Tables without a fault: 150 movies, 4000 ratings in 40 months, 300 tags."""
    random = np.random.default_rng(5)
    ids = np.arange(1, MOVIES + 1)
    pairs = random.permutation(60 * MOVIES)[:RATINGS]
    ratings = pd.DataFrame({"user_id": pairs // MOVIES + 1, "movie_id": pairs % MOVIES + 1})
    ratings["rating"] = random.choice(np.arange(1, 11) / 2, RATINGS)
    ratings["rated_at"] = [START + timedelta(hours=int(hour)) for hour in random.integers(0, 24 * 30 * 40, RATINGS)]
    tags = ratings[["user_id", "movie_id"]].head(300).assign(tag=[f"tag {n % 40}" for n in range(300)])
    genres = [["Drama"] if n % 3 else ["War", "Drama"] for n in ids]
    return {
        "movies": pd.DataFrame(
            {"movie_id": ids, "title": [f"Movie {n}" for n in ids], "year": 1990 + ids % 20, "genres": genres}
        ),
        "ratings": ratings,
        "tags": tags.assign(tagged_at=ratings["rated_at"].head(300)),
        "links": pd.DataFrame({"movie_id": ids, "imdb_id": [f"tt{n:07}" for n in ids], "tmdb_id": ids + 5}),
    }


def store(paths: Paths, frames: Frames, **counts: int) -> None:
    """Write the frames as cleaned data of three files with row groups of 700 rows."""
    for name, frame in frames.items():
        fields = [pa.field(column, SCHEMAS[name].get(column, pa.string())) for column in frame.columns]
        table = pa.Table.from_pandas(frame, pa.schema(fields), preserve_index=False)
        (paths.clean / name).mkdir(parents=True)
        for part in range(3):
            rows = table.slice(part * len(frame) // 3, (part + 1) * len(frame) // 3 - part * len(frame) // 3)
            pq.write_table(rows, paths.clean / name / f"part-{part}.parquet", row_group_size=700)
    about = {"dataset_id": f"planted-{len(frames['ratings'])}", "run_id": "r", "counts": counts}
    (paths.clean / "dataset.json").write_text(json.dumps(about), encoding="utf-8")


def quality(spark: SparkSession, paths: Paths, *typed: str) -> Run:
    """Run the job; a refusal passes through."""
    arguments = ["--tables", f"parquet:{paths.root / 'tables'}", *typed]
    flags = vars(cli.parser("report_quality", "", report_quality.add_arguments).parse_args(arguments))
    del flags["data_dir"]
    run = Run("report_quality", paths, {})
    report_quality.main(spark, run, **flags)
    return run


def newest(paths: Paths) -> dict[str, Any]:
    """The report that was written last."""
    return dict(json.loads(max((paths.root / "reports").glob("*/quality.json")).read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def sound(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Paths, Run]:
    """Good data after a report on them."""
    paths = Paths(tmp_path_factory.mktemp("sound"))
    counts = {"ratings.in": RATINGS + 8, "ratings.rejected": 8, "ratings.rejected.duplicate": 8}
    store(paths, good(), **counts)
    return paths, quality(spark, paths)


def test_good_data_are_good_and_the_files_and_the_table_have_the_report(
    spark: SparkSession, sound: tuple[Paths, Run]
) -> None:
    paths, run = sound
    report = newest(paths)
    assert (report["verdict"], {check["status"] for check in report["checks"]}) == ("good", {"ok"})
    folder = paths.report(run.run_id)
    assert {file.name for file in folder.iterdir()} == {
        *("quality.json", "quality.html", "quality_checks.csv", "summary_statistics.csv")
    }
    statistics = pd.read_csv(folder / "summary_statistics.csv").set_index(["table", "column"])
    assert len(statistics) == 15
    mean = float(statistics.loc[("ratings", "rating"), "mean"])  # the column has points of time, too
    assert mean == pytest.approx(good()["ratings"]["rating"].mean())
    (row,) = ParquetTables(paths.root / "tables").read(spark, "reports_by_subject").collect()
    assert (row["subject"], row["dataset_id"], row["verdict"]) == ("quality", "planted-4000", "good")
    assert "<script src" not in (folder / "quality.html").read_text(encoding="utf-8")
    figures = json.loads(row["report"])["figures"]
    for figure in figures:
        assert_is_told(figure["title"], figure["sentence"], figure["plot"])
    assert {
        *("Movies by length of the title", "Movies by year of release", "Movies by number of genres"),
        *("Ratings by stars given", "Ratings by month", "Tags by month", "Ratings: rejected lines by reason"),
    } <= {figure["title"] for figure in figures}


def test_what_cleaning_rejected_is_in_the_report(sound: tuple[Paths, Run]) -> None:
    (ratings,) = [table for table in newest(sound[0])["tables"] if table["table"] == "ratings"]
    assert ratings["rejected"] == {"lines": RATINGS + 8, "rejected": 8, "reasons": {"duplicate": 8}}


def test_unchanged_data_are_not_counted_again(spark: SparkSession, sound: tuple[Paths, Run]) -> None:
    paths, _ = sound
    before = list((paths.root / "reports").iterdir())
    for tables in ([], ["--tables", "none"]):
        again = quality(spark, paths, *tables)
        assert (again.facts, again.steps) == ({"unchanged": True}, [])
        verdict, report = again.summary
        assert verdict == f"quality: good, as run {newest(paths)['run_id']} has found by the same rules"
        assert report == f"report: {before[0]}"
    assert list((paths.root / "reports").iterdir()) == before


def test_a_report_that_the_tables_lack_is_made_again(spark: SparkSession, sound: tuple[Paths, Run]) -> None:
    paths, _ = sound
    elsewhere = f"parquet:{paths.root / 'emptied'}"
    again = quality(spark, paths, "--tables", elsewhere)
    assert "unchanged" not in again.facts
    (row,) = ParquetTables(paths.root / "emptied").read(spark, "reports_by_subject").collect()
    assert row["run_id"] == again.run_id
    assert quality(spark, paths, "--tables", elsewhere).facts == {"unchanged": True}


@pytest.fixture(scope="module")
def faulty(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Paths, str]:
    """Data with a fault of each kind after a report and a trial of other rules, and what the run said."""
    frames = good()
    ratings, links = frames["ratings"], frames["links"]
    ratings["movie_id"] = ratings["movie_id"].mask(ratings.index < 5, MOVIES + 7)
    ratings["rating"] = (ratings["rating"] + 1).mask(ratings.index % 10 == 0)
    in_march = (ratings["rated_at"].dt.year == 2016) & (ratings["rated_at"].dt.month == 3)
    ratings = ratings[~in_march]
    frames["ratings"] = pd.concat([ratings, ratings.iloc[[20, 21, 22]]])
    frames["movies"] = frames["movies"].drop(columns="year")
    frames["links"] = links.assign(tmdb_id=links["tmdb_id"].astype(str))
    SCHEMAS["links"] = {**SCHEMAS["links"], "tmdb_id": pa.string()}
    paths = Paths(tmp_path_factory.mktemp("faulty"))
    store(paths, frames)
    SCHEMAS["links"] = {**SCHEMAS["links"], "tmdb_id": pa.int32()}
    with pytest.raises(Refused) as refused:
        quality(spark, paths)
    rules = paths.root / "rules.yaml"
    text = DEFAULT_RULES.read_text(encoding="utf-8")
    rules.write_text(text.replace('months_without_data: {warn_if: "> 12"}', 'months_without_data: {warn_if: "> 0"}'))
    with pytest.raises(Refused):
        quality(spark, paths, "--rules", str(rules))
    return paths, str(refused.value)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("error", "movies.year: the column is missing; there are movie_id, title, genres"),
        ("error", "links.tmdb_id: the type is string, not int"),
        ("error", "ratings.rating: missing is "),
        ("error", "ratings.rating: unexpected is "),
        ("error", "ratings: duplicates is 0."),
        ("error", "3 rows repeat user_id and movie_id: "),
        ("error", "ratings.movie_id: orphans is 0."),
        ("error", f"(5 rows, such as {MOVIES + 7})"),
        ("warn", "ratings.rated_at: months without data is 1 (2016-03), warn if > 0"),
        ("ok", "ratings.user_id: missing is 0% (0 of "),
    ],
)
def test_a_fault_is_found_named_and_as_grave_as_the_rules_say(
    faulty: tuple[Paths, str], status: str, said: str
) -> None:
    report = newest(faulty[0])
    assert report["verdict"] == "act"
    assert [check["status"] for check in report["checks"] if said in check["sentence"]] == [status]


def test_the_verdict_is_the_first_of_the_last_words_and_then_where_the_report_is(sound: tuple[Paths, Run]) -> None:
    _, run = sound
    verdict, report = run.summary
    assert verdict.startswith("quality: good, ")
    assert verdict.endswith("checks: all good")
    assert report == f"report: {run.paths.report(run.run_id)}"


def test_what_stops_a_run_is_said_once(spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frames = good()
    frames["movies"] = frames["movies"].drop(columns="year")
    store(Paths(tmp_path), frames)
    with pytest.raises(Refused) as refused:
        quality(spark, Paths(tmp_path))
    fault = "movies.year: the column is missing; there are movie_id, title, genres"
    assert (str(refused.value).count(fault), capsys.readouterr().out.count(fault)) == (1, 0)
    run = quality(spark, Paths(tmp_path), "--only-report", "--force")
    assert run.summary[0].endswith(f"1 error; first: {fault}")


@pytest.mark.parametrize("rules", [None, "rules.yaml"])
def test_advice_on_a_table_of_the_user_s_own_is_of_that_table(
    spark: SparkSession, tmp_path: Path, rules: str | None
) -> None:
    titles = tmp_path / "titles.csv"
    titles.write_text("movie_id,title\n1,A\n1,B\n", encoding="utf-8")
    (tmp_path / "rules.yaml").write_text("tables: {movies: {key: [movie_id]}}")
    typed = ["--rules", str(tmp_path / rules)] if rules else []
    with pytest.raises(Refused) as refused:
        quality(spark, Paths(tmp_path / "data"), "--table", f"movies={titles}", *typed)
    said = str(refused.value)
    assert all(other not in said for other in ("train_als", "UNVALIDATED", "clean"))
    assert "--only-report" in said
    assert (str(tmp_path / "rules.yaml") if rules else "spark_jobs/quality.yaml") in said


def test_a_trial_of_other_rules_advises_nothing_on_training(spark: SparkSession, faulty: tuple[Paths, str]) -> None:
    rules = faulty[0].root / "rules.yaml"
    with pytest.raises(Refused) as refused:
        quality(spark, faulty[0], "--rules", str(rules))
    assert "--unvalidated" not in str(refused.value)
    assert f"change {rules}" in str(refused.value)


def test_a_refusal_names_the_checks_and_how_to_go_on(faulty: tuple[Paths, str]) -> None:
    _, said = faulty
    assert "quality checks of planted-" in said
    assert "movies.year: the column is missing" in said
    assert "--unvalidated" in said
    assert "UNVALIDATED=1 make preprocess" in said


def test_training_refuses_data_with_errors_unless_it_is_told_to(spark: SparkSession, faulty: tuple[Paths, str]) -> None:
    paths, _ = faulty
    with pytest.raises(Refused, match="quality checks of planted-"):
        train_als.main(spark, Run("train_als", paths, {}), **FLAGS)
    assert not paths.models.exists()
    run = Run("train_als", paths, {}, dataset_id=json.loads((paths.clean / "dataset.json").read_text())["dataset_id"])
    gate.require(run, unvalidated=True)
    assert run.facts["quality"]["verdict"] == "act"


def test_a_trial_of_other_rules_opens_no_gate(spark: SparkSession, faulty: tuple[Paths, str], tmp_path: Path) -> None:
    paths, _ = faulty
    before = (paths.clean / "quality.json").read_text()
    rules = tmp_path / "rules.yaml"
    rules.write_text("tables: {titles: {}, movies: {}}")
    assert quality(spark, paths, "--rules", str(rules)).facts["quality"]["verdict"] == "watch"
    assert (paths.clean / "quality.json").read_text() == before
    (check,) = newest(paths)["checks"]
    assert (check["table"], check["status"]) == ("titles", "warn")
    assert check["sentence"] == "titles: not looked at; there are movies, ratings, tags, links"


def test_a_verdict_on_other_data_says_nothing(faulty: tuple[Paths, str]) -> None:
    run = Run("train_als", faulty[0], {}, dataset_id="another")
    gate.require(run, unvalidated=False)
    assert run.facts["quality"] is None


def test_a_csv_file_is_checked_by_rules_of_its_own(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    titles = tmp_path / "titles.csv"
    titles.write_text('id,title,score\n1,"A ""b"",\nc",7.5\n2,,8\n2,D,x\n', encoding="utf-8")
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        """
tables:
  titles:
    key: [id]
    columns:
      title: {missing: {warn_if: "> 10%"}}
      score: {type: double}
""",
        encoding="utf-8",
    )
    mark(tmp_path, "generate_catalogue")
    paths = Paths(tmp_path / "data")
    run = quality(
        spark, paths, "--table", f"titles={titles}", "--rules", str(rules), "--subject", "catalogue", "--only-report"
    )
    report = newest(paths)
    assert (report["subject"], report["dataset_id"], run.counts["titles.rows"]) == ("quality.catalogue", None, 3)
    assert report["generated"] is True
    printed = capsys.readouterr().out
    assert "error  titles: duplicates is 33.3333% (1 rows repeat id: 2 2 times), error if > 0" in printed
    assert "error  titles.score: the type is string, not double" in printed
    assert "warn   titles.title: missing is 33.3333% (1 of 3 rows), warn if > 10%" in printed
    assert not (paths.clean / "quality.json").exists()


def test_a_table_that_is_not_there_is_one_clear_error(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"nothing\.csv: no such file\. Name table x as --table x=PATH"):
        quality(spark, Paths(tmp_path), "--table", f"x={tmp_path / 'nothing.csv'}")


def test_a_release_is_reported_on_as_cleaning_would_leave_it(spark: SparkSession, tmp_path: Path) -> None:
    paths, folder = Paths(tmp_path / "data"), write_release(tmp_path / "ml-1m", "ml-1m")
    with (folder / "ratings.dat").open("a") as file:
        file.write("1::1::nine::900000000\n")
    run = quality(spark, paths, "--movielens", str(folder), "--only-report")
    assert run.counts["ratings.rejected.not_a_number"] == 1
    assert run.counts["ratings.rows"] == run.counts["ratings.clean"] == len(ratings())
    assert newest(paths)["subject"] == "quality.movielens"
    assert sorted(path.name for path in paths.root.iterdir() if any(path.iterdir())) == ["reports", "runs", "tables"]
