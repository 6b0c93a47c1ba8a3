"""Generated song plays through the real cluster: what Cassandra and the site say is what was generated."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from cluster.settings import Settings
from cql.connect import Contact, connect
from tests.support.shared_jobs import SharedJobs
from tests.support.sites import records
from tests.support.songs_world import SEED, SIZES, good_plays
from web import create_app

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def plays() -> list[dict[str, Any]]:
    return good_plays()


@pytest.fixture(scope="module")
def songs(cluster: Settings, jobs: SharedJobs, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The cluster with the generated plays published."""
    own = dataclasses.replace(cluster, data_dir=tmp_path_factory.mktemp("songs"))
    sizes = [text for name, value in vars(SIZES).items() for text in (f"--{name.replace('_', '-')}", str(value))]
    assert jobs.submit(own, "generate_songplays", [*sizes, "--seed", str(SEED)]) == 0
    assert jobs.submit(own, "build_songplays", ["--rank", "8"]) == 0
    return own


@pytest.fixture(scope="module")
def record(songs: Settings) -> dict[str, Any]:
    """The record of the run of build_songplays."""
    return records(songs.data_dir, "build_songplays")[0]


@pytest.fixture(scope="module")
def client(songs: Settings) -> FlaskClient:
    return create_app(songs.child_environ()).test_client()


def test_tables_in_cassandra_have_the_plays_that_were_generated(
    songs: Settings, record: dict[str, Any], plays: list[dict[str, Any]]
) -> None:
    session: Session = connect(Contact.from_env(songs.child_environ()))
    try:
        lists = "items, user_ids, levels, titles, artists, lengths"
        rows = session.execute(f"SELECT session_id, {lists} FROM songplays_by_session").all()
        stored = [(row[0], *play) for row in rows for play in zip(*row[1:], strict=True)]
        names = ("sessionId", "itemInSession", "userId", "level", "song", "artist", "length")
        expected = [tuple(int(play[name]) if name == "userId" else play[name] for name in names) for play in plays]
        assert sorted(stored) == sorted(expected)
        users = session.execute("SELECT user_id, plays FROM listeners_by_id").all()
        assert {row.user_id: row.plays for row in users} == Counter(int(play["userId"]) for play in plays)
        for table, count in record["counts"].items():
            if table.startswith("rows."):
                assert session.execute(f"SELECT count(*) FROM {table.removeprefix('rows.')}").one()[0] == count, table
        assert record["counts"]["star.songplays"] == len(plays)
        moments = session.execute("SELECT start_times FROM times_by_day").all()
        assert sum(len(row.start_times) for row in moments) == record["counts"]["star.time"]
    finally:
        session.cluster.shutdown()


def test_the_site_answers_from_them(client: FlaskClient, plays: list[dict[str, Any]]) -> None:
    page = client.get("/songs")
    assert page.status_code == 200
    assert f"{len(plays):,} plays" in page.text
    assert page.text.count("<circle ") > 1
    first = min(plays, key=lambda play: play["ts"])
    own = [play["song"] for play in plays if play["sessionId"] == first["sessionId"]]
    answer = client.get(f"/api/v1/songplays?session_id={first['sessionId']}").json
    assert sorted(item["title"] for item in answer["items"]) == sorted(own)
    top = client.get("/api/v1/songs/top?kind=artist&limit=3").json["items"]
    counts = Counter(play["artist"] for play in plays)
    assert [(item["artist"], item["plays"]) for item in top] == sorted(
        counts.items(), key=lambda each: (-each[1], each[0])
    )[:3]
    recommended = client.get(f"/api/v1/listeners/{first['userId']}/recommendations").json
    assert recommended["source"] == "als"
    for path in (
        f"/songs/{client.get('/api/v1/songs/top').json['items'][0]['track_id']}",
        f"/songs/sessions/{first['sessionId']}",
        f"/songs/listeners/{first['userId']}",
    ):
        assert client.get(path).status_code == 200, path
