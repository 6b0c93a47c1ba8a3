"""The app under the real gunicorn, with web/gunicorn.conf.py."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cql.connect import Contact
from web.model.model_folder import model_folder

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30.0
REQUESTS = 40


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Address and process; temporary files go below `tmp_path`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environ = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    environ |= {"WEB_PORT": port, "CASSANDRA_PORT": "1", "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", "web:create_app()"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/openapi/")
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)


def _wait(address: str) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def test_metrics_are_of_all_processes_together(site: tuple[str, subprocess.Popen[bytes]]) -> None:
    for _ in range(REQUESTS):
        _get(f"{site[0]}/health/live")
    for _ in range(4):  # whichever process answers
        counted = re.search(r'http_requests_total{.*route="/health/live".*} (\S+)', _get(f"{site[0]}/metrics"))
        assert counted is not None
        assert float(counted[1]) == REQUESTS


def test_the_log_of_requests_has_no_token_that_would_sign_its_reader_in(
    site: tuple[str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    _get(f"{site[0]}/sign-in?first=1&token=1796070000.nonce.signature&last=2")
    site[1].send_signal(signal.SIGTERM)
    site[1].wait(SECONDS)
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "GET /sign-in?first=1&token=…&last=2 HTTP/1.1" in log and "signature" not in log


def test_nothing_is_left_behind_when_it_ends(site: tuple[str, subprocess.Popen[bytes]], tmp_path: Path) -> None:
    assert list(tmp_path.glob("recommender-metrics-*"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tempfile, "tempdir", str(tmp_path))
        of_model = model_folder(Contact.from_env({**os.environ, "CASSANDRA_PORT": "1"}))
    (of_model / "20260101T000000.000Z-aaaaaa").mkdir(parents=True)
    site[1].send_signal(signal.SIGTERM)
    site[1].wait(SECONDS)
    assert list(tmp_path.glob("recommender-*")) == []


@pytest.mark.parametrize(("name", "value"), [("CASSANDRA_HOSTS", "a b"), ("CASSANDRA_PORT", "nine")])
def test_a_value_that_is_not_allowed_ends_the_start_with_one_sentence(name: str, value: str) -> None:
    command = [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", "web:create_app()"]
    environ = {**os.environ, "WEB_PORT": "1", name: value}
    answer = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=SECONDS)
    assert answer.returncode == 1
    assert re.fullmatch(rf"ERROR {name}='{value}' .*\n", answer.stderr), answer.stderr
