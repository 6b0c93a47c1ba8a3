"""The address that signs in: what it needs, and where it is printed."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from cluster.__main__ import main
from cluster.commands import login as login_module
from cluster.commands.login import login, sign_in_address, sign_in_line
from cluster.errors import ClusterError
from cluster.settings import Settings
from domain.contract.sign_in import checked
from tests.support.played_docker import settings


def token_of(text: str) -> str:
    return text.partition("?token=")[2].split()[0]


def test_the_address_has_a_token_of_the_key_in_the_env_file_also_when_it_was_drawn_since(tmp_path: Path) -> None:
    own = settings(tmp_path, WEB_PORT="5050")
    (tmp_path / ".env").write_text("API_KEY=drawn\n")
    address = sign_in_address(own)
    assert address.startswith("http://127.0.0.1:5050/sign-in?token=")
    assert checked("drawn", token_of(address))
    assert token_of(sign_in_address(own)) != token_of(address)


def test_without_a_key_the_command_says_what_to_do_and_the_line_does_too(tmp_path: Path) -> None:
    own = settings(tmp_path, API_KEY="")
    with pytest.raises(ClusterError, match="`make setup` draws one"):
        login(own)
    assert "Nobody can sign in" in sign_in_line(own)


@pytest.mark.parametrize("runs", [True, False])
def test_login_prints_an_address_of_a_site_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], runs: bool
) -> None:
    monkeypatch.setattr(login_module, "answers", lambda _: runs)
    own = settings(tmp_path, API_KEY="k")
    if not runs:
        with pytest.raises(ClusterError, match="`make up` first"):
            login(own)
    else:
        login(own)
    assert ("?token=" in capsys.readouterr().out) == runs


@pytest.mark.parametrize(("command", "prints"), [("up", True), ("up --only web", True), ("up --only cassandra", False)])
def test_what_starts_the_site_ends_with_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, prints: bool
) -> None:
    own = settings(tmp_path, API_KEY="k")
    monkeypatch.setattr(Settings, "from_env", lambda: own)
    monkeypatch.setattr("cluster.__main__.choose", Mock())
    monkeypatch.setattr(sys, "argv", ["cluster", *command.split()])
    assert main() == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert (last.startswith("Sign in to rate: http://") and "`make login` prints another" in last) == prints
