"""Run the pipeline from raw files to a site with recommendations, one line for each step (`make preprocess`).

It stops at the first failure. Run again with the same data it goes on at the step that failed; after a success it does
all steps again. Cleaning is never taken for done: it alone knows whether people have rated since, and what was made of
an earlier data set is then made anew.
Once the site is up it goes on with reports on outliers and drift, unless LAB is 0; the site is complete without them.
With --if-drifted it also reports on drift, and learns only when that says «retrain: yes».
With --explain it prints the steps, with what each reads and makes, and why it will run or not; it runs none.

Example: python -m cluster.pipeline --if-drifted
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import time
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cluster.choose import choose, choose_name
from cluster.commands.login import sign_in_line
from cluster.errors import ClusterError, exit_with_message
from cluster.fetch.movielens import foreseen
from cluster.fetch.own_folder import copy_files
from cluster.fetch.source import DataSource, files, is_fetched
from cluster.probes import answers, last_lines, last_record
from cluster.runtime import Runtime
from cluster.settings import Settings
from cluster.steps import CLEAN, DRIFT, SITE, Step, plan, training
from domain.contract.files import write_json
from domain.contract.movielens import Scale
from domain.contract.runs import ExitCode, Status

HOW_TO_GO_ON = "What was published before is still served. `make preprocess` goes on with this step."
HOW_TO_GO_ON_AFTER_SITE = (
    "The site is up and shows what is published; only this report is missing. `make preprocess` goes on with this step,"
    " `make preprocess LAB=0` ends without it and those that follow."
)


THE_REST = "The rest takes a few minutes more: reports for /outliers and /drift (LAB=0 leaves them out)."


@dataclass(frozen=True)
class Noted:
    """The content of the file that keeps the progress."""

    inputs: str
    done: list[str]
    dataset_id: str | None = None  # on which the steps after the cleaning were done


@dataclass(frozen=True)
class Progress:
    """Which steps were done, kept in a file until the last one is."""

    path: Path
    inputs: str

    @classmethod
    def of(cls, settings: Settings, source: DataSource, if_drifted: bool) -> Progress:
        """The progress with these inputs; raises ClusterError when the raw files are gone."""
        inputs = fingerprint(source, settings.scale, settings.catalogue_dir, settings.songs_dir)
        return cls(settings.data_dir / "pipeline.json", inputs + ("-if-drifted" if if_drifted else ""))

    def done(self) -> list[str]:
        """The steps that were done before, if with the same inputs."""
        return self._noted().done

    def add(self, name: str) -> None:
        """Note that a step is done."""
        noted = self._noted()
        write_json(self.path, asdict(replace(noted, done=[*noted.done, name])))

    def cleaned(self, dataset_id: str | None) -> None:
        """Note that the cleaning is done; what was done after it is forgotten if it was with another data set."""
        noted = self._noted()
        before = noted.done[: noted.done.index(CLEAN)] if CLEAN in noted.done else noted.done
        if CLEAN not in noted.done or noted.dataset_id != dataset_id:
            write_json(self.path, asdict(Noted(self.inputs, [*before, CLEAN], dataset_id)))

    def _noted(self) -> Noted:
        try:
            noted = Noted(**json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return Noted(self.inputs, [])
        return noted if noted.inputs == self.inputs else Noted(self.inputs, [])

    def forget(self) -> None:
        """Forget all, so that the next run begins anew."""
        self.path.unlink(missing_ok=True)


def fingerprint(source: DataSource, scale: Scale, *given: Path | None) -> str:
    """A hash that changes when the data do, or when another scale or other folders are given.

    A generated sample is known by its folder: it is made by the first step.
    """
    parts: list[object] = [source.name, source.folder, str(scale), *given]
    if not source.generated:
        if not is_fetched(source):
            raise ClusterError(f"The files in {source.folder} are gone: run `make setup` again.")
        parts += [(path.name, *_stamp(path)) for path in files(source.folder).values()]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


class Pipeline:
    """The steps for one data source on one cluster; jobs run in `application`, which is the caller's to end."""

    def __init__(self, settings: Settings, runtime: Runtime, if_drifted: bool = False) -> None:
        self.settings = settings
        self.runtime = runtime
        self.application = runtime.application()
        self.if_drifted = if_drifted
        self.source = DataSource.load(settings.data_dir / "raw")

    def steps(self) -> list[Step]:
        """The steps that may have to run; the user's own folders are then where jobs can read them.

        Raises:
            ClusterError: a folder of the user's lacks something.
        """
        in_place = self.runtime.name == "native"
        steps = [step for step in plan(self.settings, self.source, in_place, self.if_drifted) if step.needed]
        if problems := [step.problem for step in steps if step.problem]:
            raise ClusterError(problems[0])
        for given in (self.settings.catalogue_dir, self.settings.songs_dir):
            if given and not in_place and (copy := self.settings.inside(given)) != given:
                copy_files(given, copy)
        return steps

    def run_step(self, step: Step) -> dict[str, Any]:
        """Run a job with its output in a log, or start the site; returns the job's record, empty where there is none.

        Raises:
            ClusterError: it failed; the message has the reason and the last lines of the log.
        """
        if step.name == SITE:
            self._start_site()
            return {}
        log = self.settings.run_dir / "logs" / f"job-{step.label.replace(' ', '-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        before = last_record(self.settings.data_dir, step.name)
        with log.open("w", encoding="utf-8") as output:
            code = self.application.submit(step.name, step.flags, output)
        newest = last_record(self.settings.data_dir, step.name)
        record = newest if newest != before else {}  # it ended before it wrote any
        if code not in (ExitCode.DONE, ExitCode.ALARMED):
            raise ClusterError(_failure(step.name, code, record, log))
        return record

    def _start_site(self) -> None:
        with redirect_stdout(io.StringIO()):  # its line is the step's
            self.runtime.up((SITE,))
        page = f"{self.settings.web_address}/health/ready"
        if not answers(page):
            raise ClusterError(f"The site runs, but {page} is not answered with 200: see `make logs`.")


def _failure(job: str, code: int, record: dict[str, Any], log: Path) -> str:
    word = "was refused" if code == ExitCode.REFUSED else f"ended with exit code {code}"
    error = record.get("error")
    said = "\n".join(line for line in last_lines(log).splitlines() if not error or error not in line)
    return f"{job} {word}{f': {error}' if error else '.'}\nThe last lines of {log}:\n{said}"


def run(pipeline: Pipeline) -> None:
    """Run the steps that are not done, and print one line for each.

    Raises:
        ClusterError: a step failed; the message has its reason and how to go on.
    """
    progress = Progress.of(pipeline.settings, pipeline.source, pipeline.if_drifted)
    steps = pipeline.steps()
    for number, step in enumerate(steps, start=1):
        line = f"step {number} of {len(steps)}  {step.label}"
        if step.name == CLEAN:
            progress.cleaned(_run_shown(pipeline, step, line).get("dataset_id"))
        elif step.label in progress.done():
            print(f"{line} … was done before", flush=True)
        elif step.decided_by and not training(pipeline.settings.data_dir)[0]:
            print(f"{line} … not needed", flush=True)
        else:
            _run_shown(pipeline, step, line)
            progress.add(step.label)
            _say_training(pipeline, step)
        if step.name == SITE and step is not steps[-1]:
            print(f"{where_it_is(pipeline.settings)}\n{THE_REST}", flush=True)
    progress.forget()


def _say_training(pipeline: Pipeline, step: Step) -> None:
    """After the report on drift that decides on it: whether anything is trained, and why."""
    if step.name == DRIFT and not step.after_site:
        train, why = training(pipeline.settings.data_dir)
        print(f"train: {'yes' if train else 'no'}, because {why}", flush=True)


def where_it_is(settings: Settings) -> str:
    """Where the site is and how to sign in, printed when it is up and as the last words of the pipeline."""
    example = f"The site is at {settings.web_address} — for example {settings.web_address}/users/1"
    return f"{example}\n{sign_in_line(settings)}"


def _run_shown(pipeline: Pipeline, step: Step, line: str) -> dict[str, Any]:
    """Run a step; its `line` is ended with the time that it took and its rows, and what its job says stands below.

    Returns the record of its job.
    """
    print(f"{line} …", end=" ", flush=True)
    began = time.monotonic()
    try:
        record = pipeline.run_step(step)
    except ClusterError as error:
        print(Status.FAILED, flush=True)
        go_on = HOW_TO_GO_ON_AFTER_SITE if step.after_site else HOW_TO_GO_ON
        raise ClusterError(f"{line} failed after {time.monotonic() - began:.0f} s. {error}\n{go_on}") from error
    rows = max(record.get("counts", {}).values(), default=None)
    print(f"{time.monotonic() - began:.0f} s{'' if rows is None else f', {rows:,} rows'}", flush=True)
    for said in record.get("summary", []):
        print(f"    {said}", flush=True)
    return record


def explain(settings: Settings, in_place: bool, if_drifted: bool) -> None:
    """Print every step, whether it would run now and why, and what it reads and makes. Starts and writes nothing."""
    source = foreseen(settings, in_place)
    is_known = source.generated or is_fetched(source)
    fetched = "" if is_known else ", not fetched yet: `make setup` does it first"
    print("A plan: nothing is started, fetched or written now.")
    print(f"Data: {source.name} in {source.folder}{fetched} · DATA_DIR: {settings.data_dir}")
    done = Progress.of(settings, source, if_drifted).done() if is_known else []
    steps = plan(settings, source, in_place, if_drifted)
    width, number = max(len(step.label) for step in steps), 0
    for step in steps:
        number += step.needed
        place = f"{number}." if step.needed else "–"
        print(f"{place:>3} {step.label:<{width}}  {_verdict(step, done, settings.data_dir)}")
        if step.needed:
            print(f"      reads {' · '.join(step.reads) or 'nothing'}\n      makes {' · '.join(step.makes)}")


def _verdict(step: Step, done: list[str], data_dir: Path) -> str:
    if not step.needed:
        return f"not needed: {step.reason}"
    if step.problem:
        return f"nothing will run before this is put right: {step.problem}"
    if step.label in done and step.name != CLEAN:
        return f"was done before with the same data; will run if {CLEAN} finds that people have rated since"
    if not step.decided_by:
        return f"will run: {step.reason}"
    if step.decided_by not in done:
        return f"decided after {step.decided_by}"
    try:
        train, why = training(data_dir)
    except ClusterError as error:
        return f"cannot be decided: {error}"
    return f"{'will run' if train else 'not needed'}: {why}"


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m cluster.pipeline", description="Every job in its order.")
    parser.add_argument("--if-drifted", action="store_true", help="train only when report_drift says «retrain: yes»")
    parser.add_argument("--explain", action="store_true", help="print what would run, and why; run nothing")
    options, settings = parser.parse_args(), Settings.from_env()
    if isinstance(sys.stdout, io.TextIOWrapper):  # whose encoding, which is the terminal's, may lack …
        sys.stdout.reconfigure(errors="backslashreplace")
    if options.explain:
        explain(settings, choose_name(settings) == "native", options.if_drifted)
        return 0
    runtime = choose(settings)
    pipeline = Pipeline(settings, runtime, options.if_drifted)
    print(f"Data: {pipeline.source.name} · runtime: {runtime.name} · logs: {settings.run_dir / 'logs'}", flush=True)
    runtime.up(("cassandra", "spark"))
    with pipeline.application:
        run(pipeline)
    print(where_it_is(settings))
    return 0


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
