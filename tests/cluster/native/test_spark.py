"""What Spark and Cassandra are told of folders with odd names, and of values with odd signs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml  # type: ignore[import-untyped]

from cluster.errors import BadSetting
from cluster.fetch.jars import jar_folder
from cluster.native import cassandra, spark
from cluster.native.lifecycle import refuse_paths
from cluster.native.runtime import Native
from cluster.settings import Settings

NAMES = [
    "my data",
    "a [x]",
    "st*r",
    "wh?t",
    "{a,b}",
    "50%",
    "a#b",
    "tab\tbed",
    "döner 数 😀",
    "it's",
    'say "b"',
    "back\\slash",
    "$HOME",
]


@pytest.fixture
def of_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jars need no fetching."""
    for module in (spark, cassandra):
        monkeypatch.setattr(module, "fetch", lambda own, jars: jar_folder(own, jars))


def settings(root: Path, **variables: str) -> Settings:
    """Of a checkout at `root`, with its configuration and a jar that commands name."""
    conf = Path(__file__).resolve().parents[3] / "cluster" / "conf"
    shutil.copytree(conf, root / "cluster" / "conf")
    found = Settings.from_env({"HOME": str(root), "PATH": os.environ["PATH"], **variables}, root)
    agent = jar_folder(found, cassandra.CASSANDRA) / "jamm-0.4.0.jar"
    agent.parent.mkdir(parents=True)
    agent.touch()
    return found


def properties(path: Path) -> dict[str, str]:
    """A file of properties as Java reads it: the first blank ends a name, and a backslash makes the next sign plain."""
    lines = [line.split(None, 1) for line in path.read_text(encoding="utf-8").split("\n") if line and line[0] != "#"]
    return {
        name: value.encode().replace(b"\\\\", b"\0").replace(b"\\", b"").replace(b"\0", b"\\").decode()
        for name, value in lines
    }


@pytest.mark.usefixtures("of_root")
@pytest.mark.parametrize("name", [name for name in NAMES if "," not in name])
def test_folders_of_any_name_are_told_whole(tmp_path: Path, name: str) -> None:
    own = settings(tmp_path / name)
    refuse_paths(own)
    services = [*spark.services(own), *cassandra.services(own)]
    read = properties(own.run_dir / "conf" / "spark-defaults.conf")
    assert read["spark.driver.extraClassPath"] == f"{jar_folder(own, spark.CONNECTOR)}/*"
    assert read["spark.executorEnv.PYTHONPATH"] == str(own.root)
    node = {option.partition("=")[0]: option.partition("=")[2] for option in map(str, services[-1].command)}
    config = Path(unquote(urlsplit(node["-Dcassandra.config"]).path))
    told = yaml.safe_load(config.read_text(encoding="utf-8"))
    assert told["data_file_directories"] == [str(own.data_dir / "cassandra" / "node1" / "data")]
    assert Path(node["-Dlogback.configurationFile"]).is_file()


@pytest.mark.usefixtures("of_root")
@pytest.mark.parametrize(
    ("variable", "name", "sign"),
    [("RUN_DIR", "a:b", ":"), ("RUN_DIR", "a,b", ","), ("CACHE_DIR", "a:b", ":"), ("CACHE_DIR", "a=b", "=")],
)
def test_a_folder_that_java_cannot_be_told_is_refused_before_anything_starts(
    tmp_path: Path, variable: str, name: str, sign: str
) -> None:
    own = settings(tmp_path, **{variable: str(tmp_path / name)})
    for begin in (Native(own).prepare, Native(own).up):
        with pytest.raises(BadSetting, match=rf"{variable} lies in {tmp_path}/{name}.*at {sign}: move it"):
            begin()


@pytest.mark.usefixtures("of_root")
def test_a_checkout_with_a_colon_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"The project lies in .*a:b"):
        refuse_paths(settings(tmp_path / "a:b", RUN_DIR=str(tmp_path / "r"), CACHE_DIR=str(tmp_path / "c")))


@pytest.mark.usefixtures("of_root")
@pytest.mark.parametrize("password", ["plain", "back\\slash", "\\u0041", "a b", " first", "#x", "a=b:c", "ü"])
def test_a_password_of_any_signs_is_told_whole(tmp_path: Path, password: str) -> None:
    own = settings(tmp_path, CASSANDRA_USERNAME="me", CASSANDRA_PASSWORD=password)
    spark.write_config(own)
    assert properties(own.run_dir / "conf" / "spark-defaults.conf")["spark.cassandra.auth.password"] == password


def test_a_log_configuration_has_no_space_in_its_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The options of a JVM are split at spaces."""
    asked: list[list[str]] = []
    monkeypatch.setattr(spark, "LOG_SETTINGS", tmp_path / "my project" / "log4j2.properties")
    monkeypatch.setattr(spark.subprocess, "run", lambda command, **_: asked.append(command) or _Done())
    own = Settings.from_env({"HOME": str(tmp_path), "PATH": os.environ["PATH"]}, tmp_path)
    assert spark.spark_sql(own, ["-e", "SELECT 1"]) == 0
    assert f"file://{tmp_path}/my%20project/log4j2.properties" in " ".join(asked[-1])


class _Done:
    returncode = 0
    stderr = stdout = 'openjdk version "17.0.1"'
