"""What the runtime of containers says to Compose, with `docker` commands that only play an engine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cluster.commands import sql
from cluster.docker.compose import Compose
from cluster.docker.runtime import Docker
from cluster.errors import BadSetting, ClusterError
from tests.support.played_docker import ENGINE, program, settings


@pytest.fixture
def docker(tmp_path: Path) -> Docker:
    """The runtime of `docker_of` without variables."""
    return docker_of(tmp_path)


def docker_of(tmp_path: Path, **variables: str) -> Docker:
    """The runtime of containers and a job, with a Compose that only writes down what it is told."""
    program(tmp_path, "docker", ENGINE)
    (tmp_path / "spark_jobs").mkdir()
    (tmp_path / "spark_jobs/train_als.py").touch()
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
    (tmp_path / "data").mkdir()
    docker.submit("train_als", ["--flag", given.format(data=tmp_path / "data", root=tmp_path.name)])
    words = (tmp_path / "told").read_text().split()
    assert words == ["exec", "-T", "spark-master", "spark-submit", "/app/spark_jobs/train_als.py", "--flag", told]


def test_variables_of_one_call_reach_the_job_and_folders_as_the_containers_see_them(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ALERT_ON=watch\nALERT_EXIT=1\n")
    folders = {"CATALOGUE_DIR": "/mine/netflix", "SONGS_DIR": str(tmp_path / "data" / "raw" / "songs")}
    docker_of(tmp_path, SIZE="f", ALERT_EXIT="0", **folders).submit("train_als", [])
    words = (tmp_path / "told").read_text().split()
    told = ["SIZE=f", "ALERT_EXIT=0", "CATALOGUE_DIR=/data/raw/copied/netflix", "SONGS_DIR=/data/raw/songs"]
    with_flags = [word for each in told for word in ("-e", each)]
    assert words == ["exec", "-T", *with_flags, "spark-master", "spark-submit", "/app/spark_jobs/train_als.py"]


@pytest.mark.parametrize("given", ["{root}/rules.yaml", "rules.yaml", "x={root}/rules.yaml"])
def test_a_file_that_containers_do_not_see_is_refused(docker: Docker, tmp_path: Path, given: str) -> None:
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
    monkeypatch.setattr("cluster.commands.sql.Settings.from_env", lambda: docker.settings)
    assert sql.main() == 0
    words = (tmp_path / "told").read_text().splitlines()
    assert words[:4] == ["exec", "-T", "spark-master", "spark-sql"]
    assert words[-4:] == ["-i", "/data/songplays/.views.sql", "-e", "SELECT 1"]
    script = (star.parents[1] / ".views.sql").read_text()
    assert f"(path '/data/songplays/{star.parent.name}/star/time')" in script


VOLUMES = "p_cassandra-data p_cassandra-2-data"
EXPORT = "run --rm --no-deps -T schema python -m cql.interactions export"


def played(tmp_path: Path, answer: str, volumes: str = VOLUMES) -> Docker:
    """The runtime of containers with these volumes, whose exports of ratings are answered by a line of the shell."""
    docker = docker_of(tmp_path, COMPOSE_PROJECT_NAME="p")
    listed = f'[ "$*" != "volume ls -q --filter label=com.docker.compose.project=p" ] || {{ echo {volumes}; exit 0; }}'
    program(tmp_path, "docker", f"{listed}\n{ENGINE}")
    program(tmp_path, "docker-compose", f'echo "$*" >> {tmp_path}/told\ncase "$*" in run*) {answer};; esac')
    return docker


def test_ratings_are_kept_before_the_volumes_go_and_after_the_site_has_stopped(tmp_path: Path) -> None:
    row = '["feedback_by_user", "vote", 1, 1, 2, 7, "tm1"]'
    played(tmp_path, f"echo '{row}'; echo '{{\"rows\": 1}}'; echo Creating … >&2").down(volumes=True)
    told = (tmp_path / "told").read_text().splitlines()
    assert told[:2] == ["stop web", EXPORT]
    assert told[2].endswith("down --remove-orphans --volumes")
    (kept,) = (tmp_path / "data" / "interactions").iterdir()
    assert kept.read_text().splitlines() == [row, '{"rows": 1}']


def test_volumes_stay_when_ratings_cannot_be_kept(tmp_path: Path) -> None:
    docker = played(tmp_path, "echo 'ERROR Cassandra at cassandra port 9042 does not answer.' >&2; exit 1")
    with pytest.raises(ClusterError, match="nothing was removed: Cassandra at cassandra port 9042") as error:
        docker.down(volumes=True)
    assert f"To lose them: `make down`, then `docker volume rm {VOLUMES}`." in str(error.value)
    assert (tmp_path / "told").read_text().splitlines() == ["stop web", EXPORT]


def test_where_no_volume_is_nothing_is_asked_of_cassandra(tmp_path: Path) -> None:
    played(tmp_path, "exit 1", volumes="").down(volumes=True)
    (told,) = (tmp_path / "told").read_text().splitlines()
    assert told.endswith("down --remove-orphans --volumes")


def test_an_owner_that_is_no_number_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("APP_UID=me\nAPP_GID=1000\n")
    monkeypatch.setattr("os.getuid", lambda: 0)
    with pytest.raises(BadSetting, match="APP_UID='me' is not allowed: give a whole number"):
        Docker(settings(tmp_path))._own_data_folder()


def test_compose_asks_an_engine_of_this_machine_without_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "docker", ENGINE)
    program(tmp_path, "docker-compose", 'echo "$no_proxy"')
    monkeypatch.setenv("no_proxy", "a.org")
    assert Compose(settings(tmp_path)).quietly("config") == "a.org,localhost,127.0.0.1,::1"
