"""The environment that Spark is started in, by the cluster and by a job alone: without what belongs to another Spark.

A machine that has had Spark or Hadoop before names it in SPARK_HOME, PYSPARK_SUBMIT_ARGS, HADOOP_CONF_DIR and a dozen
more, each of which ends a start of ours.
"""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from domain.contract.java import SYSTEM_FOLDER, NoJava, java_home

OTHERS = ("SPARK_", "PYSPARK_", "HADOOP_", "YARN_", "HIVE_", "PYTHONHOME")  # how their names begin
OTHERS_WHOLE = ("MASTER", "CLASSPATH")
# Of these names, those that say something of this machine, or are settings of ours (.env.example)
OURS = {
    *("SPARK_LOCAL_IP", "SPARK_LOCAL_HOSTNAME", "SPARK_LOCAL_DIRS", "SPARK_SUBMIT_OPTS"),
    *("SPARK_MASTER_URL", "SPARK_MASTER_PORT", "SPARK_MASTER_UI_PORT", "SPARK_WORKER_UI_PORT", "SPARK_WORKER_CORES"),
    *("SPARK_EXECUTOR_MEMORY", "SPARK_DRIVER_MEMORY", "SPARK_SHUFFLE_PARTITIONS", "SPARK_EVENTS_DIR"),
    *("SPARK_HISTORY_PORT", "SPARK_UI_HOST", "SPARK_IMAGE"),
}
HERE = ("localhost", "127.0.0.1", "::1")


class CannotStart(RuntimeError):
    """Spark cannot be started on this machine or by this user; the message says what is missing."""


def spark_environ(
    environ: Mapping[str, str], spark_home: Path, python: str, system_folder: Path = SYSTEM_FOLDER
) -> dict[str, str]:
    """The caller's environment, for the Spark at `spark_home`, Java 17 and this `python`.

    Where SPARK_HOME is that Spark already, the environment was made for it, by the cluster or the image, and its
    configuration is kept.

    Raises:
        CannotStart: there is no Java 17, or the user has no name.
    """
    _refuse_nameless_user()
    ours = OURS | {"SPARK_CONF_DIR"} if _same(environ.get("SPARK_HOME"), spark_home) else OURS
    kept = {name: value for name, value in environ.items() if name in ours or not _is_of_others(name)}
    if path := environ.get("PYTHONPATH"):
        kept["PYTHONPATH"] = os.pathsep.join(without_other_spark(path.split(os.pathsep), environ))
    try:
        kept["JAVA_HOME"] = str(java_home(environ, system_folder))
    except NoJava as error:
        raise CannotStart(str(error)) from error
    return kept | {
        "SPARK_HOME": str(spark_home),
        "PYSPARK_PYTHON": python,
        "PYSPARK_DRIVER_PYTHON": python,
        **of_this_machine(environ),
    }


def without_other_spark(path: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """A search path of modules without the PySpark and py4j that PYTHONPATH brings and that would hide ours."""
    given = (environ.get("PYTHONPATH") or "").split(os.pathsep)
    return [entry for entry in path if entry not in given or not _brings_spark(Path(entry))]


def of_this_machine(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that keep a proxy from being asked for what runs here, and names of files whole.

    Java writes a letter that is not in the locale's encoding as a question mark, also in the name of a file.
    """
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    utf_8 = {} if re.search("utf-?8", locale, re.IGNORECASE) else {"LC_ALL": "C.UTF-8"}
    given = (environ.get("no_proxy") or environ.get("NO_PROXY") or "").split(",")
    hosts = ",".join(dict.fromkeys([*(host.strip() for host in given if host.strip()), *HERE]))
    if given == ["*"]:  # no proxy for anything, which it says only when it stands alone
        hosts = "*"
    return {"no_proxy": hosts, "NO_PROXY": hosts, **utf_8}


def _refuse_nameless_user() -> None:
    """Refuse a user whom the system knows by number only, as a container may be run by: Hadoop asks for the name."""
    try:
        pwd.getpwuid(os.getuid())
    except KeyError as error:
        raise CannotStart(
            f"User {os.getuid()} has no name on this machine, without which Spark does not start: "
            "add a line for it to /etc/passwd, or run this as another user."
        ) from error


def _is_of_others(name: str) -> bool:
    return name.startswith(OTHERS) or name in OTHERS_WHOLE


def _brings_spark(entry: Path) -> bool:
    return (entry / "pyspark").is_dir() or entry.name.startswith(("py4j", "pyspark"))


def _same(given: str | None, spark_home: Path) -> bool:
    return bool(given) and Path(str(given)).resolve() == spark_home.resolve()
