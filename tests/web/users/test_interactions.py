"""The store of what users do: the newest wins, in whatever order writes arrive and however clocks differ."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT

from domain.contract.interactions import Interaction
from domain.serving.marks import Marks
from web.app.database import Database, select
from web.app.errors import CassandraAway
from web.users.interactions import Given, Interactions, Shown

pytestmark = pytest.mark.cluster
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # since when nothing was repeated
USERS = count(9000)  # each of one test


@pytest.fixture
def store(database: Database) -> Interactions:
    return Interactions(database, Marks())


def test_ratings_that_arrive_in_any_order_leave_the_newest(store: Interactions) -> None:
    draw = random.Random(7)
    for _ in range(30):
        user = next(USERS)
        times = draw.sample(range(100), 6)
        given = [
            Given(user, 1, draw.choice([None, 0.5, 3.0, 5.0]), START + timedelta(milliseconds=time)) for time in times
        ]
        for each in given:
            store.rate_all([each], START)
        newest = max(given, key=lambda each: each.rated_at or START)
        assert store.of(user) == [Interaction(1, newest.rating, newest.rated_at)]


def test_what_is_done_at_once_stays_in_its_order(store: Interactions) -> None:
    user = next(USERS)
    for stars in [0.5, 5.0, 3.0] * 7:
        assert store.rate(Given(user, 1, stars), NEVER).rating == stars
        assert store.of_movie(user, 1).rating == stars
        assert store.take_back(user, 1).rating is None
        assert store.of_movie(user, 1).rating is None
        assert store.hide(user, 1).hidden_at == store.of_movie(user, 1).hidden_at is not None
        store.unhide(user, 1)
        assert store.of_movie(user, 1).hidden_at is None


def test_a_machine_whose_clock_goes_ahead_does_not_win_for_ever(store: Interactions) -> None:
    user, ahead = next(USERS), datetime.now(UTC) + timedelta(seconds=20)
    store.rate_all([Given(user, 1, 5.0, ahead)], ahead)
    assert store.take_back(user, 1).rating is None
    assert store.of_movie(user, 1).rating is None
    assert store.rate(Given(user, 1, 1.0), NEVER).rating == 1.0
    assert store.of_movie(user, 1).rating == 1.0


def test_a_rating_that_comes_again_after_another_data_set_is_a_new_one(store: Interactions) -> None:
    user = next(USERS)
    first = store.rate(Given(user, 1, 3.0), START)
    assert store.rate(Given(user, 1, 3.0), START) == first
    again = store.rate(Given(user, 1, 3.0), NEVER)
    assert (again.rating, again.rated_at > first.rated_at) == (3.0, True)  # type: ignore[operator]


def test_what_is_answered_is_what_is_stored(store: Interactions) -> None:
    user, at = next(USERS), START.replace(microsecond=123_999)
    answer = store.rate(Given(user, 1, 4.3, at, Shown("run-1", 2, 3)), NEVER)
    assert answer == Interaction(1, 4.3, START.replace(microsecond=123_000)) == store.of_movie(user, 1)
    assert store.hide(user, 2) == store.of_movie(user, 2)
    assert [each.movie_id for each in store.of(user)] == [1, 2]
    assert store.of(next(USERS)) == []


def test_the_places_of_a_rating_go_with_it(store: Interactions, database: Database) -> None:
    user = next(USERS)
    query = select("interactions_by_user", "user_id", columns=("movie_id", "shown_run", "shown_place", "popular_place"))
    for movie_id in (1, 2):
        store.rate(Given(user, movie_id, 4.0, None, Shown("run-1", 2, 3)), NEVER)
    store.rate(Given(user, 1, 3.0, None, Shown("run-2", None, 5)), NEVER)
    store.rate_all([Given(user, each, 3.0, None, Shown("run-2", 7)) for each in (2, 3)], datetime.now(UTC))
    assert [tuple(row) for row in database.rows(query, user)] == [
        (1, "run-2", None, 5),
        (2, "run-2", 7, None),
        (3, "run-2", 7, None),
    ]


def test_a_quorum_has_what_is_acknowledged_and_is_asked_by_reads(database: Database) -> None:
    profile = database.session().get_execution_profile(EXEC_PROFILE_DEFAULT)
    assert profile.consistency_level == ConsistencyLevel.LOCAL_QUORUM


def test_a_user_s_mark_is_renewed_also_when_nobody_knows_whether_a_write_arrived(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*args: object) -> None:
        raise CassandraAway("No answer in time.")

    user, marks = next(USERS), Marks()
    before = marks.of(user)
    monkeypatch.setattr(database, "write_each", lost)
    with pytest.raises(CassandraAway):
        Interactions(database, marks).rate(Given(user, 1, 4.0), NEVER)
    assert marks.of(user) != before
