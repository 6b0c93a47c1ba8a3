"""Everything about one movie, and everything about one user, put together from several reads."""

from __future__ import annotations

from domain.contract.insights import Insight
from web.app.errors import NotFound
from web.movies.history import History
from web.movies.models import Anomalies, GenreTaste, MovieAnswer, ProfileAnswer, Segment, StarCount, TagUses
from web.movies.store import MoviesView

TAGS_SHOWN = 30
FIGURES = ("rating_count", "mean_rating", "std_rating", "first_rated_at", "last_rated_at")


def movie_detail(view: MoviesView, movie_id: int) -> MovieAnswer:
    """All that is known about a movie; without ratings its counts are zero.

    Raises:
        NotFound: there is no such movie.
    """
    movie = view.movie(movie_id)
    if movie is None:
        raise NotFound(f"There is no movie {movie_id}.")
    statistics = view.statistics(movie_id)
    links = None if view.generated else view.links(movie_id)  # ids of invented movies are nobody's, or another's
    stars = view.stars()
    counts = (statistics and statistics.histogram) or [0] * len(stars)
    return MovieAnswer(
        movie_id=movie_id,
        title=movie.title,
        year=movie.year,
        genres=list(movie.genres),
        rating_count=sum(counts),
        mean_rating=statistics and statistics.mean_rating,
        std_rating=statistics and statistics.std_rating,
        first_rated_at=statistics and statistics.first_rated_at,
        last_rated_at=statistics and statistics.last_rated_at,
        histogram=[StarCount(rating=rating, ratings=count) for rating, count in zip(stars, counts, strict=True)],
        tag_count=(statistics and statistics.tag_count) or 0,
        tags=[TagUses(tag=row.tag, uses=row.uses) for row in view.tags(movie_id, TAGS_SHOWN)],
        imdb_url=f"https://www.imdb.com/title/{links.imdb_id}/" if links and links.imdb_id else None,
        tmdb_url=f"https://www.themoviedb.org/movie/{links.tmdb_id}" if links and links.tmdb_id else None,
    )


def user_profile(view: MoviesView, user_id: int, history: History) -> ProfileAnswer:
    """Rating counts, means and genres of a user as they are now, and whether the profile is unusual or looks fake.

    Segment and anomalies are of the data set, which knows nothing of what the user did since.

    Raises:
        NotFound: there is no such user, neither in the data set nor among those who did something since.
    """
    row = view.user(user_id)
    if row is None and not history.is_known:
        raise NotFound(f"There is no user {user_id}.")
    if row is None or history.is_changed:
        figures, taste = history.figures(), history.taste(row)
    else:
        figures = {name: getattr(row, name) for name in FIGURES}
        taste = list(zip(row.genres or (), row.genre_counts or (), row.genre_means or (), strict=True))
    return ProfileAnswer(
        user_id=user_id,
        **figures,
        genres=[GenreTaste(genre=genre, rating_count=count, mean_rating=mean) for genre, count, mean in taste],
        segment=_segment(view, row and row.segment),
        anomalies=_anomalies(view, user_id),
    )


def _segment(view: MoviesView, number: int | None) -> Segment | None:
    if number is None:
        return None
    columns = view.insight(Insight.USER_SEGMENTS)
    each = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return next((Segment(**segment) for segment in each if segment["number"] == number), None)


def _anomalies(view: MoviesView, user_id: int) -> Anomalies | None:
    row = view.anomalies(user_id)
    if row is None:
        return None
    return Anomalies(
        run_id=row.run_id,
        isolation_score=row.isolation_score,
        unusual=row.unusual,
        list_evidence=row.list_evidence,
        fake_profile=row.fake_profile,
        reasons=list(row.reasons or ()),
    )
