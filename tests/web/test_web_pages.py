"""What the pages show, read from the real Cassandra."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.support.site_world import LISTED, OLD, UNKNOWN, UNLISTED
from web.reports.figures import STILL_TO_COMPUTE

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize(
    "path", ["/", "/?q=bold", f"/users/{LISTED}", "/movies/1", "/insights", "/outliers", "/quality", "/drift", "/runs"]
)
def test_what_people_typed_is_never_markup(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<i>fun" not in page.text


def test_a_search_text_is_never_markup(client: FlaskClient) -> None:
    page = client.get("/", query_string={"q": '"><script>alert(2)</script>'}).text
    assert "<script>alert" not in page
    assert "&#34;&gt;&lt;script&gt;alert(2)" in page


def test_a_title_is_shown_as_it_is_published(client: FlaskClient) -> None:
    assert 'Bold <b>"Tale"</b> <script>alert(1)</script> 😀 data-1' in html.unescape(client.get("/movies/1").text)


def test_every_link_leads_to_a_page(client: FlaskClient) -> None:
    todo, seen = ["/"], set()
    while todo:
        path = todo.pop()
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        if answer.mimetype == "text/html" and "Content-Disposition" not in answer.headers:
            links = {html.unescape(link) for link in re.findall(r'(?:href|src)="(/[^"#]*)"', answer.text)}
            todo += sorted(links - seen - set(todo))
    assert {"/insights", "/runs", "/openapi/", "/?genre=Comedy", f"/users/{LISTED}", "/movies/4"} <= seen


def test_without_a_catalogue_its_page_is_a_sentence_and_its_calls_are_503(client: FlaskClient) -> None:
    page = client.get("/catalogue")
    assert page.status_code == 200
    assert "No catalogue is published yet" in page.text
    assert client.get("/api/v1/catalogue/titles").status_code == 503
    assert client.get("/movies/1").status_code == client.get(f"/users/{LISTED}").status_code == 200


def test_a_user_page_tells_the_list_its_reasons_the_history_and_the_taste(client: FlaskClient) -> None:
    page = client.get(f"/users/{LISTED}").text
    assert '★ 4.5</b> <span class="quiet">predicted' in page
    assert "because you liked" in page
    assert "2026-01-02" in page
    assert "Comedy" in page


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


def test_an_unknown_movie_is_404_with_a_sentence(client: FlaskClient) -> None:
    page = client.get("/movies/99")
    assert page.status_code == 404
    assert "There is no movie 99." in page.text


def test_a_movie_with_nothing_computed_says_so(client: FlaskClient) -> None:
    page = client.get("/movies/5")
    assert page.status_code == 200
    for sentence in ("Nobody has rated this movie yet", "Nobody has put a tag", "Too few people have rated"):
        assert sentence in page.text


def test_fields_left_empty_are_not_searched_for(client: FlaskClient) -> None:
    page = client.get("/?q=lake&genre=&year=")
    assert page.status_code == 200
    assert "4 movies found" in page.text


def test_a_search_without_result_says_so(client: FlaskClient) -> None:
    assert "No movie has all of this" in client.get("/?q=nowhere").text


def test_the_page_of_a_user_names_the_segment_by_taste(client: FlaskClient) -> None:
    page = client.get(f"/users/{LISTED}").text
    assert "more &lt;i&gt;War&lt;/i&gt; than others" in page
    assert "(100 users, 10 %)" in page
    assert "In no segment by taste" in client.get(f"/users/{UNLISTED}").text
    assert "2. more &lt;i&gt;War&lt;/i&gt; than others (100 users, 10 %)" in client.get("/insights").text


def test_an_insight_that_is_missing_or_of_another_form_is_a_sentence(client: FlaskClient) -> None:
    page = client.get("/insights").text
    assert page.count(STILL_TO_COMPUTE) == 7
    assert page.count('class="plot"') == 2


def test_the_runs_page_marks_the_active_run_and_puts_the_ranking_metric_first(client: FlaskClient) -> None:
    page = client.get("/runs").text
    assert f"Visitors see recommendations of run <b>{OLD[0]}</b>" in page
    assert page.count('class="status active"') == 1
    assert page.index("ndcg@10.als <b>") < page.index("coverage <b>")
