"""Two small catalogues built one after the other on the real cluster, votes between them, and the way back."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from cluster.settings import Settings
from cql.apply import apply
from cql.connect import Contact, connect
from domain.contract.catalogue import HEADERS
from domain.generators.catalogue import MediaSizes, media_block
from tests.support.shared_jobs import SharedJobs
from tests.support.site_world import KEY, open_site
from web.catalogue.models import MOST_VOTES

pytestmark = pytest.mark.cluster
WITH_KEY = {"X-API-Key": KEY}
LONG, EMOJI, QUOTED, SLASHED, NAMESAKE = "É" * 300, "😀", 'Obi "Wan" O\'Brien', "Søren Łaska", "Jo Namesake"
KEPT, GONE = "tmkept", "tmgone"  # voted on; the second catalogue has only the first of them
USER, BUSY = "/api/v1/users/7", 8  # who votes; who has voted on more titles than one answer has

Records = dict[str, list[list[str]]]


def records() -> Records:
    """A generated catalogue, and titles and people with names that are hard to store and to ask for."""
    block = media_block(3, MediaSizes(60, 300), 0)
    found = {"titles": list(csv.reader(block.titles)), "credits": list(csv.reader(block.credits))}
    names = {KEPT: LONG, GONE: QUOTED, "tmemoji": EMOJI, "tmslash": SLASHED}
    for media_id, name in names.items():
        found["titles"].append(
            [media_id, name, "SHOW", "", "2001", "", "", "['war']", "['DE']", "", "", "", "", "", ""]
        )
    for person, name in enumerate((LONG, EMOJI, QUOTED, SLASHED, NAMESAKE, NAMESAKE), start=900_001):
        for media_id in (KEPT,) if person == 900_005 else (GONE, "tmemoji"):
            found["credits"].append([str(person), media_id, name, name, "ACTOR"])
    return found


def write(folder: Path, of: Records) -> Path:
    folder.mkdir()
    for file, rows in of.items():
        with (folder / f"{file}.csv").open("w", encoding="utf-8", newline="") as text:
            csv.writer(text, lineterminator="\n").writerows([HEADERS[file].split(","), *rows])
    return folder


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the site said while a catalogue was active."""

    titles: dict[str, Any]
    facets: dict[str, Any]
    overview: dict[str, Any]
    votes: list[tuple[str, str | None, int]]


def get(client: FlaskClient, path: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/catalogue{path}", query_string=query)
    assert answer.status_code == 200, (path, query, answer.text)
    return dict(answer.json)


def seen(client: FlaskClient) -> Seen:
    titles = [get(client, "/titles", limit=50, offset=offset) for offset in (0, 50)]
    votes = client.get(f"{USER}/feedback").json["items"]
    return Seen(
        {**titles[0], "items": titles[0]["items"] + titles[1]["items"]},
        get(client, "/facets"),
        get(client, "/overview"),
        [(vote["media_id"], vote["title"], vote["vote"]) for vote in votes],
    )


@dataclasses.dataclass(frozen=True)
class World:
    """The app on the first catalogue, to which the site has gone back, and what it said meanwhile."""

    client: FlaskClient
    session: Session
    first: Seen
    second: Seen
    again: Seen


@pytest.fixture(scope="module")
def world(cluster: Settings, jobs: SharedJobs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Build, vote, build without one of the titles, go back."""
    folder = tmp_path_factory.mktemp("two-catalogues")
    own = dataclasses.replace(cluster, data_dir=folder / "data", keyspace="recommender_two_catalogues")
    contact = Contact.from_env(own.child_environ())
    apply(contact)
    whole = records()
    without = {file: [row for row in rows if GONE not in row] for file, rows in whole.items()}
    with open_site(contact) as client:
        assert jobs.submit(own, "build_catalogue", ["--catalogue", str(write(folder / "a", whole))]) == 0
        for media_id, vote in ((KEPT, 1), (GONE, -1)):
            answer = client.put(f"{USER}/feedback/{media_id}", json={"vote": vote}, headers=WITH_KEY)
            assert answer.status_code == 200, answer.text
        first = seen(client)
        assert jobs.submit(own, "build_catalogue", ["--catalogue", str(write(folder / "b", without))]) == 0
        second = seen(client)
        answer = client.post("/api/v1/runs/rollback", json={"kind": "catalogue"}, headers=WITH_KEY)
        assert (answer.status_code, answer.json["run_id"]) == (200, first.titles["run_id"])
        session = connect(contact)
        yield World(client, session, first, second, seen(client))
        session.cluster.shutdown()


def test_the_way_back_leads_to_the_first_catalogue_as_it_was(world: World) -> None:
    assert world.again == world.first
    assert world.first.titles["total"] == len(world.first.titles["items"]) == 64
    assert world.first.overview["counts"]["rows.media_by_id"] == 64
    assert world.first.overview["counts"]["titles.rejected"] == 0


def test_the_second_catalogue_is_without_the_title_that_is_gone(world: World) -> None:
    ids = [[item["media_id"] for item in each.titles["items"]] for each in (world.first, world.second)]
    assert ids[1] == [media_id for media_id in ids[0] if media_id != GONE]
    shows = [
        next(count["titles"] for count in each.facets["facets"]["type"] if count["value"] == "SHOW")
        for each in (world.first, world.second)
    ]
    assert shows[0] - shows[1] == 1
    assert world.second.overview["run_id"] > world.first.overview["run_id"]


def test_votes_outlive_the_catalogue_and_the_way_back(world: World) -> None:
    assert world.first.votes == [(GONE, QUOTED, -1), (KEPT, LONG, 1)]
    assert world.second.votes == [(GONE, None, -1), (KEPT, LONG, 1)]


@pytest.mark.parametrize("name", [LONG, EMOJI, QUOTED, SLASHED, NAMESAKE])
def test_names_of_any_form_are_stored_as_they_are_and_found(world: World, name: str) -> None:
    answer = get(world.client, "/titles", actor=name)
    expected = {GONE, "tmemoji"} | ({KEPT} if name == NAMESAKE else set())
    assert {item["media_id"] for item in answer["items"]} == expected
    assert answer["total"] == len(expected)
    cast = {person["name"] for person in get(world.client, "/titles/tmemoji")["cast"]}
    assert name in cast
    assert get(world.client, "/titles/tmemoji")["title"] == EMOJI


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("é" * 200, [900_001]),
        (EMOJI, [900_002]),
        ("obi brien wan", [900_003]),
        ("soren łas", [900_004]),
        ("jo namesake", [900_006, 900_005]),
    ],
)
def test_people_of_any_name_are_found_by_beginnings_of_words(world: World, text: str, people: list[int]) -> None:
    answer = get(world.client, "/people", q=text)
    assert [person["person_id"] for person in answer["items"]] == people
    assert answer["complete"]


def test_each_of_two_people_of_one_name_has_a_page_with_their_own_titles(world: World) -> None:
    for person, titles in ((900_005, {KEPT}), (900_006, {GONE, "tmemoji"})):
        answer = get(world.client, f"/people/{person}")
        assert (answer["name"], {item["media_id"] for item in answer["acted_in"]}) == (NAMESAKE, titles)
        assert world.client.get(f"/catalogue/people/{person}").status_code == 200


@pytest.mark.parametrize(("text", "media_id"), [("é" * 150, KEPT), ("o'brien WAN", GONE), ("laska", "tmslash")])
def test_titles_of_any_name_are_found_by_beginnings_of_words(world: World, text: str, media_id: str) -> None:
    answer = get(world.client, "/titles", q=text)
    assert [item["media_id"] for item in answer["items"]] == [media_id]
    page = world.client.get("/catalogue", query_string={"q": text})
    assert page.status_code == 200
    assert f"/catalogue/titles/{media_id}" in page.text


def test_facets_beside_a_person_or_words_are_those_of_their_titles(world: World) -> None:
    for query, total in (({"actor": NAMESAKE}, 3), ({"q": "laska"}, 1), ({"actor": NAMESAKE, "year": 1999}, 0)):
        answer = get(world.client, "/facets", **query)
        assert answer["of_matches"]
        expected = [{"value": "war", "titles": total}] if total else []
        assert answer["facets"]["genre"] == expected, query
    assert world.client.get("/api/v1/catalogue/facets?actor=nobody").status_code == 404


def test_the_newest_votes_come_first_however_many_there_are(world: World) -> None:
    old = world.session.prepare("INSERT INTO feedback_by_user (user_id, media_id, vote, voted_at) VALUES (?, ?, ?, ?)")
    votes = [(BUSY, f"a{number}", 1, datetime(2020, 1, 1, tzinfo=UTC)) for number in range(MOST_VOTES + 5)]
    for answer in [world.session.execute_async(old, vote) for vote in votes]:
        answer.result()
    path = f"/api/v1/users/{BUSY}/feedback"
    put = world.client.put(f"{path}/{KEPT}", json={"vote": 1}, headers=WITH_KEY).json  # its id is behind all others
    assert (put["total"], put["items"][0]["media_id"]) == (MOST_VOTES + 6, KEPT)
    assert len(put["items"]) == 20
    got = world.client.get(path).json
    assert (len(got["items"]), got["items"][0]["title"]) == (MOST_VOTES, LONG)
    rest = world.client.get(f"{path}?offset={MOST_VOTES}").json
    assert len({each["media_id"] for each in got["items"] + rest["items"]}) == MOST_VOTES + 6
    assert world.client.get(f"{path}?limit={MOST_VOTES + 1}").status_code == 422
    chosen = world.client.get(f"/api/v1/users/{BUSY}/for-you").json["items"]
    assert KEPT not in {each["media_id"] for each in chosen}
