"""A job that is started directly finds its own Spark, Java and Python, whatever else the machine has had."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyspark
import pytest

from spark_jobs.run import session
from spark_jobs.storage.errors import JobError
from tests.support.fake_java import fake_java

ROOT = Path(__file__).resolve().parents[3]
JOB = """
from spark_jobs.run import session
spark = session.begin("x")
print(spark.sparkContext.master, spark.sparkContext.parallelize([1, 2], 1).map(lambda number: number + 1).sum())
spark.stop()
"""


def other_installation(folder: Path) -> dict[str, str]:
    """What the profile of a machine with another Spark, Hadoop, Java and conda sets."""
    other = fake_java(folder / "java-25", "25")
    conf, modules = folder / "conf", folder / "python"
    (modules / "pyspark").mkdir(parents=True)
    (modules / "pyspark" / "__init__.py").write_text("raise ImportError('another PySpark')")
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text("spark.master yarn\nspark.jars /nowhere.jar\n")
    return {
        "SPARK_HOME": "/opt/spark-2.4",
        "SPARK_CONF_DIR": str(conf),
        "SPARK_DIST_CLASSPATH": str(folder),
        "SPARK_REMOTE": "sc://127.0.0.1:1",
        "PYSPARK_SUBMIT_ARGS": "--master yarn",
        "PYSPARK_PYTHON": "/bin/false",
        "PYSPARK_DRIVER_PYTHON": "jupyter",
        "HADOOP_CONF_DIR": str(conf),
        "YARN_CONF_DIR": str(conf),
        "MASTER": "yarn",
        "JAVA_HOME": str(other),
        "PATH": f"{other}/bin:{os.environ['PATH']}",
        "PYTHONPATH": f"{modules}:{modules}/lib/py4j-0.10.7-src.zip:/nowhere:{ROOT}",
        "http_proxy": "http://127.0.0.1:1",
        "all_proxy": "socks5://127.0.0.1:1",
    }


def test_a_job_started_directly_runs_on_a_machine_that_has_another_spark(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_MASTER")}
    done = subprocess.run(
        [sys.executable, "-c", JOB],
        cwd=tmp_path,
        env={**environ, **other_installation(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "local[*] 5"


def test_without_java_a_job_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("JAVA_HOME", "")
    with pytest.raises(JobError, match=r"Java 17 was not found.*make doctor"):
        session.own_environment(tmp_path)


def test_another_pyspark_that_was_imported_already_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with `python spark_jobs/x.py`, which imports PySpark before anything of ours."""
    (tmp_path / "pyspark").mkdir()
    monkeypatch.setattr(pyspark, "__file__", str(tmp_path / "pyspark" / "__init__.py"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(JobError, match=rf"PYTHONPATH brings another PySpark \({tmp_path}/pyspark\)"):
        session.own_environment()


@pytest.mark.parametrize(
    "master", ["127.0.0.1:7077", "spark:/127.0.0.1:7077", "spark://127.0.0.1", "locl[2]", "http://x:8080"]
)
def test_a_master_that_is_none_is_refused_with_what_is_allowed(master: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_MASTER_URL", master)
    with pytest.raises(JobError, match=r"SPARK_MASTER_URL='.*' is not allowed: give spark://host:port"):
        session.refuse_bad_master()


def test_what_jobs_ask_on_this_machine_needs_no_proxy_from_the_first_import_on() -> None:
    """An alert of a job that fails before it has a session goes to a webhook, too."""
    script = "import os, spark_jobs; print(os.environ['no_proxy'])"
    environ = {**os.environ, "no_proxy": "a.org", "PYTHONPATH": str(ROOT)}
    answer = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True)
    assert answer.stdout.strip() == "a.org,localhost,127.0.0.1,::1", answer.stderr
