"""A user's page, read from the real Cassandra."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.support.site_world import LISTED, OLD_STYLE, UNKNOWN, UNLISTED

pytestmark = pytest.mark.cluster


def test_a_user_page_tells_the_list_its_reasons_the_history_and_the_taste(client: FlaskClient) -> None:
    page = client.get(f"/users/{LISTED}").text
    assert '★ 4.5</b> <span class="quiet">predicted' in page
    assert "2026-01-02" in page
    assert "Comedy" in page


def reasons(page: str) -> list[str]:
    """The lines of reasons as people read them."""
    lines = re.findall(r'<p class="because">(.*?)</p>', page, re.DOTALL)
    return [html.unescape(re.sub("<[^>]*>", "", line)) for line in lines]


def test_up_to_three_reasons_are_one_line_and_their_shares_can_be_looked_up(client: FlaskClient) -> None:
    page = client.get(f"/users/{LISTED}").text
    bold = 'Bold <b>"Tale"</b> <script>alert(1)</script> 😀 data-1'
    three = f"because you liked {bold}, The Lake data-1 and A Western Lake data-1"
    assert reasons(page) == [three, "because you liked The Lake data-1"]
    assert re.findall(r'title="(\d+ %)', page) == ["50 %", "25 %", "12 %", "75 %"]


def test_a_reason_of_an_older_version_is_shown_without_a_share(client: FlaskClient) -> None:
    page = client.get(f"/users/{OLD_STYLE}").text
    assert reasons(page)[1] == "because you liked The Lake data-1"
    assert " %" not in "".join(re.findall(r'title="[^"]*"', page))


def test_a_known_user_without_a_list_gets_a_sentence_and_popular_movies(client: FlaskClient) -> None:
    page = client.get(f"/users/{UNLISTED}")
    assert page.status_code == 200
    assert "popular movies that they have not rated" in page.text
    assert "Amélie of the Lake" in page.text


def test_an_unknown_user_is_404_with_a_sentence_and_popular_movies(client: FlaskClient) -> None:
    page = client.get(f"/users/{UNKNOWN}")
    assert page.status_code == 404
    assert "Nobody with this number has rated a movie" in page.text
    assert 'href="/movies/2"' in page.text


def test_the_number_typed_leads_to_the_user(client: FlaskClient) -> None:
    answer = client.get(f"/users?user_id={LISTED}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/users/{LISTED}")


def test_the_page_of_a_user_names_the_segment_by_taste(client: FlaskClient) -> None:
    page = client.get(f"/users/{LISTED}").text
    assert "more &lt;i&gt;War&lt;/i&gt; than others" in page
    assert "(100 users, 10 %)" in page
    assert "Taste segment" not in client.get(f"/users/{UNLISTED}").text
    assert "2. more &lt;i&gt;War&lt;/i&gt; than others (100 users, 10 %)" in client.get("/insights").text


def test_a_profile_has_the_anomaly_scores_and_flags_and_the_page_says_them(client: FlaskClient) -> None:
    assert client.get(f"/api/v1/users/{LISTED}/profile").json["anomalies"] == {
        "run_id": "run-4",
        "isolation_score": -0.75,
        "unusual": True,
        "list_evidence": -3.25,
        "fake_profile": False,
        "reasons": ["unusual: rating_count 2 (median 70)"],
    }
    page = client.get(f"/users/{LISTED}").text
    assert "This user is unlike most others" in page
    assert "number of ratings 2 (median 70)" in page
    assert client.get(f"/api/v1/users/{UNLISTED}/profile").json["anomalies"] is None
    assert "fake profile" not in client.get(f"/users/{UNLISTED}").text
