"""What people did on the site: judged by the rules of lines, merged by the rule of the site, known by a digest."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from domain.cleaning.reasons import Reason
from domain.contract.interactions import Interaction, hidden, merged
from domain.contract.movielens import SCALE, Scale
from spark_jobs.movielens.transforms.interactions import Change, classify_interactions, digest, merge_ratings
from spark_jobs.storage.schemas import CLEAN

STORED = "user_id int, movie_id int, rating float, rated_at timestamp, hidden_at timestamp"
START = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = int(START.timestamp()) + 1000
KNOWN = (0, 1, 2, 3)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Row(NamedTuple):
    """A row of interactions_by_user, as far as it is read."""

    user_id: int
    movie_id: int
    rating: float | None = None
    rated_at: datetime | None = None
    hidden_at: datetime | None = None


def interactions(spark: SparkSession, rows: Iterable[Row]) -> DataFrame:
    return spark.createDataFrame([tuple(row) for row in rows], STORED)


def ratings(spark: SparkSession, rows: Iterable[tuple[int, int, float, datetime]]) -> DataFrame:
    return spark.createDataFrame(list(rows), CLEAN["ratings"])


# ------------------------------------------------------------------------------------------------- judged

JUDGED = {
    Row(1, 1, 4.0, at(0)): None,
    Row(0, 0, 0.5, at(1000)): None,
    Row(2**31 - 1, 3, 5.0, at(0)): None,
    Row(1, 2, None, at(0)): None,
    Row(-1, 1, 4.0, at(0)): Reason.ID_OUT_OF_RANGE,
    Row(1, -2, None, at(0)): Reason.ID_OUT_OF_RANGE,
    Row(2, 1, 0.0, at(0)): Reason.RATING_OUT_OF_RANGE,
    Row(3, 1, 5.5, at(0)): Reason.RATING_OUT_OF_RANGE,
    Row(4, 1, float("nan"), at(0)): Reason.RATING_OUT_OF_RANGE,
    Row(5, 1, float("inf"), at(0)): Reason.RATING_OUT_OF_RANGE,
    Row(6, 1, 3.7, at(0)): Reason.RATING_NOT_A_HALF_STEP,
    Row(7, 1, 4.0, at(1001)): Reason.TIME_OUT_OF_RANGE,
    Row(8, 1, None, datetime(1970, 1, 1, tzinfo=UTC)): Reason.TIME_OUT_OF_RANGE,
    Row(9, 9, 4.0, at(0)): Reason.UNKNOWN_MOVIE,
    Row(10, 9, None, at(0)): Reason.UNKNOWN_MOVIE,
}


def judged(spark: SparkSession, rows: Iterable[Row], scale: Scale = SCALE) -> list:
    movies = spark.createDataFrame([(movie, "Title", 1999, []) for movie in KNOWN], CLEAN["movies"])
    return classify_interactions(interactions(spark, rows), movies, scale, UNTIL).collect()


def test_each_interaction_is_rejected_for_its_reason(spark: SparkSession) -> None:
    found = {(row.user_id, row.movie_id): row["reason"] for row in judged(spark, JUDGED)}
    assert found == {(row.user_id, row.movie_id): reason for row, reason in JUDGED.items()}


def test_a_rejected_one_tells_its_field_and_value_and_reads_like_a_line(spark: SparkSession) -> None:
    found = {row.user_id: row for row in judged(spark, JUDGED) if row["reason"]}
    assert all(row["field"] and row["value"] in row["text"] for row in found.values())
    assert (found[6]["text"], found[6]["field"]) == ("6,1,3.7,2026-01-01 00:00:00", "rating")
    assert found[10]["text"] == "10,9,,2026-01-01 00:00:00"


def test_what_only_hides_a_movie_or_says_nothing_is_no_rating(spark: SparkSession) -> None:
    rows = [Row(1, 1, hidden_at=at(0)), Row(1, 9, hidden_at=at(0)), Row(1, 2), Row(1, 3, 2.0)]
    assert judged(spark, rows) == []


def test_stars_are_those_of_the_scale(spark: SparkSession) -> None:
    rows = [Row(1, 1, 8.0, at(0)), Row(1, 2, 0.0, at(0)), Row(1, 3, 0.5, at(0))]
    found = judged(spark, rows, Scale(0.0, 10.0, 1.0))
    assert sorted((row.movie_id, row["reason"]) for row in found if row["reason"]) == [
        (3, Reason.RATING_NOT_A_HALF_STEP)
    ]


# ------------------------------------------------------------------------------------------------- merged


def merge(
    spark: SparkSession, of_files: Iterable[tuple[int, int, float, datetime]], rows: Iterable[Row]
) -> dict[tuple[int, int], tuple[float | None, str | None]]:
    """Stars and change by user and movie."""
    merged_rows = merge_ratings(ratings(spark, of_files), interactions(spark, rows)).collect()
    found = {(row.user_id, row.movie_id): (row.rating, row.change) for row in merged_rows}
    assert len(found) == len(merged_rows)
    return found


def test_the_newest_wins_and_of_two_at_one_time_the_interaction(spark: SparkSession) -> None:
    of_files = [(1, movie, 1.0, at(10)) for movie in range(6)]
    rows = [
        Row(1, 0, 5.0, at(9.999)),
        Row(1, 1, 5.0, at(10)),
        Row(1, 2, 5.0, at(11)),
        Row(1, 3, None, at(9)),
        Row(1, 4, None, at(10)),
        Row(1, 8, None, at(11)),
        Row(1, 9, 2.5, at(11)),
    ]
    assert merge(spark, of_files, rows) == {
        (1, 0): (1.0, None),
        (1, 1): (5.0, Change.REPLACED),
        (1, 2): (5.0, Change.REPLACED),
        (1, 3): (1.0, None),
        (1, 4): (None, Change.REMOVED),
        (1, 5): (1.0, None),
        (1, 9): (2.5, Change.ADDED),
    }


def test_merged_ratings_lie_as_cleaned_ones_do(spark: SparkSession) -> None:
    """All of a user's together in one part, by movie, whether they did something or not."""
    draw = np.random.default_rng(3)
    of_files = {(int(user), int(movie)) for user, movie in draw.integers(1, 40, (500, 2))}
    done = {(int(user), int(movie)) for user, movie in draw.integers(20, 60, (200, 2))}
    cleaned = ratings(spark, [(*key, 3.0, at(0)) for key in of_files]).repartition(3, "user_id")
    frame = merge_ratings(
        cleaned.sortWithinPartitions("user_id", "movie_id"),
        interactions(spark, [Row(*key, 4.0, at(5)) for key in done]),
    )
    parts = [[tuple(row) for row in part] for part in frame.select("user_id", "movie_id").rdd.glom().collect()]
    assert {key for part in parts for key in part} == of_files | done
    runs = [(user, [movie for _, movie in of_user]) for part in parts for user, of_user in groupby(part, itemgetter(0))]
    assert len(runs) == len({user for user, _ in of_files | done})
    assert all(movies == sorted(movies) for _, movies in runs)


class Plain:
    """What a user should see, kept in plain dicts: events in the order of their times."""

    def __init__(self, of_files: dict[tuple[int, int], tuple[float, datetime]]) -> None:
        self.stars = {key: stars for key, (stars, _) in of_files.items()}
        self.rated_at = {key: when for key, (_, when) in of_files.items()}
        self.hidden: set[tuple[int, int]] = set()

    def do(self, what: str, key: tuple[int, int], stars: float, when: datetime) -> None:
        if what in ("hide", "unhide"):
            (self.hidden.add if what == "hide" else self.hidden.discard)(key)
        elif when >= self.rated_at.get(key, when):
            self.stars.pop(key, None)
            if what == "rate":
                self.stars[key] = stars


def table_after(events: Iterable[tuple[str, tuple[int, int], float, datetime]]) -> dict[tuple[int, int], Row]:
    """Rows of the table when events arrive in this order, each cell with the time of its event (USING TIMESTAMP)."""
    rated: dict[tuple[int, int], tuple[datetime, float | None]] = {}
    hid: dict[tuple[int, int], tuple[datetime, bool]] = {}
    for what, key, stars, when in events:
        if what in ("hide", "unhide"):
            hid[key] = max(hid.get(key, (when, False)), (when, what == "hide"))
        elif key not in rated or when > rated[key][0]:
            rated[key] = when, stars if what == "rate" else None
    return {
        key: Row(
            *key,
            *((rated[key][1], rated[key][0]) if key in rated else (None, None)),
            hid[key][0] if key in hid and hid[key][1] else None,
        )
        for key in rated.keys() | hid.keys()
    }


@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_order_of_arrival_the_ratings_are_those_of_a_plain_dict(spark: SparkSession, seed: int) -> None:
    draw = random.Random(seed)
    keys = [(user, movie) for user in range(30) for movie in range(12)]
    of_files = {key: (draw.randrange(1, 11) / 2, at(draw.randrange(0, 60))) for key in keys if draw.random() < 0.5}
    times = draw.sample(range(4000), 1500)  # each once: of two at one time a table may keep either
    events = [
        (draw.choice(["rate", "rate", "rate", "take back", "hide", "unhide"]), draw.choice(keys), stars / 2, at(t / 50))
        for t, stars in zip(times, draw.choices(range(1, 11), k=len(times)), strict=True)
    ]
    plain = Plain(of_files)
    for event in sorted(events, key=lambda event: event[3]):
        plain.do(*event)
    draw.shuffle(events)
    table = table_after(events)

    found = merge(spark, [(*key, stars, when) for key, (stars, when) in of_files.items()], _rated(table.values()))
    kept = {key: stars for key, (stars, change) in found.items() if change != Change.REMOVED}
    assert kept == plain.stars
    changes = {change: {key for key, (_, found_change) in found.items() if found_change == change} for change in Change}
    assert changes[Change.ADDED] == kept.keys() - of_files.keys()
    assert changes[Change.REMOVED] == of_files.keys() - kept.keys()

    for user in range(30):  # the site's rule says the same
        base = {movie: rating for (each, movie), rating in of_files.items() if each == user}
        own = [
            Interaction(row.movie_id, row.rating, row.rated_at, row.hidden_at)
            for row in table.values()
            if row[0] == user
        ]
        assert merged(base, own) == {movie: stars for (each, movie), stars in kept.items() if each == user}
        assert hidden(own) == {movie for each, movie in plain.hidden if each == user}


def _rated(rows: Iterable[Row]) -> list[Row]:
    """Those that `classify_interactions` lets through."""
    return [row for row in rows if row.rated_at is not None]


# ------------------------------------------------------------------------------------------------- known by a digest


def digested(spark: SparkSession, rows: Iterable[Row], partitions: int = 2) -> tuple:
    (row,) = digest(interactions(spark, rows).repartition(partitions)).collect()
    return tuple(row)


def test_the_digest_is_of_the_ratings_in_any_order(spark: SparkSession) -> None:
    rows = [Row(user, movie, 2.5, at(user), at(movie)) for user in range(1, 9) for movie in range(5)]
    rows += [Row(20, movie, None, at(movie)) for movie in range(5)]
    known = digested(spark, rows)
    assert known[:2] == (40, 45)
    assert digested(spark, reversed(rows), partitions=5) == known
    changed = {
        "stars": rows[0]._replace(rating=3.0),
        "time": rows[0]._replace(rated_at=at(1.001)),
        "movie": rows[0]._replace(movie_id=7),
        "user": rows[0]._replace(user_id=99),
        "taken back": rows[0]._replace(rating=None),
    }
    others = {what: digested(spark, [row, *rows[1:]]) for what, row in changed.items()}
    assert len({known, *others.values()}) == 1 + len(changed)


def test_hiding_is_counted_and_makes_no_other_digest(spark: SparkSession) -> None:
    rows = [Row(1, 1, 4.0, at(0))]
    known, hides = digested(spark, rows), digested(spark, [*rows, Row(1, 2, hidden_at=at(0)), Row(2, 2)])
    assert (hides[0], hides[1:]) == (1, known[1:])
    assert digested(spark, [Row(1, 2, hidden_at=at(0))]) == (1, 0, None)
