"""What the calls about users answer, read from the real Cassandra."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from tests.support.site_world import KEY, LISTED, NEW, OLD, OLD_STYLE, UNKNOWN, UNLISTED, store_run
from web import create_app
from web.app.database import Database
from web.users.models import RecommendationsAnswer, VisitorAnswer

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


@pytest.mark.parametrize("user_id", [LISTED, UNLISTED, OLD_STYLE, UNKNOWN])
def test_a_list_is_what_the_documentation_says(client: FlaskClient, user_id: int) -> None:
    answer = client.get(f"{API}/users/{user_id}/recommendations").json
    assert RecommendationsAnswer.model_validate(answer).model_dump(mode="json") == answer
    answer = client.post(f"{API}/recommendations", json={"ratings": [{"movie_id": 1, "rating": 4.5}]}).json
    assert VisitorAnswer.model_validate(answer).model_dump(mode="json") == answer


def test_who_has_an_answer_already_is_told_that_it_is_the_same(client: FlaskClient) -> None:
    for path in (f"{API}/users/{LISTED}/recommendations", f"{API}/movies?q=lake", f"{API}/runs/active"):
        answer = client.get(path)
        tag = {"If-None-Match": answer.headers["ETag"]}
        same = client.get(path, headers=tag)
        assert (same.status_code, same.data, answer.headers["Cache-Control"]) == (304, b"", "no-cache")
    assert client.get(f"{API}/users/{UNLISTED}/recommendations", headers=tag).status_code == 200


@pytest.fixture
def two_processes(environ: dict[str, str], client: FlaskClient, database: Database) -> Iterator[list[FlaskClient]]:
    """Two apps that share marks as gunicorn's processes do; what users did is gone afterwards."""
    other = create_app(environ, database)
    other.extensions["recommender.marks"] = client.application.extensions["recommender.marks"]
    yield [client, other.test_client()]
    database.session().execute("TRUNCATE interactions_by_user", timeout=60)


WRITES = {
    "rate": ("post", "users/{}/ratings", {"movie_id": 4, "rating": 3.0}),
    "many": ("post", "ratings", {"ratings": [{"user_id": LISTED, "movie_id": 4, "rating": 3.0}]}),
    "hide": ("put", "users/{}/hidden/4", None),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_kept_list_is_made_anew_as_soon_as_any_process_has_stored_something(
    two_processes: list[FlaskClient], write: str
) -> None:
    path = f"{API}/users/{LISTED}/recommendations"
    assert [4 in ids(each.get(path)) for each in two_processes for _ in range(2)] == [True] * 4
    method, call, body = WRITES[write]
    answer = two_processes[0].open(
        f"{API}/{call.format(LISTED)}", method=method.upper(), json=body, headers={"X-API-Key": KEY}
    )
    assert answer.status_code == 200, answer.text
    assert [4 in ids(each.get(path)) for each in two_processes for _ in range(2)] == [False] * 4
    back = "hidden" if write == "hide" else "ratings"
    two_processes[1].delete(f"{API}/users/{LISTED}/{back}/4", headers={"X-API-Key": KEY})
    assert [4 in ids(each.get(path)) for each in two_processes] == [True] * 2


def test_kept_answers_are_those_of_the_run_that_is_shown(
    client: FlaskClient, publish: Callable[[tuple[str, str]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.app.active.ACTIVE_SECONDS", 0.0)
    paths = [f"{API}/users/{LISTED}/recommendations", f"{API}/movies/1/similar", f"{API}/popular"]
    assert {client.get(path).json["run_id"] for path in paths for _ in range(2)} == {OLD[0]}
    publish(NEW)
    assert {client.get(path).json["run_id"] for path in paths for _ in range(2)} == {NEW[0]}
