"""Lines of movies.csv: movieId, title, genres; and the terms under which a movie is found."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, IntegerType, StringType, StructField, StructType

from domain.cleaning.layouts import Layout
from domain.cleaning.reasons import Reason
from domain.contract.titles import split_title, title_words, word_heads
from spark_jobs.frames import written
from spark_jobs.frames.csv_lines import (
    LINE,
    Rule,
    also_rejected,
    decode_lines,
    field,
    id_rule,
    judged,
    reject_duplicates,
    with_fields,
)

NO_GENRES = ("", "(no genres listed)", "unknown")  # the last is that of 100K

_NAME = StructType([StructField("title", StringType()), StructField("year", IntegerType())])
_title_and_year = F.udf(split_title, _NAME)
_words = F.udf(title_words, ArrayType(StringType()), useArrow=True)
_heads = F.udf(word_heads, ArrayType(StringType()), useArrow=True)


def classify_movies(lines: DataFrame, layout: Layout, genre_places: dict[str, int], partitions: int) -> DataFrame:
    """Lines to movie_id, title, year, genres and reason; of lines with the same id the first is kept.

    Args:
        lines: position and value, as raw_files reads them.
        layout: of the lines.
        genre_places: where a line has a 1 for each genre, if it has no list of them.
        partitions: of the result.
    """
    rows = with_fields(decode_lines(lines), layout)
    movie, title, genres = (F.coalesce(field(index), F.lit("")) for index in range(3))
    written_well = also_rejected(rows, Rule(Reason.NOT_A_NUMBER, ~written.is_whole(movie), "movieId", movie))
    typed = written_well.select(
        *LINE,
        "cells",
        written.whole(movie).cast("int").alias("movie_id"),
        _title_and_year(title).alias("name"),
        (_flagged(genre_places) if genre_places else genre_list(genres)).alias("genres"),
    )
    checked = also_rejected(
        typed,
        id_rule(F.col("movie_id"), layout, "movieId"),
        Rule(Reason.EMPTY_TITLE, F.col("name.title") == "", "title", F.lit("")),
    )
    rows = checked.select(*LINE, "movie_id", "name.title", "name.year", "genres")
    return judged(reject_duplicates(rows, partitions, ["movie_id"], [F.asc("position")]))


def _flagged(places: dict[str, int]) -> Column:
    """The genres whose cell is 1."""
    flags = [F.when(F.get("cells", F.lit(place)) == "1", F.lit(name)) for name, place in places.items()]
    return _listed(F.array_compact(F.array(*flags)))


def genre_list(genres: Column) -> Column:
    """ "Adventure|Comedy" as an array in that order; empty where none is listed."""
    return _listed(F.transform(F.split(genres, r"\|"), lambda name: F.trim(name)))


def _listed(names: Column) -> Column:
    return F.array_distinct(F.filter(names, lambda name: ~name.isin(*NO_GENRES)))


def movie_terms(movies: DataFrame, statistics: DataFrame) -> DataFrame:
    """Each movie once under each word of its title, the heads of these, each genre and its year, with its rating count.

    Columns as in the table movies_by_term, without the data set.
    """
    counted = movies.join(statistics.select("movie_id", "rating_count"), on="movie_id", how="inner")
    terms = F.concat(
        _kind("word", F.array_distinct(_words("title"))),
        _kind("head", _heads("title")),
        _kind("genre", F.col("genres")),
        _kind("year", F.array_compact(F.array(F.col("year").cast("string")))),
    )
    exploded = counted.withColumn("found_by", F.explode(terms))
    return exploded.select("found_by.kind", "found_by.term", "rating_count", *movies.columns)


def _kind(kind: str, terms: Column) -> Column:
    return F.transform(terms, lambda term: F.struct(F.lit(kind).alias("kind"), term.alias("term")))
