"""A movie's page, read from the real Cassandra."""

from __future__ import annotations

import html
import re

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from tests.support.site_world import OLD, insert
from web.movies.in_common import decade_of_both
from web.movies.store import Movie

pytestmark = pytest.mark.cluster


def test_a_title_is_shown_as_it_is_published(client: FlaskClient) -> None:
    assert 'Bold <b>"Tale"</b> <script>alert(1)</script> 😀 data-1' in html.unescape(client.get("/movies/1").text)


def test_an_unknown_movie_is_404_with_a_sentence(client: FlaskClient) -> None:
    page = client.get("/movies/99")
    assert page.status_code == 404
    assert "There is no movie 99." in page.text


def test_a_movie_with_nothing_computed_says_so(client: FlaskClient) -> None:
    page = client.get("/movies/5")
    assert page.status_code == 200
    for sentence in ("Nobody has rated this movie yet", "Nobody has tagged this movie", "Neither ratings nor genres"):
        assert sentence in page.text


def test_a_movie_s_page_has_its_ratings_over_time_and_by_taste(client: FlaskClient) -> None:
    page = client.get("/movies/1").text
    text = re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", page))
    assert "Most came in 2001: 30 ratings. On average ★ 4.0 in 1999, ★ 5.0 in 2001." in text
    assert "1999 10 ★ 4.0 2001 30 ★ 5.0" in text  # the table
    assert "2001: 30 ratings" in page  # a bar
    assert "more &lt;i&gt;War&lt;/i&gt; than others 35 ★ 5.0" in text


def test_ratings_of_one_year_are_told_in_a_sentence_and_without_segments(client: FlaskClient) -> None:
    page = client.get("/movies/2").text
    assert "All came in 2001." in page
    assert 'class="timeline"' not in page
    assert 'id="by-segment"' not in page


def test_of_data_of_an_older_version_the_page_says_what_is_missing_and_how_it_comes(client: FlaskClient) -> None:
    page = client.get("/movies/3").text
    assert "an older version stored these data. The next <code>make preprocess</code> brings it" in page
    assert "older version" not in client.get("/movies/5").text  # nobody has rated it


def test_a_similar_movie_says_what_both_have_in_common(client: FlaskClient) -> None:
    assert "both Comedy; tags: bold, &lt;i&gt;fun&lt;/i&gt;" in client.get("/movies/1").text


@pytest.mark.parametrize(("ratings", "is_compared"), [(3, False), (30, True)])
def test_few_ratings_are_not_compared_by_taste(client: FlaskClient, ratings: int, is_compared: bool) -> None:
    segments = [{"name": name, "rating_count": ratings, "mean_rating": 4.0} for name in ("Drama", "War")]
    app = client.application
    with app.test_request_context():
        said = app.jinja_env.get_template("movies/breakdown.html").module.by_segment(segments)
    assert ("they rated it alike" in said) is is_compared


def test_shares_of_likeness_are_left_out_where_they_are_all_the_same(client: FlaskClient, session: Session) -> None:
    assert "75 % similar" in client.get("/movies/1").text
    same = {"movie_ids": [4, 2], "scores": [0.501, 0.499]}
    insert(session, "similar_by_movie", run_id=OLD[0], movie_id=6, **same)
    page = client.get("/movies/6").text
    assert "The Lake and the City" in page and "% similar" not in page


def test_movies_of_one_decade_have_it_in_common() -> None:
    of = [Movie(number, "A", year, ("War",)) for number, year in enumerate([1990, 1999, 2000, None])]
    assert [decade_of_both(of[0], other) for other in of] == [1990, 1990, None, None]
