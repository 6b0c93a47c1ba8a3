"""From raw files to a site with recommendations: every job in its order, one line a step (`make preprocess`).

It stops at the first failure. Run again with the same data it goes on at the step that failed; after a success it does
all steps again. With --if-drifted it also reports on drift, and learns only when that says «retrain: yes».

Example: python -m cluster.pipeline --if-drifted
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster.choose import choose
from cluster.errors import ClusterError, exit_with_message
from cluster.fetch.movielens import FILES, DataSource
from cluster.probes import answers, last_lines
from cluster.runtime import Runtime
from cluster.settings import Settings
from domain.contract.movielens import SAMPLES
from domain.contract.runs import ExitCode, Status

COPIED = (".csv", ".json")  # what the user's own folders have
CLEAN, TRAIN, PUBLISH, DRIFT = "preprocess_movielens", "train_als", "publish_recommendations", "report_drift"


@dataclass(frozen=True)
class Step:
    """A part of the pipeline; `run` returns the number of rows, or None where rows mean nothing.

    `needed` is asked when its turn comes.
    """

    name: str
    run: Callable[[], int | None]
    needed: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Progress:
    """Which steps were done, kept in a file until the last one is."""

    path: Path
    inputs: str

    def done(self) -> list[str]:
        """The steps that were done before, if with the same inputs."""
        try:
            noted = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return []
        return noted["done"] if noted["inputs"] == self.inputs else []

    def add(self, name: str) -> None:
        """Note that a step is done."""
        text = json.dumps({"inputs": self.inputs, "done": [*self.done(), name]})
        staged = self.path.with_suffix(".new")
        staged.write_text(text)
        staged.replace(self.path)

    def forget(self) -> None:
        """Begin anew next time."""
        self.path.unlink(missing_ok=True)


class Pipeline:
    """The steps for one data source on one cluster; jobs run in `application`, which is the caller's to end."""

    def __init__(self, settings: Settings, runtime: Runtime, if_drifted: bool = False) -> None:
        self.settings = settings
        self.runtime = runtime
        self.application = runtime.application()
        self.if_drifted = if_drifted
        self.source = DataSource.load(settings.data_dir / "raw")

    def steps(self) -> list[Step]:
        """All steps, in their order."""
        return [
            *self._sample(),
            *(self._step(job, args) for job, args in jobs(self.source, self.settings.unvalidated, self.if_drifted)),
            *self._catalogue(),
            *self._songs(),
            Step("web", self._web),
        ]

    def _step(self, job: str, args: list[str]) -> Step:
        if self.if_drifted and job in (TRAIN, PUBLISH):
            return Step(job, self._job(job, *args), lambda: self.training()[0])
        return Step(job, self._job(job, *args))

    def training(self) -> tuple[bool, str]:
        """Whether the report on drift that this pipeline made asks for training, and why or why not.

        What is published is what the report found in Cassandra, which may have been emptied since it was.

        Raises:
            ClusterError: the newest record of a report is not of one that was done, on the data cleaned last.
        """
        drift, cleaned = self._record(DRIFT), self._record(CLEAN, status=Status.DONE)
        if drift.get("status") != Status.DONE or drift["dataset_id"] != cleaned.get("dataset_id"):
            raise ClusterError(
                f"There is no {DRIFT} on the data that {CLEAN} cleaned: run it with `make job JOB={DRIFT}`."
            )
        found = drift["facts"]["drift"]
        if not found["published"]:
            return True, "nothing is published yet"
        if found["published"]["dataset_id"] == drift["dataset_id"]:
            return False, f"the published model was trained on this very data set, {drift['dataset_id']}"
        return found["retrain"], found["because"]

    def _sample(self) -> list[Step]:
        """The generated data, if they stand for MovieLens; those that are there already are not generated again."""
        source = self.source
        if not source.generated or _is_there(source):
            return []
        preset = "full" if source.name == SAMPLES["f"] else "small"
        return [Step("generate_sample", self._job("generate_sample", "--preset", preset, "--out", str(source.folder)))]

    def _catalogue(self) -> list[Step]:
        """The user's own catalogue, or a generated one; one that is there already is not generated again."""
        given = self.settings.catalogue_dir
        folder = (
            self._readable("CATALOGUE_DIR", given, ("titles.csv", "credits.csv"))
            if given
            else self.settings.data_dir / "raw" / "catalogue"
        )
        needed = [] if folder.is_dir() else [Step("generate_catalogue", self._job("generate_catalogue"))]
        return [*needed, Step("build_catalogue", self._job("build_catalogue", "--catalogue", str(folder)))]

    def _songs(self) -> list[Step]:
        """The user's own song plays; without any there is no such step."""
        given = self.settings.songs_dir
        if given is None:
            return []
        folder = self._readable("SONGS_DIR", given, ("song_data", "log_data"))
        return [Step("build_songplays", self._job("build_songplays", "--songs", str(folder)))]

    def _readable(self, variable: str, folder: Path, needed: tuple[str, str]) -> Path:
        """The folder of the user's files where jobs can read it: containers see DATA_DIR only, so there it is copied.

        Raises:
            ClusterError: there is no such folder, or something in it is missing.
        """
        if not folder.is_dir():
            raise ClusterError(f"{variable}: {folder} is no folder. It needs {' and '.join(needed)}.")
        if missing := [name for name in needed if not (folder / name).exists()]:
            raise ClusterError(f"{variable}: {folder} has no {' and no '.join(missing)}.")
        copy = folder if self.runtime.name == "native" else self.settings.inside(folder)
        if copy == folder:
            return folder
        shutil.rmtree(copy, ignore_errors=True)
        for given in (each for each in folder.rglob("*") if each.suffix in COPIED and each.is_file()):
            copied = copy / given.relative_to(folder)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given, copied)  # without its mode: a copy that is read-only could not be replaced
        return copy

    def _job(self, job: str, *args: str) -> Callable[[], int | None]:
        return lambda: self.run_job(job, list(args))

    def run_job(self, job: str, args: list[str]) -> int | None:
        """Run a job with its output in a log, and return its number of rows.

        Raises:
            ClusterError: it failed; the message has its reason and the last lines of the log.
        """
        log = self.settings.run_dir / "logs" / f"job-{job}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        before = self._record(job)
        with log.open("w", encoding="utf-8") as output:
            code = self.application.submit(job, args, output)
        record = self._record(job)
        if record == before:
            record = {}  # it ended before it wrote any
        if code not in (ExitCode.DONE, ExitCode.ALARMED):
            raise ClusterError(_failure(job, code, record, log))
        return max(record.get("counts", {}).values(), default=None)

    def _record(self, job: str, status: str | None = None) -> dict[str, Any]:
        """The record of the job's last run, of that status; ids begin with the time, so the last name is the latest."""
        for path in sorted((self.settings.data_dir / "runs").glob("*.json"), reverse=True):
            record = json.loads(path.read_text(encoding="utf-8"))
            if record["job"] == job and status in (None, record["status"]):
                return record
        return {}

    def _web(self) -> None:
        with redirect_stdout(io.StringIO()):  # its line is the step's
            self.runtime.up(("web",))
        page = f"{self.settings.web_address}/health/ready"
        if not answers(page):
            raise ClusterError(f"The site runs, but {page} is not answered with 200: see `make logs`.")


def jobs(source: DataSource, unvalidated: bool = False, if_drifted: bool = False) -> list[tuple[str, list[str]]]:
    """The jobs from raw files to published lists, in their order, each with its flags.

    `unvalidated`: data with errors in the report on their quality are trained on all the same.
    """
    return [
        (CLEAN, ["--movielens", str(source.folder)]),
        ("report_quality", ["--only-report"] if unvalidated else []),
        *([(DRIFT, [])] if if_drifted else []),
        (TRAIN, ["--unvalidated"] if unvalidated else []),
        (PUBLISH, []),
    ]


def run(pipeline: Pipeline) -> None:
    """Run the steps that are not done, and print one line for each.

    Raises:
        ClusterError: a step failed; the message has its reason and how to go on.
    """
    inputs = fingerprint(pipeline.source, pipeline.settings.catalogue_dir, pipeline.settings.songs_dir)
    inputs += "-if-drifted" if pipeline.if_drifted else ""
    progress = Progress(pipeline.settings.data_dir / "pipeline.json", inputs)
    steps, done = pipeline.steps(), progress.done()
    for number, step in enumerate(steps, start=1):
        line = f"step {number} of {len(steps)}  {step.name}"
        if step.name in done:
            print(f"{line} … was done before", flush=True)
            continue
        if not step.needed():
            print(f"{line} … not needed", flush=True)
            continue
        print(f"{line} …", end=" ", flush=True)
        began = time.monotonic()
        try:
            rows = step.run()
        except ClusterError as error:
            print("failed", flush=True)
            raise ClusterError(
                f"{line} failed after {time.monotonic() - began:.0f} s. {error}\n{HOW_TO_GO_ON}"
            ) from error
        shown = "" if rows is None else f", {rows:,} rows"
        print(f"{time.monotonic() - began:.0f} s{shown}", flush=True)
        progress.add(step.name)
        if step.name == DRIFT:
            train, why = pipeline.training()
            print(f"train: {'yes' if train else 'no'}, because {why}", flush=True)
    progress.forget()


HOW_TO_GO_ON = "What was published before is still served. `make preprocess` goes on with this step."


def fingerprint(source: DataSource, *given: Path | None) -> str:
    """Changes when the data does, or other folders are given.

    A generated sample is known by its folder: it is made by the first step.
    """
    parts: list[object] = [source.name, source.folder, *given]
    if not source.generated:
        parts += [(name, stat.st_size, stat.st_mtime_ns) for name in FILES if (stat := _stat(source.folder / name))]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _stat(path: Path) -> Any:
    try:
        return path.stat()
    except OSError as error:
        raise ClusterError(f"{path} is gone ({error.strerror}): run `make setup` again.") from error


def _is_there(source: DataSource) -> bool:
    return all((source.folder / name).is_file() for name in FILES)


def _failure(job: str, code: int, record: dict[str, Any], log: Path) -> str:
    word = "was refused" if code == ExitCode.REFUSED else f"ended with exit code {code}"
    reason = f": {record['error']}" if record.get("error") else "."
    return f"{job} {word}{reason}\nThe last lines of {log}:\n{last_lines(log)}"


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m cluster.pipeline", description="Every job in its order.")
    parser.add_argument("--if-drifted", action="store_true", help="train only when report_drift says «retrain: yes»")
    settings = Settings.from_env()
    runtime = choose(settings)
    pipeline = Pipeline(settings, runtime, parser.parse_args().if_drifted)
    print(f"Data: {pipeline.source.name} · runtime: {runtime.name} · logs: {settings.run_dir / 'logs'}", flush=True)
    runtime.up(("cassandra", "spark"))
    with pipeline.application:
        run(pipeline)
    print(f"The site is at {settings.web_address} — for example {settings.web_address}/users/1")
    return 0


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
