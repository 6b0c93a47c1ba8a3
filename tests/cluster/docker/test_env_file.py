"""What Compose is told of this machine."""

from __future__ import annotations

import stat
from pathlib import Path

from cluster.docker.env_file import HEAD, write_env_file
from cluster.environment import read_env_file
from tests.support.played_docker import settings


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
