"""The overview as page and as JSON, read from the real Cassandra."""

from __future__ import annotations

import re

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from tests.support.site_world import store_unfinished

pytestmark = pytest.mark.cluster
SUBJECTS = ["data", "quality", "drift", "outliers", "model", "services"]


def test_every_light_is_a_word_with_its_sentence_and_the_api_says_the_same(
    client: FlaskClient, session: Session
) -> None:
    store_unfinished(session)  # again, as «now» may be minutes ago
    page = client.get("/operate")
    answer = client.get("/api/v1/operate").json
    assert page.status_code == 200
    assert [look["subject"] for look in answer["lights"]] == SUBJECTS
    shown = re.findall(r'<li class="(\w+)" id="look-(\w+)">', page.text)
    assert shown == [(look["light"], look["subject"]) for look in answer["lights"]]
    lights = {look["subject"]: look for look in answer["lights"]}
    assert lights["quality"]["light"] == "act"
    assert lights["drift"]["command"] == "make preprocess"
    assert lights["outliers"]["parts"][2] == {
        "name": "servers",
        "light": "watch",
        "sentence": "2 of 307 are unlike the others.",
        "page": "/outliers?subject=servers",
    }
    assert {"name": "Cassandra", "light": "good", "sentence": "1 node up.", "page": "/runs"} in lights["services"][
        "parts"
    ]
    assert answer["light"] == "act"
    assert "train_als</b>" in page.text[page.text.index('id="at-work"') :]
    assert "<script>alert" not in page.text


def test_without_cassandra_it_is_the_usual_503(away: FlaskClient) -> None:
    for path in ("/operate", "/api/v1/operate"):
        assert away.get(path).status_code == 503
