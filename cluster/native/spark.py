"""The Spark standalone master and its workers as local processes, and the submission of jobs to them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from cluster.application import MODULE, Application, piped
from cluster.errors import ClusterError, MissingTool, Terminated, writing
from cluster.fetch.jars import CONNECTOR, fetch, spark_home
from cluster.native.service import Service
from cluster.probes import got
from cluster.runtime import job_script
from cluster.settings import Settings
from domain.contract.spark_environment import CannotStart, spark_environ

HOST = "127.0.0.1"
SECONDS = 90.0
DAEMON_HEAP = "384m"
LOG_SETTINGS = Path(__file__).parents[1] / "conf" / "log4j2.properties"


def services(settings: Settings) -> list[Service]:
    """The master, then the workers. Writes the configuration that they and the jobs use."""
    write_config(settings)
    return [_master(settings), *(_worker(settings, number) for number in range(1, settings.workers + 1))]


def _master(settings: Settings) -> Service:
    ports = settings.ports
    command = [spark_home() / "bin/spark-class", "org.apache.spark.deploy.master.Master", "--host", HOST]
    return Service(
        name="spark-master",
        group="spark",
        command=[*command, "--port", ports.master, "--webui-port", ports.master_ui],
        environ=environ_of_spark(settings),
        folder=settings.run_dir,
        host=HOST,
        ports={"SPARK_MASTER_PORT": ports.master, "SPARK_MASTER_UI_PORT": ports.master_ui},
        ready=lambda: alive_workers(settings) is not None,
        seconds=SECONDS,
    )


def _worker(settings: Settings, number: int) -> Service:
    port = settings.ports.worker_ui + number - 1
    work = settings.run_dir / "spark" / f"worker-{number}"
    command = [spark_home() / "bin/spark-class", "org.apache.spark.deploy.worker.Worker", "--host", HOST]
    command += ["--webui-port", port, "--cores", settings.worker_cores, "--memory", f"{settings.memory.executor}m"]
    return Service(
        name=f"spark-worker-{number}",
        group="spark",
        command=[*command, "--work-dir", work, settings.master_url],
        environ=environ_of_spark(settings),
        folder=settings.run_dir,
        host=HOST,
        ports={"SPARK_WORKER_UI_PORT": port},
        ready=lambda: (alive_workers(settings) or 0) >= number,
        seconds=SECONDS,
    )


def alive_workers(settings: Settings) -> int | None:
    """How many workers the master counts as alive; None when it does not answer."""
    try:
        return int(json.loads(got(f"http://{HOST}:{settings.ports.master_ui}/json/"))["aliveworkers"])
    except (OSError, ValueError, KeyError, TypeError):  # or another program answers there
        return None


def submit(settings: Settings, job: str, args: list[str], output: IO[str] | None = None) -> int:
    """Run `spark_jobs/<job>.py` on the cluster, and return its exit code.

    `output` takes what the job prints, in place of this process' own output.

    Raises:
        ClusterError: there is no such job, or `up` has not written the configuration yet.
    """
    script = job_script(settings, job)
    _refuse_without_config(settings)
    # relative: of a folder with # or % in its name Spark would make another one
    command = [str(spark_home() / "bin/spark-submit"), script, *args]
    driver = subprocess.Popen(command, env=environ_of_spark(settings), cwd=settings.root, stdout=output, stderr=output)
    try:
        return driver.wait()
    except Terminated:
        driver.terminate()
        raise
    finally:
        driver.wait()


def application(settings: Settings) -> Application:
    """Jobs in one application on the cluster; its first `submit` raises ClusterError as `submit` does."""

    def start() -> subprocess.Popen[str]:
        _refuse_without_config(settings)
        return piped([sys.executable, "-m", MODULE], settings.root, environ_of_spark(settings))

    return Application(start)


def spark_sql(settings: Settings, args: Sequence[str]) -> int:
    """Run `spark-sql`, which needs no cluster that is up; returns its exit code."""
    # not the cluster's configuration: it may not be written yet, and says more than an answer
    environ = _environ({**os.environ, **settings.environ})
    environ.pop("SPARK_CONF_DIR", None)
    quiet = f"spark.driver.extraJavaOptions=-Dlog4j2.configurationFile={LOG_SETTINGS.as_uri()}"  # where a space is %20
    command = [str(spark_home() / "bin/spark-sql"), "--conf", quiet, *args]
    return subprocess.run(command, env=environ, check=False).returncode


def _refuse_without_config(settings: Settings) -> None:
    if not (_conf_folder(settings) / "spark-defaults.conf").is_file():
        raise ClusterError("The cluster was not started here yet: run `make up`.")


def write_config(settings: Settings) -> None:
    """Write RUN_DIR/conf/spark-defaults.conf, what all clusters share and then what this one adds, and log4j2."""
    conf = _conf_folder(settings)
    conf.mkdir(parents=True, exist_ok=True)
    (settings.run_dir / "spark" / "tmp").mkdir(parents=True, exist_ok=True)
    source = settings.root / "cluster" / "conf"
    common = (source / "spark-defaults.conf").read_text(encoding="utf-8")
    own = "".join(f"{name} {_property(value)}\n" for name, value in _own_config(settings).items())
    path = conf / "spark-defaults.conf"
    with writing(path):
        path.touch(mode=0o600)  # it may hold the password of Cassandra
        path.write_text(f"{common}\n# of this machine, written by `make up`\n{own}", encoding="utf-8")
    (conf / "log4j2.properties").write_bytes((source / "log4j2.properties").read_bytes())


def _property(value: object) -> str:
    """A value as Java's file of properties has it, where a backslash begins an escape."""
    text = str(value).replace("\\", "\\\\").replace("\n", "\\n")
    return f"\\{text}" if text.startswith(" ") else text


def _own_config(settings: Settings) -> dict[str, object]:
    jars = fetch(settings, CONNECTOR)
    own: dict[str, object] = {
        "spark.master": settings.master_url,
        "spark.driver.memory": f"{settings.memory.driver}m",
        "spark.executor.memory": f"{settings.memory.executor}m",
        "spark.executor.cores": settings.worker_cores,
        "spark.sql.shuffle.partitions": settings.shuffle_partitions,
        "spark.driver.extraClassPath": f"{jars}/*",
        "spark.executor.extraClassPath": f"{jars}/*",
        "spark.pyspark.python": sys.executable,
        "spark.executorEnv.PYTHONPATH": settings.root,
        "spark.cassandra.connection.host": ",".join(settings.hosts),
        "spark.cassandra.connection.port": settings.ports.cql,
    }
    if settings.starts_spark:
        own |= {"spark.driver.host": HOST, "spark.driver.bindAddress": HOST}
    if settings.username:
        own |= {
            "spark.cassandra.auth.username": settings.username,
            "spark.cassandra.auth.password": settings.password or "",
        }
    return own


def _conf_folder(settings: Settings) -> Path:
    return settings.run_dir / "conf"


def environ_of_spark(settings: Settings) -> dict[str, str]:
    """What all processes of Spark have in their environment, the submitting ones too."""
    return {
        **_environ(settings.child_environ()),
        "SPARK_CONF_DIR": str(_conf_folder(settings)),
        "SPARK_LOCAL_IP": HOST,
        # not spark.local.dir: Spark warns at every start that a cluster may override it
        "SPARK_LOCAL_DIRS": str(settings.run_dir / "spark" / "tmp"),
        "SPARK_DAEMON_MEMORY": DAEMON_HEAP,
        # folders of finished applications go after two hours, looked at every half hour
        "SPARK_WORKER_OPTS": "-Dspark.worker.cleanup.enabled=true -Dspark.worker.cleanup.appDataTtl=7200",
    }


def _environ(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what another Spark of this machine has left in it."""
    try:
        return spark_environ(environ, spark_home(), sys.executable)
    except CannotStart as error:
        raise MissingTool(str(error)) from error
