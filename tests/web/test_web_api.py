"""What the calls answer, read from the real Cassandra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from cql import active
from cql.kinds import Kind
from tests.support.site_world import KEY, LISTED, NEW, OLD, UNKNOWN, UNLISTED, WHEN
from web.app import fields

pytestmark = pytest.mark.cluster
API = "/api/v1"


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [item["movie_id"] for item in answer.json["items"]]


def test_a_user_gets_their_list_best_first_with_its_reasons(client: FlaskClient) -> None:
    answer = client.get(f"{API}/users/{LISTED}/recommendations").json
    assert (answer["user_id"], answer["run_id"], answer["source"]) == (LISTED, OLD[0], "als")
    assert answer["items"][0] == {
        "movie_id": 4,
        "title": "The Lake and the City data-1",
        "year": 2001,
        "genres": ["Drama"],
        "score": 0.75,
        "predicted_rating": 4.5,
        "because": [{"movie_id": 1, "title": 'Bold <b>"Tale"</b> <script>alert(1)</script> 😀 data-1'}],
    }
    assert [item["movie_id"] for item in answer["items"]] == [4, 2, 5]
    assert answer["items"][2]["because"] == []


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


@pytest.mark.parametrize("user_id", [LISTED, UNLISTED])
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


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=lake", [2, 3, 4, 6]),
        ("q=LAKE+the", [2, 3, 4]),
        ("q=amelie", [2]),
        ("q=Amélie!", [2]),
        ("q=lake+city", [4]),
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
def test_a_search_finds_movies_by_any_word_of_the_title_most_rated_first(
    client: FlaskClient, query: str, found: list[int]
) -> None:
    assert ids(client.get(f"{API}/movies?{query}")) == found


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


def test_a_movie_with_few_ratings_has_no_similar_ones(client: FlaskClient) -> None:
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


def test_the_report_has_the_columns_of_every_figure(client: FlaskClient) -> None:
    answer = client.get(f"{API}/reports/eda").json
    assert answer["dataset_id"] == OLD[1]
    assert answer["figures"]["example_users"] == {"user_id": [LISTED], "rating_count": [2]}


def test_runs_are_newest_first_with_their_records(client: FlaskClient) -> None:
    items = client.get(f"{API}/runs?job=publish_recommendations").json["items"]
    assert [item["run_id"] for item in items] == [NEW[0], OLD[0]]
    assert items[0]["record"]["metrics"]["ndcg@10.als"] == 0.25
    assert client.get(f"{API}/runs?job=nothing").json == {"items": []}


@pytest.mark.parametrize("key", [{}, {"X-API-Key": "another"}, {"X-API-Key": "ключ"}])
def test_a_write_without_the_right_key_is_refused(client: FlaskClient, key: dict[str, str]) -> None:
    answer = client.post(f"{API}/runs/rollback", headers=key)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
    assert client.get(f"{API}/runs/active").json["run_id"] == OLD[0]


def test_rolling_back_shows_the_run_before(client: FlaskClient, publish: Callable[[tuple[str, str]], None]) -> None:
    publish(NEW)
    answer = client.post(f"{API}/runs/rollback", headers={"X-API-Key": KEY})
    assert (answer.status_code, answer.json["run_id"], answer.json["dataset_id"]) == (200, *OLD)
    assert client.get(f"{API}/users/{LISTED}/recommendations").json["run_id"] == OLD[0]


def test_rolling_back_from_the_first_run_is_a_conflict(client: FlaskClient) -> None:
    answer = client.post(f"{API}/runs/rollback", headers={"X-API-Key": KEY})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")


def test_a_kind_is_rolled_back_by_itself(
    client: FlaskClient, session: Session, publish: Callable[[tuple[str, str]], None]
) -> None:
    job = Kind.SONGPLAYS.job
    columns = "job, run_id, status, dataset_id, started_at"
    insert = f"INSERT INTO runs_by_job ({columns}) VALUES (%s, %s, 'done', 'songs', %s)"
    for run_id in ("run-1", "run-2"):
        session.execute(insert, (job, run_id, WHEN))
    active.flip(session, job, "run-2", "songs", expected=None)
    publish(NEW)
    answer = client.post(f"{API}/runs/rollback", headers={"X-API-Key": KEY}, json={"kind": "songplays"})
    assert (answer.status_code, answer.json["kind"], answer.json["run_id"]) == (200, "songplays", "run-1")
    assert client.get(f"{API}/runs/active?kind=songplays").json["job"] == job
    assert client.get(f"{API}/runs/active").json["run_id"] == NEW[0]
    again = client.post(f"{API}/runs/rollback", headers={"X-API-Key": KEY}, json={"kind": "songplays"})
    assert (again.status_code, again.json["error"]["message"]) == (409, f"{job}: no run before run-1 is kept.")
    session.execute("DELETE FROM active_runs WHERE job = %s IF EXISTS", (job,))
    session.execute("DELETE FROM runs_by_job WHERE job = %s", (job,))


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        ({"json": {"kind": "catalogue"}}, 409, "build_catalogue has published nothing yet."),
        ({"json": {"kind": "movies"}}, 422, "'recommendations', 'catalogue' or 'songplays'"),
        ({"json": {"knid": "catalogue"}}, 422, "knid"),
        ({"data": '{"kind": "catalogue"}'}, 415, "application/json"),
        ({"data": "{kind: catalogue}", "content_type": "application/json"}, 400, "could not understand"),
    ],
)
def test_a_rollback_that_is_not_understood_rolls_nothing_back(
    client: FlaskClient, publish: Callable[[tuple[str, str]], None], sent: dict[str, Any], status: int, says: str
) -> None:
    publish(NEW)
    answer = client.post(f"{API}/runs/rollback", headers={"X-API-Key": KEY}, **sent)
    assert answer.status_code == status
    assert says in answer.json["error"]["message"]
    assert client.get(f"{API}/runs/active").json["run_id"] == NEW[0]


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/users/1/recommendations", fields.RecommendationsAnswer),
        ("/movies?q=lake", fields.MoviesAnswer),
        ("/movies/1", fields.MovieAnswer),
        ("/runs", fields.RunsAnswer),
        ("/runs/active", fields.ActiveRunAnswer),
    ],
)
def test_an_answer_has_the_form_that_is_documented(client: FlaskClient, path: str, model: Any) -> None:
    answer = client.get(API + path).json
    assert answer.keys() == model.model_validate(answer).model_dump().keys()


def test_ready_means_that_a_run_is_active(client: FlaskClient) -> None:
    assert client.get("/health/ready").json == {"status": "ready", "run_id": OLD[0], "dataset_id": OLD[1]}
