"""detect_outliers from typed flags: what is printed, listed, saved and stored."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from scipy.stats import norm
from sklearn.datasets import load_digits
from sklearn.ensemble import IsolationForest
from sklearn.metrics import f1_score, roc_auc_score

from domain.contract.generated import mark
from domain.generators.servers import make_servers, server_lines
from spark_jobs import detect_outliers
from spark_jobs.outliers import detectors, epsilon
from spark_jobs.outliers.epsilon import Epsilon
from spark_jobs.outliers.report import outlier_text
from spark_jobs.outliers.transforms.behaviour import movie_behaviour
from spark_jobs.run import cli
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.reports import report_folder
from spark_jobs.storage.tables import ParquetTables
from tests.support.figures import assert_is_told

Detect = Callable[..., Run]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA_DIR with the sample's servers; their files without headers, too, and with labels as a column."""
    root = tmp_path_factory.mktemp("outliers")
    servers = root / "raw" / "sample" / "servers"
    servers.mkdir(parents=True)
    mark(servers.parent, "generate_sample")
    lines = server_lines(make_servers(42))
    for name, text in lines.items():
        (servers / f"{name}.csv").write_text("\n".join(text) + "\n")
    (root / "X.csv").write_text("\n".join(lines["metrics"][1:]))
    labelled = [f"{row},{label}" for row, label in zip(lines["validation"], lines["labels"], strict=True)]
    (root / "labelled.csv").write_text("\r\n".join(["cpu.load,in %,outlier", *labelled]))
    return root


@pytest.fixture(scope="module")
def detect(spark: SparkSession, folder: Path) -> Detect:
    def run_job(*typed: object) -> Run:
        arguments = ["--tables", "none", *map(str, typed)]
        flags = vars(
            cli.parser("detect_outliers", detect_outliers.__doc__, detect_outliers.add_arguments).parse_args(arguments)
        )
        del flags["data_dir"]
        run = Run("detect_outliers", Paths(folder), {})
        detect_outliers.main(spark, run, **flags)
        return run

    return run_job


def listed(run: Run) -> list[dict[str, str]]:
    with (run.paths.report(run.run_id) / "outliers.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def found(detect: Detect, folder: Path) -> Run:
    servers = folder / "raw" / "sample" / "servers"
    files = (servers / "validation.csv", servers / "labels.csv")
    return detect("--input", folder / "X.csv", "--validation", *files, "--tables", f"parquet:{folder / 'tables'}")


def test_the_rows_below_epsilon_are_those_of_numpy_and_scipy(found: Run) -> None:
    servers = make_servers(42)
    rows = np.round(servers.metrics, 5)
    mean, std = rows.mean(axis=0), rows.std(axis=0)
    density = {name: norm.logpdf(of, mean, std).sum(axis=1) for name, of in (("x", rows), ("v", servers.validation))}
    best = max(f1_score(servers.labels, density["v"] <= epsilon) for epsilon in density["v"])
    report = json.loads((found.paths.report(found.run_id) / "outliers.json").read_text())
    assert report["searches"]["exact"]["f1"] == pytest.approx(best)
    below = np.flatnonzero(density["x"] < report["log_epsilon"])
    expected = below[np.argsort(density["x"][below])]
    assert [int(row["row"]) for row in listed(found)] == (expected + 1).tolist()
    np.testing.assert_allclose([float(row["score"]) for row in listed(found)], density["x"][expected], rtol=1e-9)
    assert 0 < len(expected) == found.counts["outliers"] == report["outliers"]


def test_the_verdict_with_the_least_usual_row_is_the_first_of_the_last_words(found: Run) -> None:
    verdict, origin, report = found.summary
    first = listed(found)[0]
    assert verdict.startswith(f"outliers.table: watch, {found.counts['outliers']} of 307 rows lie below epsilon; ")
    assert verdict.endswith(f"first: row {first['row']}, {first['reasons']}")
    assert origin.startswith("epsilon ")
    assert f"by labels: F1 {found.metrics['f1']:.4f}, precision " in origin
    assert report == f"report: {found.paths.report(found.run_id)}"


def test_without_labels_the_share_is_said_to_be_assumed(detect: Detect, folder: Path) -> None:
    run = detect("--input", folder / "X.csv", "--contamination", "auto")
    assert " by contamination 0.01, a share that is assumed: there are no labels" in run.summary[1]


def test_every_row_has_its_score_and_the_saved_model_gives_it_again(found: Run) -> None:
    report = found.paths.report(found.run_id)
    scores = pq.read_table(report / "scores").to_pandas()
    assert len(scores) == found.counts["rows"] == 307
    model = detectors.load(report)
    np.testing.assert_allclose(model.score(scores[["x1", "x2"]].to_numpy()), scores["score"], rtol=1e-12)


def test_another_table_is_scored_by_a_saved_model(found: Run, detect: Detect, folder: Path) -> None:
    saved = found.paths.report(found.run_id)
    again = detect("--input", folder / "X.csv", "--model-from", saved, "--contamination", 0.02)
    scores = [pq.read_table(run.paths.report(run.run_id) / "scores").to_pandas()["score"] for run in (found, again)]
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-12)
    with pytest.raises(JobError, match="x1: the model needs this feature"):
        detect("--input", folder / "labelled.csv", "--model-from", saved)


def test_reasons_name_the_feature_and_how_far_it_is_off(found: Run) -> None:
    for row in listed(found):
        first = row["reasons"].split("; ")[0]
        assert first.startswith(("x1 ", "x2 "))
        assert first.endswith(" sd)")


def test_the_tables_get_the_list_and_the_report(spark: SparkSession, found: Run, folder: Path) -> None:
    tables = ParquetTables(folder / "tables")
    rows = tables.read(spark, "outliers_by_run").orderBy("place").collect()
    assert [row["row_id"] for row in rows] == [row["row"] for row in listed(found)]
    (report,) = tables.read(spark, "reports_by_subject").collect()
    assert (report["subject"], report["run_id"]) == ("outliers.table", found.run_id)
    plot = json.loads(report["report"])["plot"]
    assert [trace["type"] for trace in plot["data"]] == ["scatter", "scatter", "contour", "contour"]
    numbers = assert_is_told("Rows by two features", "Circles are outliers.", plot)
    outliers = [row for row in numbers.rows if row[0] == "outliers"]
    assert [row[3].split(":")[0] for row in outliers] == [row["row_id"] for row in rows]
    assert [row[1:3] for row in outliers] == [pytest.approx(row["values"], abs=1e-5) for row in rows]


@pytest.fixture(scope="module")
def of_servers(detect: Detect) -> tuple[Run, str]:
    """A run on the servers of the sample, with their own labels; and what it printed."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        run = detect("--epsilon-search", "grid")
    return run, printed.getvalue()


def test_one_command_prints_epsilon_f1_and_the_rows(of_servers: tuple[Run, str]) -> None:
    run, printed = of_servers
    assert "epsilon (exact): " in printed
    assert any(line.startswith("epsilon (grid): ") and line.endswith("<- used") for line in printed.splitlines())
    assert f"outliers: {run.counts['outliers']} of 307 rows" in printed
    assert all(row["row"] in printed for row in listed(run))
    assert run.metrics["f1"] > 0.7


def test_a_report_on_made_up_servers_says_that_they_are(of_servers: tuple[Run, str], found: Run) -> None:
    for run, generated in ((of_servers[0], True), (found, False)):
        report = json.loads((run.paths.report(run.run_id) / "outliers.json").read_text())
        assert (report["generated"], run.record()["generated"]) == (generated, generated)


def test_the_report_has_the_rows_of_each_search(found: Run) -> None:
    report = json.loads((found.paths.report(found.run_id) / "outliers.json").read_text())
    scores = pq.read_table(found.paths.report(found.run_id) / "scores").to_pandas()
    for search in ("exact", "grid"):
        figures = report["searches"][search]
        rows = scores.loc[scores["score"] < figures["log_epsilon"], "row"].astype(int)
        assert figures["row_ids"] == [str(row) for row in sorted(rows)]
        assert figures["outliers"] == len(rows)


def test_columns_of_text_are_left_out_and_named(detect: Detect, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    lines = (folder / "X.csv").read_text().splitlines()
    (folder / "named.csv").write_text("host,x1,x2,note\n" + "\n".join(f"h,{line},n" for line in lines))
    run = detect("--input", folder / "named.csv")
    assert run.counts["rows.incomplete"] == 0
    assert "Left out, not one number in them: host, note" in caplog.text
    with pytest.raises(JobError, match=r"emptiest column is note, with 0 numbers in 307 rows"):
        detect("--input", folder / "named.csv", "--features", "x1,note")


def test_columns_of_any_name_in_a_packed_file_of_any_locale_are_looked_at_as_others_are(
    detect: Detect, folder: Path, of_servers: tuple[Run, str]
) -> None:
    servers = folder / "raw" / "sample" / "servers"
    rows = (servers / "metrics.csv").read_text().splitlines()[1:]
    text = "\n".join(["sep=;", '"cpu.load";"in %, `all`"', *(row.replace(",", ";").replace(".", ",") for row in rows)])
    (folder / "a [x] {b} *?.bin").write_bytes(gzip.compress(text.encode("utf-16")))
    labels = {"0": "no", "1": "yes"}
    words = [labels[label] for label in (servers / "labels.csv").read_text().split() if label in labels]
    (folder / "words.txt").write_text("\r".join(words))
    flags = (
        "--validation",
        servers / "validation.csv",
        folder / "words.txt",
        "--features",
        '"in %, `all`",cpu.load',
        "--epsilon-search",
        "grid",
    )
    run = detect("--input", folder / "a [x] {b} *?.bin", *flags)
    expected = of_servers[0].metrics
    assert (run.metrics["f1"], run.metrics["auroc"]) == pytest.approx((expected["f1"], expected["auroc"]), rel=1e-9)
    assert {"cpu.load", "in %, `all`"} <= set(listed(run)[0])


def test_the_rows_of_a_search_are_named_up_to_a_limit(
    spark: SparkSession, found: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epsilon, "NAMED", 3)
    folder = found.paths.report(found.run_id)
    report = json.loads((folder / "outliers.json").read_text())
    below = epsilon.rows_below(spark.read.parquet(str(folder / "scores")), report["log_epsilon"])
    first = sorted(int(row["row"]) for row in listed(found)[:3])
    assert (below.outliers, below.row_ids) == (report["outliers"], [str(row) for row in first])
    chosen = Epsilon(report["log_epsilon"], "contamination 0.03", {})
    printed = outlier_text(report, detectors.load(folder), chosen, {chosen.how: below}, []).splitlines()
    at = next(at for at, line in enumerate(printed) if line.startswith("epsilon (contamination 0.03): "))
    assert f"outliers: {below.outliers}" in printed[at]
    assert printed[at + 1] == f"  rows: {', '.join(below.row_ids)} and {below.outliers - 3} more"


def test_a_validation_set_without_names_is_matched_by_place_in_the_whole_table(
    detect: Detect, folder: Path, of_servers: tuple[Run, str]
) -> None:
    servers = folder / "raw" / "sample" / "servers"
    names, *rows = (servers / "metrics.csv").read_text().splitlines()
    (folder / "constant.csv").write_text("\n".join([f"same,{names}", *(f"1,{row}" for row in rows)]))
    labelled = (servers / "validation.csv").read_text().splitlines()
    (folder / "bare.csv").write_text("\n".join(f"{at},{row}" for at, row in enumerate(labelled)))
    files = (folder / "bare.csv", servers / "labels.csv")
    run = detect("--input", folder / "constant.csv", "--validation", *files, "--epsilon-search", "grid")
    expected = of_servers[0].metrics
    assert (run.metrics["f1"], run.metrics["auroc"]) == pytest.approx((expected["f1"], expected["auroc"]), rel=1e-12)


def test_a_forest_draws_the_rows_in_the_order_of_the_file_whatever_names_them(detect: Detect, folder: Path) -> None:
    lines = (folder / "X.csv").read_text().splitlines()
    named = [f"{line},host-{7 * at % 311}" for at, line in enumerate(lines)]
    (folder / "hosts.csv").write_text("\n".join(["x1,x2,host", *named]))
    run = detect("--input", folder / "hosts.csv", "--id", "host", "--model", "isolation-forest", "--seed", 4)
    scores = pq.read_table(run.paths.report(run.run_id) / "scores").to_pandas().sort_values("line")
    rows = scores[["x1", "x2"]].to_numpy()
    own = IsolationForest(random_state=4).fit(rows).score_samples(rows)
    np.testing.assert_allclose(scores["score"], own, rtol=1e-12)


def test_what_a_failed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    runs = [Run("detect_outliers", Paths(tmp_path), {}, run_id=run_id) for run_id in ("failed", "next")]
    with pytest.raises(RuntimeError), report_folder(runs[0]):
        raise RuntimeError("no room")
    assert len(list((tmp_path / "reports").glob(".*"))) == 2, "the folder and its lock"
    with report_folder(runs[1]):
        pass
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["next"]


def test_tasks_run_the_python_of_the_job_and_not_the_first_of_the_path(folder: Path, tmp_path: Path) -> None:
    """No cluster, no environment, a relative path: the command as the docs have it."""
    other = tmp_path / "python3"
    other.write_text("#!/bin/sh\necho this python3 is another one >&2\nexit 9\n")
    other.chmod(0o755)
    own = ("PYSPARK_", "SPARK_")
    interpreted = {"SPARK_SUBMIT_OPTS": os.environ["SPARK_SUBMIT_OPTS"]}  # as in all tests
    environ = {name: value for name, value in os.environ.items() if not name.startswith(own)} | interpreted
    environ |= {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SPARK_MASTER_URL": "local[1]", "CASSANDRA_PORT": "1"}
    job = [sys.executable, detect_outliers.__file__, "--input", f"../{folder.name}/X.csv"]
    flags = ["--tables", "none", "--alerts", "off", "--data-dir", "data"]
    done = subprocess.run([*job, *flags], cwd=folder, env=environ, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "epsilon (contamination 0.01): " in done.stdout


@pytest.fixture(scope="module")
def digits() -> pd.DataFrame:
    """Digits that come with scikit-learn, some of them zeros as outliers: their features, and `outlier`."""
    values, classes = load_digits(return_X_y=True, as_frame=True)
    table = values.rename(columns=str).assign(outlier=(classes == 0).astype(int))
    parts = (table[table["outlier"] == kind].sample(rows, random_state=0) for kind, rows in ((0, 350), (1, 20)))
    return pd.concat(parts).sort_index()


def test_a_forest_on_a_labelled_table_is_as_good_as_scikit_learns_and_has_no_epsilon(
    detect: Detect, folder: Path, digits: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    digits.to_csv(folder / "digits.csv", index=False)
    run = detect("--input", folder / "digits.csv", "--label", "outlier", "--model", "isolation-forest", "--seed", 3)
    rows = digits.drop(columns="outlier").to_numpy()
    own = roc_auc_score(digits["outlier"], -IsolationForest(random_state=3).fit(rows).score_samples(rows))
    assert run.metrics["auroc"] == pytest.approx(own, abs=1e-9), "the same rows in the same order: the same trees"
    printed = capsys.readouterr().out
    assert "score (exact): -0." in printed
    assert "epsilon" not in printed, "a forest has no density"
    report = json.loads((run.paths.report(run.run_id) / "outliers.json").read_text())
    assert report["epsilon"] is None
    assert "rows lie below the score -0." in report["sentence"]


def test_parquet_rows_are_named_by_their_id_and_no_more_than_the_share_are_outliers(
    detect: Detect, spark: SparkSession, folder: Path
) -> None:
    rows = [(f"host-{n}", float(n % 10), 1.0, "text") for n in range(200)] + [("odd", 60.0, 1.0, "text")]
    spark.createDataFrame(rows, "host string, load double, same double, note string").write.parquet(str(folder / "p"))
    run = detect("--input", folder / "p", "--id", "host", "--contamination", 0.01, "--model", "full")
    assert [row["row"] for row in listed(run)] == ["odd"]
    assert "same" not in listed(run)[0]


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--input", "{}/missing.csv"], "no such file"),
        (["--input", "{}/X.csv", "--features", "x9"], "x9: no such column of numbers; there are x1, x2"),
        (["--input", "{}/X.csv", "--validation", "{}/X.csv"], "with --label"),
        (["--input", "{}/X.csv", "--validation", "{}/X.csv", "{}/X.csv"], "one column of labels"),
        (["--input", "{}/X.csv", "--label", "x9"], "x9: no such column for --label; there are x1, x2"),
        (["--input", "{}/X.csv", "--label", "x2"], "x2: labels must be 0 or 1"),
        (["--input", "{}/X.csv", "--validation", "{}/labelled.csv", "{}/one.csv"], "1 labels for the 307 rows"),
        (["--subject", "planets"], "say with --input where its rows are"),
    ],
)
def test_wrong_inputs_are_told_in_one_sentence_before_anything_is_scored(
    detect: Detect, folder: Path, flags: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "one.csv").write_text("1\n")
    monkeypatch.setattr(detect_outliers, "scored", pytest.fail)
    with pytest.raises(JobError, match=sentence):
        detect(*[flag.replace("{}", str(folder)) for flag in flags])


def test_users_and_movies_are_looked_at_by_what_they_do(
    detect: Detect, spark: SparkSession, clean_data: Any, folder: Path
) -> None:
    paths = clean_data(folder, "planted-7")
    tags = [(1, 1, "a", None), (2, 1, "b", None)]
    schema = "user_id int, movie_id int, tag string, tagged_at timestamp"
    spark.createDataFrame(tags, schema).write.mode("overwrite").parquet(str(paths.clean / "tags"))
    users = detect("--subject", "users", "--model", "full")
    assert (users.dataset_id, users.counts["rows"]) == ("planted-7", 60)
    movies = movie_behaviour(*(spark.read.parquet(str(paths.clean / name)) for name in ("ratings", "tags"))).toPandas()
    assert movies.set_index("movie_id").tag_count.loc[[1, 2]].tolist() == [2.0, 0.0]
    scores = pq.read_table(users.paths.report(users.run_id) / "scores").to_pandas()
    ratings = pq.read_table(paths.clean / "ratings").to_pandas().query("user_id == 1").rating
    (row,) = scores[scores["row"] == "1"].to_dict("records")
    shares = ratings.value_counts(normalize=True)
    assert row["entropy"] == pytest.approx(-(shares * np.log2(shares)).sum())
    assert row["extreme_share"] == pytest.approx(((ratings <= 1) | (ratings == 5)).mean())
    assert (row["rating_count"], row["ratings_per_day"]) == (len(ratings), len(ratings))
