"""Which runtime is taken, with `docker` commands that only play an engine; and what Compose is told of this machine."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cluster import sql
from cluster.__main__ import _parser as parser
from cluster.docker import Docker
from cluster.docker.compose import Container
from cluster.docker.env_file import HEAD, write_env_file
from cluster.environment import read_env_file
from cluster.errors import ClusterError, MissingTool
from cluster.fetch.movielens import FILES, fetch_movielens
from cluster.runtime import RUNNING, choose, choose_name, compose_command, job_script, main
from cluster.settings import Settings
from cql.kinds import Kind

ENGINE = 'case "$*" in "version --format"*) echo 20.10;; *) exit 1;; esac'
NO_ENGINE = "echo 'Cannot connect to the Docker daemon' >&2; exit 1"


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def settings(root: Path, **variables: str) -> Settings:
    return Settings.from_env({"HOME": str(root), "PATH": str(root), **variables}, root)


def test_without_docker_the_runtime_is_native(tmp_path: Path) -> None:
    assert choose_name(settings(tmp_path)) == "native"
    assert choose(settings(tmp_path)).name == "native"


def test_an_engine_that_answers_is_taken(tmp_path: Path) -> None:
    program(tmp_path, "docker", ENGINE)
    program(tmp_path, "docker-compose", "")
    assert choose_name(settings(tmp_path)) == "docker"
    assert choose(settings(tmp_path)).name == "docker"


def test_the_user_has_the_last_word(tmp_path: Path) -> None:
    program(tmp_path, "docker", ENGINE)
    program(tmp_path, "docker-compose", "")
    assert choose_name(settings(tmp_path, RUNTIME="native")) == "native"


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (None, "no `docker` command"),
        (NO_ENGINE, r"no engine answers \(Cannot connect to the Docker daemon\)"),
        (ENGINE, "Compose is missing"),
    ],
    ids=["no command", "no engine", "no Compose"],
)
def test_docker_that_cannot_be_used_is_refused_when_named_and_passed_over_when_not(
    tmp_path: Path, script: str | None, says: str
) -> None:
    if script:
        program(tmp_path, "docker", script)
    with pytest.raises(MissingTool, match=says):
        choose(settings(tmp_path, RUNTIME="docker"))
    assert choose_name(settings(tmp_path)) == "native"


def test_a_copy_set_up_for_containers_says_so_when_the_engine_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "docker", NO_ENGINE)
    monkeypatch.setattr("cluster.runtime.find_spec", lambda _: None)
    with pytest.raises(MissingTool, match=r"RUNTIME=native make setup.*no engine answers"):
        choose(settings(tmp_path))


def test_the_plugin_is_preferred_to_the_old_compose(tmp_path: Path) -> None:
    program(tmp_path, "docker", "exit 0")
    program(tmp_path, "docker-compose", "")
    assert compose_command({"PATH": str(tmp_path)}) == ["docker", "compose"]


@pytest.fixture
def docker(tmp_path: Path) -> Docker:
    """The runtime of containers, with a Compose that only writes down what it is told."""
    program(tmp_path, "docker", ENGINE)
    return docker_of(tmp_path)


def docker_of(tmp_path: Path, **variables: str) -> Docker:
    program(tmp_path, "docker-compose", f'for word in "$@"; do echo "$word"; done > {tmp_path}/told')
    with (tmp_path / ".env").open("a") as env_file:
        env_file.write(f"APP_UID={os.getuid()}\nAPP_GID={os.getgid()}\n")  # as after `make up`
    return Docker(settings(tmp_path, **variables))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("{data}/raw/sample", "/data/raw/sample"),
        ("data/raw/not-there-yet", "/data/raw/not-there-yet"),
        ("../{root}/data/x", "/data/x"),
        ("titles={data}/titles.csv", "titles=/data/titles.csv"),
        ("parquet:{data}/dry", "parquet:/data/dry"),
        ("/data/raw", "/data/raw"),
        ("random-by-item", "random-by-item"),
        ("data", "data"),
        ("s3://bucket/x", "s3://bucket/x"),
        ("long" * 100, "long" * 100),
    ],
)
def test_paths_of_the_data_folder_are_told_as_the_containers_see_them(
    docker: Docker, tmp_path: Path, given: str, told: str
) -> None:
    (tmp_path / "spark_jobs").mkdir()
    (tmp_path / "spark_jobs/train_als.py").touch()
    (tmp_path / "data").mkdir()
    docker.submit("train_als", ["--flag", given.format(data=tmp_path / "data", root=tmp_path.name)])
    words = (tmp_path / "told").read_text().split()
    assert words == ["exec", "-T", "spark-master", "spark-submit", "/app/spark_jobs/train_als.py", "--flag", told]


def test_variables_of_one_call_reach_the_job_and_folders_as_the_containers_see_them(tmp_path: Path) -> None:
    program(tmp_path, "docker", ENGINE)
    (tmp_path / "spark_jobs").mkdir()
    (tmp_path / "spark_jobs/train_als.py").touch()
    (tmp_path / ".env").write_text("ALERT_ON=watch\nALERT_EXIT=1\n")
    folders = {"CATALOGUE_DIR": "/mine/netflix", "SONGS_DIR": str(tmp_path / "data" / "raw" / "songs")}
    docker_of(tmp_path, SIZE="f", ALERT_EXIT="0", **folders).submit("train_als", [])
    words = (tmp_path / "told").read_text().split()
    told = ["SIZE=f", "ALERT_EXIT=0", "CATALOGUE_DIR=/data/raw/copied/netflix", "SONGS_DIR=/data/raw/songs"]
    with_flags = [word for each in told for word in ("-e", each)]
    assert words == ["exec", "-T", *with_flags, "spark-master", "spark-submit", "/app/spark_jobs/train_als.py"]


@pytest.mark.parametrize("given", ["{root}/rules.yaml", "rules.yaml", "x={root}/rules.yaml"])
def test_a_file_that_containers_do_not_see_is_refused(docker: Docker, tmp_path: Path, given: str) -> None:
    (tmp_path / "spark_jobs").mkdir()
    (tmp_path / "spark_jobs/train_als.py").touch()
    (tmp_path / "rules.yaml").touch()
    with pytest.raises(ClusterError, match=r"rules\.yaml: containers see DATA_DIR only\. Copy it into .*/data first"):
        docker.submit("train_als", [given.format(root=tmp_path)])


def test_sql_is_answered_in_the_masters_container(
    docker: Docker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    star = docker.settings.data_dir / "songplays" / "20261126T120000.000Z-000000" / "star"
    star.mkdir(parents=True)
    monkeypatch.setattr("sys.argv", ["sql", "SELECT 1"])
    monkeypatch.setattr(sql, "choose", lambda _: docker)
    monkeypatch.setattr("cluster.sql.Settings.from_env", lambda: docker.settings)
    assert sql.main() == 0
    words = (tmp_path / "told").read_text().splitlines()
    assert words[:4] == ["exec", "-T", "spark-master", "spark-sql"]
    assert words[-4:] == ["-i", "/data/songplays/.views.sql", "-e", "SELECT 1"]
    script = (star.parents[1] / ".views.sql").read_text()
    assert f"(path '/data/songplays/{star.parent.name}/star/time')" in script


def test_who_has_docker_is_told_why_it_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path, "docker", NO_ENGINE)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = settings(tmp_path)
    monkeypatch.setattr("cluster.runtime.Settings.from_env", lambda: found)
    assert main() == 0
    said = capsys.readouterr()
    assert said.out == "native\n"
    assert said.err.startswith("Docker is not used: no engine answers (Cannot connect")


def test_an_unknown_job_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(ClusterError, match=r"no job 'train'\. The jobs are: .*train_als"):
        job_script(Settings.from_env({"HOME": "/"}), "train")


def test_a_rollback_means_the_recommendations_unless_a_kind_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert parser().parse_args(["rollback"]).kind == "recommendations"
    assert parser().parse_args(["rollback", "--kind", "catalogue"]).kind == "catalogue"
    with pytest.raises(SystemExit):
        parser().parse_args(["rollback", "--kind", "movies"])
    assert "'recommendations', 'catalogue', 'songplays'" in capsys.readouterr().err


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_published_by_a_job(kind: Kind) -> None:
    assert job_script(Settings.from_env({"HOME": "/"}), kind.job)


def test_passwords_are_made_once_and_nobody_else_can_read_them(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# mine\nWEB_PORT=5001\nAPI_KEY=chosen\n")
    write_env_file(settings(tmp_path))
    first = read_env_file(tmp_path / ".env")
    write_env_file(settings(tmp_path))
    assert read_env_file(tmp_path / ".env") == first
    assert (first["WEB_PORT"], first["API_KEY"]) == ("5001", "chosen")
    assert len({first["CASSANDRA_PASSWORD"], first["CASSANDRA_ADMIN_PASSWORD"]}) == 2
    assert min(len(first["CASSANDRA_PASSWORD"]), len(first["CASSANDRA_ADMIN_PASSWORD"])) >= 32
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert int(first["APP_UID"]) != 0, "the containers' user is never root"


def test_sizes_follow_the_settings_and_other_lines_stay(tmp_path: Path) -> None:
    write_env_file(settings(tmp_path, SPARK_EXECUTOR_MEMORY="2g"))
    (tmp_path / ".env").write_text("# mine\n" + (tmp_path / ".env").read_text())
    write_env_file(settings(tmp_path, SPARK_EXECUTOR_MEMORY="3g", NODES="3"))
    text = (tmp_path / ".env").read_text()
    known = read_env_file(tmp_path / ".env")
    assert text.startswith("# mine\n")
    assert text.count(HEAD) == text.count("CONTAINER_EXECUTOR_MEMORY") == 1
    assert known["CONTAINER_EXECUTOR_MEMORY"] == "3072m"
    assert int(known["CONTAINER_WORKER_LIMIT"].removesuffix("m")) > 3072 + 1024
    assert known["CONTAINER_CASSANDRA_HOSTS"] == "cassandra,cassandra-2,cassandra-3"
    assert known["CONTAINER_REPLICATION"] == "3"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Status": "running", "Health": {"Status": "healthy"}}, RUNNING),
        ({"Status": "running", "Health": {"Status": "starting"}}, "starting"),
        ({"Status": "running"}, RUNNING),
        ({"Status": "exited", "Health": {"Status": "unhealthy"}}, "exited"),
    ],
)
def test_a_container_runs_when_it_is_healthy(state: dict[str, object], expected: str) -> None:
    found = Container.of(
        {
            "Id": "0123456789abcdef",
            "State": state,
            "Config": {"Labels": {"com.docker.compose.service": "web"}},
            "NetworkSettings": {"Ports": {"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "5001"}], "1/tcp": None}},
        }
    )
    assert (found.service, found.id, found.state) == ("web", "0123456789ab", expected)
    assert found.address == "127.0.0.1:5001"
    assert found.last_check == ""


def test_a_folder_that_containers_do_not_see_is_copied_once_and_again_when_it_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "mine"
    given.mkdir()
    for name in FILES:
        (given / name).write_text("header\n")
    own = settings(tmp_path, MOVIELENS_DIR=str(given))
    source = fetch_movielens(own, "s", in_place=False)
    assert (source.name, source.generated) == ("mine", False)
    assert source.folder.is_relative_to(own.data_dir)
    assert capsys.readouterr().out.count("copying") == len(FILES)
    (given / "tags.csv").write_text("header\nmore\n")
    os.utime(given / "tags.csv", ns=(1, 1))
    fetch_movielens(own, "s", in_place=False)
    assert capsys.readouterr().out.count("copying") == 1
    assert (source.folder / "tags.csv").read_text() == "header\nmore\n"


def test_a_folder_of_the_user_stays_where_it_is_in_the_native_runtime(tmp_path: Path) -> None:
    given = tmp_path / "mine"
    given.mkdir()
    for name in FILES:
        (given / name).write_text("header\n")
    assert fetch_movielens(settings(tmp_path, MOVIELENS_DIR=str(given)), "s").folder == given
