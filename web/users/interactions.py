"""What users do at this site: ratings, what they take back, what they hide. It outlives every data set and run.

Everything is written with its own time as the timestamp of the write, so that the newest wins in whatever order writes
arrive, and repeating one changes nothing. A quorum has what is acknowledged, and every read asks a quorum.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cassandra.query import UNSET_VALUE

from domain.contract.interactions import Interaction
from domain.serving.marks import Marks
from web.app.database import Database, database, select, write_time
from web.app.kept import marks

TABLE = "interactions_by_user"
COLUMNS = ("movie_id", "rating", "rated_at", "hidden_at")
OF_USER = select(TABLE, "user_id", columns=COLUMNS)
RATED = select(TABLE, "user_id", columns=("movie_id", "rated_at"))
OF_MOVIE = select(TABLE, "user_id", "movie_id", columns=COLUMNS)
RATE = (
    TABLE,
    f"UPDATE {TABLE} USING TIMESTAMP ? SET rating = ?, rated_at = ?, shown_run = ?, shown_place = ?, popular_place = ?"
    " WHERE user_id = ? AND movie_id = ?",
)
HIDE = (TABLE, f"UPDATE {TABLE} USING TIMESTAMP ? SET hidden_at = ? WHERE user_id = ? AND movie_id = ?")

TICK = timedelta(milliseconds=1)  # what a column of times tells apart


class Shown(NamedTuple):
    """Where a movie stood when it was rated: in the user's list of the active run, and among its popular movies."""

    run_id: str | None = None
    place: int | None = None
    popular_place: int | None = None


NOT_SHOWN = Shown()


class Given(NamedTuple):
    """A rating of a user, None for one that is taken back, at its time in UTC, None for now."""

    user_id: int
    movie_id: int
    rating: float | None
    rated_at: datetime | None = None
    shown: Shown = NOT_SHOWN


class Interactions:
    """The rows of interactions_by_user. Methods raise as `Database` does; those that write return what is stored.

    `marks` are renewed for users of whom something may have been stored.
    """

    def __init__(self, database: Database, marks: Marks) -> None:
        self._database = database
        self._marks = marks

    def of(self, user_id: int) -> list[Interaction]:
        """Everything that the user did."""
        return self.ask(user_id)()

    def ask(self, user_id: int) -> Callable[[], list[Interaction]]:
        """Ask for everything that the user did; what is returned waits for it."""
        wait = self._database.ask(OF_USER, user_id)
        return lambda: [_interaction(row) for row in wait()]

    def of_movie(self, user_id: int, movie_id: int) -> Interaction:
        """What the user did with one movie."""
        row = self._database.one(OF_MOVIE, user_id, movie_id)
        return _interaction(row) if row else Interaction(movie_id)

    def rate(self, given: Given, since: datetime) -> Interaction:
        """Store a rating unless a newer one is stored; the same once more, without a time, is none if it came `since`.

        What came before may be older than a data set that has another rating.
        """
        stored = self.of_movie(given.user_id, given.movie_id)
        if stored.rated_at is not None:
            is_repeated = stored.rating == given.rating and stored.rated_at >= since
            if is_repeated if given.rated_at is None else _whole(given.rated_at) <= stored.rated_at:
                return stored
        at = given.rated_at or _now_after(stored.rated_at)
        self._write([given], at, {given[:2]} if stored.rated_at else ())
        return stored._replace(rating=given.rating, rated_at=_whole(at))

    def rate_all(self, ratings: Iterable[Given], now: datetime) -> None:
        """Store ratings, each unless a newer one is stored; those without a time are of `now`."""
        given = list(ratings)
        users = sorted({each.user_id for each in given})
        found = zip(users, self._database.each(RATED, [(user_id,) for user_id in users]), strict=True)
        self._write(given, now, {(user_id, row.movie_id) for user_id, rows in found for row in rows if row.rated_at})

    def _write(self, ratings: Collection[Given], now: datetime, replaced: Container[tuple[int, int]]) -> None:
        """Write ratings; `replaced` are the users and movies that have one, whose places have to go with it.

        Where there is none, a place that is not known is left out: a null would be kept as a tombstone.
        """
        rows = []
        for each in ratings:
            at, is_replaced = each.rated_at or now, each[:2] in replaced
            shown = (UNSET_VALUE if value is None and not is_replaced else value for value in each.shown)
            rows.append((write_time(at), each.rating, at, *shown, *each[:2]))
        with self._marked(each.user_id for each in ratings):
            self._database.write_each(RATE, rows)

    @contextmanager
    def _marked(self, user_ids: Iterable[int]) -> Iterator[None]:
        """Renew the marks of users once something of them is stored, also where nobody knows whether it is."""
        try:
            yield
        finally:
            self._marks.renew(user_ids)

    def take_back(self, user_id: int, movie_id: int) -> Interaction:
        """Store that the user has no rating of the movie from now on, whatever the data set has."""
        stored = self.of_movie(user_id, movie_id)
        at = _now_after(stored.rated_at)
        self._write([Given(user_id, movie_id, None)], at, ())
        return stored._replace(rating=None, rated_at=_whole(at))

    def hide(self, user_id: int, movie_id: int) -> Interaction:
        """Store that the user is not interested in the movie, from now on or since they said so first."""
        stored = self.of_movie(user_id, movie_id)
        if stored.hidden_at is not None:
            return stored
        at = _now_after(None)
        with self._marked([user_id]):
            self._database.write(HIDE, write_time(at), at, user_id, movie_id)
        return stored._replace(hidden_at=_whole(at))

    def unhide(self, user_id: int, movie_id: int) -> Interaction:
        """Store that the user may be shown the movie again."""
        stored = self.of_movie(user_id, movie_id)
        if stored.hidden_at is not None:
            with self._marked([user_id]):
                self._database.write(HIDE, write_time(_now_after(stored.hidden_at)), None, user_id, movie_id)
        return stored._replace(hidden_at=None)


def _interaction(row: Any) -> Interaction:
    # a float of the table has seven digits: 4.3 comes back as 4.300000190734863
    rating = None if row.rating is None else round(row.rating, 6)
    return Interaction(row.movie_id, rating, _aware(row.rated_at), _aware(row.hidden_at))


def _aware(at: datetime | None) -> datetime | None:
    return at and at.replace(tzinfo=UTC)


def _now_after(stored: datetime | None) -> datetime:
    """The time now; after what is stored, even where another machine wrote that, whose clock goes ahead of ours."""
    now = datetime.now(UTC)
    return max(now, stored + TICK) if stored else now


def _whole(at: datetime) -> datetime:
    """The time as a column has it, in whole milliseconds."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def interactions() -> Interactions:
    """What users did, for the app's one way to Cassandra."""
    return Interactions(database(), marks())
