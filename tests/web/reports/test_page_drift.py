"""Drift on its page and by the API, read from the real Cassandra."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.cluster
DRIFT = "/api/v1/reports/drift"


def test_drift_says_whether_to_train_again_and_why(client: FlaskClient) -> None:
    page = client.get("/drift").text
    assert "Retrain: <b>yes</b>, because the distribution of rating has moved" in page
    for said in ("0.2838", "2017-02", "2018-09", "run-1", '<span class="status good">good</span>'):
        assert said in page
    answer = client.get(DRIFT).json
    assert (answer["run_id"], answer["verdict"], answer["report"]["retrain"]) == ("run-2", "act", True)


def test_a_figure_of_an_older_version_has_numbers_too(client: FlaskClient) -> None:
    page = client.get("/drift").text
    assert '<th scope="col" class="number">share of ratings: recent</th>' in page
    answer = client.get("/reports/drift/run-2/plot-ratings-by-genre.csv")
    assert answer.text.splitlines() == ["genre,share of ratings: reference,share of ratings: recent"] + [
        f"{genre},{share},{share}" for genre, share in (("Drama", 60), ("War", 40))
    ]
