"""What holds for every page, read from the real Cassandra."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.support.site_world import LISTED

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize(
    "path", ["/", "/?q=bold", f"/users/{LISTED}", "/movies/1", "/insights", "/outliers", "/quality", "/drift", "/runs"]
)
def test_what_people_typed_is_never_markup(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<i>fun" not in page.text


@pytest.mark.parametrize("path", ["/", "/?q=lake", f"/users/{LISTED}", "/movies/3", "/movies/1", "/insights"])
def test_titles_are_shown_as_people_say_them(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert "The Lake" in page
    assert ", The" not in page


def test_every_link_leads_to_a_page(client: FlaskClient) -> None:
    todo, seen = ["/"], set()
    while todo:
        path = todo.pop()
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        if answer.mimetype == "text/html" and "Content-Disposition" not in answer.headers:
            followed = re.sub(r'<a [^>]*rel="nofollow"[^>]*>', "", answer.text)  # ways to pick lead on without end
            links = {html.unescape(link) for link in re.findall(r'(?:href|src)="(/[^"#]*)"', followed)}
            todo += sorted(links - seen - set(todo))
    assert {"/insights", "/runs", "/openapi/", "/?genre=Comedy", f"/users/{LISTED}", "/movies/4"} <= seen
