"""What the app does where no Cassandra answers: it says so, refuses what is wrong, and stays alive."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from web import create_app

GOLDEN = Path(__file__).parents[1] / "golden" / "routes.txt"


def test_the_routes_are_those_of_the_golden_list() -> None:
    rules = create_app().url_map.iter_rules()
    routes = sorted(f"{rule.rule} {' '.join(sorted(rule.methods - {'HEAD', 'OPTIONS'}))}" for rule in rules)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text("\n".join(routes) + "\n", encoding="utf-8")
    assert routes == GOLDEN.read_text(encoding="utf-8").splitlines()


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


def test_the_process_is_live_all_the_same(away: FlaskClient) -> None:
    assert away.get("/health/live").json == {"status": "live"}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/users/abc/ratings", "user_id"),
        ("/api/v1/users/0/profile", "user_id"),
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
    assert "To the catalogue" in away.get("/catalogue/people?q=").text


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


def test_without_a_configured_key_nobody_may_write(away: FlaskClient) -> None:
    answer = away.post("/api/v1/runs/rollback", headers={"X-API-Key": ""})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
    assert "API_KEY" in answer.json["error"]["message"]


def test_guessing_keys_is_slowed_down(away: FlaskClient) -> None:
    answers = [away.post("/api/v1/runs/rollback", headers={"X-API-Key": str(guess)}) for guess in range(21)]
    assert [answer.status_code for answer in answers] == [403] * 20 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert answers[-1].json["error"]["code"] == "too_many_requests"


@pytest.mark.parametrize("path", ["/", "/insights", "/openapi/", "/api/v1/movies", "/static/style.css", "/nothing"])
def test_no_answer_lets_inline_or_foreign_scripts_run(away: FlaskClient, path: str) -> None:
    headers = away.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert "script-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_documentation_names_every_call_and_loads_nothing_from_elsewhere(away: FlaskClient) -> None:
    paths = away.get("/openapi/openapi.json").json["paths"]
    rules = {rule.rule for rule in away.application.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert {path.replace("{", "<").replace("}", ">") for path in paths} == rules
    for address in ("/openapi/", "/openapi/swagger"):
        loaded = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', away.get(address).text)
        assert [file for file in loaded if away.get(file).status_code != 200] == []


def test_plotly_is_served_from_the_package_and_kept_by_browsers(away: FlaskClient) -> None:
    plain = away.get("/insights/plotly-1.min.js")
    packed = away.get("/insights/plotly-1.min.js", headers={"Accept-Encoding": "gzip"})
    assert b"plotly.js v" in plain.data[:200]
    assert "immutable" in plain.headers["Cache-Control"]
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 2


def test_requests_are_counted_by_route_not_by_address(away: FlaskClient) -> None:
    away.get("/movies/123456")
    figures = away.get("/metrics").text
    assert 'route="/movies/<int(max=2147483647):movie_id>",status="503"' in figures
    assert "123456" not in figures
