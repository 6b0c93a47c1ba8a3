"""Ratings that come in by the API: what is refused before anything is read or stored, and what is stored."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from cql.kinds import Kind
from tests.support.site_world import KEY, LISTED, MOVIES, NEW, OLD, UNLISTED
from web import create_app
from web.app.database import Database
from web.app.limits import GUESSES
from web.app.security import MOST_BODY

API = "/api/v1"
WITH_KEY = {"X-API-Key": KEY}
NEWCOMERS = count(5000)  # users who are in no data set, each of one test


@pytest.fixture
def closed() -> FlaskClient:
    """A site with a key and without Cassandra: what it refuses, it refuses before it asks for anything."""
    return create_app({"CASSANDRA_HOSTS": "127.0.0.1", "CASSANDRA_PORT": "1", "API_KEY": KEY}).test_client()


def said(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json["error"]["message"])


def of_ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


RATING = {"movie_id": 1, "rating": 4.5}
IN_AN_HOUR = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
BAD = [
    ({}, "movie_id: Field required; rating: Field required"),
    ({"movie_id": 1}, "rating: Field required"),
    ({**RATING, "rating": "4.5"}, "rating: Input should be a valid number"),
    ({**RATING, "rating": "NaN"}, "rating: Input should be a valid number"),
    ({**RATING, "rating": True}, "rating: Input should be a valid number"),
    ({**RATING, "rating": None}, "rating: Input should be a valid number"),
    ({**RATING, "movie_id": "1"}, "movie_id: Input should be a valid integer"),
    ({**RATING, "movie_id": 1.5}, "movie_id: Input should be a valid integer"),
    ({**RATING, "movie_id": -1}, "movie_id: Input should be greater than or equal to 0"),
    ({**RATING, "movie_id": 2**31}, "movie_id: Input should be less than or equal to 2147483647"),
    ({**RATING, "movie_id": 2**63}, "movie_id: "),
    ({**RATING, "rated_at": IN_AN_HOUR}, "is in the future: give the time of the rating, or leave it out for now"),
    ({**RATING, "rated_at": "9999-12-31T23:59:59-23:59"}, "is in the future"),
    ({**RATING, "rated_at": "1969-12-31T23:59:59Z"}, "is before 1970"),
    ({**RATING, "rated_at": "0001-01-01T00:00:00+23:59"}, "is before 1970"),
    ({**RATING, "rated_at": -1}, "is before 1970"),
    ({**RATING, "rated_at": "yesterday"}, "rated_at: Input should be a valid datetime"),
    ({**RATING, "rated_at": "nan"}, "rated_at: "),
    ({**RATING, "ratedAt": "2020-01-01"}, "ratedAt: Extra inputs are not permitted"),
]


@pytest.mark.parametrize(("body", "message"), BAD)
def test_a_rating_that_cannot_be_is_refused_with_what_is_wrong(
    closed: FlaskClient, body: dict[str, Any], message: str
) -> None:
    assert message in said(closed.post(f"{API}/users/1/ratings", json=body, headers=WITH_KEY), 422)


@pytest.mark.parametrize("user", ["0", "-1", "me", str(2**31), "1.5"])
def test_a_user_who_cannot_be_is_refused(closed: FlaskClient, user: str) -> None:
    for call in (
        closed.post(f"{API}/users/{user}/ratings", json=RATING, headers=WITH_KEY),
        closed.delete(f"{API}/users/{user}/ratings/1", headers=WITH_KEY),
        closed.put(f"{API}/users/{user}/hidden/1", headers=WITH_KEY),
        closed.delete(f"{API}/users/{user}/hidden/1", headers=WITH_KEY),
    ):
        assert "user_id: " in said(call, 422)


@pytest.mark.parametrize("text", ['{"movie_id": 1, "rating": NaN}', "movie_id=1", "", "[]", "null", '"a"', "{", "\0"])
def test_a_body_that_is_no_object_of_json_is_refused(closed: FlaskClient, text: str) -> None:
    for path in ("users/1/ratings", "ratings"):
        answer = closed.post(f"{API}/{path}", data=text, content_type="application/json", headers=WITH_KEY)
        assert "JSON" in said(answer, 422)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"ratings": []}, "ratings: List should have at least 1 item"),
        ({"ratings": [{"user_id": 1, **RATING}] * 1001}, "ratings: List should have at most 1000 items"),
        ({"ratings": RATING}, "ratings: Input should be a valid list"),
        ({}, "ratings: Field required"),
    ],
)
def test_a_body_without_up_to_1000_ratings_is_refused(closed: FlaskClient, body: Any, message: str) -> None:
    assert message in said(closed.post(f"{API}/ratings", json=body, headers=WITH_KEY), 422)


class Unread(io.RawIOBase):
    """A body that nobody may read."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise AssertionError("the body was read")


CALLS = [
    ("POST", "users/1/ratings"),
    ("DELETE", "users/1/ratings/1"),
    ("PUT", "users/1/hidden/1"),
    ("DELETE", "users/1/hidden/1"),
    ("POST", "ratings"),
    ("PUT", "users/1/feedback/tm1"),
    ("DELETE", "users/1/feedback/tm1"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_the_key_and_then_the_size_are_looked_at_before_the_body(closed: FlaskClient, method: str, path: str) -> None:
    environ = {"wsgi.input": Unread(), "CONTENT_LENGTH": "10000000", "CONTENT_TYPE": "application/json"}
    for headers in ({}, {"X-API-Key": "another"}):
        answer = closed.open(f"{API}/{path}", method=method, headers=headers, environ_overrides=environ)
        assert "X-API-Key" in said(answer, 403)
    answer = closed.open(f"{API}/{path}", method=method, headers=WITH_KEY, environ_overrides=environ)
    assert "512 KiB: send less at a time" in said(answer, 413)


def test_a_body_of_unknown_length_is_read_up_to_the_limit(closed: FlaskClient) -> None:
    body = io.BytesIO(b"[" + b" " * 10 * MOST_BODY)
    environ = {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = closed.post(f"{API}/ratings", headers=WITH_KEY, environ_overrides=environ)
    assert "512 KiB" in said(answer, 413)
    assert body.tell() <= 2 * MOST_BODY


def test_guessing_keys_is_slowed_down_and_writing_is_not(closed: FlaskClient) -> None:
    guesses = GUESSES.amount
    answers = [closed.post(f"{API}/users/1/ratings", json={}, headers=WITH_KEY) for _ in range(2 * guesses)]
    assert {answer.status_code for answer in answers} == {422}
    answers = [closed.post(f"{API}/users/1/ratings", json={}, headers={"X-API-Key": "x"}) for _ in range(guesses + 1)]
    assert [answer.status_code for answer in answers] == [403] * guesses + [429]


@pytest.fixture
def user(session: Session) -> Iterator[int]:
    """A user who is in no data set."""
    number = next(NEWCOMERS)
    yield number
    session.execute("DELETE FROM interactions_by_user WHERE user_id = %s", (number,))


@pytest.fixture
def listed(session: Session) -> Iterator[int]:
    """The user with a list and two ratings in the data; what is done to them is gone for the next test."""
    yield LISTED
    session.execute("TRUNCATE interactions_by_user", timeout=60)


def rate(client: FlaskClient, user: int, movie_id: int, rating: float, rated_at: Any = None) -> dict[str, Any]:
    body = {"movie_id": movie_id, "rating": rating} | ({} if rated_at is None else {"rated_at": rated_at})
    answer = client.post(f"{API}/users/{user}/ratings", json=body, headers=WITH_KEY)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def rated(client: FlaskClient, user: int) -> list[tuple[int, float]]:
    answer = client.get(f"{API}/users/{user}/ratings")
    assert answer.status_code == 200, answer.text
    assert answer.json["rating_count"] == len(answer.json["items"])
    return [(item["movie_id"], item["rating"]) for item in answer.json["items"]]


@pytest.mark.cluster
def test_who_is_in_no_data_becomes_a_user_by_rating(client: FlaskClient, user: int) -> None:
    assert client.get(f"{API}/users/{user}/ratings").status_code == 404
    before = of_ms(datetime.now(UTC))
    answer = rate(client, user, 1, 4.5)
    at = datetime.fromisoformat(answer["rated_at"])
    assert before <= at <= datetime.now(UTC)
    expected = {"user_id": user, "movie_id": 1, "rating": 4.5, "hidden_at": None, "generated": False}
    assert answer == {**expected, "rated_at": answer["rated_at"]}
    rate(client, user, 2, 2.0)
    assert rated(client, user) == [(2, 2.0), (1, 4.5)]
    profile = client.get(f"{API}/users/{user}/profile").json
    assert (profile["rating_count"], profile["mean_rating"], profile["std_rating"]) == (2, 3.25, 1.25)
    assert profile["first_rated_at"] == answer["rated_at"]
    genres = [(each["genre"], each["rating_count"], each["mean_rating"]) for each in profile["genres"]]
    assert genres == [("Comedy", 2, 3.25), ("Romance", 1, 2.0)]
    page = client.get(f"/users/{user}")
    assert page.status_code == 200 and "2 ratings" in page.text.replace("\n", " ") and "Amélie" in page.text


@pytest.mark.cluster
def test_the_same_rating_once_more_gives_the_same_answer(client: FlaskClient, user: int) -> None:
    for at in (None, "2025-03-01T12:00:00.123Z", 1_700_000_000):
        first = rate(client, user, 1, 3.0, at)
        assert rate(client, user, 1, 3.0, at) == first
    assert rated(client, user) == [(1, 3.0)]


@pytest.mark.cluster
def test_the_newest_rating_counts_in_whatever_order_ratings_arrive(client: FlaskClient, user: int) -> None:
    newest = rate(client, user, 1, 3.0, "2025-03-01T12:00:00+01:00")
    assert newest["rated_at"] == "2025-03-01T11:00:00Z"
    assert rate(client, user, 1, 5.0, "2025-02-01T00:00:00") == newest
    bulk = {"ratings": [{"user_id": user, "movie_id": 1, "rating": 1.0, "rated_at": "2025-02-28T00:00:00"}]}
    assert client.post(f"{API}/ratings", json=bulk, headers=WITH_KEY).json["accepted"] == 1
    assert rated(client, user) == [(1, 3.0)]
    assert rate(client, user, 1, 4.0)["rating"] == 4.0
    assert rated(client, user) == [(1, 4.0)]


@pytest.mark.cluster
def test_what_is_taken_back_is_gone_until_it_is_rated_anew(client: FlaskClient, user: int) -> None:
    address = f"{API}/users/{user}/ratings/1"
    nothing = client.delete(address, headers=WITH_KEY)
    assert (nothing.status_code, nothing.json["rating"], nothing.json["rated_at"]) == (200, None, None)
    rate(client, user, 1, 3.0)
    gone = client.delete(address, headers=WITH_KEY).json
    assert gone["rating"] is None and gone["rated_at"]
    assert client.delete(address, headers=WITH_KEY).json == gone
    assert rate(client, user, 1, 5.0, "2020-01-01")["rating"] is None  # it comes late
    assert client.get(f"{API}/users/{user}/ratings").status_code == 404
    rate(client, user, 1, 3.0)
    assert rated(client, user) == [(1, 3.0)]


@pytest.mark.cluster
def test_ratings_of_the_data_are_replaced_and_taken_back(client: FlaskClient, listed: int) -> None:
    assert rated(client, listed) == [(1, 4.5), (3, 2.0)]
    assert rate(client, listed, 1, 1.0, "2001-01-01")["rating"] == 1.0  # older than that of the data
    assert rated(client, listed) == [(1, 4.5), (3, 2.0)]
    rate(client, listed, 3, 5.0)
    assert rated(client, listed) == [(3, 5.0), (1, 4.5)]
    rate(client, listed, 2, 0.5)
    client.delete(f"{API}/users/{listed}/ratings/1", headers=WITH_KEY)
    assert rated(client, listed) == [(2, 0.5), (3, 5.0)]
    profile = client.get(f"{API}/users/{listed}/profile").json
    assert (profile["rating_count"], profile["mean_rating"]) == (2, 2.75)
    # movie 1 was the only comedy of the data, 2 is the comedy and romance that is new, 3 the horror that is liked now
    genres = [(each["genre"], each["rating_count"], each["mean_rating"]) for each in profile["genres"]]
    assert genres == [("Comedy", 1, 0.5), ("Horror", 1, 5.0), ("Romance", 1, 0.5)]
    assert profile["anomalies"]["unusual"] and profile["segment"]["number"] == 2
    for movie_id in (2, 3):
        client.delete(f"{API}/users/{listed}/ratings/{movie_id}", headers=WITH_KEY)
    profile = client.get(f"{API}/users/{listed}/profile").json
    assert (profile["rating_count"], profile["mean_rating"], profile["genres"]) == (0, None, [])
    assert "No ratings." in client.get(f"/users/{listed}").text


@pytest.mark.cluster
def test_a_user_without_a_list_keeps_ratings_from_several_blocks(client: FlaskClient, session: Session) -> None:
    rate(client, UNLISTED, 6, 3.5)
    assert rated(client, UNLISTED) == [(6, 3.5), (1, 4.5), (3, 2.0)]
    newest = client.get(f"{API}/users/{UNLISTED}/ratings?limit=2").json
    assert (newest["rating_count"], [item["movie_id"] for item in newest["items"]]) == (3, [6, 1])
    session.execute("TRUNCATE interactions_by_user", timeout=60)


@pytest.mark.cluster
def test_what_is_hidden_is_said_and_may_be_shown_again(client: FlaskClient, user: int) -> None:
    address = f"{API}/users/{user}/hidden/4"
    hidden = client.put(address, headers=WITH_KEY).json
    assert hidden["hidden_at"] and hidden["rating"] is None
    assert client.put(address, headers=WITH_KEY).json == hidden
    rate(client, user, 4, 2.0)
    answer = client.get(f"{API}/users/{user}/ratings").json
    assert [(each["movie_id"], each["hidden_at"]) for each in answer["hidden"]] == [(4, hidden["hidden_at"])]
    assert rated(client, user) == [(4, 2.0)]
    assert "Not interested in" in client.get(f"/users/{user}").text
    shown = client.delete(address, headers=WITH_KEY).json
    assert (shown["hidden_at"], shown["rating"]) == (None, 2.0)
    assert client.delete(address, headers=WITH_KEY).json == shown
    assert client.get(f"{API}/users/{user}/ratings").json["hidden"] == []
    assert "Not interested in" not in client.get(f"/users/{user}").text


@pytest.mark.cluster
def test_a_user_who_only_hid_a_movie_is_known_and_has_no_ratings(client: FlaskClient, user: int) -> None:
    client.put(f"{API}/users/{user}/hidden/4", headers=WITH_KEY)
    assert rated(client, user) == []
    page = client.get(f"/users/{user}")
    assert page.status_code == 200 and "No ratings." in page.text


@pytest.mark.cluster
def test_a_movie_that_is_not_in_the_data_is_refused_everywhere(client: FlaskClient, user: int) -> None:
    for answer in (
        client.post(f"{API}/users/{user}/ratings", json={"movie_id": 77, "rating": 3}, headers=WITH_KEY),
        client.delete(f"{API}/users/{user}/ratings/77", headers=WITH_KEY),
        client.put(f"{API}/users/{user}/hidden/77", headers=WITH_KEY),
        client.delete(f"{API}/users/{user}/hidden/77", headers=WITH_KEY),
    ):
        assert said(answer, 404).startswith("There is no movie 77: find ids with GET /api/v1/movies?q=")
    assert client.get(f"{API}/users/{user}/ratings").status_code == 404


@pytest.mark.cluster
@pytest.mark.parametrize("rating", [4.3, 0, 5.5, -1, 1e308])
def test_a_rating_off_the_scale_is_refused_with_the_scale(client: FlaskClient, user: int, rating: float) -> None:
    answer = client.post(f"{API}/users/{user}/ratings", json={"movie_id": 1, "rating": rating}, headers=WITH_KEY)
    assert said(answer, 422).endswith("is not on the scale: give 0.5 to 5 in steps of 0.5")
    assert client.get(f"{API}/users/{user}/ratings").status_code == 404


@pytest.mark.cluster
def test_a_clock_that_goes_a_little_ahead_is_taken_for_now(client: FlaskClient, user: int) -> None:
    ahead = (datetime.now(UTC) + timedelta(seconds=40)).isoformat()
    assert datetime.fromisoformat(rate(client, user, 1, 3.0, ahead)["rated_at"]) <= datetime.now(UTC)
    assert client.delete(f"{API}/users/{user}/ratings/1", headers=WITH_KEY).json["rating"] is None


def stored(session: Session, user: int) -> dict[int, tuple[str | None, int | None, int | None]]:
    rows = session.execute("SELECT * FROM interactions_by_user WHERE user_id = %s", (user,))
    return {row.movie_id: (row.shown_run, row.shown_place, row.popular_place) for row in rows}


@pytest.mark.cluster
def test_a_rating_is_stored_with_the_run_and_the_places_of_its_movie(
    client: FlaskClient, session: Session, listed: int, user: int
) -> None:
    for movie_id in (1, 2, 6):
        rate(client, listed, movie_id, 3.0)
    rate(client, listed, 4, 3.0, "2025-01-01")  # before the run was shown
    assert stored(session, listed) == {
        1: (OLD[0], None, 1),
        2: (OLD[0], 2, 3),
        6: (OLD[0], None, None),
        4: (None, None, None),
    }
    body = {"ratings": [{"user_id": each, "movie_id": 4, "rating": 1.0} for each in (user, listed)]}
    client.post(f"{API}/ratings", json=body, headers=WITH_KEY)
    assert stored(session, user) == {4: (OLD[0], None, 4)}
    assert stored(session, listed)[4] == (OLD[0], 1, 4)


@pytest.mark.cluster
def test_interactions_stay_when_another_run_is_published(client: FlaskClient, publish: Any, user: int) -> None:
    rate(client, user, 1, 4.0)
    publish(NEW)
    client.application.extensions["recommender.active"].read(Kind.RECOMMENDATIONS)
    answer = client.get(f"{API}/users/{user}/ratings").json
    assert [(item["movie_id"], item["rating"]) for item in answer["items"]] == [(1, 4.0)]
    assert answer["items"][0]["title"].endswith("data-2")


def post_all(client: FlaskClient, ratings: list[Any], key: str | None = None) -> Any:
    headers = WITH_KEY | ({"Idempotency-Key": key} if key else {})
    return client.post(f"{API}/ratings", json={"ratings": ratings}, headers=headers)


@pytest.mark.cluster
def test_each_of_many_is_accepted_or_refused_by_itself(client: FlaskClient, user: int) -> None:
    good = [{"user_id": user, "movie_id": movie_id, "rating": 3.5} for movie_id in MOVIES]
    bad: list[tuple[Any, str]] = [
        ({"user_id": user, **body}, message) for body, message in BAD if "required" not in message
    ]
    bad += [
        ({"user_id": 0, **RATING}, "user_id: Input should be greater than or equal to 1"),
        ({"user_id": "1", **RATING}, "user_id: Input should be a valid integer"),
        (RATING, "user_id: Field required"),
        ({"user_id": user, "movie_id": 77, "rating": 3}, "There is no movie 77"),
        ({"user_id": user, "movie_id": 1, "rating": 4.3}, "4.3 is not on the scale: give 0.5 to 5 in steps of 0.5"),
        (7, "it must be an object with user_id, movie_id and rating"),
        (None, "it must be an object"),
    ]
    answer = post_all(client, [*good[:3], *(body for body, _ in bad), *good[3:]])
    assert (answer.status_code, answer.json["accepted"]) == (200, len(good))
    assert [each["position"] for each in answer.json["refused"]] == list(range(3, 3 + len(bad)))
    for refused, (_, message) in zip(answer.json["refused"], bad, strict=True):
        assert message in refused["reason"]
    assert sorted(rated(client, user)) == [(movie_id, 3.5) for movie_id in MOVIES]


@pytest.mark.cluster
def test_of_several_ratings_of_a_movie_in_one_call_the_newest_counts_and_of_one_moment_the_last(
    client: FlaskClient, user: int
) -> None:
    def of(movie_id: int, rating: float, rated_at: str | None = None) -> dict[str, Any]:
        return {"user_id": user, "movie_id": movie_id, "rating": rating, "rated_at": rated_at}

    same = [of(1, 5.0, "2025-02-01"), of(1, 1.0, "2025-02-01"), of(1, 4.0, "2025-01-01")]
    assert post_all(client, [of(2, 5.0), of(2, 1.0), *same]).json["accepted"] == 5
    assert rated(client, user) == [(2, 1.0), (1, 1.0)]


@pytest.mark.cluster
def test_a_thousand_ratings_of_a_thousand_users_are_stored(client: FlaskClient, session: Session) -> None:
    ratings = [{"user_id": 1_000_000 + each, "movie_id": 1 + each % 6, "rating": 4} for each in range(1000)]
    answer = post_all(client, ratings)
    assert (answer.json["accepted"], answer.json["refused"]) == (1000, [])
    assert rated(client, 1_000_999) == [(4, 4.0)]
    assert len(list(session.execute("SELECT user_id FROM interactions_by_user"))) >= 1000
    session.execute("TRUNCATE interactions_by_user", timeout=60)


@pytest.mark.cluster
def test_a_key_gives_the_answer_that_it_got_and_writes_nothing_again(client: FlaskClient, user: int) -> None:
    ratings = [{"user_id": user, "movie_id": 1, "rating": 3.0}, {"user_id": user, "movie_id": 77, "rating": 3.0}]
    key = f"key of {user}"
    first = post_all(client, ratings, key)
    assert (first.json["accepted"], len(first.json["refused"])) == (1, 1)
    rate(client, user, 1, 5.0)
    again = post_all(client, ratings, key)
    assert (again.status_code, again.json) == (200, first.json)
    assert rated(client, user) == [(1, 5.0)]
    assert "give a new key to a new body" in said(post_all(client, ratings[:1], key), 409)
    assert post_all(client, ratings, "another key").json == first.json
    assert rated(client, user) == [(1, 3.0)]


@pytest.mark.cluster
def test_a_call_that_failed_half_way_writes_with_the_time_of_its_first_try(
    client: FlaskClient, session: Session, user: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratings = [{"user_id": user, "movie_id": 1, "rating": 3.0}]
    key = f"broken key of {user}"
    with monkeypatch.context() as broken:
        broken.setattr("web.users.api_ratings.newest", lambda *_: 1 / 0)
        assert post_all(client, ratings, key).status_code == 500
    rate(client, user, 1, 5.0)  # newer than the call that is repeated now
    assert post_all(client, ratings, key).json["accepted"] == 1
    assert rated(client, user) == [(1, 5.0)]
    (kept,) = session.execute("SELECT answer, TTL(answer) AS seconds FROM answers_by_key WHERE key = %s", (key,))
    assert json.loads(kept.answer)["accepted"] == 1 and 86_000 < kept.seconds <= 86_400


@pytest.mark.cluster
def test_a_key_that_comes_twice_at_once_is_answered_twice_and_counts_once(client: FlaskClient, user: int) -> None:
    ratings = [{"user_id": user, "movie_id": movie_id, "rating": 3.0} for movie_id in MOVIES]
    app = client.application
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post_all(app.test_client(), ratings, f"twin {user}"), range(4)))
    assert [(answer.status_code, answer.json["accepted"]) for answer in answers] == [(200, len(MOVIES))] * 4
    answer = client.get(f"{API}/users/{user}/ratings").json
    assert len({item["rated_at"] for item in answer["items"]}) == 1


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_an_idempotency_key_has_a_length(closed: FlaskClient, key: str) -> None:
    headers = WITH_KEY | {"Idempotency-Key": key}
    answer = closed.post(f"{API}/ratings", json={"ratings": [1]}, headers=headers)
    assert "Idempotency-Key: String should have at " in said(answer, 422)


@pytest.mark.cluster
def test_reading_a_user_costs_one_read_more_than_before(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = Database._prepare

    def counted(self: Database, query: tuple[str, str]) -> Any:
        asked.append(query[0])
        return real(self, query)

    monkeypatch.setattr(Database, "_prepare", counted)
    client.get(f"{API}/users/{LISTED}/ratings")
    assert asked.count("interactions_by_user") == 1
    assert asked.count("ratings_by_user") == 1
    asked.clear()
    client.get(f"{API}/users/{LISTED}/profile")
    assert asked.count("interactions_by_user") == 1
    assert "ratings_by_user" not in asked
