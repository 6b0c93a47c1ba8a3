"""Whatever is invented says so, on every page and in every answer of the API; what is real never does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from cql import active
from cql.apply import apply
from cql.connect import Contact, connect
from cql.kinds import Kind
from domain.contract.generated import may_be_generated
from tests.support.invented_world import (
    LISTENER,
    MEDIA,
    NAME,
    PERSON,
    SESSION,
    TITLE,
    TRACK,
    named,
    store_catalogue,
    store_world,
)
from tests.support.site_world import KEY, LISTED, open_site
from web import create_app

pytestmark = pytest.mark.cluster
BADGE = "Not real: a program has made up"
# what stands in the routes, and what a route cannot be asked without
PLACES = {
    "/runs/<job>/<run_id>": f"/runs/{Kind.RECOMMENDATIONS.job}/run-{Kind.RECOMMENDATIONS}",
    "<int(max=2147483647):movie_id>": "1",
    "<movie_id>": "1",
    "/songs/listeners/<int(max=2147483647):user_id>": f"/songs/listeners/{LISTENER}",
    "/listeners/<user_id>": f"/listeners/{LISTENER}",
    "<int(max=2147483647):user_id>": str(LISTED),
    "<user_id>": str(LISTED),
    "<int:session_id>": str(SESSION),
    "<media_id>": MEDIA,
    "<int:person_id>": str(PERSON),
    "<person_id>": str(PERSON),
    "<track_id>": TRACK,
    "/api/v1/outliers/<subject>": "/api/v1/outliers/users",
    "/reports/<subject>/<run_id>/<file>": "/reports/outliers.servers/run-1/outliers.html",
}
ASKED = {
    "/users": f"?user_id={LISTED}",
    "/catalogue/people": f"?q={NAME[:5]}",
    "/api/v1/catalogue/people": f"?q={NAME[:5]}",
    "/api/v1/songplays": f"?session_id={SESSION}",
    "/api/v1/songs": "?title=nothing",
}
MORE = ("/?q=lake", "/users/99", f"/catalogue?q={TITLE[:5]}", "/outliers?subject=servers", "/movies/404", "/songs/404")
NUMBERS = ".csv"  # of a plot, from a page that says so
PARTS = ("/found", "/runs/rollback")  # a part of a page that says so; a question about nothing but a date
WITHOUT_DATA = (*PARTS, "/sign-in", "/static/", "/health/", "/metrics", "/openapi/", "/insights/plotly-")


def routes() -> tuple[list[str], list[str]]:
    """The addresses of all pages, and of all calls that read, that show data."""
    paths = []
    for rule in create_app().url_map.iter_rules():
        if "GET" in rule.methods and not rule.rule.startswith(WITHOUT_DATA) and not rule.rule.endswith(NUMBERS):
            path = rule.rule
            for place, value in PLACES.items():
                path = path.replace(place, value)
            paths.append(path + ASKED.get(path, ""))
    assert not [path for path in paths if "<" in path], "say in PLACES what to ask for"
    calls = sorted(path for path in paths if path.startswith("/api/"))
    return sorted({*paths, *MORE} - set(calls)), calls


PAGES, CALLS = routes()


@pytest.fixture(scope="module")
def contacts(contact: Contact) -> dict[bool, Contact]:
    """The keyspaces of a real world and of an invented one."""
    found = {}
    for invented in (False, True):
        found[invented] = dataclasses.replace(contact, keyspace=f"web_test_{'invented' if invented else 'real'}")
        apply(found[invented])
        session = connect(found[invented])
        store_world(session, invented)
        session.cluster.shutdown()
    return found


@pytest.fixture(scope="module")
def invented(contacts: dict[bool, Contact]) -> Iterator[FlaskClient]:
    with open_site(contacts[True]) as client:
        yield client


@pytest.fixture(scope="module")
def real(contacts: dict[bool, Contact]) -> Iterator[FlaskClient]:
    with open_site(contacts[False]) as client:
        yield client


@pytest.fixture
def session(contacts: dict[bool, Contact]) -> Iterator[Session]:
    session = connect(contacts[False])
    yield session
    session.cluster.shutdown()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_invented_data_says_so_and_none_of_real_ones(
    invented: FlaskClient, real: FlaskClient, path: str
) -> None:
    pages = [client.get(path, follow_redirects=True) for client in (invented, real)]
    assert [page.status_code for page in pages] == [404 if path.endswith(("404", "99")) else 200] * 2
    is_file = path.startswith("/reports/")
    said = "These data are invented" if is_file else BADGE
    assert [said in page.text for page in pages] == [True, False]


@pytest.mark.parametrize("path", CALLS)
def test_every_answer_about_invented_data_says_so_and_none_about_real_ones(
    invented: FlaskClient, real: FlaskClient, path: str
) -> None:
    answers = [client.get(path) for client in (invented, real)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert [answer.json["generated"] for answer in answers] == [True, False]


def test_the_documentation_has_the_field_of_every_answer(real: FlaskClient) -> None:
    document = real.get("/openapi/openapi.json").json
    schemas = document["components"]["schemas"]
    answers = {name for name in schemas if name.endswith("Answer")} - {"ProblemAnswer"}
    assert [name for name in sorted(answers) if "generated" not in schemas[name]["properties"]] == []


def test_a_vote_on_an_invented_title_is_answered_as_one(invented: FlaskClient) -> None:
    address = f"/api/v1/users/{LISTED}/feedback/{MEDIA}"
    for answer in (
        invented.put(address, json={"vote": 1}, headers={"X-API-Key": KEY}),
        invented.delete(address, headers={"X-API-Key": KEY}),
    ):
        assert answer.json["generated"] is True


def test_an_invented_movie_and_title_lead_to_no_page_of_a_real_one(invented: FlaskClient, real: FlaskClient) -> None:
    for path in ("movies/1", f"catalogue/titles/{MEDIA}"):
        urls = [client.get(f"/api/v1/{path}").json["imdb_url"] for client in (invented, real)]
        assert urls == [None, "https://www.imdb.com/title/tt0000001/"]


def test_the_catalogue_is_beside_its_movies_where_both_are_real_or_both_invented(
    invented: FlaskClient, real: FlaskClient
) -> None:
    for client in (invented, real):
        assert TITLE in client.get("/movies/1").text
        assert client.get(f"/api/v1/catalogue/titles/{MEDIA}").json["movie"]["movie_id"] == 1


@pytest.mark.parametrize(
    ("folder", "invented"), [("/data/raw/catalogue", True), ("None", True), ("/home/me/catalogue", False)]
)
def test_after_an_upgrade_an_invented_catalogue_beside_real_ratings_is_not_shown_as_real(
    session: Session, contacts: dict[bool, Contact], folder: str, invented: bool
) -> None:
    movies, run_id = named(Kind.RECOMMENDATIONS, invented=False), f"run{folder.replace('/', '-')}"
    assert may_be_generated("catalogue-0123abcd")
    store_catalogue(session, run_id, "catalogue-0123abcd", movies, parameters={"catalogue": folder})
    active.flip(session, Kind.CATALOGUE.job, run_id, "catalogue-0123abcd", f"run-{Kind.CATALOGUE}")
    try:
        with open_site(contacts[False]) as client:
            title = client.get(f"/api/v1/catalogue/titles/{MEDIA}").json
            pages = {path: client.get(path).text for path in ("/catalogue", "/movies/1", f"/users/{LISTED}", "/")}
    finally:
        active.flip(session, Kind.CATALOGUE.job, f"run-{Kind.CATALOGUE}", named(Kind.CATALOGUE, False), expected=run_id)
    assert (title["generated"], title["movie"] is None, title["imdb_url"] is None) == (invented,) * 3
    assert {path for path, page in pages.items() if BADGE in page} == ({"/catalogue"} if invented else set())
    assert (TITLE in pages["/movies/1"]) is not invented
    assert TITLE not in pages["/"]
