"""Lists that are narrowed, read from the real Cassandra; the model is not loaded here, see test_recommend.py."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.site_world import LISTED
from web.movies.store import Movie
from web.users.narrowed import Narrowing

LIST = f"/api/v1/users/{LISTED}/recommendations"
PAGE = f"/users/{LISTED}"
pytestmark = pytest.mark.cluster


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [item["movie_id"] for item in answer.json["items"]]


def shown(page: str) -> list[int]:
    """The movies of the list on a user's page."""
    listed = page[page.index('id="list"') : page.index('id="taste"')]
    return [int(movie) for movie in re.findall(r'<h3><a href="/movies/(\d+)"', listed)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("genre=comedy", [2]),
        ("year_from=2001", [4, 2]),
        ("year_to=2000&genre=", [1, 3]),  # nothing on the list: popular ones that the user would not have rated
        ("year_from=2001&year_to=2001&genre=Drama", [4]),
        ("genre=Western", [6]),
        ("genre=Western&year_from=1999", []),
        ("less_popular=50", [4, 5, 2]),
        ("less_popular=100", [5, 4, 2]),
        ("less_popular=100&year_from=2000", [4, 2]),
        ("less_popular=100&limit=1", [5]),
    ],
)
def test_a_list_has_what_fits_in_the_order_asked_for(client: FlaskClient, query: str, found: list[int]) -> None:
    rated = {1, 3}
    assert ids(client.get(f"{LIST}?{query}")) == [movie for movie in found if movie not in rated]
    assert shown(client.get(f"{PAGE}?{query.replace('&limit=1', '')}").text)[: len(found)] == [
        movie for movie in found if movie not in rated
    ]


def test_0_is_the_published_list_to_the_byte(client: FlaskClient) -> None:
    assert client.get(f"{LIST}?less_popular=0&genre=&year_from=").data == client.get(LIST).data


def test_a_visitor_s_list_is_narrowed_alike(client: FlaskClient) -> None:
    body = {"ratings": [], "year_from": 2001, "less_popular": 100}
    assert ids(client.post("/api/v1/recommendations", json=body)) == [4, 2]


WRONG = [
    ("year_from=2010&year_to=1990", "The first year, 2010, is after the last, 1990."),
    ("year_from=1799", "year_from"),
    ("year_to=<b>", "year_to"),
    ("less_popular=101", "less_popular"),
    ("holdout=true&year_from=1990", "holdout"),
]


@pytest.mark.parametrize(("query", "said"), WRONG)
def test_the_api_refuses_what_cannot_be_meant(client: FlaskClient, query: str, said: str) -> None:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 422
    assert said in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        WRONG[0],
        ("year_to=2201", "A year is a number from 1800 to 2200."),
        ("year_from=<script>alert(1)", "A year is a number from 1800 to 2200."),
        ("less_popular=-1", "«Less popular» goes from 0 to 100."),
        ("genre=Nothing", "There is no genre «Nothing». There are: Comedy, Drama"),
        (f"genre={'x' * 51}", "No genre has so long a name."),
    ],
)
def test_a_page_says_what_is_wrong_and_shows_the_list_as_it_is(client: FlaskClient, query: str, said: str) -> None:
    page = client.get(f"{PAGE}?{query}")
    assert page.status_code == 200
    assert f'role="alert">{said}' in html.unescape(page.text)
    assert "<script>alert" not in page.text
    assert shown(page.text) == [4, 2, 5]


def test_a_page_keeps_what_was_chosen_and_tells_its_formula(client: FlaskClient) -> None:
    page = client.get(f"{PAGE}?genre=drama&year_from=1990&less_popular=30").text
    assert "<option selected>Drama</option>" in page
    assert re.search(r'name="year_from"[^>]* value="1990"', page)
    assert "100: fewest ratings first" in page and "Movies with fewer ratings come sooner" in page
    assert "70 % × place on the list + 30 % × place by number of ratings" in page[page.index("<details class") :]
    assert "· 20 ratings" in page


def test_where_nothing_is_left_the_page_says_which_filter_to_loosen(client: FlaskClient) -> None:
    page = html.unescape(client.get(f"{PAGE}?genre=Western&year_from=1999&less_popular=10").text)
    assert f'<a href="{PAGE}?year_from=1999&less_popular=10">all genres</a>' in page
    assert f'<a href="{PAGE}?genre=Western&less_popular=10">all years</a>' in page
    assert shown(page) == []


@pytest.mark.parametrize(
    ("narrowing", "years", "fits"),
    [
        (Narrowing(), "", True),
        (Narrowing(genre="Drama"), "", False),
        (Narrowing(year_from=1999, year_to=1999), "of 1999", True),
        (Narrowing(year_from=2000), "from 2000", False),
        (Narrowing(year_to=1998), "up to 1998", False),
        (Narrowing("War", 1990, 2000), "from 1990 to 2000", True),
    ],
)
def test_a_movie_fits_by_its_genre_and_its_year(narrowing: Narrowing, years: str, fits: bool) -> None:
    assert (narrowing.years, narrowing.fits(Movie(1, "A", 1999, ("War",)))) == (years, fits)
    assert not Narrowing(year_to=2200).fits(Movie(1, "A", None, ("War",)))
