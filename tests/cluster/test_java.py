"""Which Java is taken: fake ones that only tell their version."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.errors import MissingTool
from cluster.java import java_home
from tests.support.fake_java import fake_java


def test_java_home_is_taken_when_it_is_17(tmp_path: Path) -> None:
    home = fake_java(tmp_path / "mine", "17.0.15")
    assert java_home({"JAVA_HOME": str(home), "PATH": ""}, tmp_path / "none") == home


@pytest.mark.parametrize("version", ["1.8.0_412", "21.0.3", "25", "9-ea"])
def test_another_java_in_the_path_is_passed_over_for_an_installed_17(tmp_path: Path, version: str) -> None:
    other = fake_java(tmp_path / "other", version)
    home = fake_java(tmp_path / "jvm" / "java-17", "17.0.2")
    assert java_home({"PATH": f"{other}/bin"}, tmp_path / "jvm") == home


def test_without_a_17_the_message_tells_what_was_found_and_what_to_install(tmp_path: Path) -> None:
    other = fake_java(tmp_path / "other", "1.8.0_412")
    with pytest.raises(MissingTool) as caught:
        java_home({"PATH": f"{other}/bin"}, tmp_path / "none")
    assert f"{other} is Java 8" in str(caught.value)
    assert "openjdk-17-jre-headless" in str(caught.value)


def test_a_17_that_is_not_the_first_in_the_path_is_found(tmp_path: Path) -> None:
    other, home = fake_java(tmp_path / "other", "25"), fake_java(tmp_path / "mine", "17.0.2")
    assert java_home({"PATH": f"/nowhere::{other}/bin:{home}/bin"}, tmp_path / "none") == home


def test_a_script_of_a_version_manager_tells_where_its_java_is(tmp_path: Path) -> None:
    home = fake_java(tmp_path / "managed", "17.0.2")
    shims = tmp_path / "shims"
    shims.mkdir()
    (shims / "java").write_text(f"#!/bin/sh\necho '    java.home = {home}' >&2\nexec {home}/bin/java\n")
    (shims / "java").chmod(0o755)
    assert java_home({"PATH": str(shims)}, tmp_path / "none") == home


@pytest.mark.parametrize("given", ["/nowhere", "{}/bin", "{}/bin/java", ""])
def test_a_wrong_java_home_is_passed_over(tmp_path: Path, given: str) -> None:
    home = fake_java(tmp_path / "jvm" / "java-17", "17.0.2")
    assert java_home({"JAVA_HOME": given.format(home), "PATH": ""}, tmp_path / "jvm") == home
