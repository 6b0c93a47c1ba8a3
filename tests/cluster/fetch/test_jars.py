"""When jars in the cache are used again, and which are left out."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from cluster.errors import FetchFailed
from cluster.fetch.jars import CONNECTOR, artifact, damage, fetch, proxy_options
from cluster.settings import Settings

CONTENT = b"classes"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    entry = {"bytes": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}
    (tmp_path / "a-1.0.jar").write_bytes(CONTENT)
    (tmp_path / "manifest.json").write_text(json.dumps({"a-1.0.jar": entry}))
    return tmp_path


def test_whole_jars_are_used_again(folder: Path) -> None:
    assert damage(folder, verify=True) is None


def test_a_folder_without_manifest_was_not_finished(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    assert damage(folder, verify=False) == "no manifest"


@pytest.mark.parametrize("content", [None, CONTENT[:-1]])
def test_a_missing_or_cut_jar_is_seen_by_its_size(folder: Path, content: bytes | None) -> None:
    (folder / "a-1.0.jar").unlink()
    if content is not None:
        (folder / "a-1.0.jar").write_bytes(content)
    assert "a-1.0.jar" in str(damage(folder, verify=False))


def test_a_changed_jar_of_the_same_size_is_seen_by_its_sum(folder: Path) -> None:
    (folder / "a-1.0.jar").write_bytes(CONTENT[::-1])
    assert damage(folder, verify=False) is None
    assert damage(folder, verify=True) == "a-1.0.jar has another content"


@pytest.mark.parametrize(
    ("jar", "name"),
    [
        ("commons-lang3-3.12.0.jar", "commons-lang3"),
        ("scala-collection-compat_2.12-2.7.0.jar", "scala-collection-compat_2.12"),
        ("netty-transport-native-epoll-4.1.96.Final-linux-x86_64.jar", "netty-transport-native-epoll"),
    ],
)
def test_two_versions_of_a_jar_have_the_same_artifact(jar: str, name: str) -> None:
    assert artifact(Path(jar)) == name


def test_a_full_disk_is_named_and_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Settings.from_env({"PATH": os.environ["PATH"], "CACHE_DIR": str(tmp_path / "cache")}, tmp_path)
    tries: list[object] = []
    said = ["UNRESOLVED", "java.io.IOException: No space left on device"]
    monkeypatch.setattr("cluster.fetch.jars._run_ivy", lambda command: tries.append(command) or said)
    with pytest.raises(FetchFailed, match=f"^{tmp_path}/cache is on a full disk"):
        fetch(own, CONNECTOR)
    assert len(tries) == 1


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, []),
        ({"https_proxy": "http://proxy.corp:3128"}, ["-Dhttps.proxyHost=proxy.corp", "-Dhttps.proxyPort=3128"]),
        ({"HTTPS_PROXY": "proxy.corp:3128/"}, ["-Dhttps.proxyHost=proxy.corp", "-Dhttps.proxyPort=3128"]),
        ({"http_proxy": "http://me:secret@10.0.0.1"}, ["-Dhttp.proxyHost=10.0.0.1", "-Dhttp.proxyPort=80"]),
        ({"https_proxy": "socks5://proxy.corp:1080"}, []),
        ({"https_proxy": "http://a:1", "JAVA_TOOL_OPTIONS": "-Dhttps.proxyHost=b"}, []),
    ],
)
def test_java_is_told_of_the_proxy_of_the_environment(environ: dict[str, str], told: list[str]) -> None:
    assert proxy_options(environ) == told
