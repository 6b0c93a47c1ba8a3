"""What another installation has left in the environment does not reach our Spark."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.contract.spark_environment import OURS, CannotStart, of_this_machine, spark_environ, without_other_spark
from tests.support.example_env import documented_variables
from tests.support.fake_java import fake_java

LEFT_BEHIND = {
    "SPARK_HOME": "/opt/spark-2.4",
    "SPARK_CONF_DIR": "/etc/spark/conf",
    "SPARK_DIST_CLASSPATH": "/opt/hadoop/*",
    "SPARK_REMOTE": "sc://elsewhere",
    "SPARK_DAEMON_JAVA_OPTS": "-Dspark.deploy.recoveryMode=ZOOKEEPER",
    "SPARK_MASTER": "yarn",
    "SPARK_MASTER_HOST": "elsewhere",
    "SPARK_WORKER_OPTS": "-Dx=y",
    "SPARK_WORKER_DIR": "/nowhere",
    "SPARK_TESTING": "1",
    "MASTER": "yarn",
    "PYSPARK_SUBMIT_ARGS": "--master yarn",
    "PYSPARK_DRIVER_PYTHON": "jupyter",
    "PYSPARK_DRIVER_PYTHON_OPTS": "notebook",
    "PYSPARK_PYTHON": "/opt/conda/bin/python3.8",
    "HADOOP_CONF_DIR": "/etc/hadoop/conf",
    "HADOOP_HOME": "/opt/hadoop",
    "HADOOP_CLASSPATH": "/opt/hadoop/*",
    "YARN_CONF_DIR": "/etc/hadoop/conf",
    "HIVE_CONF_DIR": "/etc/hive/conf",
    "CLASSPATH": "/opt/old.jar",
    "PYTHONHOME": "/opt/conda",
}


@pytest.fixture
def machine(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """An environment of a machine with Java 17 behind another one, and the home of our Spark."""
    fake_java(tmp_path / "jvm" / "java-17", "17.0.2")
    other = fake_java(tmp_path / "other", "25")
    environ = {"PATH": f"{other}/bin", "JAVA_HOME": str(other), "JAVA_TOOL_OPTIONS": "-Dx=y", "DATA_DIR": "/d"}
    return environ, tmp_path / "jvm"


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_what_another_installation_says_is_left_out(machine: tuple[dict[str, str], Path], name: str) -> None:
    environ, folder = machine
    clean = spark_environ(environ, Path("/ours"), "/ours/python", folder)
    assert spark_environ({**environ, name: LEFT_BEHIND[name]}, Path("/ours"), "/ours/python", folder) == clean
    assert (clean["SPARK_HOME"], clean["JAVA_HOME"]) == ("/ours", f"{folder}/java-17")
    assert (clean["PYSPARK_PYTHON"], clean["PYSPARK_DRIVER_PYTHON"]) == ("/ours/python", "/ours/python")
    assert (clean["JAVA_TOOL_OPTIONS"], clean["DATA_DIR"]) == ("-Dx=y", "/d")


def test_our_own_settings_stay(machine: tuple[dict[str, str], Path]) -> None:
    settings = {name: "x" for name in documented_variables() if name.startswith(("SPARK_", "HADOOP_"))}
    assert settings.keys() <= OURS
    environ, folder = machine
    assert settings.items() <= spark_environ({**environ, **settings}, Path("/ours"), "p", folder).items()


def test_the_configuration_of_the_cluster_or_the_image_stays(machine: tuple[dict[str, str], Path]) -> None:
    environ, folder = machine
    made = {**environ, "SPARK_HOME": "/usr/../ours", "SPARK_CONF_DIR": "/run/conf", "HADOOP_CONF_DIR": "/etc/hadoop"}
    found = spark_environ(made, Path("/ours"), "p", folder)
    assert found["SPARK_CONF_DIR"] == "/run/conf"
    assert "HADOOP_CONF_DIR" not in found


def test_without_a_java_17_the_sentence_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"Java 17 was not found.*make doctor"):
        spark_environ({"PATH": "", "JAVA_HOME": "/nowhere"}, Path("/ours"), "p", tmp_path / "none")


def test_a_user_without_a_name_is_told_what_is_missing(
    machine: tuple[dict[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark would end with JAVA_GATEWAY_EXITED, after Hadoop's «invalid null input: name»."""
    monkeypatch.setattr("os.getuid", lambda: 54321)
    with pytest.raises(CannotStart, match=r"User 54321 has no name on this machine.*/etc/passwd"):
        spark_environ(machine[0], Path("/ours"), "p", machine[1])


def test_the_modules_of_another_spark_are_not_searched(tmp_path: Path) -> None:
    (tmp_path / "python" / "pyspark").mkdir(parents=True)
    other, zipped, mine = f"{tmp_path}/python", f"{tmp_path}/python/lib/py4j-0.10.7-src.zip", f"{tmp_path}/mine"
    environ = {"PYTHONPATH": f"{other}:{zipped}:/nowhere:{mine}"}
    assert without_other_spark(["", other, zipped, "/nowhere", mine, "/lib"], environ) == ["", "/nowhere", mine, "/lib"]
    assert without_other_spark([other], {}) == [other], "ours, in site-packages"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "localhost,127.0.0.1,::1"),
        ({"no_proxy": "a.org, localhost"}, "a.org,localhost,127.0.0.1,::1"),
        ({"NO_PROXY": ".corp"}, ".corp,localhost,127.0.0.1,::1"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_this_machine_is_never_looked_for_through_a_proxy(given: dict[str, str], expected: str) -> None:
    assert of_this_machine({"LANG": "de_DE.UTF-8", **given}) == {"no_proxy": expected, "NO_PROXY": expected}


@pytest.mark.parametrize(
    ("given", "is_whole"),
    [
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LC_CTYPE": "C.utf8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "de_DE@euro"}, False),
        ({}, False),
    ],
)
def test_names_of_files_are_whole_in_every_locale(given: dict[str, str], is_whole: bool) -> None:
    assert of_this_machine(given).get("LC_ALL") == (None if is_whole else "C.UTF-8")
