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
    assert page.count(STILL_TO_COMPUTE.partition(":")[0]) == 6
    assert page.count('class="plot"') == 3


@pytest.mark.cluster
def test_the_numbers_of_a_figure_are_on_the_page_and_in_a_csv(client: FlaskClient) -> None:
    assert '<a href="/insights/movies_by_rating_count.csv" download>' in client.get("/insights").text
    figure = client.get("/insights").text.partition('id="movies_by_rating_count"')[2]
    assert figure.index("Download as CSV") < figure.index("<details"), "it is seen without opening anything"
    answer = client.get("/insights/movies_by_rating_count.csv")
    assert answer.mimetype == "text/csv"
    assert answer.text.splitlines() == ["Ratings of the movie (number),Movies (number)", "0–50,5", "200+,1"]
    for name in ("ratings_by_star", "nothing"):
        missing = client.get(f"/insights/{name}.csv")
        assert missing.status_code == 404
        assert "Figures with numbers: movies_by_rating_count," in missing.text
