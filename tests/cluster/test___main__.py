"""What the command line of the cluster takes, and what it says before it begins."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from cluster.__main__ import _parser, main
from cluster.runtime import RUNNING, State
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


def test_the_status_has_addresses_to_open_and_make_ends_well_with_it_whatever_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        State("cassandra-1", "11", "127.0.0.1:9042", RUNNING),
        State("spark-master", "12", "127.0.0.1:7077", RUNNING),
        State("spark-worker-2", "13", "127.0.0.1:8082", RUNNING),
        State("web", "14", "127.0.0.1:5000", "dead"),
    ]
    runtime = Mock(status=lambda: rows)
    runtime.name = "native"
    own = settings(tmp_path)
    monkeypatch.setattr("cluster.__main__.Settings.from_env", lambda: own)
    monkeypatch.setattr("cluster.__main__.choose", lambda _: runtime)
    monkeypatch.setattr(sys, "argv", ["cluster", "status"])
    assert main() == 1
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [" ".join(line.split()[2:]) for line in lines] == [
        "127.0.0.1:9042 running",
        "http://127.0.0.1:8080 (jobs: 127.0.0.1:7077) running",
        "http://127.0.0.1:8082 running",
        "http://127.0.0.1:5000 dead",
    ]
    rows.clear()
    monkeypatch.setattr(sys, "argv", ["cluster", "status", "--exit-zero"])
    assert main() == 0
    assert capsys.readouterr().out.endswith("Nothing runs. `make up` starts the cluster.\n")
