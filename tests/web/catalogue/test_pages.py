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
    told = client.get("/api/v1/catalogue/titles")
    assert told.status_code == 503
    for text in (page.text, told.json["error"]["message"]):
        assert "CATALOGUE_DIR" in text
        assert "make job JOB=generate_catalogue" in text
    assert client.get("/movies/1").status_code == client.get(f"/users/{LISTED}").status_code == 200
