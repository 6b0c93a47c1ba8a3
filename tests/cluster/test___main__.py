"""What the command line of the cluster takes, and what it says before it begins."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from cluster.__main__ import _parser, main
from tests.support.played_docker import settings


def test_a_rollback_means_the_recommendations_unless_a_kind_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert _parser().parse_args(["rollback"]).kind == "recommendations"
    assert _parser().parse_args(["rollback", "--kind", "catalogue"]).kind == "catalogue"
    with pytest.raises(SystemExit):
        _parser().parse_args(["rollback", "--kind", "movies"])
    assert "'recommendations', 'catalogue', 'songplays'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "times"), [("prepare", 1), ("up", 1), ("up --only cassandra,spark", 0), ("down", 0), ("schema", 0)]
)
def test_a_slip_in_the_env_file_is_told_once_in_a_setup_and_at_every_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, times: int
) -> None:
    (tmp_path / ".env").write_text("WEBPORT=5001\n")
    own = settings(tmp_path)
    monkeypatch.setattr("cluster.__main__.Settings.from_env", lambda: own)
    monkeypatch.setattr("cluster.__main__.choose", Mock())
    monkeypatch.setattr(sys, "argv", ["cluster", *command.split()])
    assert main() == 0
    assert capsys.readouterr().err.count("WEBPORT is not a setting; did you mean WEB_PORT?") == times
