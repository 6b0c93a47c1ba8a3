"""GET /movies, /movies/{id}, /movies/{id}/similar and /popular."""

from __future__ import annotations

from typing import Any

from cql.kinds import Kind
from web.app.blueprints import api_blueprint
from web.app.errors import NotFound
from web.app.fields import LimitQuery
from web.app.kept import of_run
from web.app.limits import SEARCHES, limited
from web.movies.details import movie_detail
from web.movies.in_common import in_common
from web.movies.lists import popular, resolve_genre, similar
from web.movies.models import (
    FoundMovieInfo,
    ListQuery,
    MovieAnswer,
    MoviePath,
    MoviesAnswer,
    PopularAnswer,
    PopularMovieInfo,
    SearchQuery,
    SimilarAnswer,
    SimilarMovie,
)
from web.movies.search import search
from web.movies.store import movies_view

blueprint = api_blueprint("movies", "Search, details, similar and popular movies")


@blueprint.get("/movies", responses={200: MoviesAnswer})
@limited(SEARCHES)
@of_run(Kind.RECOMMENDATIONS)
def get_movies(query: SearchQuery) -> dict[str, Any]:
    """Movies that match all given words, genre and year, most rated first.

    Without any of the three: the most popular movies.
    """
    genre = resolve_genre(movies_view(), query.genre)
    matches = search(movies_view(), query.q, genre, query.year, query.limit)
    items = [FoundMovieInfo(**each.movie.info, rating_count=each.rating_count) for each in matches]
    return MoviesAnswer(items=items).model_dump()


@blueprint.get("/movies/<movie_id>", responses={200: MovieAnswer})
@of_run(Kind.RECOMMENDATIONS)
def get_movie(path: MoviePath) -> dict[str, Any]:
    """One movie with its ratings by star, year and taste segment, its tags and its links to IMDb and TMDB."""
    return movie_detail(movies_view(), path.movie_id).model_dump()


@blueprint.get("/movies/<movie_id>/similar", responses={200: SimilarAnswer})
@of_run(Kind.RECOMMENDATIONS)
def get_similar(path: MoviePath, query: LimitQuery) -> dict[str, Any]:
    """Movies like this one by who rated both and by genres, tags and years, most similar first.

    Movies that nobody rated have similar ones, too; none where nothing is known that would tell. `because` says what
    both have in common; how many rated both is not stored.
    """
    view = movies_view()
    movie = view.movie(path.movie_id)
    if movie is None:
        raise NotFound(f"There is no movie {path.movie_id}.")
    movies = similar(view, path.movie_id, query.limit)
    why = in_common(view, movie, [other for other, _ in movies])
    items = [
        SimilarMovie(**other.info, similarity=score, because=because)
        for (other, score), because in zip(movies, why, strict=True)
    ]
    return SimilarAnswer(movie_id=path.movie_id, run_id=view.run_id, items=items).model_dump()


@blueprint.get("/popular", responses={200: PopularAnswer})
@of_run(Kind.RECOMMENDATIONS)
def get_popular(query: ListQuery) -> dict[str, Any]:
    """The best rated movies by Bayesian mean, which takes many ratings to be high."""
    genre = resolve_genre(movies_view(), query.genre)
    items = [
        PopularMovieInfo(**each.movie.info, score=each.score, rating_count=each.rating_count)
        for each in popular(movies_view(), genre, query.limit)
    ]
    return PopularAnswer(genre=genre, run_id=movies_view().run_id, items=items).model_dump()
