"""What people did while a run was shown: counted right, for few reads, and remembered; last on the real tables."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cassandra.cluster import Session
from flask import Flask
from flask.testing import FlaskClient

from domain.contract.runs import ANSWER_BUCKETS, answer_bucket
from tests.support.site_world import OLD
from web.app.database import Database
from web.runs import answers as module
from web.runs.answers import Answer, Answers, figures_of
from web.runs.models import RunAnswers

WHEN = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


def row(rating: float, shown: int | None = None, popular: int | None = None) -> Any:
    return SimpleNamespace(rating=rating, shown_place=shown, popular_place=popular)


def listed(figures: RunAnswers) -> dict[tuple[str, int], tuple[int, float | None, float | None]]:
    return {(each.list, each.first): (each.ratings, each.mean_stars, each.others_mean_stars) for each in figures.lists}


# ------------------------------------------------------------------------------------------------- counted


def test_the_first_places_are_compared_with_all_others() -> None:
    rows = [row(5.0, 1, 50), row(4.0, 10), row(3.0, 11, 10), row(2.0, 50, 51), row(1.0, 51), row(0.5)]
    figures = figures_of(rows, 1.0)
    assert (figures.ratings, figures.mean_stars) == (6, pytest.approx(15.5 / 6))
    assert listed(figures) == {
        ("own", 10): (2, 4.5, pytest.approx(6.5 / 4)),
        ("own", 50): (4, 3.5, 0.75),
        ("popular", 10): (1, 3.0, 2.5),
        ("popular", 50): (2, 4.0, pytest.approx(7.5 / 4)),
    }


def test_without_ratings_there_are_no_means() -> None:
    figures = figures_of([], 1.0)
    assert (figures.ratings, figures.mean_stars) == (0, None)
    assert set(listed(figures).values()) == {(0, None, None)}


def test_where_all_are_on_the_list_there_are_no_others() -> None:
    assert listed(figures_of([row(4.0, 1, 1)], 1.0))["popular", 10] == (1, 4.0, None)


# ------------------------------------------------------------------------------------------------- read and remembered


class Partitions:
    """Stands for the database: rows by bucket, and how often each was read."""

    def __init__(self, rows: dict[int, list[Any]]) -> None:
        self.rows = rows
        self.asked: list[list[int]] = []

    @property
    def read(self) -> list[int]:
        return [bucket for buckets in self.asked for bucket in buckets]

    def each(self, query: tuple[str, str], keys: Sequence[Sequence[Any]]) -> list[list[Any]]:
        self.asked.append([bucket for _, bucket in keys])
        return [self.rows.get(bucket, []) for _, bucket in keys]


def test_few_answers_are_all_read_in_two_rounds() -> None:
    stored = Partitions({bucket: [row(3.0)] * 7 for bucket in range(ANSWER_BUCKETS)})
    figures = Answers(stored).of("run-1")
    assert (figures.ratings, figures.users_share) == (7 * ANSWER_BUCKETS, 1.0)
    assert [len(buckets) for buckets in stored.asked] == [1, ANSWER_BUCKETS - 1]
    assert sorted(stored.read) == list(range(ANSWER_BUCKETS))


def test_of_many_answers_those_of_some_users_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENOUGH", 1000)
    stored = Partitions({bucket: [row(3.0)] * 150 for bucket in range(ANSWER_BUCKETS)})
    figures = Answers(stored).of("run-1")
    assert 1000 <= figures.ratings <= 1150
    assert figures.users_share == len(stored.read) / ANSWER_BUCKETS == pytest.approx(7 / ANSWER_BUCKETS)


def test_one_bucket_that_is_enough_is_the_only_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENOUGH", 100)
    stored = Partitions({0: [row(3.0)] * 500})
    assert Answers(stored).of("run-1").users_share == 1 / ANSWER_BUCKETS
    assert stored.asked == [[0]]


def test_figures_are_remembered_for_each_run(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    stored = Partitions({})
    figures = Answers(stored)
    assert figures.of("run-1") is figures.of("run-1")
    figures.of("run-2")
    assert len(stored.asked) == 4
    now += module.REMEMBERED_SECONDS + 1
    figures.of("run-1")
    assert len(stored.asked) == 6


# ------------------------------------------------------------------------------------------------- stored


@pytest.fixture
def noted(database: Database, session: Session) -> Answers:
    """The answers of the tests' keyspace, of which there are none."""
    session.execute("TRUNCATE answers_by_run")  # a deletion of now would hide what is written at earlier times
    return Answers(database)


def stored_rows(session: Session, run_id: str = "run-7") -> dict[tuple[int, int], tuple[float, int | None, int | None]]:
    rows = session.execute("SELECT * FROM answers_by_run WHERE run_id = %s ALLOW FILTERING", (run_id,))
    found = {(each.user_id, each.movie_id): (each.bucket, each) for each in rows}
    assert all(bucket == answer_bucket(user) for (user, _), (bucket, _) in found.items())
    return {key: (each.rating, each.shown_place, each.popular_place) for key, (_, each) in found.items()}


@pytest.mark.cluster
def test_whatever_the_order_of_arrival_the_newest_answer_is_kept(noted: Answers, session: Session) -> None:
    draw = random.Random(5)
    moments = [WHEN + timedelta(milliseconds=each) for each in draw.sample(range(5000), 600)]
    given = [
        Answer("run-7", draw.randrange(9), draw.randrange(6), draw.choice([None, 1.0, 2.5, 5.0]), moment)
        for moment in moments
    ]
    places = {
        (user, movie): (draw.choice([None, 3]), draw.choice([None, 30])) for user in range(9) for movie in range(6)
    }
    given = [each._replace(shown_place=s, popular_place=p) for each in given for s, p in [places[each[1:3]]]]
    plain: dict[tuple[int, int], float | None] = {}
    for each in sorted(given, key=lambda each: each.rated_at):
        plain[each.user_id, each.movie_id] = each.rating
    draw.shuffle(given)
    noted.note(given[:250])
    noted.note(iter(given[250:]))
    noted.note([])
    expected = {key: (rating, *places[key]) for key, rating in plain.items() if rating is not None}
    assert stored_rows(session) == expected
    noted.note(given)
    assert stored_rows(session) == expected, "the same once more changes nothing"
    assert noted.of("run-7").ratings == len(expected)


@pytest.mark.cluster
def test_the_page_the_api_and_the_metrics_tell_the_same(client: FlaskClient, noted: Answers) -> None:
    assert "What people did since" not in client.get("/runs").text
    answers = [(1, 4.0, 2, None), (2, 5.0, 12, 7), (3, 1.0, None, 3)]
    app: Flask = client.application
    app.extensions["recommender.answers"] = noted
    with app.app_context():
        module.note(Answer(OLD[0], user, 1, stars, WHEN, place, popular) for user, stars, place, popular in answers)
    items = client.get("/api/v1/runs?job=publish_recommendations").json["items"]
    figures = {item["run_id"]: item["answers"] for item in items}[OLD[0]]
    assert (figures["ratings"], figures["users_share"]) == (3, 1.0)
    assert {(each["list"], each["first"]): each["ratings"] for each in figures["lists"]} == {
        ("own", 10): 1,
        ("own", 50): 2,
        ("popular", 10): 2,
        ("popular", 50): 2,
    }
    assert client.get("/api/v1/runs?job=train_als").json["items"][0]["answers"] is None
    page = client.get("/runs").text
    section = page[page.index('id="since"') :]
    assert f'title="Run {OLD[0]}"' in section
    assert "<b>4.00 ★</b>" in section
    assert "others 3.00 ★" in section
    metrics = client.get("/metrics").text
    assert f'run_ratings{{run_id="{OLD[0]}"}} 3.0' in metrics
    assert f'run_listed_mean_stars{{first="10",list="own",run_id="{OLD[0]}"}} 4.0' in metrics
    assert f'run_other_mean_stars{{first="10",list="own",run_id="{OLD[0]}"}} 3.0' in metrics
