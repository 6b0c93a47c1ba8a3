"""The Spark session of a job: how it is made, given back between jobs, and stopped."""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
from pathlib import Path

import pyspark
from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from cql.connect import Contact
from domain.contract.addresses import MASTERS, MASTERS_ALLOWED
from domain.contract.java import SYSTEM_FOLDER
from domain.contract.spark_environment import CannotStart, spark_environ
from spark_jobs.storage.errors import JobError

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
HERE = re.compile(r"local|spark://(127\.[0-9.]+|localhost|\[::1\]):")
STOP_SECONDS = 30.0  # for Spark to stop in


def begin(job: str) -> SparkSession:
    """The session of a job: times in UTC, our code on the executors, Cassandra where the environment says.

    Raises:
        JobError: there is no Java 17, or a variable holds something that is not allowed.
    """
    given = os.environ.get("PYSPARK_PYTHON")
    if (
        "PYSPARK_GATEWAY_PORT" not in os.environ and SparkContext._gateway is None
    ):  # not begun by spark-submit, nor here
        own_environment()
    refuse_bad_master()
    contact, master = Contact.from_env(), _master(given)
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
        folder = Path(events).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        builder = builder.config("spark.eventLog.enabled", True).config("spark.eventLog.dir", folder.as_uri())
    return builder.master(master).getOrCreate()


def own_environment(system_folder: Path = SYSTEM_FOLDER) -> None:
    """Leave out of the environment what another Spark on this machine has set, before ours is started.

    Raises:
        JobError: there is no Java 17, the user has no name, or PYTHONPATH has brought another PySpark.
    """
    home = Path(pyspark.__file__).parent
    if str(home.parent) in (os.environ.get("PYTHONPATH") or "").split(os.pathsep):
        raise JobError(f"PYTHONPATH brings another PySpark ({home}): start the job without it.")
    try:
        own = spark_environ(os.environ, home, sys.executable, system_folder)
    except CannotStart as error:
        raise JobError(str(error)) from error
    for name in os.environ.keys() - own.keys():
        del os.environ[name]
    os.environ.update(own)


def refuse_bad_master() -> None:
    """Refuse a SPARK_MASTER_URL that Spark would end with a trace of Java.

    Raises:
        JobError: it is no address of a master.
    """
    given = os.environ.get("SPARK_MASTER_URL")
    if given and not MASTERS.fullmatch(given):
        raise JobError(f"SPARK_MASTER_URL={given!r} is not allowed: give {MASTERS_ALLOWED}.")


def _master(given: str | None) -> str:
    """The master that is given, else this machine, whose tasks then run the Python of the job.

    Left to itself Spark takes the first python3 of the PATH, which may lack our packages or be of another version. On
    other machines ours may lie elsewhere: there it is the `given` one.
    """
    os.environ["PYSPARK_PYTHON"] = sys.executable  # Spark's start script, which SparkConf runs, needs one, too
    conf = SparkConf()
    master = conf.get("spark.master") or os.environ.get("SPARK_MASTER_URL") or "local[*]"
    if HERE.match(master):
        os.environ["PYSPARK_PYTHON"] = conf.get("spark.pyspark.python") or sys.executable
    elif given:
        os.environ["PYSPARK_PYTHON"] = given
    else:
        del os.environ["PYSPARK_PYTHON"]
    return master


def cluster(spark: SparkSession) -> dict[str, int]:
    """How many workers the session has an executor on, and their cores in all; in local mode the driver is the one."""
    executors = len(spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) - 1
    return {"workers": max(1, executors), "cores": spark.sparkContext.defaultParallelism}


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
        stop(spark)


def stop(spark: SparkSession) -> None:
    """Stop the session, but do not wait without end: it waits for its listeners.

    When a write fails because Cassandra is gone, Spark's listener of the observed row count plans the query again, and
    for that the connector waits until Cassandra is back.
    """
    stopping = threading.Thread(target=spark.stop, daemon=True)
    stopping.start()
    stopping.join(STOP_SECONDS)
    if stopping.is_alive():
        log.warning("Spark has not stopped after %.0f s: the job ends without waiting for it.", STOP_SECONDS)
