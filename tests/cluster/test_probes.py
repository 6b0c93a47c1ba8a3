"""Services of ours are looked for where they are, whatever the environment says of proxies."""

from __future__ import annotations

import ast
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from cluster.native.spark import alive_workers
from cluster.probes import answers, got
from cluster.settings import Settings
from tests.layout.tree import modules

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class _Played(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        good = self.path == "/json/"
        self.send_response(200 if good else 404)
        self.end_headers()
        self.wfile.write(b'{"aliveworkers": 2}' if good else b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """Where the page of a Spark master is played."""
    with HTTPServer(("127.0.0.1", 0), _Played) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(params=["http://127.0.0.1:1", "socks5://127.0.0.1:1", "http://no-such-proxy.invalid:3128", "nonsense"])
def dead_proxy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.setenv(name, request.param)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("dead_proxy")
def test_a_service_is_found_without_a_proxy(port: int, tmp_path: Path) -> None:
    assert answers(f"http://127.0.0.1:{port}/json/")
    assert not answers(f"http://127.0.0.1:{port}/other")
    own = Settings.from_env({"HOME": str(tmp_path), "SPARK_MASTER_UI_PORT": str(port)}, tmp_path)
    assert alive_workers(own) == 2


@pytest.mark.usefixtures("dead_proxy")
def test_children_of_the_cluster_find_it_too(port: int, tmp_path: Path) -> None:
    """Webhooks and MLflow servers of this machine are asked by jobs."""
    own = Settings.from_env({"HOME": str(tmp_path)}, tmp_path)
    script = f"import requests; print(requests.get('http://127.0.0.1:{port}/json/', timeout=5).json())"
    answer = subprocess.run([sys.executable, "-c", script], env=own.child_environ(), capture_output=True, text=True)
    assert answer.stdout.strip() == "{'aliveworkers': 2}", answer.stderr[-500:]


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.0 200 OK\r\n\r\n[1]"])
def test_another_program_on_the_port_is_no_master(said: bytes, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def greet() -> None:
            connection = listener.accept()[0]
            connection.recv(1000)
            connection.sendall(said)
            connection.close()

        threading.Thread(target=greet, daemon=True).start()
        own = Settings.from_env({"HOME": str(tmp_path), "SPARK_MASTER_UI_PORT": str(port)}, tmp_path)
        assert alive_workers(own) is None


def test_only_downloads_ask_the_proxy() -> None:
    """`urlopen` goes through the proxy of the environment."""
    calls = {
        module.shown
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute | ast.alias)
        and "urlopen" in (getattr(node, "attr", ""), getattr(node, "name", ""))
    }
    assert calls == {"cluster/fetch/download.py"}


def test_what_does_not_answer_raises_what_callers_expect() -> None:
    with pytest.raises(OSError):
        got("http://127.0.0.1:1/")
