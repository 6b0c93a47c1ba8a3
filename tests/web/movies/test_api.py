"""What the calls about movies answer, read from the real Cassandra."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.site_world import LISTED, NEW
from web.movies.models import MovieAnswer, MoviesAnswer
from web.users.models import RecommendationsAnswer

pytestmark = pytest.mark.cluster
API = "/api/v1"
TITLES = {"title", "display_title"}


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [item["movie_id"] for item in answer.json["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=lake", [2, 3, 4, 6]),
        ("q=LAKE+the", [2, 3, 4]),
        ("q=amelie", [2]),
        ("q=Amélie!", [2]),
        ("q=lake+city", [4]),
        ("q=amel", [2]),
        ("q=AMÉ", [2]),
        ("q=la", [2, 3, 4, 6]),
        ("q=l", []),
        ("q=lake+of+the+a", [2]),
        ("q=ci+la", [4]),
        ("q=laked", []),
        ("q=1", [1, 2, 3, 4, 6, 5]),
        ("q=lake&genre=western", [6]),
        ("q=lake&year=2001", [2, 4]),
        ("year=1999", [1, 3]),
        ("year=1999&genre=Comedy", [1]),
        ("genre=Comedy", [1, 2]),
        ("q=lake&limit=1", [2]),
        ("q=nowhere", []),
        ("q=%F0%9F%98%80", []),
        ("q=&genre=&year=", [1, 3, 2, 4]),
    ],
)
def test_a_search_finds_movies_by_words_of_the_title_and_how_they_begin_most_rated_first(
    client: FlaskClient, query: str, found: list[int]
) -> None:
    assert ids(client.get(f"{API}/movies?{query}")) == found


@pytest.mark.parametrize(("q", "found"), [("lake", [2, 3, 4, 6]), ("lake ci", [4]), ("lak", [])])
def test_a_data_set_stored_without_beginnings_of_words_is_searched_for_whole_ones(
    client: FlaskClient, publish: Callable[[tuple[str, str]], None], q: str, found: list[int]
) -> None:
    publish(NEW)
    assert ids(client.get(f"{API}/movies", query_string={"q": q})) == found


@pytest.mark.parametrize("q", ["the lake", "lake, the", "Lake The", "the lake data"])
def test_a_movie_is_found_by_its_title_as_published_and_as_people_say_it(client: FlaskClient, q: str) -> None:
    found = {movie["movie_id"]: movie for movie in client.get(f"{API}/movies", query_string={"q": q}).json["items"]}
    assert (found[3]["title"], found[3]["display_title"]) == ("Lake data-1, The", "The Lake data-1")


@pytest.mark.parametrize(
    "path",
    [
        *("movies", "movies?q=lake", "movies/3", "movies/1/similar", "popular?genre=Horror"),
        *(f"users/{LISTED}/{what}" for what in ("recommendations", "ratings")),
    ],
)
def test_whatever_tells_the_title_of_a_movie_tells_it_as_people_say_it_too(client: FlaskClient, path: str) -> None:
    answer, untold = client.get(f"{API}/{path}").text, []
    json.loads(answer, object_hook=lambda told: untold.append(told) if told.keys() & TITLES == {"title"} else told)
    assert untold == []
    assert '"display_title":' in answer


def test_a_movie_is_told_with_histogram_tags_and_links(client: FlaskClient) -> None:
    answer = client.get(f"{API}/movies/1").json
    assert (answer["rating_count"], answer["mean_rating"]) == (40, 5.0)
    assert answer["histogram"][-1] == {"rating": 5.0, "ratings": 40}
    assert answer["tags"] == [{"tag": "bold", "uses": 9}, {"tag": "<i>fun</i>", "uses": 2}]
    assert answer["imdb_url"] == "https://www.imdb.com/title/tt0000001/"
    assert answer["tmdb_url"] == "https://www.themoviedb.org/movie/7"


def test_a_movie_without_ratings_is_told_too(client: FlaskClient) -> None:
    answer = client.get(f"{API}/movies/5").json
    assert (answer["year"], answer["genres"], answer["rating_count"], answer["mean_rating"]) == (None, [], 0, None)


def test_similar_movies_are_most_similar_first(client: FlaskClient) -> None:
    answer = client.get(f"{API}/movies/1/similar").json
    assert [(item["movie_id"], item["similarity"]) for item in answer["items"]] == [(4, 0.75), (2, 0.5), (5, 0.25)]


def test_a_movie_tells_its_ratings_by_year_and_by_segment(client: FlaskClient) -> None:
    answer = client.get(f"{API}/movies/1").json
    figures = ("rating_count", "mean_rating")
    assert [(each["year"], *(each[name] for name in figures)) for each in answer["by_year"]] == [
        (1999, 10, 4.0),
        (2001, 30, 5.0),
    ]
    assert [(each["number"], each["name"], *(each[name] for name in figures)) for each in answer["by_segment"]] == [
        (1, "less War than others", 5, 3.5),
        (2, "more <i>War</i> than others", 35, 5.0),
    ]


@pytest.mark.parametrize(("movie", "parts"), [(2, ([2001], [])), (3, (None, None)), (5, ([], []))])
def test_a_part_that_is_not_stored_is_null_and_one_that_is_not_there_is_empty(
    client: FlaskClient, movie: int, parts: tuple[list[int] | None, list[int] | None]
) -> None:
    answer = client.get(f"{API}/movies/{movie}").json
    by_year = answer["by_year"] and [each["year"] for each in answer["by_year"]]
    assert (by_year, answer["by_segment"]) == parts


def test_a_similar_movie_tells_what_both_have_in_common(client: FlaskClient) -> None:
    because = {item["movie_id"]: item["because"] for item in client.get(f"{API}/movies/1/similar").json["items"]}
    nothing = {"genres": [], "decade": None, "tags": []}
    assert because == {
        4: nothing,
        2: {"genres": ["Comedy"], "decade": None, "tags": ["bold", "<i>fun</i>"]},
        5: nothing,
    }


def test_a_movie_of_which_nothing_is_known_has_no_similar_ones(client: FlaskClient) -> None:
    assert ids(client.get(f"{API}/movies/6/similar")) == []


def test_popular_movies_are_of_the_genre_asked_for(client: FlaskClient) -> None:
    answer = client.get(f"{API}/popular?genre=comedy&limit=1")
    assert (answer.json["genre"], ids(answer)) == ("Comedy", [1])
    assert (answer.json["items"][0]["score"], answer.json["items"][0]["rating_count"]) == (4.0, 40)


@pytest.mark.parametrize(
    "path", ["/popular?genre=Nothing", "/movies?genre=Nothing", "/users/1/recommendations?genre=x"]
)
def test_an_unknown_genre_is_404_and_the_genres_are_named(client: FlaskClient, path: str) -> None:
    answer = client.get(API + path)
    assert answer.status_code == 404
    assert "Comedy, Drama, Horror" in answer.json["error"]["message"]


@pytest.mark.parametrize("path", ["/users/99/profile", "/users/99/ratings", "/movies/99", "/movies/99/similar"])
def test_an_unknown_id_is_404_with_a_sentence(client: FlaskClient, path: str) -> None:
    answer = client.get(API + path)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
    assert answer.json["error"]["message"].startswith("There is no ")


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/users/1/recommendations", RecommendationsAnswer),
        ("/users/1/recommendations?holdout=true", RecommendationsAnswer),
        ("/movies?q=lake", MoviesAnswer),
        ("/movies/1", MovieAnswer),
    ],
)
def test_an_answer_has_the_form_that_is_documented(client: FlaskClient, path: str, model: Any) -> None:
    answer = client.get(API + path).json
    assert answer.keys() == model.model_validate(answer).model_dump().keys()
