"""What the environment may say, and what comes of saying nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.errors import BadSetting
from cluster.settings import Settings
from cluster.variables.environment import Environment
from cluster.variables.memory import Memory


def settings(root: Path, **variables: str) -> Settings:
    return Settings.from_env({"HOME": "/home/somebody", **variables}, root)


def test_an_empty_environment_gives_a_small_cluster_inside_the_project(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert (found.workers, found.nodes, found.replication, found.size) == (2, 1, 1, "s")
    assert (found.data_dir, found.run_dir) == (tmp_path / "data", tmp_path / ".run")
    assert found.cache_dir == Path("/home/somebody/.cache/scalable-recommender")
    assert found.master_url == "spark://127.0.0.1:7077"


def test_a_relative_path_counts_from_the_project_and_has_no_dots(tmp_path: Path) -> None:
    assert settings(tmp_path / "project", DATA_DIR="../data").data_dir == tmp_path / "data"


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user that the system has no entry of, as a container that runs as any number."""

    def unknown(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)


@pytest.mark.usefixtures("nobody")
def test_a_user_without_a_home_folder_is_told_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(
        BadSetting, match="no home folder: set HOME, or CACHE_DIR or XDG_CACHE_HOME to an absolute path"
    ):
        Settings.from_env({}, tmp_path)
    with pytest.raises(BadSetting, match="no home folder: set HOME, or DATA_DIR to an absolute path"):
        Settings.from_env({"CACHE_DIR": "/c", "DATA_DIR": "~/data"}, tmp_path)


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("given", [{"CACHE_DIR": "/c/scalable-recommender"}, {"XDG_CACHE_HOME": "/c"}, {"HOME": "/h"}])
def test_a_user_without_a_home_folder_needs_none_who_names_the_cache(tmp_path: Path, given: dict[str, str]) -> None:
    found = Settings.from_env(given, tmp_path).cache_dir
    assert found in (Path("/c/scalable-recommender"), Path("/h/.cache/scalable-recommender"))


@pytest.mark.usefixtures("nobody")
def test_the_home_folder_of_a_path_is_the_one_that_is_set(tmp_path: Path) -> None:
    assert Settings.from_env({"HOME": "/h", "DATA_DIR": "~/d"}, tmp_path).data_dir == Path("/h/d")


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# ports\nWEB_PORT=5001\nexport WORKERS='3'\n\n")
    found = settings(tmp_path, WEB_PORT="5002")
    assert (found.ports.web, found.workers) == (5002, 3)


def test_a_bad_line_of_the_env_file_is_named_with_its_number(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WORKERS=2\nworkers two\n")
    with pytest.raises(BadSetting, match=r"\.env, line 2: 'workers two' is not NAME=value"):
        settings(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("WORKERS", "0", "from 1 to 64"),
        ("NODES", "three", "from 1 to 9"),
        ("WEB_PORT", "80", "from 1024 to 65535"),
        ("SIZE", "medium", "one of s, f, sample"),
        ("MOVIELENS_SCALE", "ten", "LOWEST,HIGHEST or LOWEST,HIGHEST,STEP"),
        ("RUNTIME", "podman", "one of docker, native"),
        ("CASSANDRA_KEYSPACE", "My-Keyspace", "a-z, 0-9 and _"),
        ("CASSANDRA_HOSTS", "a b", "host names separated by commas"),
        ("CASSANDRA_HEAP", "lots", "768m or 2g"),
        ("SPARK_MASTER_URL", "127.0.0.1:7077", "spark://host:port"),
    ],
)
def test_a_bad_value_is_refused_naming_variable_value_and_what_is_allowed(
    tmp_path: Path, name: str, value: str, allowed: str
) -> None:
    with pytest.raises(BadSetting) as caught:
        settings(tmp_path, **{name: value})
    assert f"{name}='{value}'" in str(caught.value)
    assert allowed in str(caught.value)


def test_two_services_cannot_have_the_same_port(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="Port 9042 is given to two services"):
        settings(tmp_path, WEB_PORT="9042")


def test_an_empty_value_counts_as_unset(tmp_path: Path) -> None:
    found = settings(tmp_path, WORKERS="", MOVIELENS_DIR="", RUNTIME="")
    assert (found.workers, found.movielens_dir, found.runtime) == (2, None, None)


def test_three_nodes_are_three_addresses_with_three_copies(tmp_path: Path) -> None:
    found = settings(tmp_path, NODES="3")
    assert found.hosts == ("127.0.0.1", "127.0.0.2", "127.0.0.3")
    assert found.replication == 3


def test_clusters_of_others_are_not_started(tmp_path: Path) -> None:
    found = settings(tmp_path, CASSANDRA_HOSTS="db1,db2", SPARK_MASTER_URL="spark://other:7077")
    assert not found.starts_cassandra
    assert not found.starts_spark


def test_a_password_is_not_shown_when_settings_are_printed(tmp_path: Path) -> None:
    assert "s3cret" not in repr(settings(tmp_path, CASSANDRA_PASSWORD="s3cret"))


def test_child_processes_see_the_choices_of_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("API_KEY=k1\nCASSANDRA_PORT=9043\n")
    environ = settings(tmp_path).child_environ()
    assert (environ["API_KEY"], environ["CASSANDRA_PORT"], environ["DATA_DIR"]) == ("k1", "9043", f"{tmp_path}/data")


@pytest.mark.parametrize("gibibytes", [8, 16, 24, 64])
def test_all_heaps_leave_a_third_of_the_memory_to_everything_else(gibibytes: int) -> None:
    memory = Memory.from_env(Environment({}), workers=2, total=gibibytes * 1024)
    assert memory.cassandra + 2 * memory.executor + memory.driver <= gibibytes * 1024 * 2 / 3
