"""Ratings as they come in: checked against the active data set, and each with where its movie was shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import request
from pydantic import ValidationError

from web.app.database import database
from web.app.errors import Conflict, Invalid, NotFound, WebError, problems
from web.movies.store import MoviesView
from web.users.interactions import Given, Shown
from web.users.models import RatingBody, RefusedRating, UserRating

NEAR = 1e-6  # of a star, for scales whose steps no float is

CLAIM = (
    "answers_by_key",
    "INSERT INTO answers_by_key (key, digest, received_at) VALUES (?, ?, ?) IF NOT EXISTS",
)
ANSWER = ("answers_by_key", "INSERT INTO answers_by_key (key, digest, received_at, answer) VALUES (?, ?, ?, ?)")


def on_scale(view: MoviesView, rating: float) -> float:
    """The rating, as the scale of the data set has it.

    Raises:
        Invalid: it is none of its stars; the message says what is.
    """
    stars = view.stars()
    nearest = min(stars, key=lambda star: abs(star - rating))
    if abs(nearest - rating) > NEAR:
        step = stars[1] - stars[0]
        raise Invalid(
            f"rating: {rating:g} is not on the scale: give {stars[0]:g} to {stars[-1]:g} in steps of {step:g}"
        )
    return nearest


def refuse_unknown(movie_id: int, movies: Iterable[int]) -> None:
    """Refuse a movie that is none of the data set's.

    Raises:
        NotFound: it is none; the message says how to find one.
    """
    if movie_id not in movies:
        raise NotFound(f"There is no movie {movie_id}: find ids with GET /api/v1/movies?q=words+of+a+title.")


def checked(view: MoviesView, items: Sequence[Any]) -> tuple[list[tuple[UserRating, float]], list[RefusedRating]]:
    """The ratings that may be stored, each as the scale has it, and the others with their reasons."""
    parsed: dict[int, UserRating] = {}
    refused = []
    for position, item in enumerate(items):
        try:
            parsed[position] = _parsed(item)
        except Invalid as error:
            refused.append(RefusedRating(position=position, reason=str(error)))
    movies = view.movies({each.movie_id for each in parsed.values()})
    accepted = []
    for position, each in parsed.items():
        try:
            refuse_unknown(each.movie_id, movies)
            accepted.append((each, on_scale(view, each.rating)))
        except WebError as error:
            refused.append(RefusedRating(position=position, reason=str(error)))
    return accepted, sorted(refused, key=lambda each: each.position)


def _parsed(item: Any) -> UserRating:
    if not isinstance(item, dict):
        raise Invalid("it must be an object with user_id, movie_id and rating")
    try:
        return UserRating.model_validate(item)
    except ValidationError as error:
        raise Invalid(problems(error)) from error


class Places:
    """Where movies stand in the lists of the active run, for users who rate them."""

    def __init__(self, view: MoviesView, user_ids: Iterable[int]) -> None:
        popular, listed = view.popular(None), view.listed_movie_ids(set(user_ids))
        self._view = view
        self._popular = _places(popular.movie_ids if popular else ())
        self._lists = {user_id: _places(movie_ids) for user_id, movie_ids in listed.items()}

    def of(self, user_id: int, rating: RatingBody) -> Shown:
        """The places of a movie that is rated now; none for a rating from before the run was published."""
        if rating.rated_at is not None and rating.rated_at < self._view.published_at:
            return Shown()
        return self.now(user_id, rating.movie_id)

    def now(self, user_id: int, movie_id: int) -> Shown:
        """The places of a movie in the lists of the active run."""
        return Shown(self._view.run_id, self._lists.get(user_id, {}).get(movie_id), self._popular.get(movie_id))


def _places(movie_ids: Iterable[int]) -> dict[int, int]:
    return {movie_id: place for place, movie_id in enumerate(movie_ids, start=1)}


def newest(view: MoviesView, accepted: Sequence[tuple[UserRating, float]], now: datetime) -> list[Given]:
    """What is stored of ratings that may be: of several of one movie by one user the newest, of one moment the last."""
    places = Places(view, (each.user_id for each, _ in accepted))
    found: dict[tuple[int, int], Given] = {}
    for each, stars in accepted:
        key = each.user_id, each.movie_id
        if key not in found or (each.rated_at or now) >= (found[key].rated_at or now):
            found[key] = Given(*key, stars, each.rated_at, places.of(each.user_id, each))
    return list(found.values())


def once(key: str | None, work: Callable[[datetime], dict[str, Any]]) -> dict[str, Any]:
    """The answer of `work`, which is given the time that counts as now; for a key that came before, the answer of then.

    A key is remembered for a day (cql/tables/answers_by_key.cql). It is claimed before the work begins, with the time,
    so that a call that is repeated because it failed half-way, or that comes twice at once, writes the same once more.

    Raises:
        Conflict: the key came with another body.
    """
    now = datetime.now(UTC)
    if key is None:
        return work(now)
    digest = hashlib.sha256(request.get_data()).hexdigest()
    claim = database().one(CLAIM, key, digest, now)
    if claim is not None and not claim.applied:
        if claim.digest != digest:
            raise Conflict("This Idempotency-Key came with another body within a day: give a new key to a new body.")
        if claim.answer is not None:
            return dict(json.loads(claim.answer))
        now = claim.received_at.replace(tzinfo=UTC)
    answer = work(now)
    database().write(ANSWER, key, digest, now, json.dumps(answer))
    return answer
