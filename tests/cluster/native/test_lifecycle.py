"""What up, down, status and clean know of the processes of a cluster."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from cluster.errors import ClusterError
from cluster.native.lifecycle import _is_changed, clean, down, status
from cluster.native.process import Processes
from cluster.native.service import bring_up
from cluster.settings import Settings
from tests.support.small_processes import SLEEP, service

TABLE = "cassandra/node1/data/recommender/interactions_by_user-1234"


def test_status_down_and_clean_know_what_runs(tmp_path: Path) -> None:
    settings = Settings.from_env({"HOME": str(tmp_path), "RUN_DIR": str(tmp_path / "run")}, tmp_path)
    processes = Processes(settings.run_dir)
    processes.start("web", SLEEP, os.environ, tmp_path, ("127.0.0.1", 1))
    assert [(row.service, row.state) for row in status(settings)] == [("web", "not answering")]
    with pytest.raises(ClusterError, match="web run"):
        clean(settings, data=False)
    down(settings)
    assert status(settings) == []
    clean(settings, data=False)
    assert not settings.run_dir.exists()


def test_a_site_is_started_again_when_what_it_reads_has_changed(
    tmp_path: Path, processes: Processes, port: int
) -> None:
    site = replace(service(tmp_path, port, SLEEP), reads=("API_KEY",), environ={"API_KEY": "old", "OTHER": "1"})
    bring_up(processes, site)
    assert not _is_changed(processes, replace(site, environ={"API_KEY": "old", "OTHER": "2"}))
    assert _is_changed(processes, replace(site, environ={"API_KEY": "new", "OTHER": "1"}))
    assert "old" not in json.loads((tmp_path / "pids" / "web.json").read_text()).values()


@pytest.fixture
def closed(tmp_path: Path, port: int) -> Settings:
    """A cluster that does not run."""
    folders = {"DATA_DIR": str(tmp_path / "data"), "RUN_DIR": str(tmp_path / "run")}
    return Settings.from_env({"HOME": str(tmp_path), "CASSANDRA_PORT": str(port), **folders})


def test_ratings_that_cannot_be_kept_are_not_removed(closed: Settings) -> None:
    (closed.data_dir / TABLE).mkdir(parents=True)
    with pytest.raises(
        ClusterError, match=r"nothing was removed: Cassandra at 127\.0\.0\.1 port .* does not answer"
    ) as error:
        down(closed, volumes=True)
    assert "Run `make up`" in str(error.value)
    assert f"To lose them: remove {closed.data_dir}/cassandra." in str(error.value)
    assert (closed.data_dir / TABLE).is_dir()
    down(closed)  # loses nothing, and asks nobody


def test_ratings_of_this_machine_are_not_looked_for_on_another(closed: Settings) -> None:
    (closed.data_dir / TABLE).mkdir(parents=True)
    with pytest.raises(ClusterError, match="CASSANDRA_HOSTS names another Cassandra"):
        down(replace(closed, hosts=("db1",)), volumes=True)


def test_a_cassandra_without_tables_of_ratings_is_removed_without_a_word_of_them(
    closed: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (closed.data_dir / "cassandra/node1/data/recommender/active_runs-1234").mkdir(parents=True)
    down(closed, volumes=True)
    assert not (closed.data_dir / "cassandra").exists()
    assert capsys.readouterr().out == f"Removing {closed.data_dir}/cassandra\n"
    down(closed, volumes=True)
