"""Quality on its page and by the API, read from the real Cassandra."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.cluster
QUALITY = "/api/v1/reports/quality"


def test_quality_shows_the_verdict_what_failed_and_every_column(client: FlaskClient) -> None:
    page = client.get("/quality").text
    for said in (
        '<span class="status act">act</span> 2 checks: 1 error.',
        "ratings.rating: missing is 10% &lt;script&gt;",
        "3.502",
        "≈ 10",
        "1996-03-29 18:36:55",
        "Earlier reports",
        'href="/reports/quality/run-2/summary_statistics.csv"',
        'href="/quality?subject=titles"',
    ):
        assert said in page
    answer = client.get(QUALITY).json
    assert (answer["run_id"], answer["verdict"], answer["report"]["checks"][0]["status"]) == ("run-2", "act", "error")
    assert client.get(f"{QUALITY}?subject=titles").json["run_id"] == "run-1"
    assert client.get(f"{QUALITY}?subject=nothing").status_code == 404
    assert client.get("/quality?subject=nothing").status_code == 404
