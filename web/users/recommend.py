"""Which movies a user is shown: a list that answers to what they rated, else what is popular and new to them.

Who has rated, taken back or hidden nothing since the run's data set has the list that was published. Of the others the
published model makes one for the ratings as they are now; while its arrays are not loaded, the published list has to
do, without what was rated or hidden. Lists of a genre or of years are made by the model, too, from all movies that fit,
as the published ones have few of a rare genre.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from domain.contract.interactions import Stars
from domain.serving.less_popular import CONSIDERED, less_popular_first
from web.app.errors import NotFound
from web.model.served import served_model
from web.movies.lists import popular
from web.movies.store import Movie, MoviesView
from web.users.history import History
from web.users.narrowed import ALL, Narrowing

MOST_POPULAR = 10_000  # more than any list of popular movies has


@dataclass(frozen=True)
class Reason:
    """A movie that a user rated, and its share of what rated movies add to a score; None where no share is stored."""

    movie: Movie
    share: float | None


@dataclass(frozen=True)
class Recommendation:
    """A movie for a user. `score` orders the list; for a popular movie it is the Bayesian mean in stars."""

    movie: Movie
    score: float | None = None
    predicted_rating: float | None = None
    because: tuple[Reason, ...] = ()
    rating_count: int | None = None  # where the order depends on it


@dataclass(frozen=True)
class Recommendations:
    """A list and its source; `known`: has the user rated, in the data or since?

    `als` is every list that was published, `fold_in` one that the published model made now.
    """

    source: Literal["als", "fold_in", "popular"]
    known: bool
    items: list[Recommendation]


def recommend(view: MoviesView, history: History, limit: int, narrowing: Narrowing = ALL) -> Recommendations:
    """At most `limit` movies for the history's user, best first, none of which they rated or hid.

    A user without a list, or with nothing on it that fits `narrowing`, gets popular movies that do.
    """
    row = view.recommendations(history.user_id)
    if history.interactions or narrowing.leaves_out:
        return _answer_to(view, history, row, limit, narrowing)
    items = _own(view, row, limit, narrowing) if row else []
    if items:
        return Recommendations("als", True, items)
    known = row is not None or view.user(history.user_id) is not None
    rated = view.rated_movie_ids(history.user_id) if known else set()
    return _popular(view, known, narrowing, limit, rated)


def _answer_to(view: MoviesView, history: History, row: Any, limit: int, narrowing: Narrowing) -> Recommendations:
    """What `recommend` gives from the ratings as they are now."""
    known = history.stored.keys() | view.movies(history.now.keys() - history.stored.keys()).keys()
    # what another data set had would be new for ever: no training of this one can learn it
    stars = {movie_id: rating for movie_id, rating in _stars(history.now).items() if movie_id in known}
    unwanted = {*history.hidden}
    is_published = row and stars == _stars(history.stored) and not narrowing.leaves_out
    made = None if is_published else fold_in(view, stars, limit, narrowing, unwanted)
    if made:
        return made
    without = unwanted | stars.keys()
    items = _own(view, row, limit, narrowing, without) if row else []
    if items:
        return Recommendations("als", True, items)
    return _popular(view, history.is_known or bool(history.stored), narrowing, limit, without)


def _stars(ratings: Mapping[int, Stars]) -> dict[int, float]:
    return {movie_id: rating for movie_id, (rating, _) in ratings.items()}


def fold_in(
    view: MoviesView, ratings: Mapping[int, float], limit: int, narrowing: Narrowing, unwanted: Collection[int] = ()
) -> Recommendations | None:
    """The list that the published model makes of ratings by movie; None where it is not loaded or has nothing to say.

    Right after a flip it is the model of the run before, until the new one is loaded.
    """
    model = served_model()
    if model is None or not ratings:
        return None
    considered = CONSIDERED if narrowing.less_popular else limit
    listed = model.recommender.recommend(ratings, considered, unwanted, narrowing.fitting(view))
    movies = view.movies({movie_id for each in listed for movie_id in (each.movie_id, *dict(each.because))})
    items = [
        Recommendation(
            movies[each.movie_id],
            each.score,
            each.stars,
            tuple(Reason(movies[movie_id], share) for movie_id, share in each.because if movie_id in movies),
        )
        for each in listed
        if each.movie_id in movies and narrowing.fits(movies[each.movie_id])
    ]
    return Recommendations("fold_in", True, in_order(view, items, narrowing)[:limit]) if items else None


def for_visitor(
    view: MoviesView, ratings: Mapping[int, float], limit: int, narrowing: Narrowing, unwanted: Collection[int]
) -> Recommendations:
    """At most `limit` movies for somebody of whom only these ratings are known, and nothing is stored."""
    made = fold_in(view, ratings, limit, narrowing, unwanted)
    return made or _popular(view, False, narrowing, limit, {*ratings, *unwanted})


def _popular(
    view: MoviesView, known: bool, narrowing: Narrowing, limit: int, without: Iterable[int]
) -> Recommendations:
    considered = limit if narrowing == Narrowing(narrowing.genre) else MOST_POPULAR
    chosen = popular(view, narrowing.genre, considered, without)
    items = [Recommendation(each.movie, each.score) for each in chosen if narrowing.fits(each.movie)]
    return Recommendations("popular", known, in_order(view, items, narrowing)[:limit])


def in_order(view: MoviesView, items: list[Recommendation], narrowing: Narrowing) -> list[Recommendation]:
    """The first of `items` in the order that is asked for; all, as they are, where none is."""
    if not narrowing.less_popular:
        return items
    items = items[:CONSIDERED]
    counts = view.rating_counts(item.movie.movie_id for item in items)
    counted = [replace(item, rating_count=counts[item.movie.movie_id]) for item in items]
    order = less_popular_first([item.rating_count or 0 for item in counted], narrowing.less_popular / 100)
    return [counted[place] for place in order]


def measured(view: MoviesView, user_id: int, limit: int) -> Recommendations:
    """The first `limit` movies of the list that the user's hold-out was measured on.

    Raises:
        NotFound: the user was not measured, or the run is of a version that stored no such lists.
    """
    row = view.measured_list(user_id)
    if row is None:
        raise NotFound(f"No list of user {user_id} was measured for run {view.run_id}.")
    movie_ids = row.movie_ids[:limit]
    movies = view.movies(movie_ids)
    return Recommendations("als", True, [Recommendation(movies[each]) for each in movie_ids if each in movies])


def _own(
    view: MoviesView, row: Any, limit: int, narrowing: Narrowing, without: Collection[int] = ()
) -> list[Recommendation]:
    considered = limit if narrowing == ALL else len(row.movie_ids)
    places = [at for at, movie_id in enumerate(row.movie_ids) if movie_id not in without][:considered]
    listed = ([column[at] for at in places] for column in (row.movie_ids, row.scores, row.predicted_ratings))
    entries = list(zip(*listed, _reasons(row, places), strict=True))
    movies = view.movies({each for movie_id, _, _, why in entries for each in (movie_id, *dict(why))})
    items = [
        Recommendation(
            movies[movie_id], score, stars, tuple(Reason(movies[each], share) for each, share in why if each in movies)
        )
        for movie_id, score, stars, why in entries
        if movie_id in movies and narrowing.fits(movies[movie_id])
    ]
    return in_order(view, items, narrowing)[:limit]


def _reasons(row: Any, places: Iterable[int]) -> list[list[tuple[int, float | None]]]:
    """For the movies at these places of a list the ids of those they are there for, with their shares, most first.

    There are as many for each movie; 0 is none. Older versions stored one each, and no shares.
    """
    ids = row.because_ids or ()
    shares = getattr(row, "because_shares", None) or [None] * len(ids)
    each = len(ids) // len(row.movie_ids) if row.movie_ids else 0
    parts = (slice(each * at, each * (at + 1)) for at in places)
    return [[reason for reason in zip(ids[part], shares[part], strict=True) if reason[0]] for part in parts]
