"""The figures at /metrics."""

from __future__ import annotations

from flask.testing import FlaskClient


def test_requests_are_counted_by_route_not_by_address(away: FlaskClient) -> None:
    away.get("/movies/123456")
    figures = away.get("/metrics").text
    assert 'route="/movies/<int(max=2147483647):movie_id>",status="503"' in figures
    assert "123456" not in figures
