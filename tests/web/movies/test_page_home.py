"""The first page with its search, read from the real Cassandra."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.cluster


def test_a_search_text_is_never_markup(client: FlaskClient) -> None:
    page = client.get("/", query_string={"q": '"><script>alert(2)</script>'}).text
    assert "<script>alert" not in page
    assert "&#34;&gt;&lt;script&gt;alert(2)" in page


def test_fields_left_empty_are_not_searched_for(client: FlaskClient) -> None:
    page = client.get("/?q=lake&genre=&year=")
    assert page.status_code == 200
    assert "4 movies found" in page.text


def test_a_search_without_result_says_so(client: FlaskClient) -> None:
    assert "No movie matches all of this" in client.get("/?q=nowhere").text
