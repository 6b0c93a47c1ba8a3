"""The one way in which a job runs: arguments, session, run record, logging, exit code."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark import SparkConf
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from cql.connect import Contact
from domain.contract.runs import ExitCode, Status
from spark_jobs.run import alerts, live, mlflow
from spark_jobs.run.flags import folder
from spark_jobs.storage.errors import JobError, Refused
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

log = logging.getLogger(__name__)

AddArguments = Callable[[argparse.ArgumentParser], None]
ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 30.0  # for Spark to stop in


def run(doc: str | None, add_arguments: AddArguments, main: Callable[..., None]) -> NoReturn:
    """Run the job whose file was started, and exit.

    0 done, 1 failed, 2 wrong arguments, 3 refused by its gate, 4 done with an alarming report where ALERT_EXIT is 1.
    """
    sys.exit(execute(Path(sys.argv[0]).stem, doc, add_arguments, main, sys.argv[1:]))


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
        log.error("%s", message(error))
        record.end(Status.FAILED, message(error))
        return ExitCode.FAILED


def _supervise(record: Run, main: Callable[..., None], flags: dict[str, Any], application: str | None) -> int:
    log.info("%s %s started", record.job, record.run_id)
    spark = None
    try:
        spark = session(application).newSession() if application else session(record.job)
        main(spark, record, **flags)
        record.fact("cluster", cluster(spark))
        record.finish(Status.DONE)
        log.info(
            "%s done in %.1f s, record: %s", record.job, record.record()["seconds"], record.paths.record(record.run_id)
        )
        return ExitCode.DONE
    except Refused as refusal:
        record.finish(Status.REFUSED, str(refusal))
        log.error("%s", refusal)
        return ExitCode.REFUSED
    except Exception as error:
        if not isinstance(error, JobError | OSError):
            log.debug("traceback", exc_info=True)
        log.error("%s", message(error))
        _finish_failed(record, message(error))
        return ExitCode.FAILED
    except KeyboardInterrupt:
        _finish_failed(record, "stopped by Ctrl-C")
        raise
    finally:
        if spark is not None and not application:
            _stop(spark)


def release() -> None:
    """Give back what the last job of an application keeps: its caches, and what nothing refers to any more."""
    spark = SparkSession.getActiveSession()
    if spark is not None and spark.sparkContext._jvm is not None:
        spark.catalog.clearCache()
        spark.sparkContext._jvm.System.gc()


def stop_application() -> None:
    """Stop the application that `execute` has left running, if any."""
    spark = SparkSession.getActiveSession()
    if spark is not None:
        _stop(spark)


def _stop(spark: SparkSession) -> None:
    """Stop the session, but do not wait without end: it waits for its listeners.

    When a write fails because Cassandra is gone, Spark's listener of the observed row count plans the query again, and
    for that the connector waits until Cassandra is back.
    """
    stopping = threading.Thread(target=spark.stop, daemon=True)
    stopping.start()
    stopping.join(STOP_SECONDS)
    if stopping.is_alive():
        log.warning("Spark has not stopped after %.0f s: the job ends without waiting for it.", STOP_SECONDS)


def _finish_failed(record: Run, text: str) -> None:
    try:
        record.finish(Status.FAILED, text)
    except (JobError, OSError) as error:  # the cause may be the very thing that the record needs
        log.error("The run's record could not be saved: %s", message(error))


def session(job: str) -> SparkSession:
    """The session of a job: times in UTC, our code on the executors, Cassandra where the environment says."""
    contact, master = Contact.from_env(), _master()
    builder = (
        SparkSession.builder.appName(job)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.executorEnv.PYTHONPATH", str(ROOT))
        .config("spark.cassandra.connection.host", ",".join(contact.hosts))
        .config("spark.cassandra.connection.port", str(contact.port))
    )
    if contact.username:
        builder = builder.config("spark.cassandra.auth.username", contact.username)
        builder = builder.config("spark.cassandra.auth.password", contact.password or "")
    if partitions := os.environ.get("SPARK_SHUFFLE_PARTITIONS"):
        builder = builder.config("spark.sql.shuffle.partitions", partitions)
    if events := os.environ.get("SPARK_EVENTS_DIR"):  # for Spark's history server
        Path(events).mkdir(parents=True, exist_ok=True)
        builder = builder.config("spark.eventLog.enabled", True).config("spark.eventLog.dir", f"file://{events}")
    return builder.master(master).getOrCreate()


def _master() -> str:
    """The master that is given, else this machine, whose tasks then run the Python of the job unless another is given.

    Left to itself Spark takes the first python3 of the PATH, which may lack our packages or be of another version.
    """
    given = os.environ.get("PYSPARK_PYTHON")
    os.environ["PYSPARK_PYTHON"] = given or sys.executable  # Spark's start script, which SparkConf runs, needs one, too
    conf = SparkConf()
    master = conf.get("spark.master") or os.environ.get("SPARK_MASTER_URL") or "local[*]"
    if not given:
        os.environ["PYSPARK_PYTHON"] = conf.get("spark.pyspark.python") or sys.executable
        if not master.startswith("local"):  # on other machines ours may lie elsewhere
            del os.environ["PYSPARK_PYTHON"]
    return master


def cluster(spark: SparkSession) -> dict[str, int]:
    """How many workers the session has an executor on, and their cores in all; in local mode the driver is the one."""
    executors = len(spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) - 1
    return {"workers": max(1, executors), "cores": spark.sparkContext.defaultParallelism}


def message(error: BaseException) -> str:
    """One line that says what went wrong: for Spark's errors the innermost cause."""
    if isinstance(error, Py4JJavaError):
        return _innermost(error.java_exception)
    if isinstance(error, PySparkException | Py4JError):
        return f"Spark failed: {_said(str(error).split('JVM stacktrace')[0])}"
    if isinstance(error, JobError | Refused):
        return str(error)
    if isinstance(error, PermissionError) and error.filename:
        return f"{error.filename}: {error.strerror} for user {os.getuid()}. Let that user read (of results: write) it."
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}. Check that the path exists, may be written and has room."
    return f"{type(error).__name__}: {error}"


def _innermost(java_error: Any) -> str:
    while java_error.getCause() is not None:
        java_error = java_error.getCause()
    return f"Spark failed: {java_error.getClass().getSimpleName()}: {_said(str(java_error.getMessage()))}"


def _said(text: str) -> str:
    """The line that matters: the last of a Python traceback, else the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no message"]
    return (lines[-1] if "Traceback (most recent call last):" in text else lines[0])[:1000]
