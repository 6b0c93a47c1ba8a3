"""Lists that answer to what users do, on the real tables, from the arrays of a published model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from domain.models.settings import Blend
from domain.serving.arrays import to_parts
from domain.serving.marks import Marks
from domain.serving.recommender import Recommender
from tests.support.site_world import KEY, LISTED, MOVIES, NEW, OLD
from tests.support.small_models import HEADS, published_arrays, published_settings, ranking_model, star_model
from web import create_app
from web.app.database import Database
from web.model.served import ModelHolder

API = "/api/v1"
NEWCOMERS = count(7000)  # users who are in no data set, each of one test
WITH_KEY = {"X-API-Key": KEY}
IDS = np.array(sorted(MOVIES), np.int32)


def published() -> tuple[dict[str, Any], dict[str, Any]]:
    """Arrays and settings of a model that knows the movies of the test world."""
    model, stars = ranking_model(HEADS["none"], Blend(0.0, 0.0)), star_model(HEADS["none"])
    arrays = published_arrays(model, stars)
    some = {name: arrays[name][: len(IDS)] for name in ("factors", "raters", "star_biases", "star_factors")}
    return {**arrays, **some, "ids": IDS}, published_settings(model, stars)


@pytest.fixture(scope="module")
def stored(session: Session) -> Iterator[Recommender]:
    """The model is published with the older run; with the newer one there is none."""
    arrays, settings = published()
    place = session.prepare("INSERT INTO model_parts_by_run (run_id, name, part, data) VALUES (?, ?, ?, ?)")
    for name, part, data in to_parts(arrays, settings):
        session.execute(place, (OLD[0], name, part, bytes(data)))
    yield Recommender.of(arrays, settings)
    session.execute("TRUNCATE model_parts_by_run")
    session.execute("TRUNCATE interactions_by_user")


@pytest.fixture
def site(
    stored: Recommender,
    environ: dict[str, str],
    publish: Callable[[tuple[str, str]], None],
    database: Database,
    tmp_path: Path,
) -> Callable[[], FlaskClient]:
    """Another process of the site on the older run, which has loaded its model."""
    publish(OLD)

    marks = Marks()

    def process() -> FlaskClient:
        app = create_app(environ, database)
        app.extensions["recommender.marks"] = marks
        holder = ModelHolder(database, app.extensions["recommender.active"], lambda: tmp_path)
        app.extensions["recommender.model"] = holder
        holder.look()
        return app.test_client()

    return process


def rate(client: FlaskClient, user: int, movie: int, stars: float) -> None:
    body = {"movie_id": movie, "rating": stars}
    assert client.post(f"{API}/users/{user}/ratings", json=body, headers=WITH_KEY).status_code == 200


def recommended(client: FlaskClient, user: int, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{API}/users/{user}/recommendations{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def ids(answer: dict[str, Any]) -> list[int]:
    return [item["movie_id"] for item in answer["items"]]


def test_another_process_answers_to_a_rating_and_again_when_it_is_taken_back(
    site: Callable[[], FlaskClient], stored: Recommender
) -> None:
    one, other = site(), site()
    before = recommended(other, LISTED)
    rate(one, LISTED, ids(before)[0], 5.0)
    after = recommended(other, LISTED)
    expected = stored.recommend({1: 4.5, 3: 2.0, ids(before)[0]: 5.0}, 10)
    assert (before["source"], after["source"], after["run_id"]) == ("als", "fold_in", OLD[0])
    assert ids(after) == [each.movie_id for each in expected]
    assert [item["score"] for item in after["items"]] == pytest.approx([each.score for each in expected])
    assert [item["predicted_rating"] for item in after["items"]] == pytest.approx([each.stars for each in expected])
    because = [[(each["movie_id"], each["share"]) for each in item["because"]] for item in after["items"]]
    assert because == [[(movie, pytest.approx(share)) for movie, share in each.because] for each in expected]
    one.delete(f"{API}/users/{LISTED}/ratings/{ids(before)[0]}", headers=WITH_KEY)
    assert recommended(other, LISTED) == before


def test_what_is_not_wanted_is_gone_and_what_is_wanted_again_is_back(site: Callable[[], FlaskClient]) -> None:
    client = site()
    before = recommended(client, LISTED)
    hidden = ids(before)[0]
    client.put(f"{API}/users/{LISTED}/hidden/{hidden}", headers=WITH_KEY)
    after = recommended(client, LISTED, "?limit=2")
    assert (after["source"], ids(after)) == ("als", ids(before)[1:3])
    client.delete(f"{API}/users/{LISTED}/hidden/{hidden}", headers=WITH_KEY)
    assert recommended(client, LISTED) == before


def test_who_is_in_no_data_gets_a_list_with_the_first_rating(
    site: Callable[[], FlaskClient], stored: Recommender
) -> None:
    client, user = site(), next(NEWCOMERS)
    assert recommended(client, user)["source"] == "popular"
    rate(client, user, 2, 5.0)
    answer = recommended(client, user)
    assert answer["source"] == "fold_in"
    assert ids(answer) == [each.movie_id for each in stored.recommend({2: 5.0}, 10)]
    of_genre = recommended(client, user, "?genre=comedy")
    assert set(ids(of_genre)) <= {movie for movie, about in MOVIES.items() if "Comedy" in about[2]}


def test_a_rating_of_a_movie_that_the_data_have_no_more_changes_nothing(
    site: Callable[[], FlaskClient], session: Session
) -> None:
    client = site()
    before = recommended(client, LISTED)
    session.execute(
        "INSERT INTO interactions_by_user (user_id, movie_id, rating, rated_at)"
        " VALUES (%s, 4711, 5, toTimestamp(now()))",
        (LISTED,),
    )
    assert recommended(client, LISTED) == before
    session.execute("DELETE FROM interactions_by_user WHERE user_id = %s AND movie_id = 4711", (LISTED,))


def test_without_arrays_the_published_list_serves_without_what_is_rated(
    site: Callable[[], FlaskClient],
    publish: Callable[[tuple[str, str]], None],
    environ: dict[str, str],
    database: Database,
) -> None:
    publish(NEW)
    client, user = create_app(environ, database).test_client(), next(NEWCOMERS)
    before = recommended(client, LISTED)
    rate(client, LISTED, ids(before)[1], 1.0)
    after = recommended(client, LISTED)
    assert (after["source"], ids(after)) == ("als", [movie for movie in ids(before) if movie != ids(before)[1]])
    client.delete(f"{API}/users/{LISTED}/ratings/{ids(before)[1]}", headers=WITH_KEY)
    rate(client, user, 1, 4.0)
    popular = recommended(client, user)
    assert popular["source"] == "popular"
    assert 1 not in ids(popular)


def test_a_narrowed_list_is_made_of_all_movies_that_fit(site: Callable[[], FlaskClient], stored: Recommender) -> None:
    client = site()
    made = [each.movie_id for each in stored.recommend({1: 4.5, 3: 2.0}, 10)]
    of_genre = recommended(client, LISTED, "?genre=western")
    assert (of_genre["source"], ids(of_genre)) == ("fold_in", [6])  # which is not on the published list
    of_years = recommended(client, LISTED, "?year_from=1950&year_to=2001")
    assert (of_years["source"], ids(of_years)) == ("fold_in", [movie for movie in made if movie != 5])
    both = recommended(client, LISTED, "?genre=Romance&year_to=2001&year_from=2001")
    assert ids(both) == [2]
    rarest = recommended(client, LISTED, "?year_from=1900&less_popular=100&limit=2")
    assert ids(rarest) == [6, 4]
    assert recommended(client, LISTED, "?less_popular=100")["source"] == "als"


def test_a_visitor_gets_a_list_and_nothing_is_stored(site: Callable[[], FlaskClient], stored: Recommender) -> None:
    client = site()
    body = {"ratings": [{"movie_id": 2, "rating": 5.0}, {"movie_id": 6, "rating": 1.0}], "exclude": [3], "limit": 2}
    answer = client.post(f"{API}/recommendations", json=body).json
    expected = stored.recommend({2: 5.0, 6: 1.0}, 2, without={3})
    assert (answer["source"], ids(answer)) == ("fold_in", [each.movie_id for each in expected])
    nothing = client.post(f"{API}/recommendations", json={"ratings": []}).json
    assert (nothing["source"], len(ids(nothing))) == ("popular", 4)
    unknown = client.post(f"{API}/recommendations", json={"ratings": [{"movie_id": 4711, "rating": 5}]}).json
    assert unknown["source"] == "popular"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"ratings": [{"movie_id": 1, "rating": 4.3}]},
            "rating: 4.3 is not on the scale: give 0.5 to 5 in steps of 0.5",
        ),
        ({"ratings": [{"movie_id": "x", "rating": 4}]}, "movie_id"),
        ({"ratings": [{"movie_id": 1, "rating": 4}] * 1001}, "1000"),
        ({"ratings": [], "limit": 101}, "limit"),
        ({}, "ratings"),
    ],
)
def test_what_a_visitor_cannot_have_rated_is_refused(
    site: Callable[[], FlaskClient], body: dict[str, Any], message: str
) -> None:
    answer = site().post(f"{API}/recommendations", json=body)
    assert answer.status_code == 422
    assert message in answer.json["error"]["message"]


def test_a_visitor_s_picks_count_as_the_highest_stars_and_have_reasons(
    site: Callable[[], FlaskClient], stored: Recommender
) -> None:
    page = site().get("/?picks=1,3&without=2").text
    expected = stored.recommend({1: 5.0, 3: 5.0}, 24, {2})
    shown = page[page.index('id="yours"') : page.index('id="popular"')]
    found = re.findall(r'<h3><a href="/movies/(\d+)', shown)
    assert [int(each) for each in found] == [each.movie_id for each in expected]
    reasons = re.findall(r'because you liked <a href="/movies/(\d+)', shown)
    assert [int(each) for each in reasons] == [each.because[0][0] for each in expected if each.because]


def test_a_visitor_is_told_which_movies_do_not_exist(site: Callable[[], FlaskClient]) -> None:
    body = {"ratings": [{"movie_id": 1, "rating": 5}, {"movie_id": 999, "rating": 4}], "exclude": [2, 888]}
    answer = site().post(f"{API}/recommendations", json=body).json
    assert (answer["source"], answer["unknown"]) == ("fold_in", [999, 888])
