"""Fetching MovieLens from a server on loopback that can misbehave."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cluster.errors import FetchFailed
from cluster.fetch import download as download_module
from cluster.fetch.download import download
from cluster.fetch.movielens import fetch_movielens, unpack
from cluster.fetch.source import DataSource
from cluster.settings import Settings
from domain.contract.generated import MARKER, is_marked, mark
from domain.contract.movielens import HEADERS

FILES = tuple(f"{kind}.csv" for kind in HEADERS)


def zipped(folder: str = "ml-latest-small/", leave_out: str = "", **more: str) -> bytes:
    """A zip like the published one; the ratings are random enough not to shrink to nothing."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as content:
        for name in FILES:
            if name != leave_out:
                content.writestr(folder + name, "".join(hashlib.sha256(bytes([n])).hexdigest() for n in range(200)))
        for name, text in more.items():
            content.writestr(name, text)
    return packed.getvalue()


@dataclass
class Server:
    """Files by path, the bytes after which the next answers break off, and the ranges that were asked for."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = state.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            state.asked.append(self.headers["Range"])
            begin = int((self.headers["Range"] or "bytes=0-").removeprefix("bytes=").rstrip("-"))
            self.send_response(206 if begin else 200)
            self.send_header("Content-Length", str(len(content) - begin))
            self.end_headers()
            self.wfile.write(content[begin:][: state.cuts.pop(0) if state.cuts else None])

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    state.address = f"http://127.0.0.1:{running.server_port}"
    yield state
    running.shutdown()
    running.server_close()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_module.time, "sleep", lambda _: None)


def settings(tmp_path: Path, **variables: str) -> Settings:
    return Settings.from_env({"HOME": str(tmp_path), **variables}, tmp_path)


def publish(server: Server, content: bytes, md5: str | None = None) -> None:
    server.files["/ml-latest-small.zip"] = content
    found = md5 or hashlib.md5(content).hexdigest()
    server.files["/ml-latest-small.zip.md5"] = f"MD5 (ml-latest-small.zip) = {found}\n".encode()


def test_the_download_is_unpacked_noted_and_not_repeated(tmp_path: Path, server: Server) -> None:
    publish(server, zipped())
    source = fetch_movielens(settings(tmp_path), "s", server.address)
    assert sorted(path.name for path in source.folder.iterdir()) == sorted(FILES)
    assert DataSource.load(tmp_path / "data/raw") == source
    server.files.clear()
    assert fetch_movielens(settings(tmp_path), "s", server.address) == source


def test_a_download_that_breaks_off_goes_on_where_it_was(tmp_path: Path, server: Server) -> None:
    content = zipped()
    server.files["/x.zip"] = content
    server.cuts = [1000]
    assert download(f"{server.address}/x.zip", tmp_path / "x.zip").read_bytes() == content
    assert server.asked == [None, "bytes=1000-"]


def test_a_server_that_always_breaks_off_is_given_up_and_what_came_is_kept(tmp_path: Path, server: Server) -> None:
    server.files["/x.zip"] = zipped()
    server.cuts = [100] * 4
    with pytest.raises(FetchFailed, match="broke off 4 times"):
        download(f"{server.address}/x.zip", tmp_path / "x.zip")
    assert (tmp_path / "x.zip.part").stat().st_size == 400


def test_a_wrong_md5_sum_is_an_error_and_nothing_stays(tmp_path: Path, server: Server) -> None:
    publish(server, zipped(), md5="0" * 32)
    with pytest.raises(FetchFailed, match="has MD5"):
        fetch_movielens(settings(tmp_path), "s", server.address)
    assert not list((tmp_path / "data/raw").glob("ml-*"))


def test_a_file_that_the_server_does_not_have_is_an_error(tmp_path: Path, server: Server) -> None:
    with pytest.raises(FetchFailed, match="answers 404"):
        fetch_movielens(settings(tmp_path), "s", server.address)


@pytest.mark.parametrize(("size", "name"), [("s", "sample"), ("f", "sample-full")])
def test_an_unreachable_server_leads_to_the_sample_of_that_size_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], size: str, name: str
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        source = fetch_movielens(settings(tmp_path), size, f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert source == DataSource(name, tmp_path / "data/raw" / name, generated=True)
    assert capsys.readouterr().out.count("Going on with a generated sample of that size") == 1


def test_an_unreachable_server_does_not_replace_real_data_by_the_sample(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for name in FILES:
        (tmp_path / "mine" / name).write_text("header\n")
    before = fetch_movielens(settings(tmp_path, MOVIELENS_DIR=str(tmp_path / "mine")), "s")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert fetch_movielens(settings(tmp_path), "s", server) == before
        (tmp_path / "mine" / "ratings.csv").unlink()
        assert fetch_movielens(settings(tmp_path), "s", server).generated


def test_a_folder_of_the_user_is_used_in_place(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for name in FILES:
        (tmp_path / "mine" / name).write_text("header\n")
    source = fetch_movielens(settings(tmp_path, MOVIELENS_DIR=str(tmp_path / "mine")), "s")
    assert source == DataSource("mine", tmp_path / "mine", generated=False)


def test_a_folder_that_lacks_files_is_an_error_that_names_them_and_no_sample(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text("")
    with pytest.raises(
        FetchFailed, match=r"no movies \(movies\.csv or .*u\.item, packed or not\); ratings\.csv is empty"
    ):
        fetch_movielens(settings(tmp_path, MOVIELENS_DIR=str(tmp_path)), "s")
    assert not (tmp_path / "data/raw/source.json").exists()


def test_a_name_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=r"MOVIELENS_DIR=.*nowhere does not exist"):
        fetch_movielens(settings(tmp_path, MOVIELENS_DIR=str(tmp_path / "nowhere")), "s")


def test_a_zip_of_the_user_is_unpacked_and_a_changed_one_again(tmp_path: Path) -> None:
    archive = tmp_path / "ml.zip"
    archive.write_bytes(zipped())
    first = fetch_movielens(settings(tmp_path, MOVIELENS_DIR=str(archive)), "s")
    archive.write_bytes(zipped(extra="more"))
    assert fetch_movielens(settings(tmp_path, MOVIELENS_DIR=str(archive)), "s").folder != first.folder


@pytest.mark.parametrize("keep", [0, 100, -30])
def test_a_truncated_zip_is_an_error_and_leaves_nothing(tmp_path: Path, keep: int) -> None:
    (tmp_path / "ml.zip").write_bytes(zipped()[:keep])
    with pytest.raises(FetchFailed, match="is not a whole zip"):
        unpack(tmp_path / "ml.zip", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["ml.zip"]


@pytest.mark.parametrize("place", [60, 200, 1000, 3000])
def test_a_flipped_byte_inside_a_zip_is_seen(tmp_path: Path, place: int) -> None:
    content = bytearray(zipped())
    content[place] ^= 0xFF
    (tmp_path / "ml.zip").write_bytes(content)
    with pytest.raises(FetchFailed, match="is not a whole zip"):
        unpack(tmp_path / "ml.zip", tmp_path / "out")


def test_a_zip_without_one_of_the_files_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "ml.zip").write_bytes(zipped(leave_out="ratings.csv"))
    with pytest.raises(FetchFailed, match=r"ml\.zip is not a copy of MovieLens: no ratings \(ratings\.csv or"):
        unpack(tmp_path / "ml.zip", tmp_path / "out")


def test_no_path_inside_a_zip_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "ml.zip").write_bytes(zipped(folder="../../", **{"../../evil.txt": "x", "/evil.txt": "x"}))
    unpack(tmp_path / "ml.zip", tmp_path / "deep/er/out")
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"ml.zip", *(f"deep/er/out/{name}" for name in FILES)}


def test_a_folder_that_containers_do_not_see_is_copied_once_and_again_when_it_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "mine"
    given.mkdir()
    for name in FILES:
        (given / name).write_text("header\n")
    own = settings(tmp_path, MOVIELENS_DIR=str(given))
    source = fetch_movielens(own, "s", in_place=False)
    assert (source.name, source.generated) == ("mine", False)
    assert source.folder.is_relative_to(own.data_dir)
    assert capsys.readouterr().out.count("copying") == len(FILES)
    (given / "tags.csv").write_text("header\nmore\n")
    os.utime(given / "tags.csv", ns=(1, 1))
    fetch_movielens(own, "s", in_place=False)
    assert capsys.readouterr().out.count("copying") == 1
    assert (source.folder / "tags.csv").read_text() == "header\nmore\n"


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_a_copy_of_generated_data_says_that_it_is(tmp_path: Path, packed: bool) -> None:
    given = tmp_path / ("mine.zip" if packed else "mine")
    if packed:
        given.write_bytes(zipped(**{f"ml/{MARKER}": "{}"}))
    else:
        mark(given, "generate_sample")
        for name in FILES:
            (given / name).write_text("header\n")
    source = fetch_movielens(settings(tmp_path, MOVIELENS_DIR=str(given)), "s", in_place=False)
    assert (source.generated, source.invented, is_marked(source.folder)) == (False, True, True)


def test_a_file_in_parts_is_copied_and_what_the_folder_had_before_is_not_left_beside(tmp_path: Path) -> None:
    given = tmp_path / "mine"
    (given / "ratings.csv").mkdir(parents=True)
    (given / "ratings.csv" / "part-0").write_text("header\n")
    (given / "movies.csv").write_text("header\n")
    own = settings(tmp_path, MOVIELENS_DIR=str(given))
    folder = fetch_movielens(own, "s", in_place=False).folder
    assert (folder / "ratings.csv" / "part-0").read_text() == "header\n"
    (given / "ratings.csv" / "part-0").unlink()
    (given / "ratings.csv").rmdir()
    (given / "ratings.dat").write_text("1::1::5::1\n")
    fetch_movielens(own, "s", in_place=False)
    assert sorted(path.name for path in folder.iterdir()) == ["movies.csv", "ratings.dat"]
