"""Everything about one movie, put together from several reads."""

from __future__ import annotations

from web.app.errors import NotFound
from web.movies.breakdown import breakdown
from web.movies.models import MovieAnswer, StarCount, TagUses
from web.movies.store import MoviesView

TAGS_SHOWN = 30


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
    parts = breakdown(view, movie_id, sum(counts))
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
        by_year=parts.by_year,
        by_segment=parts.by_segment,
        tag_count=(statistics and statistics.tag_count) or 0,
        tags=[TagUses(tag=row.tag, uses=row.uses) for row in view.tags(movie_id, TAGS_SHOWN)],
        imdb_url=f"https://www.imdb.com/title/{links.imdb_id}/" if links and links.imdb_id else None,
        tmdb_url=f"https://www.themoviedb.org/movie/{links.tmdb_id}" if links and links.tmdb_id else None,
    )
