"""Where things lie under DATA_DIR."""

from __future__ import annotations

from pathlib import Path

from spark_jobs.storage.paths import Paths


def test_servers_are_those_of_the_sample_that_is_there(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    assert paths.servers == tmp_path / "raw/sample/servers"  # named to whoever has none
    (tmp_path / "raw/sample-full/servers").mkdir(parents=True)
    assert paths.servers == tmp_path / "raw/sample-full/servers"
    (tmp_path / "raw/sample/servers").mkdir(parents=True)
    assert paths.servers == tmp_path / "raw/sample/servers"
