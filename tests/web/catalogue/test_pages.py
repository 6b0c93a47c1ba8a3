"""The pages of the catalogue where none is published; with one they are tested beside the calls."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.site_world import LISTED

pytestmark = pytest.mark.cluster


def test_without_a_catalogue_its_page_is_a_sentence_and_its_calls_are_503(client: FlaskClient) -> None:
    page = client.get("/catalogue")
    assert page.status_code == 200
    assert "No catalogue is published yet" in page.text
    assert client.get("/api/v1/catalogue/titles").status_code == 503
    assert client.get("/movies/1").status_code == client.get(f"/users/{LISTED}").status_code == 200
