"""The order, the stopping and the going on of the pipeline, with a runtime that only writes down what it is asked."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

from cluster import pipeline as pipeline_module
from cluster.errors import ClusterError
from cluster.fetch.source import DataSource
from cluster.pipeline import Pipeline, run
from cluster.settings import Settings
from domain.contract.generated import MARKER, mark
from domain.contract.movielens import HEADERS, SAMPLES

JOBS = ["preprocess_movielens", "report_quality", "train_als", "publish_recommendations", "build_catalogue"]

LAB = [
    *("detect_outliers", "detect_outliers", "generate_servers", "detect_outliers"),
    *("detect_anomalous_users", "report_drift"),
]
FILES = tuple(f"{kind}.csv" for kind in HEADERS)


@dataclass
class Recorder:
    """A runtime on which jobs end with the codes that were set, each with a run record."""

    settings: Settings
    name: str = "recorder"
    codes: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    given: dict[str, list[str]] = field(default_factory=dict)  # the flags of each job
    dataset_id: str = "monday"
    drifted: bool = False
    published: dict[str, str] | None = None  # what Cassandra has
    error: str = "worse"  # of jobs that fail
    summary: dict[str, list[str]] = field(default_factory=dict)  # of each job

    def up(self, services: tuple[str, ...]) -> None:
        self.asked += services

    def application(self) -> Recorder:
        return self

    def submit(self, job: str, args: Sequence[str], output: IO[str]) -> int:
        code = self.codes.get(job, 0)
        self.asked.append(job)
        self.given[job] = list(args)
        output.write(f"{job} says something\n" + (f"10:00:00 ERROR {self.error}\n" if code in (1, 3) else ""))
        if job == "publish_recommendations" and code == 0:
            self.published = {"run_id": "run-1", "dataset_id": self.dataset_id}
        drift = {"retrain": self.drifted, "because": "the stars say so", "published": self.published}
        runs = self.settings.data_dir / "runs"
        runs.mkdir(exist_ok=True)
        run_id = f"{len(list(runs.iterdir())):03}"
        record = {
            "run_id": run_id,
            "job": job,
            "status": "failed" if code in (1, 3) else "done",
            "dataset_id": self.dataset_id,
            "counts": {"ratings.in": 100836, "users": 610},
            "facts": {"drift": drift},
            "error": self.error if code else None,
            "summary": self.summary.get(job, []),
        }
        (runs / f"{run_id}.json").write_text(json.dumps(record))
        return code


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setattr(pipeline_module, "answers", lambda _: True)
    settings = Settings.from_env({"HOME": str(tmp_path), "LAB": "0"}, tmp_path)
    raw = settings.data_dir / "raw"
    (raw / "mine").mkdir(parents=True)
    for name in FILES:
        (raw / "mine" / name).write_text("header\n")
    DataSource("mine", raw / "mine", generated=False).save(raw)
    (raw / "catalogue").mkdir()
    return Recorder(settings)


def go(recorder: Recorder, if_drifted: bool = False) -> list[str]:
    """Run the pipeline; what it asked the runtime for."""
    recorder.asked.clear()
    run(Pipeline(recorder.settings, recorder, if_drifted))
    return list(recorder.asked)


def test_the_jobs_run_in_order_and_each_step_is_one_line_with_its_rows(
    recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go(recorder) == [*JOBS, "web"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "step 1 of 6  preprocess_movielens … 0 s, 100,836 rows"
    assert len(lines) == 6


def test_a_failure_stops_the_pipeline_with_reason_and_log_and_the_next_call_goes_on_there(recorder: Recorder) -> None:
    recorder.codes["train_als"] = 1
    with pytest.raises(ClusterError) as caught:
        go(recorder)
    assert recorder.asked == JOBS[:3]
    assert "step 3 of 6  train_als failed" in str(caught.value)
    assert "exit code 1: worse" in str(caught.value)
    assert "train_als says something" in str(caught.value)
    recorder.codes.clear()
    assert go(recorder) == [JOBS[0], *JOBS[2:], "web"]


def test_ratings_that_came_in_since_the_failure_are_learned(recorder: Recorder) -> None:
    """Only the cleaning sees them: the raw files are the same, its data set is not."""
    recorder.codes["train_als"] = 1
    with pytest.raises(ClusterError):
        go(recorder)
    recorder.dataset_id = "tuesday"
    with pytest.raises(ClusterError):
        go(recorder)
    assert recorder.asked == JOBS[:3], "another data set is checked before it is trained on"
    with pytest.raises(ClusterError):
        go(recorder)
    assert recorder.asked == [JOBS[0], JOBS[2]], "the same one is not"
    recorder.codes.clear()
    recorder.dataset_id = "wednesday"
    assert go(recorder) == [*JOBS, "web"]


def test_a_sample_is_not_made_again_because_people_have_rated_it(recorder: Recorder) -> None:
    raw = recorder.settings.data_dir / "raw"
    DataSource("sample", raw / "sample", generated=True).save(raw)
    recorder.codes["train_als"] = 1
    for recorder.dataset_id in ("monday", "tuesday"):
        with pytest.raises(ClusterError):
            go(recorder)
    assert recorder.asked == JOBS[:3]


def test_what_an_earlier_version_noted_is_done_again(recorder: Recorder) -> None:
    """It noted no data set, so nobody knows of which one its steps were."""
    recorder.codes["train_als"] = 1
    with pytest.raises(ClusterError):
        go(recorder)
    noted = recorder.settings.data_dir / "pipeline.json"
    known = json.loads(noted.read_text())
    del known["dataset_id"]
    noted.write_text(json.dumps(known))
    recorder.codes.clear()
    assert go(recorder) == [*JOBS, "web"]


def test_what_a_job_says_at_its_end_stands_under_its_step(
    recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        "in: 100,836 ratings · clean: 100,829 ratings",
        "rejected: 7 of ratings (7 not_a_number)",
        "first: line 17",
    ]
    recorder.summary["preprocess_movielens"] = lines
    go(recorder)
    printed = capsys.readouterr().out.splitlines()
    assert printed[:4] == ["step 1 of 6  preprocess_movielens … 0 s, 100,836 rows", *(f"    {line}" for line in lines)]
    assert printed[4].startswith("step 2 of 6")


def test_a_record_of_an_earlier_release_has_no_summary(recorder: Recorder, capsys: pytest.CaptureFixture[str]) -> None:
    submit = recorder.submit

    def as_before(job: str, args: Sequence[str], output: IO[str]) -> int:
        code = submit(job, args, output)
        newest = max((recorder.settings.data_dir / "runs").iterdir())
        record = json.loads(newest.read_text())
        del record["summary"]
        newest.write_text(json.dumps(record))
        return code

    recorder.submit = as_before  # type: ignore[method-assign]
    go(recorder)
    assert len(capsys.readouterr().out.splitlines()) == 6


@pytest.mark.parametrize("code", [1, 3])
@pytest.mark.parametrize("error", ["worse", "Spark failed: IOException: [x] (y)", "/data/clean: Permission denied"])
def test_the_reason_of_a_failure_is_told_once(recorder: Recorder, code: int, error: str) -> None:
    recorder.codes["train_als"], recorder.error = code, error
    with pytest.raises(ClusterError) as caught:
        go(recorder)
    assert str(caught.value).count(error) == 1
    assert "train_als says something" in str(caught.value)


def test_a_job_that_ended_without_a_record_is_told_by_the_end_of_its_log(recorder: Recorder) -> None:
    def killed(job: str, args: Sequence[str], output: IO[str]) -> int:
        output.write("usage: job\nerror: unrecognized arguments: --shore\n")
        return 2

    recorder.submit = killed  # type: ignore[method-assign]
    with pytest.raises(ClusterError) as caught:
        go(recorder)
    assert str(caught.value).count("unrecognized arguments: --shore") == 1


def test_a_refused_model_is_called_so(recorder: Recorder) -> None:
    recorder.codes["publish_recommendations"] = 3
    with pytest.raises(ClusterError, match="publish_recommendations was refused: worse"):
        go(recorder)


def test_data_with_errors_are_not_trained_on_unless_it_is_asked_for(recorder: Recorder) -> None:
    recorder.codes["report_quality"] = 3
    with pytest.raises(ClusterError, match="report_quality was refused: worse"):
        go(recorder)
    assert recorder.asked == JOBS[:2]
    assert recorder.given["report_quality"] == []
    recorder.codes.clear()
    recorder.settings = dataclasses.replace(recorder.settings, unvalidated=True)
    go(recorder)
    assert (recorder.given["report_quality"], recorder.given["train_als"]) == (["--only-report"], ["--unvalidated"])


def test_other_inputs_begin_anew_after_a_failure(recorder: Recorder) -> None:
    recorder.codes["train_als"] = 1
    with pytest.raises(ClusterError):
        go(recorder)
    recorder.codes.clear()
    (recorder.settings.data_dir / "raw/mine/ratings.csv").write_text("header\nmore\n")
    assert go(recorder) == [*JOBS, "web"]


def test_a_finished_pipeline_begins_anew(recorder: Recorder) -> None:
    assert go(recorder) == go(recorder) == [*JOBS, "web"]


@pytest.mark.parametrize(("size", "preset"), [("s", "small"), ("f", "full"), ("sample", "small")])
def test_the_sample_is_generated_once_and_in_the_asked_size(recorder: Recorder, size: str, preset: str) -> None:
    raw = recorder.settings.data_dir / "raw"
    sample = raw / SAMPLES[size]
    DataSource(sample.name, sample, generated=True).save(raw)
    assert go(recorder) == ["generate_sample", *JOBS, "web"]
    assert recorder.given["generate_sample"] == ["--preset", preset, "--out", str(sample)]
    (raw / "mine").rename(sample)
    assert go(recorder) == [*JOBS, "web"]


def test_without_setup_the_message_says_what_to_run(recorder: Recorder) -> None:
    (recorder.settings.data_dir / "raw/source.json").unlink()
    with pytest.raises(ClusterError, match="run `make setup`"):
        go(recorder)


def test_song_plays_are_built_where_their_folder_is_named(recorder: Recorder, tmp_path: Path) -> None:
    assert "build_songplays" not in go(recorder)
    recorder.settings = dataclasses.replace(recorder.settings, songs_dir=tmp_path / "songs")
    (tmp_path / "songs" / "log_data").mkdir(parents=True)
    with pytest.raises(ClusterError, match=r"SONGS_DIR: .*/songs has no song_data\.$"):
        go(recorder)
    (tmp_path / "songs" / "song_data").mkdir()
    assert go(recorder) == [*JOBS, "build_songplays", "web"]
    recorder.settings = dataclasses.replace(recorder.settings, songs_dir=tmp_path / "missing")
    with pytest.raises(ClusterError, match=r"SONGS_DIR.*song_data and log_data"):
        go(recorder)


def test_a_catalogue_is_generated_once_and_the_users_own_is_taken_instead(recorder: Recorder, tmp_path: Path) -> None:
    raw = recorder.settings.data_dir / "raw"
    (raw / "catalogue").rmdir()
    assert go(recorder) == [*JOBS[:-1], "web"], "beside real ratings none is made up"
    mark(raw / "mine", "generate_sample")
    assert go(recorder) == [*JOBS[:-1], "generate_catalogue", "build_catalogue", "web"]
    (raw / "mine" / MARKER).unlink()
    (tmp_path / "own").mkdir()
    for name in ("titles.csv", "credits.csv"):
        (tmp_path / "own" / name).write_text("header\n")
    recorder.settings = dataclasses.replace(recorder.settings, catalogue_dir=tmp_path / "own")
    assert go(recorder) == [*JOBS, "web"]
    assert (recorder.settings.data_dir / "raw/copied/own/titles.csv").exists()  # containers see DATA_DIR only
    recorder.settings = dataclasses.replace(recorder.settings, catalogue_dir=tmp_path / "missing")
    with pytest.raises(ClusterError, match="CATALOGUE_DIR"):
        go(recorder)


def test_if_drifted_learns_only_when_the_report_says_so_and_says_why(
    recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    everything = [*JOBS[:2], "report_drift", *JOBS[2:], "web"]
    assert go(recorder, if_drifted=True) == everything
    assert "train: yes, because nothing is published yet" in capsys.readouterr().out
    recorder.dataset_id = "tuesday"
    assert go(recorder, if_drifted=True) == [*JOBS[:2], "report_drift", "build_catalogue", "web"]
    printed = capsys.readouterr().out.splitlines()
    assert "train: no, because the stars say so" in printed
    assert "step 4 of 7  train_als … not needed" in printed
    recorder.drifted = True
    assert go(recorder, if_drifted=True) == everything
    assert "train: yes, because the stars say so" in capsys.readouterr().out


def test_the_same_data_are_not_learned_from_twice(recorder: Recorder, capsys: pytest.CaptureFixture[str]) -> None:
    go(recorder)
    recorder.drifted = True
    assert "train_als" not in go(recorder, if_drifted=True)
    assert "train: no, because the published model was trained on this very data set, monday" in capsys.readouterr().out


def test_a_cassandra_that_was_emptied_is_filled_again_whatever_the_records_say(
    recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    go(recorder)
    recorder.published = None  # make down VOLUMES=1
    assert go(recorder, if_drifted=True) == [*JOBS[:2], "report_drift", *JOBS[2:], "web"]
    assert "train: yes, because nothing is published yet" in capsys.readouterr().out


def test_a_report_on_other_data_decides_nothing(recorder: Recorder) -> None:
    go(recorder)
    recorder.dataset_id, recorder.codes["train_als"] = "tuesday", 1
    recorder.drifted = True
    with pytest.raises(ClusterError):
        go(recorder, if_drifted=True)
    recorder.codes["report_drift"] = 1
    with (recorder.settings.run_dir / "log").open("w") as output:
        recorder.submit("report_drift", [], output)  # by hand, while the pipeline waits to be gone on with
    with pytest.raises(ClusterError, match="There is no report_drift on the data that preprocess_movielens cleaned"):
        go(recorder, if_drifted=True)


def test_a_training_that_failed_is_gone_on_with_after_the_report(recorder: Recorder) -> None:
    go(recorder)
    recorder.dataset_id, recorder.drifted, recorder.codes["train_als"] = "tuesday", True, 1
    with pytest.raises(ClusterError):
        go(recorder, if_drifted=True)
    recorder.codes.clear()
    assert go(recorder, if_drifted=True) == [JOBS[0], *JOBS[2:], "web"]


def test_a_report_that_asks_to_be_looked_at_does_not_stop_the_pipeline(recorder: Recorder) -> None:
    recorder.codes["report_drift"] = 4
    assert "train_als" in go(recorder, if_drifted=True)


@pytest.fixture
def with_lab(recorder: Recorder) -> Recorder:
    """The same with the reports that follow the site."""
    recorder.settings = dataclasses.replace(recorder.settings, lab=True)
    return recorder


def test_where_the_site_is_is_said_before_the_reports_that_take_a_few_minutes(
    with_lab: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go(with_lab) == [*JOBS, "web", *LAB]
    lines = capsys.readouterr().out.splitlines()
    assert lines[5] == "step 6 of 12  web … 0 s"
    assert lines[6] == "The site is at http://127.0.0.1:5000 — for example http://127.0.0.1:5000/users/1"
    assert lines[7].startswith("The rest takes a few minutes more: reports for /outliers and /drift")
    assert lines[8] == "step 7 of 12  detect_outliers users … 0 s, 100,836 rows"
    assert lines[-1].startswith("step 12 of 12  report_drift")
    with_lab.settings = dataclasses.replace(with_lab.settings, lab=False)
    go(with_lab)
    assert "The rest takes" not in capsys.readouterr().out


def test_a_report_that_fails_is_named_the_site_stays_and_the_next_call_goes_on_there(
    with_lab: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    with_lab.codes["generate_servers"] = 1
    with pytest.raises(ClusterError) as caught:
        go(with_lab)
    assert with_lab.asked == [*JOBS, "web", *LAB[:3]]
    assert "step 9 of 12  generate_servers failed" in str(caught.value)
    assert "The site is up and shows what is published; only this report is missing." in str(caught.value)
    assert "`make preprocess` goes on with this step, `make preprocess LAB=0` ends without it" in str(caught.value)
    with_lab.codes.clear()
    capsys.readouterr()
    assert go(with_lab) == [JOBS[0], *LAB[2:]]
    printed = capsys.readouterr().out
    assert "step 8 of 12  detect_outliers movies … was done before" in printed
    assert "The site is at http://127.0.0.1:5000" in printed


def test_drift_is_reported_once(with_lab: Recorder, capsys: pytest.CaptureFixture[str]) -> None:
    assert go(with_lab, if_drifted=True).count("report_drift") == 1
    assert capsys.readouterr().out.count("train: ") == 1
    go(with_lab)
    assert "train: " not in capsys.readouterr().out, "after the site it decides nothing"


def test_each_subject_has_a_log_of_its_own(with_lab: Recorder) -> None:
    go(with_lab)
    logs = {path.name for path in (with_lab.settings.run_dir / "logs").iterdir()}
    assert {"job-detect_outliers-users.log", "job-detect_outliers-servers.log", "job-train_als.log"} <= logs
