"""The first page with its search, read from the real Cassandra."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.support.signed_in import sign_in

pytestmark = pytest.mark.cluster


def test_a_search_text_is_never_markup(client: FlaskClient) -> None:
    page = client.get("/", query_string={"q": '"><script>alert(2)</script>'}).text
    assert "<script>alert" not in page
    assert "&#34;&gt;&lt;script&gt;alert(2)" in page


def test_fields_left_empty_are_not_searched_for(client: FlaskClient) -> None:
    page = client.get("/?q=lake&genre=&year=")
    assert page.status_code == 200
    assert "4 movies found" in page.text


def test_a_search_without_result_says_so(client: FlaskClient) -> None:
    assert "No movie matches all of this" in client.get("/?q=nowhere").text


# ------------------------------------------------------------------------------------- picks, by plain links alone


def link(page: str, text: str, movie: int) -> str:
    """The address behind the first link that says this of the movie."""
    says = rf'<a class="act[^"]*" data-(?:pick|hide)="{movie}" rel="nofollow" href="([^"]*)">(?:<span>)?{text}'
    start, *_ = re.findall(says, page)
    return html.unescape(start)


def test_a_visitor_is_asked_for_movies_and_picks_them_by_links(client: FlaskClient) -> None:
    first = client.get("/").text
    assert "Pick three or more movies you like" in first
    one = client.get(link(first, "I like this", 1)).text
    assert "Pick 2 more" in one
    two = client.get(link(one, "I like this", 3)).text
    assert link(two, "✓ Picked", 3) == "/?picks=1"
    assert 'data-pick="1" rel="nofollow" href="/?picks=3"><bdi>Bold' in two, "each can be taken away"
    assert link(client.get(link(two, "I like this", 2)).text, "I like this", 4) == "/?picks=1,3,2,4"


def test_what_is_on_the_list_of_a_visitor_is_not_repeated_among_popular_movies(client: FlaskClient) -> None:
    page = client.get("/?picks=1").text
    assert "Other popular movies" in page
    assert re.findall(r'<h3><a href="/movies/(\d+)', page[page.index('id="popular"') :]) == ["1"]
    sign_in(client, 7)
    assert "Other popular movies" not in client.get("/?picks=1").text, "who rates has another list"


def test_what_is_picked_or_not_wanted_is_not_on_the_list(client: FlaskClient) -> None:
    page = client.get("/?picks=1").text
    shown = page[page.index('id="yours"') : page.index('id="popular"')]
    assert re.findall(r'<h3><a href="/movies/(\d+)', shown) == ["3", "2", "4"]
    assert "the model that makes your list is not loaded yet" in shown
    page = client.get(link(page, "Not interested", 3)).text
    shown = page[page.index('id="yours"') : page.index('id="popular"')]
    assert re.findall(r'<h3><a href="/movies/(\d+)', shown) == ["2", "4"]
    assert "1 not interested in: show again" in page


def test_the_list_of_picks_can_be_narrowed_and_picks_stay(client: FlaskClient) -> None:
    page = client.get("/?picks=1&year_from=2001&less_popular=100").text
    shown = page[page.index('id="yours"') : page.index('id="popular"')]
    assert re.findall(r'<h3><a href="/movies/(\d+)', shown) == ["4", "2"], "fewest ratings first"
    assert '<input type="hidden" name="picks" value="1">' in shown
    assert link(page, "I like this", 4) == "/?picks=1,4&year_from=2001&less_popular=100"
    assert "is after the last" in client.get("/?picks=1&year_from=2002&year_to=2001").text


def test_a_movie_that_does_not_exist_is_told_and_the_page_goes_on(client: FlaskClient) -> None:
    page = client.get("/?picks=1,99999999,<b>&without=88").text
    assert "There is no movie 99999999: left out." in page
    assert "There is no movie 88: left out." in page
    assert "«&lt;b&gt;» is no number of a movie" in page
    assert link(page, "I like this", 3) == "/?picks=1,3"


def test_picks_stay_while_a_visitor_looks_around(client: FlaskClient) -> None:
    page = client.get("/?picks=1,3&genre=Comedy").text
    assert '<a href="/?picks=1,3&amp;genre=Horror">' in page
    assert link(page, "I like this", 2) == "/?picks=1,3,2&genre=Comedy"
    results = client.get("/?q=lake&picks=1,3").text
    assert '<a href="/?picks=1,3">Back to your list</a>' in results
    assert link(results, "I like this", 4) == "/?picks=1,3,4"
    assert link(client.get("/movies/3").text, "I like this", 3) == "/?picks=3"


def test_who_rates_as_a_user_is_shown_stars_and_not_asked_for_picks(client: FlaskClient) -> None:
    client.application.jinja_env.globals["me"] = lambda: 1
    page = client.get("/?picks=1").text
    assert '<a href="/users/1">Your list</a>' in page
    assert "I like this" not in page
    assert "picks.js" not in page


# ------------------------------------------------------------------------------------------- search as you type


@pytest.mark.parametrize(
    ("q", "found"), [("amel", [2]), ("la ci", [4]), ("bo", [1]), ("l", []), ("😀", []), ("zzz", []), (" ", [])]
)
def test_what_is_typed_so_far_finds_titles_whose_words_begin_so(client: FlaskClient, q: str, found: list[int]) -> None:
    part = client.get("/found", query_string={"q": q, "picks": "1", "genre": "", "year": ""})
    assert part.status_code == 200
    assert [int(each) for each in re.findall(r'<a href="/movies/(\d+)"><bdi>', part.text)] == found
    assert ("No title has words that begin so" in part.text) == (bool(q.strip()) and not found)
    if found == [4]:
        assert link(part.text, "I like this", 4) == "/?picks=1,4"
