"""The key that is drawn once and added to .env."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cluster.env_file import read_env_file
from cluster.errors import ClusterError
from cluster.variables.drawn import draw_api_key


def test_a_key_is_drawn_once_and_said_and_nobody_else_can_read_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text("# mine\nSIZE=f")
    draw_api_key(tmp_path, {})
    first = read_env_file(tmp_path / ".env")
    assert (first["SIZE"], len(first["API_KEY"])) == ("f", 32)
    assert (tmp_path / ".env").read_text().startswith("# mine\nSIZE=f\nAPI_KEY=")
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert capsys.readouterr().out == f"Added to {tmp_path}/.env: API_KEY\n"
    draw_api_key(tmp_path, {})
    assert read_env_file(tmp_path / ".env") == first
    assert capsys.readouterr().out == ""


def test_where_there_is_no_file_one_is_made(tmp_path: Path) -> None:
    draw_api_key(tmp_path, {"API_KEY": ""})
    assert list(read_env_file(tmp_path / ".env")) == ["API_KEY"]


def test_a_key_of_the_environment_is_enough(tmp_path: Path) -> None:
    draw_api_key(tmp_path, {"API_KEY": "chosen"})
    assert not (tmp_path / ".env").exists()


def test_a_place_left_free_is_filled_and_other_lines_stay_to_the_byte(tmp_path: Path) -> None:
    own = "API_KEY=\n\n# CONTAINER_ is no word of ours here\nX='a  b'\n"
    (tmp_path / ".env").write_text(own)
    draw_api_key(tmp_path, read_env_file(tmp_path / ".env"))
    assert (tmp_path / ".env").read_text().startswith(own + "API_KEY=")
    assert len(read_env_file(tmp_path / ".env")["API_KEY"]) == 32


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"/none/\.env cannot be written \(No such file"):
        draw_api_key(tmp_path / "none", {})
