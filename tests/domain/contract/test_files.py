"""Paths are written as Hadoop writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.contract.files import plain_path


@pytest.mark.parametrize("given", ["a/b.csv", "./a/b.csv", "c/../a/b.csv", "../{}/a/b.csv", "{}/../{}/a//b.csv"])
def test_a_path_is_absolute_and_has_no_dots(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parts = given.replace("{}/..", f"{tmp_path}/..").replace("{}", tmp_path.name)
    assert str(plain_path(parts)) == f"{tmp_path}/a/b.csv"


def test_a_link_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    assert plain_path(tmp_path / "link" / "x") == tmp_path / "link" / "x"
