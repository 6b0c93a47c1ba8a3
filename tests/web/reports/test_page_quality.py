"""Quality on its page and by the API, read from the real Cassandra."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.cluster
QUALITY = "/api/v1/reports/quality"


def test_quality_shows_the_verdict_what_failed_and_every_column(client: FlaskClient) -> None:
    page = client.get("/quality").text
    for said in (
        '<span class="status act">act</span> 2 checks: 1 error.',
        "missing is 10% &lt;script&gt;",
        'Ratings: time of the rating <span class="tech">ratings.rated_at</span>',
        "3.502",
        "≈ 10",
        "1996-03-29 18:36:55",
        "Earlier reports",
        'href="/reports/quality/run-2/summary_statistics.csv"',
        'href="/quality?subject=titles"',
        "Rules: <code>spark_jobs/quality.yaml</code>",
    ):
        assert said in page
    answer = client.get(QUALITY).json
    assert (answer["run_id"], answer["verdict"], answer["report"]["checks"][0]["status"]) == ("run-2", "act", "error")
    assert client.get(f"{QUALITY}?subject=titles").json["run_id"] == "run-1"
    assert client.get(f"{QUALITY}?subject=nothing").status_code == 404
    assert client.get("/quality?subject=nothing").status_code == 404


def test_every_figure_has_its_numbers_on_the_page_and_all_of_them_in_a_csv(client: FlaskClient) -> None:
    page = client.get("/quality").text
    assert "From 1996-01 to 2001-10: most in 2001-10." in page
    assert '<th scope="col" class="number">Ratings (number of rows)</th>' in page
    assert ("=month 49" in page, "… and 20 more in the CSV" in page) == (True, True)
    assert "<td>=month 50</td>" not in page
    address = "/reports/quality/run-2/plot-ratings-by-month.csv"
    assert f'href="{address}" download' in page
    read = pd.read_csv(io.StringIO(client.get(address).text))
    assert read["Ratings (number of rows)"].tolist() == list(range(70))
    assert read["Stars given (stars)"].iloc[-1] == "'=month 69", "a spreadsheet must not take it for a formula"
    assert client.get("/reports/quality/run-2/plot-nothing.csv").status_code == 404
