"""The pages and calls of song plays, on tables of Parquet that the job wrote: no Cassandra is needed."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient

from cql import TABLES
from cql.active import ActiveRun
from cql.kinds import Kind
from domain.contract.songplays import LONGEST_TEXT
from tests.support.songs_world import SongWorld, good_plays, published
from web import create_app
from web.songs.us_states import state_of

API = "/api/v1"


class ParquetDatabase:
    """Answers the selects of web/app/database.py from the copies of a run; rows are sorted by the table's key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def session(self) -> Any:
        """A session that is asked only for the active run of a job, which is the one of the folder."""
        active = {Kind.SONGPLAYS.job: ActiveRun(self.folder.name, "songs", datetime.now(UTC))}
        return SimpleNamespace(execute=lambda _, values: SimpleNamespace(one=lambda: active.get(values[0])))

    def rows(self, query: tuple[str, str], *values: Any) -> Iterator[Any]:
        table, text = query
        key, limit = re.findall(r"(\w+) = \?", text), text.endswith("LIMIT ?")
        wanted = dict(zip(key, values, strict=False))
        found = pq.read_table(self.folder / table, coerce_int96_timestamp_unit="ms").to_pylist()
        rows = [row for row in found if all(row[name] == value for name, value in wanted.items())]
        for name in reversed(TABLES[table].clustering_key):
            rows.sort(key=lambda row: row[name], reverse=f"{name} DESC" in TABLES[table].statement)
        kind = namedtuple("Row", TABLES[table].column_names)
        return iter([kind(**_as_driver(row)) for row in rows][: values[-1] if limit else None])

    def one(self, query: tuple[str, str], *values: Any) -> Any | None:
        return next(self.rows(query, *values), None)

    def each(self, query: tuple[str, str], keys: Iterable[Sequence[Any]]) -> list[list[Any]]:
        return [list(self.rows(query, *key)) for key in keys]


def _as_driver(row: dict[str, Any]) -> dict[str, Any]:
    """Timestamps without a zone, in UTC."""
    return {
        name: [_without_zone(each) for each in value] if isinstance(value, list) else _without_zone(value)
        for name, value in row.items()
    }


def _without_zone(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


@pytest.fixture(scope="module")
def client(song_world: SongWorld) -> FlaskClient:
    run = song_world.built
    database = ParquetDatabase(published(run.paths) / run.run_id)
    return create_app({"API_KEY": ""}, database).test_client()  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def plays() -> list[dict[str, Any]]:
    return good_plays()


def get(client: FlaskClient, path: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"{API}{path}", query_string=query)
    assert answer.status_code == 200, (path, answer.text)
    return dict(answer.json)


def test_a_session_is_told_in_order_and_by_item(client: FlaskClient, plays: list[dict[str, Any]]) -> None:
    session = plays[0]["sessionId"]
    own = sorted((each for each in plays if each["sessionId"] == session), key=lambda each: each["itemInSession"])
    items = get(client, "/songplays", session_id=session)["items"]
    assert [(each["title"], each["artist"], each["length"]) for each in items] == [
        (each["song"], each["artist"], each["length"]) for each in own
    ]
    assert datetime.fromisoformat(items[0]["start_time"]).timestamp() == own[0]["ts"] / 1000
    assert {(each["first_name"], each["last_name"]) for each in items} == {(own[0]["firstName"], own[0]["lastName"])}
    assert f"Listener {own[0]['userId']} {own[0]['firstName']}" in client.get(f"/songs/sessions/{session}").text
    last = {"session_id": session, "item": own[-1]["itemInSession"], "user_id": own[0]["userId"]}
    assert get(client, "/songplays", **last)["items"] == items[-1:]
    assert client.get(f"{API}/songplays?session_id={session}&user_id=999").status_code == 404
    assert client.get(f"{API}/songplays?session_id=99999999").status_code == 404


def test_the_song_that_is_played_most_is_found_by_title_with_its_listeners(
    client: FlaskClient, plays: list[dict[str, Any]]
) -> None:
    top = get(client, "/songs/top", limit=1)["items"][0]
    titled = get(client, "/songs", title=f" {top['title'].upper()}")["items"]
    assert top["track_id"] in {row["track_id"] for row in titled}
    assert sum(row["plays"] for row in titled) == sum(each["song"] == top["title"] for each in plays)
    listeners = get(client, f"/songs/{top['track_id']}/listeners", limit=100)["items"]
    assert len(listeners) == top["listeners"]
    assert sum(row["plays"] for row in listeners) == top["plays"]


def test_scopes_count_their_own_plays_only(client: FlaskClient, plays: list[dict[str, Any]]) -> None:
    for level in ("free", "paid"):
        rows = get(client, "/songs/top", level=level, kind="artist", limit=100)["items"]
        assert sum(row["plays"] for row in rows) == sum(each["level"] == level for each in plays)
    assert get(client, "/songs/top", day="2018-11-01", limit=1)["value"] == "2018-11-01"
    assert get(client, "/songs/top", week="1999-W01")["items"] == []


def test_who_is_new_gets_what_is_played_at_their_place_and_others_get_their_list(
    client: FlaskClient, plays: list[dict[str, Any]]
) -> None:
    known = get(client, f"/listeners/{plays[0]['userId']}/recommendations")
    assert known["source"] == "als"
    assert known["items"]
    place = plays[0]["location"]
    new = get(client, "/listeners/99999/recommendations", place=place, limit=3)
    assert new["source"] == "popular"
    top = get(client, "/songs/top", place=place, limit=3)["items"]
    assert [each["track_id"] for each in new["items"]] == [each["track_id"] for each in top]
    anywhere = get(client, "/listeners/99999/recommendations", place="é" * LONGEST_TEXT, limit=1)["items"]
    assert client.get(f"{API}/songs/top", query_string={"place": "é" * (LONGEST_TEXT + 1)}).status_code == 422
    assert anywhere[0]["track_id"] == get(client, "/songs/top", limit=1)["items"][0]["track_id"]


def test_pages_show_songs_sessions_and_listeners(client: FlaskClient, plays: list[dict[str, Any]]) -> None:
    page = client.get("/songs")
    assert page.status_code == 200
    assert f"{len(plays):,} plays" in page.text
    states = {state_of(play["location"]) for play in plays}
    assert page.text.count("<circle ") == len(states)
    assert "Not on the map" not in page.text
    top = get(client, "/songs/top", limit=1)["items"][0]
    for path in (
        f"/songs/{top['track_id']}",
        f"/songs/sessions/{plays[0]['sessionId']}",
        f"/songs/listeners/{plays[0]['userId']}",
        "/songs?level=paid",
        "/songs?title=nothing&place=&day=",
    ):
        assert client.get(path).status_code == 200, path
    for path in ("/songs/unknown", "/songs/sessions/99999999", "/songs/listeners/99999"):
        assert client.get(path).status_code == 404, path


def test_fields_of_the_form_that_do_not_combine_are_told(client: FlaskClient, plays: list[dict[str, Any]]) -> None:
    place = plays[0]["location"]
    both = client.get("/songs", query_string={"place": place, "level": "paid"})
    alone = client.get("/songs", query_string={"place": place})
    told = "only the place was used, not the level."
    assert both.status_code == 200 and told in both.text and told not in alone.text
    assert f"Most played songs: place {place}" in both.text


def test_a_session_and_an_item_that_are_not_there_are_told_apart(
    client: FlaskClient, plays: list[dict[str, Any]]
) -> None:
    session = plays[0]["sessionId"]
    answers = [
        client.get(f"{API}/songplays", query_string=asked)
        for asked in ({"session_id": 99999999}, {"session_id": session, "item": 999})
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert "There is no session 99999999." in answers[0].text
    assert f"There is no such play in session {session}." in answers[1].text


@pytest.mark.parametrize(
    "path",
    [
        "/songs/top?day=30.11.2018",
        "/songs/top?level=paid&place=x",
        "/songplays",
        "/songs",
        "/listeners/-1/recommendations",
    ],
)
def test_wrong_questions_are_refused(client: FlaskClient, path: str) -> None:
    assert client.get(f"{API}{path}").status_code == 422
