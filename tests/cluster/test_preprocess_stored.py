"""preprocess_movielens on the real cluster: what it stores, that it stores it once, and Cassandra away."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cluster.native.spark import submit
from cluster.settings import Settings
from cql.connect import Contact, connect
from domain.contract.movielens import HEADERS
from tests.support.shared_jobs import SharedJobs

pytestmark = pytest.mark.cluster

LINES = {
    "movies": ["1,Toy Story (1995),Comedy", '2,"Matrix, The (1999)",Action|War', "3,Cosmos,(no genres listed)"],
    "ratings": ["1,1,4.0,1000000000", "1,2,3.5,1000000001", "2,1,0.5,1000000002", "2,1,1.0,1000000003"],
    "tags": ["1,1, PIXAR ,1000000000"],
    "links": ["1,0114709,862", "2,0133093,", "3,0081846,409926"],
}


@pytest.fixture(scope="module")
def site(cluster: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The shared cluster with a folder of this test's own, and raw files of which one rating is rejected."""
    own = dataclasses.replace(cluster, data_dir=tmp_path_factory.mktemp("stored"))
    folder = own.data_dir / "raw" / "tiny"
    folder.mkdir(parents=True)
    for name, lines in LINES.items():
        (folder / f"{name}.csv").write_text("\n".join([HEADERS[name], *lines]), encoding="utf-8")
    return own


def flags(site: Settings) -> list[str]:
    return ["--movielens", str(site.data_dir / "raw" / "tiny"), "--max-rejected-share", "0.25"]


def last_record(data_dir: Path) -> dict[str, Any]:
    return dict(json.loads(max((data_dir / "runs").glob("*.json")).read_text(encoding="utf-8")))


def test_the_data_set_is_stored_and_an_unchanged_one_is_not_stored_again(site: Settings, jobs: SharedJobs) -> None:
    assert jobs.submit(site, "preprocess_movielens", flags(site)) == 0
    first = last_record(site.data_dir)
    assert jobs.submit(site, "preprocess_movielens", flags(site)) == 0
    second = last_record(site.data_dir)
    assert second["run_id"] != first["run_id"]
    for record in (first, second):
        assert record["facts"].pop("cluster") == {"workers": 2, "cores": 2 * site.worker_cores}
    rejected = {"of": "ratings", "faults": 1, "line": "ratings.csv line 4 in '2,1,0.5,1000000002' (duplicate)"}
    assert (first["facts"], second["facts"]) == ({"first_rejected": rejected}, {"unchanged": True})
    assert (second["dataset_id"], second["counts"]) == (first["dataset_id"], first["counts"])
    assert first["counts"]["ratings.rejected.duplicate"] == 1

    session = connect(Contact.from_env(site.child_environ()))
    try:
        dataset = first["dataset_id"]
        history = session.execute(
            "SELECT block, movie_ids, ratings, rated_at FROM ratings_by_user WHERE dataset_id = %s AND user_id = 2",
            (dataset,),
        )
        assert [tuple(row) for row in history] == [(0, [1], [1.0], [datetime(2001, 9, 9, 1, 46, 43)])]
        found = session.execute(
            "SELECT movie_id, genres FROM movies_by_term WHERE dataset_id = %s AND kind = 'word' AND term = 'matrix'",
            (dataset,),
        )
        assert [tuple(row) for row in found] == [(2, ["Action", "War"])]
        tags = session.execute("SELECT tag FROM tags_by_movie WHERE dataset_id = %s AND movie_id = 1", (dataset,))
        assert [row.tag for row in tags] == ["pixar"]
        statuses = session.execute("SELECT status FROM runs_by_job WHERE job = 'preprocess_movielens'")
        assert [row.status for row in statuses] == ["done", "done"]
    finally:
        session.cluster.shutdown()


def test_what_people_rated_on_the_site_makes_another_data_set_and_is_in_it(site: Settings, jobs: SharedJobs) -> None:
    """Written as the site writes: each cell at its own time, so that what is taken back leaves a null behind."""
    update, key = "UPDATE interactions_by_user USING TIMESTAMP %s SET", "WHERE user_id = %s AND movie_id = %s"
    rate, hide = f"{update} rating = %s, rated_at = %s {key}", f"{update} hidden_at = %s {key}"
    when = datetime(2026, 1, 2, 3, 4, 5, 678_000)
    assert jobs.submit(site, "preprocess_movielens", flags(site)) == 0
    before = last_record(site.data_dir)
    session = connect(Contact.from_env(site.child_environ()))
    try:
        session.execute(rate, (1, 5.0, when, 77, 3))
        session.execute(rate, (1, 5.0, when, 1, 2))
        session.execute(rate, (2, None, when, 1, 2))
        session.execute(rate, (1, 5.0, when, 1, 9))
        session.execute(hide, (1, when, 2, 2))
        session.execute(hide, (1, when, 2, 3))
        session.execute(hide, (2, None, 2, 3))  # and is shown again
        assert jobs.submit(site, "preprocess_movielens", flags(site)) == 0
        first = last_record(site.data_dir)
        assert jobs.submit(site, "preprocess_movielens", flags(site)) == 0
        second = last_record(site.data_dir)
        history = session.execute(
            "SELECT movie_ids, ratings, rated_at FROM ratings_by_user WHERE dataset_id = %s AND user_id = 77",
            (first["dataset_id"],),
        )
        assert [tuple(row) for row in history] == [([3], [5.0], [when])]
    finally:
        session.execute("TRUNCATE interactions_by_user")
        session.cluster.shutdown()
    assert first["dataset_id"] == second["dataset_id"] != before["dataset_id"]
    assert (first["facts"].get("unchanged"), second["facts"].get("unchanged")) == (None, True)
    assert {name: count for name, count in first["counts"].items() if name.startswith("interactions.")} == {
        "interactions.hidden": 1,
        "interactions.in": 3,
        "interactions.clean": 2,
        "interactions.rejected": 1,
        "interactions.rejected.unknown_movie": 1,
    }
    assert [first["counts"][f"ratings.{change}"] for change in ("added", "replaced", "removed")] == [1, 0, 1]
    assert first["summary"][2] == "ratings of the site: 1 added, 0 replaced, 1 removed; 1 movies hidden"


def test_without_cassandra_nothing_is_begun_and_the_earlier_data_set_stays(
    site: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    before = sorted(site.data_dir.rglob("*"))
    away = dataclasses.replace(site.ports, cql=site.ports.cql + 900)
    assert submit(dataclasses.replace(site, ports=away), "preprocess_movielens", flags(site)) == 1
    said = "".join(capfd.readouterr())
    assert f"Cassandra at 127.0.0.1 port {away.cql} does not answer" in said
    assert "Traceback" not in said
    assert sorted(site.data_dir.rglob("*")) == before
