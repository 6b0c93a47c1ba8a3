"""What the calls about users answer, read from the real Cassandra."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from tests.support.site_world import LISTED, NEW, OLD, OLD_STYLE, UNKNOWN, UNLISTED, store_run

pytestmark = pytest.mark.cluster
API = "/api/v1"
BOLD = 'Bold <b>"Tale"</b> <script>alert(1)</script> 😀 data-1'
WESTERN = "A Western Lake data-1"


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [item["movie_id"] for item in answer.json["items"]]


def reasons(answer: Any) -> list[list[tuple[int, float | None]]]:
    return [[(each["movie_id"], each["share"]) for each in item["because"]] for item in answer["items"]]


def test_a_user_gets_their_list_best_first_with_its_reasons(client: FlaskClient) -> None:
    answer = client.get(f"{API}/users/{LISTED}/recommendations").json
    assert (answer["user_id"], answer["run_id"], answer["source"]) == (LISTED, OLD[0], "als")
    assert answer["items"][0] == {
        "movie_id": 4,
        "title": "The Lake and the City data-1",
        "display_title": "The Lake and the City data-1",
        "year": 2001,
        "genres": ["Drama"],
        "score": 0.75,
        "predicted_rating": 4.5,
        "because": [
            {"movie_id": 1, "title": BOLD, "display_title": BOLD, "share": 0.5},
            {"movie_id": 3, "title": "Lake data-1, The", "display_title": "The Lake data-1", "share": 0.25},
            {"movie_id": 6, "title": WESTERN, "display_title": WESTERN, "share": 0.125},
        ],
    }
    assert [item["movie_id"] for item in answer["items"]] == [4, 2, 5]
    assert reasons(answer) == [[(1, 0.5), (3, 0.25), (6, 0.125)], [(3, 0.75)], []]


def test_a_list_of_an_older_version_has_one_reason_a_movie_without_a_share(client: FlaskClient) -> None:
    answer = client.get(f"{API}/users/{OLD_STYLE}/recommendations")
    assert ids(answer) == [4, 2, 5]
    assert reasons(answer.json) == [[(1, None)], [(3, None)], []]


@pytest.fixture
def before_alter_table(session: Session) -> Iterator[None]:
    """The table as an older version made it."""
    session.execute("ALTER TABLE recommendations_by_user DROP because_shares", timeout=60)
    yield
    session.execute("ALTER TABLE recommendations_by_user ADD because_shares frozen<list<float>>", timeout=60)
    for run in (OLD, NEW):
        store_run(session, *run)


@pytest.mark.usefixtures("before_alter_table")
def test_lists_are_served_before_the_table_has_a_column_for_shares(client: FlaskClient) -> None:
    answer = client.get(f"{API}/users/{OLD_STYLE}/recommendations")
    assert ids(answer) == [4, 2, 5]
    assert reasons(answer.json) == [[(1, None)], [(3, None)], []]
    assert client.get(f"/users/{OLD_STYLE}").status_code == 200


def test_the_list_that_was_measured_is_given_without_what_was_not_measured(client: FlaskClient) -> None:
    answer = client.get(f"{API}/users/{LISTED}/recommendations?holdout=true")
    assert (answer.json["source"], answer.json["run_id"], ids(answer)) == ("als", OLD[0], [2, 6, 4])
    for item in answer.json["items"]:
        assert (item["score"], item["predicted_rating"], item["because"]) == (None, None, [])
    assert answer.json["items"][1]["title"] == WESTERN
    assert ids(client.get(f"{API}/users/{LISTED}/recommendations?holdout=true&limit=2")) == [2, 6]
    assert ids(client.get(f"{API}/users/{LISTED}/recommendations?holdout=false")) == [4, 2, 5]


@pytest.mark.parametrize("user_id", [UNLISTED, OLD_STYLE, UNKNOWN])
def test_a_user_who_was_not_measured_has_no_measured_list(client: FlaskClient, user_id: int) -> None:
    answer = client.get(f"{API}/users/{user_id}/recommendations?holdout=true")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
    assert answer.json["error"]["message"] == f"No list of user {user_id} was measured for run {OLD[0]}."


@pytest.mark.parametrize("genre", ["Comedy", "Nothing"])
def test_a_measured_list_is_not_narrowed_by_genre(client: FlaskClient, genre: str) -> None:
    answer = client.get(f"{API}/users/{LISTED}/recommendations?holdout=true&genre={genre}")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid_request")
    assert "genre" in answer.json["error"]["message"]


def test_a_list_is_no_longer_than_its_limit(client: FlaskClient) -> None:
    assert ids(client.get(f"{API}/users/{LISTED}/recommendations?limit=2")) == [4, 2]


def test_a_list_can_be_of_one_genre_in_any_case(client: FlaskClient) -> None:
    assert ids(client.get(f"{API}/users/{LISTED}/recommendations?genre=cOMEDY&limit=1")) == [2]


def test_a_genre_of_which_nothing_is_on_the_list_gives_popular_movies_of_it(client: FlaskClient) -> None:
    answer = client.get(f"{API}/users/{LISTED}/recommendations?genre=Western")
    assert (answer.json["source"], ids(answer)) == ("popular", [6])


def test_a_user_without_a_list_gets_popular_movies_they_have_not_rated(client: FlaskClient) -> None:
    answer = client.get(f"{API}/users/{UNLISTED}/recommendations")
    assert (answer.json["source"], ids(answer)) == ("popular", [2, 4])


@pytest.mark.parametrize("user_id", [LISTED, UNLISTED, OLD_STYLE])
@pytest.mark.parametrize("query", ["", "?genre=Comedy", "?genre=Horror", "?limit=100"])
def test_a_user_never_gets_a_movie_they_rated(client: FlaskClient, user_id: int, query: str) -> None:
    rated = ids(client.get(f"{API}/users/{user_id}/ratings"))
    assert not set(rated) & set(ids(client.get(f"{API}/users/{user_id}/recommendations{query}")))


def test_an_unknown_user_gets_what_is_popular(client: FlaskClient) -> None:
    answer = client.get(f"{API}/users/{UNKNOWN}/recommendations")
    assert (answer.json["source"], ids(answer)) == ("popular", ids(client.get(f"{API}/popular")))


def test_ratings_are_newest_first(client: FlaskClient) -> None:
    answer = client.get(f"{API}/users/{LISTED}/ratings").json
    assert [(item["movie_id"], item["rating"]) for item in answer["items"]] == [(1, 4.5), (3, 2.0)]
    assert (answer["rating_count"], answer["items"][0]["rated_at"]) == (2, "2026-01-02T03:04:05Z")


def test_a_profile_tells_the_taste_by_genre(client: FlaskClient) -> None:
    answer = client.get(f"{API}/users/{LISTED}/profile").json
    assert answer["genres"][0] == {"genre": "Comedy", "rating_count": 1, "mean_rating": 4.5}
    assert (answer["rating_count"], answer["mean_rating"], answer["std_rating"]) == (2, 3.25, 1.25)


def test_a_profile_has_the_segment_by_taste_and_null_without_one(client: FlaskClient) -> None:
    segment = {"number": 2, "name": "more <i>War</i> than others", "users": 100, "share": 0.1}
    assert client.get(f"{API}/users/{LISTED}/profile").json["segment"] == segment
    assert client.get(f"{API}/users/{UNLISTED}/profile").json["segment"] is None
