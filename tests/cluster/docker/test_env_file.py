"""What Compose is told of this machine."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from cluster.docker.env_file import HEAD, write_env_file
from cluster.env_file import doubtful, read_env_file
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


@pytest.mark.parametrize(
    "name", ["with space", "a#b", "ca$h", "it's", 'say "it\'s $1"', "back\\slash", "ümläut", "a:b"]
)
def test_a_folder_of_any_name_is_written_so_that_it_is_read_alike(tmp_path: Path, name: str) -> None:
    found = settings(tmp_path, DATA_DIR=str(tmp_path / name))
    write_env_file(found)
    assert read_env_file(tmp_path / ".env", {})["CONTAINER_DATA_DIR"] == str(tmp_path / name)
    answer = subprocess.run(
        ["sh", "-c", '. ./.env; printf %s "$CONTAINER_DATA_DIR"'], cwd=tmp_path, capture_output=True, check=True
    )
    assert answer.stdout.decode() == str(tmp_path / name)


def test_lines_of_the_user_stay_as_they_are_but_for_marks_of_windows(tmp_path: Path) -> None:
    own = "# it's mine\nX='a\u2028b'  # c\nY='two\n\nlines'"
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbf" + own.replace("\n", "\r\n").encode())
    write_env_file(settings(tmp_path))
    assert (tmp_path / ".env").read_bytes().startswith(own.encode() + b"\nAPP_UID=")


def test_a_place_left_free_for_a_password_is_no_doubt_once_it_is_filled(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("API_KEY=\n")
    write_env_file(settings(tmp_path))
    assert doubtful(tmp_path / ".env") == []
