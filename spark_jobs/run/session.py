"""The Spark session of a job: how it is made, given back between jobs, and stopped."""

from __future__ import annotations

import logging
import os
import sys
import threading
from pathlib import Path

from pyspark import SparkConf
from pyspark.sql import SparkSession

from cql.connect import Contact

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 30.0  # for Spark to stop in


def begin(job: str) -> SparkSession:
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
