"""A movie's page, read from the real Cassandra."""

from __future__ import annotations

import html

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.cluster


def test_a_title_is_shown_as_it_is_published(client: FlaskClient) -> None:
    assert 'Bold <b>"Tale"</b> <script>alert(1)</script> 😀 data-1' in html.unescape(client.get("/movies/1").text)


def test_an_unknown_movie_is_404_with_a_sentence(client: FlaskClient) -> None:
    page = client.get("/movies/99")
    assert page.status_code == 404
    assert "There is no movie 99." in page.text


def test_a_movie_with_nothing_computed_says_so(client: FlaskClient) -> None:
    page = client.get("/movies/5")
    assert page.status_code == 200
    for sentence in ("Nobody has rated this movie yet", "Nobody has tagged this movie", "Neither ratings nor genres"):
        assert sentence in page.text
