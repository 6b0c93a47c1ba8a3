"""What the app answers where no Cassandra is or the request is wrong: it says so, and stays alive."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/", "/users/1", "/movies/1", "/catalogue", "/insights", "/runs"])
def test_a_page_is_503_with_retry_after_and_a_sentence(away: FlaskClient, path: str) -> None:
    answer = away.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "does not answer" in answer.text
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("path", ["/api/v1/movies", "/api/v1/users/1/recommendations", "/api/v1/runs", "/health/ready"])
def test_a_call_is_503_with_retry_after_and_a_code(away: FlaskClient, path: str) -> None:
    answer = away.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json["error"]["code"] == "cassandra_unavailable"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/users/abc/ratings", "user_id"),
        ("/api/v1/users/-1/profile", "user_id"),
        ("/api/v1/users/2147483648/recommendations", "user_id"),
        ("/api/v1/movies/-1", "movie_id"),
        ("/api/v1/movies/99999999999999999999", "movie_id"),
        ("/api/v1/users/1/recommendations?limit=0", "limit"),
        ("/api/v1/users/1/recommendations?limit=101", "limit"),
        ("/api/v1/movies?limit=many", "limit"),
        ("/api/v1/movies?year=99999", "year"),
        (f"/api/v1/movies?q={'x' * 201}", "q"),
        (f"/api/v1/popular?genre={'x' * 51}", "genre"),
        ("/api/v1/runs?limit=-5", "limit"),
        ("/api/v1/catalogue/titles?actor=", "actor"),
        ("/api/v1/catalogue/titles?director=%20", "director"),
        (f"/api/v1/catalogue/titles?actor={'x' * 501}", "actor"),
        ("/api/v1/catalogue/titles?score=10.1", "score"),
        ("/api/v1/catalogue/titles?score=nan", "score"),
        ("/api/v1/catalogue/titles?score=7&score_min=5", "request"),
        ("/api/v1/catalogue/titles?q=x&actor=y", "request"),
        ("/api/v1/catalogue/titles?score_min=8&score_max=7.9", "request"),
        ("/api/v1/catalogue/titles?genre=drama&genre=war", "genre"),
        ("/api/v1/catalogue/titles?sort=name", "sort"),
        ("/api/v1/catalogue/titles?offset=1001", "offset"),
        ("/api/v1/catalogue/people", "q"),
        ("/api/v1/catalogue/people?q=", "q"),
        ("/api/v1/catalogue/people?q=x&offset=5001", "offset"),
        ("/api/v1/catalogue/people/0", "person_id"),
    ],
)
def test_a_wrong_value_is_422_and_its_field_is_named(away: FlaskClient, path: str, field: str) -> None:
    answer = away.get(path)
    assert answer.status_code == 422
    assert answer.json["error"]["code"] == "invalid_request"
    assert answer.json["error"]["message"].startswith(f"{field}: ")


def test_a_wrong_value_on_a_page_is_a_page(away: FlaskClient) -> None:
    answer = away.get("/users?user_id=abc")
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert "user_id: " in answer.text
    assert "Go to the catalogue" in away.get("/catalogue/people?q=").text


@pytest.mark.parametrize(("path", "mimetype"), [("/api/v1/nothing", "application/json"), ("/nothing", "text/html")])
def test_an_unknown_address_is_404_in_the_form_of_its_side(away: FlaskClient, path: str, mimetype: str) -> None:
    answer = away.get(path)
    assert (answer.status_code, answer.mimetype) == (404, mimetype)


@pytest.mark.parametrize(("path", "status"), [("/nothing?a=1&a=2", 404), ("/health/live?a=1&a=2", 200)])
def test_a_parameter_given_twice_is_of_no_account_where_none_is_asked_for(
    away: FlaskClient, path: str, status: int
) -> None:
    assert away.get(path).status_code == status


@pytest.mark.parametrize("path", ["/users/2147483648", "/movies/99999999999999999999", "/movies/abc", "/users/-1"])
def test_an_impossible_id_on_a_page_is_404(away: FlaskClient, path: str) -> None:
    assert away.get(path).status_code == 404


def test_a_wrong_method_is_405_and_the_right_ones_are_named(away: FlaskClient) -> None:
    answer = away.post("/api/v1/movies")
    assert (answer.status_code, answer.json["error"]["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]
