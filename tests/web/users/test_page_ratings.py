"""Rating with the forms of pages: what is stored, what is said, what is undone, and how the list answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from tests.support.signed_in import said, send, sign_in, undo
from tests.support.site_world import LISTED, OLD, insert

pytestmark = pytest.mark.cluster

NEWCOMERS = count(7000)  # users who are in no data set, each of one test


@pytest.fixture
def newcomer(client: FlaskClient) -> int:
    """A user who is in no data and has done nothing yet; the client rates as them."""
    user = next(NEWCOMERS)
    sign_in(client, user)
    return user


@pytest.fixture
def listed(client: FlaskClient, session: Session) -> Iterator[int]:
    """The user with a list and two ratings in the data, as whom the client rates."""
    sign_in(client, LISTED)
    yield LISTED
    session.execute("TRUNCATE interactions_by_user", timeout=60)


def rated(client: FlaskClient, user: int) -> dict[int, float]:
    answer = client.get(f"/api/v1/users/{user}/ratings")
    return {item["movie_id"]: item["rating"] for item in answer.json["items"]} if answer.status_code == 200 else {}


def hidden(client: FlaskClient, user: int) -> list[int]:
    return [item["movie_id"] for item in client.get(f"/api/v1/users/{user}/ratings").json.get("hidden", [])]


def stars_of(page: str, movie_id: int) -> dict[str, str]:
    """The attributes of a movie's slider on a page."""
    (slider,) = re.findall(rf'<input type="range"[^>]* id="rate-{movie_id}-stars"[^>]*>', page)
    return dict(re.findall(r'([\w-]+)="([^"]*)"', slider))


def cards(page: str) -> list[int]:
    """The movies of the list of who rates, in its order."""
    (found,) = re.findall(r'<ol class="cards" data-list>(.*?)</ol>', page, re.DOTALL)
    return [int(movie) for movie in re.findall(r'data-movie="(\d+)"', found)]


def test_a_rating_by_a_form_is_stored_said_and_shown_and_can_be_undone(client: FlaskClient, newcomer: int) -> None:
    page = client.get("/movies/2").text
    slider = stars_of(page, 2)
    assert (slider["value"], slider["aria-valuetext"]) == ("0.0", "not rated")
    assert slider["aria-label"] == "Your rating of Amélie of the Lake data-1"
    answer = send(client, "/ratings", "/movies/2?x=1", movie_id=2, rating=4.5)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/movies/2?x=1")
    assert rated(client, newcomer) == {2: 4.5}
    page = client.get("/movies/2").text
    assert "You gave «Amélie of the Lake data-1» ★ 4.5." in page and ">Undo</button>" in page
    assert stars_of(page, 2)["value"] == "4.5"
    assert ">Undo</button>" not in client.get("/movies/2").text  # it was offered
    send(client, "/ratings", movie_id=2, rating=2)
    undo(client)
    assert rated(client, newcomer) == {2: 4.5} and said(client) == "«Amélie of the Lake data-1» has your ★ 4.5 again."


def test_a_first_rating_that_is_undone_leaves_nobody_known(client: FlaskClient, newcomer: int) -> None:
    send(client, "/ratings", movie_id=2, rating=4.5)
    assert undo(client, f"/users/{newcomer}").status_code == 303
    assert rated(client, newcomer) == {} and said(client) == "«Amélie of the Lake data-1» has no rating of yours."
    page = client.get(f"/users/{newcomer}")
    assert page.status_code == 200 and "Rate a movie, and the list below answers" in page.text  # to who rates as them
    assert client.application.test_client().get(f"/users/{newcomer}").status_code == 404


@pytest.mark.parametrize("rating", [5.0, 0.0])
def test_undo_gives_back_a_rating_that_only_the_data_set_has(client: FlaskClient, listed: int, rating: float) -> None:
    before = rated(client, listed)
    send(client, "/ratings", movie_id=1, rating=rating)
    assert rated(client, listed) == ({**before, 1: 5.0} if rating else {3: 2.0})
    undo(client)
    assert rated(client, listed) == before == {1: 4.5, 3: 2.0}


def test_the_place_below_the_lowest_star_takes_a_rating_back(client: FlaskClient, newcomer: int) -> None:
    send(client, "/ratings", movie_id=2, rating=3)
    page = client.get(f"/users/{newcomer}").text
    assert 'aria-label="Take back your rating of Amélie of the Lake data-1"' in page
    send(client, "/ratings", movie_id=2, rating=0)
    assert rated(client, newcomer) == {} and said(client).endswith("has no rating of yours any more.")
    undo(client)
    assert rated(client, newcomer) == {2: 3.0}


def test_the_list_answers_to_a_rating_and_to_what_is_hidden(client: FlaskClient, listed: int) -> None:
    assert cards(client.get(f"/users/{listed}").text) == [4, 2, 5]
    send(client, "/ratings", movie_id=4, rating=1)
    assert cards(client.get(f"/users/{listed}").text) == [2, 5]
    send(client, "/hidden", movie_id=2, hidden=1)
    page = client.get(f"/users/{listed}").text
    assert cards(page) == [5] and 'aria-label="Show again: Amélie of the Lake data-1"' in page
    assert "data-list" not in client.get("/users/2").text  # another user's


def test_what_is_hidden_can_be_undone_and_shown_again(client: FlaskClient, newcomer: int) -> None:
    send(client, "/hidden", movie_id=4, hidden=1)
    assert hidden(client, newcomer) == [4] and said(client).endswith("is left out of your lists.")
    assert ">Show again</button>" in client.get("/movies/4").text
    send(client, "/hidden", movie_id=4, hidden=0)
    assert hidden(client, newcomer) == []
    undo(client)
    assert hidden(client, newcomer) == [4]


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"movie_id": 2, "rating": 4.3}, 422, "give 0.5 to 5 in steps of 0.5"),
        ({"movie_id": 2, "rating": 5.5}, 422, "give 0.5 to 5 in steps of 0.5"),
        ({"movie_id": 2, "rating": "nan"}, 422, "rating: "),
        ({"movie_id": 2, "rating": "many"}, 422, "rating: "),
        ({"movie_id": 2}, 422, "rating: "),
        ({"movie_id": 77, "rating": 3}, 404, "There is no movie 77"),
        ({"movie_id": 2**31, "rating": 3}, 422, "movie_id: "),
    ],
)
def test_a_rating_that_cannot_be_is_refused_with_a_sentence(
    client: FlaskClient, newcomer: int, fields: dict[str, object], status: int, sentence: str
) -> None:
    answer = send(client, "/ratings", **fields)
    assert answer.status_code == status and sentence in answer.text
    assert rated(client, newcomer) == {}


def test_stars_are_those_of_the_data_set(client: FlaskClient, session: Session, newcomer: int) -> None:
    """A scale of whole stars from 1 to 10: one place below it for no rating."""
    row = {"dataset_id": OLD[1], "name": "ratings_by_star"}
    data = json.dumps({"rating": list(range(1, 11)), "ratings": [1] * 10})
    insert(session, "insights_by_dataset", **row, data=data)
    try:
        slider = stars_of(client.get("/movies/2").text, 2)
        assert [float(slider[name]) for name in ("min", "max", "step", "value")] == [0, 10, 1, 0]
        send(client, "/ratings", movie_id=2, rating=7)
        assert rated(client, newcomer) == {2: 7.0}
        assert "in steps of 1" in send(client, "/ratings", movie_id=2, rating=4.5).text
    finally:
        insert(session, "insights_by_dataset", **row, data='{"another": [1], "form": [1]}')


def test_a_movie_that_stands_twice_on_a_page_has_its_ids_once(client: FlaskClient, listed: int) -> None:
    for path in ("/", f"/users/{listed}", "/movies/1"):
        ids = re.findall(r'\bid="([^"]+)"', client.get(path).text)
        assert len(ids) == len(set(ids))


def test_who_is_signed_out_sees_no_stars_and_other_cookies_get_other_pages(client: FlaskClient, newcomer: int) -> None:
    mine, theirs = client.get("/movies/2"), client.application.test_client().get("/movies/2")
    assert 'type="range"' in mine.text and mine.headers["Cache-Control"] == "private"
    assert 'type="range"' not in theirs.text and "Cookie" in theirs.headers["Vary"]
