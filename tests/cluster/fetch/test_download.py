"""Faults of this machine while something is downloaded; faults of the server are in test_movielens.py."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cluster.errors import ClusterError
from cluster.fetch.download import download


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a server that has a file x.zip."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "x.zip").write_bytes(b"x" * 1000)
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "served"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/x.zip"
        server.shutdown()


def test_a_full_disk_is_named_and_no_fault_of_the_network(tmp_path: Path, address: str) -> None:
    """Else it would be tried again and again, or a sample be taken in place of the data."""
    (tmp_path / "x.zip.part").symlink_to("/dev/full")
    with pytest.raises(ClusterError, match=rf"^{tmp_path}/x\.zip\.part cannot be written \(No space left on device\)"):
        download(address, tmp_path / "x.zip", pause=0)


def test_a_file_that_cannot_be_opened_is_named_and_no_fault_of_the_network(tmp_path: Path, address: str) -> None:
    (tmp_path / "x.zip.part").mkdir()  # root has all rights, but writes to no folder
    with pytest.raises(ClusterError, match=r"x\.zip\.part cannot be written \(Is a directory\)"):
        download(address, tmp_path / "x.zip", pause=0)


def test_downloads_go_through_the_proxy_of_the_environment(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server itself is the proxy: it is asked for a host that does not exist."""
    monkeypatch.setattr(urllib.request, "_opener", None)  # which has read the variables when it was first used
    monkeypatch.setenv("http_proxy", address.removesuffix("/x.zip"))
    monkeypatch.delenv("no_proxy", raising=False)
    (tmp_path / "served" / "data.zip").write_bytes(b"by the proxy")
    monkeypatch.setattr(SimpleHTTPRequestHandler, "translate_path", lambda *_: str(tmp_path / "served" / "data.zip"))
    found = download("http://no-such-host.invalid/data.zip", tmp_path / "data.zip", pause=0)
    assert found.read_bytes() == b"by the proxy"
