"""Lines of links.csv: movieId, imdbId, tmdbId."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from domain.cleaning.reasons import Reason
from spark_jobs.frames.csv_lines import (
    WHOLE,
    WHOLE_OR_EMPTY,
    also_rejected,
    field,
    is_id,
    reject_duplicates,
    reject_unknown_movies,
    with_number_fields,
)


def classify_links(lines: DataFrame, movies: DataFrame, partitions: int) -> DataFrame:
    """Lines to movie_id, imdb_id ("tt0114709"), tmdb_id (null where empty) and reason; a movie's first line is kept.

    Args:
        lines: position and value, as raw_files reads them.
        movies: the clean movies.
        partitions: of the result.
    """
    rows = _parse(with_number_fields(lines, WHOLE, WHOLE, WHOLE_OR_EMPTY))
    return reject_duplicates(reject_unknown_movies(rows, movies), partitions, ["movie_id"], [F.asc("position")])


def _parse(rows: DataFrame) -> DataFrame:
    movie, imdb, tmdb = (field(index) for index in range(3))
    without_tmdb = tmdb == ""
    typed = rows.select(
        "position",
        "text",
        "reason",
        movie.cast("int").alias("movie_id"),
        imdb.cast("int").alias("imdb"),
        tmdb.cast("int").alias("tmdb_id"),
        without_tmdb.alias("without_tmdb"),
    )
    valid = is_id(F.col("movie_id")) & is_id(F.col("imdb")) & (F.col("without_tmdb") | is_id(F.col("tmdb_id")))
    checked = also_rejected(typed, (Reason.ID_OUT_OF_RANGE, ~valid))
    imdb_id = F.format_string("tt%07d", "imdb").alias("imdb_id")
    return checked.select("position", "text", "reason", "movie_id", imdb_id, "tmdb_id")
