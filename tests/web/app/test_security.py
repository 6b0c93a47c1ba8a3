"""Headers of every answer, the key that writes need, and limits on calls."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


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
