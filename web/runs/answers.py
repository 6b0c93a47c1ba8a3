"""What people did since: how they rated, while a run was shown, the movies of its lists and all others."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from cassandra.query import UNSET_VALUE
from flask import current_app

from cql.kinds import Kind
from domain.contract.runs import ANSWER_BUCKETS, Status, answer_bucket
from web.app.database import Database, select, write_time
from web.runs.models import ListedRatings, ListName, RunAnswers

TABLE = "answers_by_run"
COLUMNS = ("rating", "shown_place", "popular_place")
ANSWERS = select(TABLE, "run_id", "bucket", columns=COLUMNS)
NOTE = (
    TABLE,
    f"INSERT INTO {TABLE} (run_id, bucket, user_id, movie_id, rating, shown_place, popular_place)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?",
)
FORGET = (
    TABLE,
    f"DELETE FROM {TABLE} USING TIMESTAMP ? WHERE run_id = ? AND bucket = ? AND user_id = ? AND movie_id = ?",
)
AT_ONCE = 200  # writes
ENOUGH = 20_000  # answers of a run that are read; with more, those of some of the users
REMEMBERED_SECONDS = 30.0
LISTS: dict[ListName, str] = {"own": "shown_place", "popular": "popular_place"}
FIRST = (10, 50)  # places of a list


class Answer(NamedTuple):
    """A rating, None for one that is taken back, at its time in UTC, and where the movie stood in that run's lists."""

    run_id: str
    user_id: int
    movie_id: int
    rating: float | None
    rated_at: datetime
    shown_place: int | None = None
    popular_place: int | None = None


class Answers:
    """The rows of answers_by_run, and their figures, each remembered for `REMEMBERED_SECONDS`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: dict[str, tuple[float, RunAnswers]] = {}

    def note(self, answers: Iterable[Answer]) -> None:
        """Store answers, each unless a newer one of the same user to the same movie and run is stored."""
        waiting = iter(answers)
        while some := list(islice(waiting, AT_ONCE)):
            kept, back = ([each for each in some if (each.rating is None) == gone] for gone in (False, True))
            self._database.each(
                NOTE, [(*_key(each), each.rating, *_places(each), write_time(each.rated_at)) for each in kept]
            )
            self._database.each(FORGET, [(write_time(each.rated_at), *_key(each)) for each in back])

    def of(self, run_id: str) -> RunAnswers:
        """The figures of a run, at most `REMEMBERED_SECONDS` old."""
        read_at, figures = self._remembered.get(run_id, (float("-inf"), None))
        if figures is None or time.monotonic() - read_at > REMEMBERED_SECONDS:
            figures = self._read(run_id)
            self._remembered[run_id] = time.monotonic(), figures
        return figures

    def _read(self, run_id: str) -> RunAnswers:
        """Figures of the users of the first buckets: of one, then of as many as should be enough."""
        rows: list[Any] = []
        done = 0
        while done < ANSWER_BUCKETS and len(rows) < ENOUGH:
            more = max(1, (ENOUGH - len(rows)) * done // max(1, len(rows)))
            buckets = range(done, min(ANSWER_BUCKETS, done + more))
            for of_bucket in self._database.each(ANSWERS, [(run_id, bucket) for bucket in buckets]):
                rows += of_bucket
            done = buckets.stop
        return figures_of(rows, done / ANSWER_BUCKETS)


def figures_of(rows: Sequence[Any], users_share: float) -> RunAnswers:
    """The figures of answers with `rating`, `shown_place` and `popular_place`, of that share of the users."""
    return RunAnswers(
        users_share=users_share,
        ratings=len(rows),
        mean_stars=_mean([row.rating for row in rows]),
        lists=[_listed(rows, name, first) for name in LISTS for first in FIRST],
    )


def _listed(rows: Sequence[Any], name: ListName, first: int) -> ListedRatings:
    places = [(getattr(row, LISTS[name]), row.rating) for row in rows]
    listed = [stars for place, stars in places if place is not None and place <= first]
    others = [stars for place, stars in places if place is None or place > first]
    return ListedRatings(
        list=name, first=first, ratings=len(listed), mean_stars=_mean(listed), others_mean_stars=_mean(others)
    )


def _mean(stars: Sequence[float]) -> float | None:
    return sum(stars) / len(stars) if stars else None


def _key(answer: Answer) -> tuple[Any, ...]:
    return answer.run_id, answer_bucket(answer.user_id), answer.user_id, answer.movie_id


def _places(answer: Answer) -> list[Any]:
    """Both places; what there is none of is left unset, as a null would be a tombstone."""
    return [UNSET_VALUE if place is None else place for place in (answer.shown_place, answer.popular_place)]


def is_answered(run: Any) -> bool:
    """Whether a run, a row of runs_by_job, was shown and still is kept, so that it may have answers."""
    return run.job == Kind.RECOMMENDATIONS.job and run.status in (Status.DONE, Status.WITHDRAWN)


def answers() -> Answers:
    """The app's answers and its memory of their figures."""
    return current_app.extensions["recommender.answers"]


def note(given: Iterable[Answer]) -> None:
    """Store how the movies that a run shows are rated; call it when the ratings themselves are stored."""
    answers().note(given)
