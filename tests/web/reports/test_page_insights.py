"""The page of figures, and Plotly's script."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from web.reports.figures import STILL_TO_COMPUTE


def test_plotly_is_served_from_the_package_and_kept_by_browsers(away: FlaskClient) -> None:
    plain = away.get("/insights/plotly-1.min.js")
    packed = away.get("/insights/plotly-1.min.js", headers={"Accept-Encoding": "gzip"})
    assert b"plotly.js v" in plain.data[:200]
    assert "immutable" in plain.headers["Cache-Control"]
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 2


@pytest.mark.cluster
def test_an_insight_that_is_missing_or_of_another_form_is_a_sentence(client: FlaskClient) -> None:
    page = client.get("/insights").text
    assert page.count(STILL_TO_COMPUTE) == 6
    assert page.count('class="plot"') == 3
