"""Lines of links.csv: movieId, imdbId, tmdbId."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from domain.cleaning.layouts import Layout
from spark_jobs.frames.csv_lines import (
    LINE,
    WHOLE,
    WHOLE_OR_NONE,
    Rule,
    also_rejected,
    field,
    id_rule,
    judged,
    reject_duplicates,
    reject_unknown_movies,
    with_number_fields,
)


def classify_links(lines: DataFrame, layout: Layout, movies: DataFrame, partitions: int) -> DataFrame:
    """Lines to movie_id, imdb_id ("tt0114709"), tmdb_id (null where empty) and reason; a movie's first line is kept.

    Args:
        lines: position and value, as raw_files reads them.
        layout: of the lines.
        movies: the clean movies.
        partitions: of the result.
    """
    imdb_form = WHOLE if layout.places[1] >= 0 else WHOLE_OR_NONE
    rows = with_number_fields(lines, layout, WHOLE, imdb_form, WHOLE_OR_NONE)
    known = reject_unknown_movies(_parse(rows, layout), movies)
    return judged(reject_duplicates(known, partitions, ["movie_id"], [F.asc("position")]))


def _parse(rows: DataFrame, layout: Layout) -> DataFrame:
    movie, imdb, tmdb = (field(at).cast("int") for at in range(3))
    checked = also_rejected(
        rows,
        id_rule(movie, layout, "movieId"),
        _unless_empty(1, id_rule(imdb, layout, "imdbId", lowest=1)),
        _unless_empty(2, id_rule(tmdb, layout, "tmdbId", lowest=1)),
    )
    imdb_id = F.format_string("tt%07d", imdb).alias("imdb_id")
    return checked.select(*LINE, movie.alias("movie_id"), imdb_id, tmdb.alias("tmdb_id"))


def _unless_empty(index: int, rule: Rule) -> Rule:
    return rule._replace(condition=(F.coalesce(field(index), F.lit("too large")) != "") & rule.condition)
