"""The one way in which a job runs: arguments, session, run record, logging, exit code."""

from __future__ import annotations

import argparse
import io
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from domain.contract.runs import ExitCode, Status
from spark_jobs.run import alerts, live, mlflow, session
from spark_jobs.run.flags import folder
from spark_jobs.storage.errors import JobError, Refused, message
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

log = logging.getLogger(__name__)

AddArguments = Callable[[argparse.ArgumentParser], None]
INTERRUPTED = 128 + signal.SIGINT  # as shells have it


def run(doc: str | None, add_arguments: AddArguments, main: Callable[..., None]) -> NoReturn:
    """Run the job whose file was started, and exit.

    0 done, 1 failed, 2 wrong arguments, 3 refused by its gate, 4 done with an alarming report where ALERT_EXIT is 1,
    130 stopped by Ctrl-C.
    """
    try:
        sys.exit(execute(Path(sys.argv[0]).stem, doc, add_arguments, main, sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(interrupted())


def interrupted() -> int:
    """Say that somebody has stopped the job; returns the exit code of its process."""
    log.error("Stopped by Ctrl-C.")
    return INTERRUPTED


def execute(
    job: str,
    doc: str | None,
    add_arguments: AddArguments,
    main: Callable[..., None],
    arguments: Sequence[str],
    application: str | None = None,
) -> int:
    """Run `main(spark, run, **flags)` with the parsed `arguments`; returns the exit code.

    A Spark application is begun for the job and stopped after it. With `application`, the one of that name goes on.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # whose encoding, which is the terminal's, may lack an arrow
        sys.stdout.reconfigure(errors="backslashreplace")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")
    for noisy in ("cassandra", "py4j"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)  # they print tracebacks of what we say in a line
    typed = parser(job, doc, add_arguments)
    alerts.add_flag(typed)
    flags = vars(typed.parse_args(arguments))
    paths, mode = Paths(flags.pop("data_dir")), flags.pop("alerts")
    parameters = {name: value if isinstance(value, int | float | None) else str(value) for name, value in flags.items()}
    record = Run(job, paths, parameters)
    try:
        settings = alerts.Settings.from_env()
    except JobError as error:
        log.error("%s", error)
        return ExitCode.FAILED
    code = _recorded(record, main, flags, application)
    mlflow.track(record)
    alarming = alerts.tell(record, settings, mode)
    return ExitCode.ALARMED if alarming and settings.exits and code == ExitCode.DONE else code


def parser(job: str, doc: str | None, add_arguments: AddArguments) -> argparse.ArgumentParser:
    """The command line of a job: its docstring is the help, `--data-dir` is every job's."""
    made = argparse.ArgumentParser(prog=job, description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument(
        "--data-dir",
        type=folder,
        default=Paths.from_env().root,
        help="where data sets, models and records lie (default: $DATA_DIR or ./data)",
    )
    add_arguments(made)
    return made


def _recorded(record: Run, main: Callable[..., None], flags: dict[str, Any], application: str | None) -> int:
    try:
        with live.shown(record, flags):
            record.save()
            return _supervise(record, main, flags, application)
    except (JobError, OSError) as error:
        _end_failed(record, error)
        return ExitCode.FAILED


def _supervise(record: Run, main: Callable[..., None], flags: dict[str, Any], application: str | None) -> int:
    log.info("%s %s started", record.job, record.run_id)
    spark = None
    try:
        spark = session.begin(application).newSession() if application else session.begin(record.job)
        # not Spark's handler, which calls Spark in the middle of another call and so fails
        signal.signal(signal.SIGINT, signal.default_int_handler)
        main(spark, record, **flags)
        record.fact("cluster", session.cluster(spark))
        record.finish(Status.DONE)
        _say_done(record)
        return ExitCode.DONE
    except Refused as refusal:
        _say(record)
        log.error("%s", message(refusal))
        record.finish(Status.REFUSED, message(refusal))
        return ExitCode.REFUSED
    except Exception as error:
        if not isinstance(error, JobError | OSError):
            log.debug("traceback", exc_info=True)
        _end_failed(record, error)
        _save(record)
        return ExitCode.FAILED
    except KeyboardInterrupt:
        record.end(Status.FAILED, "stopped by Ctrl-C")
        _save(record)
        raise
    finally:
        if spark is not None and not application:
            session.stop(spark)


def _say_done(record: Run) -> None:
    seconds, place = record.record()["seconds"], record.paths.record(record.run_id)
    with suppress(OSError):
        sys.stdout.flush()
    log.info("%s done in %.1f s, record: %s", record.job, seconds, place)
    _say(record)


def _say(record: Run) -> None:
    with suppress(OSError):  # who reads it may have gone, which does not undo what was done
        for line in record.summary:
            print(line, flush=True)


def _end_failed(record: Run, error: Exception) -> None:
    """Say what went wrong, unless it was said before, and note it."""
    text = message(error, record.paths.root)
    if record.error != text:
        log.error("%s", text)
    record.end(Status.FAILED, text)


def _save(record: Run) -> None:
    """Save the record of a job that failed; the cause may be the very thing that the record needs."""
    try:
        record.save()
    except (JobError, OSError) as error:
        text = message(error, record.paths.root)
        if text != record.error:
            log.error("The run's record could not be saved: %s", text)
