"""Lines of the tag genome: genome-tags.csv (tagId, tag) and genome-scores.csv (movieId, tagId, relevance)."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from domain.cleaning.layouts import Layout
from domain.cleaning.reasons import Reason
from spark_jobs.frames import written
from spark_jobs.frames.csv_lines import (
    DECIMAL,
    LINE,
    WHOLE,
    Rule,
    also_rejected,
    decode_lines,
    field,
    given,
    id_rule,
    judged,
    reject_duplicates,
    reject_unknown_movies,
    with_fields,
    with_number_fields,
)
from spark_jobs.movielens.transforms.tags import folded

RELEVANT = 0.8  # from this relevance on, a tag is one of the movie: by the authors 1 is «strongly»


def classify_genome_tags(lines: DataFrame, layout: Layout, partitions: int) -> DataFrame:
    """Lines to tag_id, tag (folded) and reason; of lines with the same id the first is kept."""
    rows = with_fields(decode_lines(lines), layout)
    number, tag = (F.coalesce(field(at), F.lit("")) for at in range(2))
    typed = also_rejected(rows, Rule(Reason.NOT_A_NUMBER, ~written.is_whole(number), "tagId", number)).select(
        *LINE, "cells", written.whole(number).cast("int").alias("tag_id"), folded(tag).alias("tag")
    )
    checked = also_rejected(
        typed,
        id_rule(F.col("tag_id"), layout, "tagId"),
        Rule(Reason.EMPTY_TAG, F.col("tag") == "", "tag", given(layout, "tag")),
    )
    rows = checked.select(*LINE, "tag_id", "tag")
    return judged(reject_duplicates(rows, partitions, ["tag_id"], [F.asc("position")]))


def classify_genome_scores(lines: DataFrame, layout: Layout, tags: DataFrame, movies: DataFrame) -> DataFrame:
    """Lines to movie_id, tag, relevance (0 … 1) and reason.

    Args:
        lines: position and value, as raw_files reads them.
        layout: of the lines.
        tags: the clean tags of the genome, about a thousand.
        movies: the clean movies.
    """
    rows = with_number_fields(lines, layout, WHOLE, WHOLE, DECIMAL)
    movie, tag, relevance = field(0).cast("int"), field(1).cast("int"), field(2).cast("float")
    checked = also_rejected(
        rows,
        id_rule(movie, layout, "movieId"),
        id_rule(tag, layout, "tagId"),
        Rule(Reason.FIGURE_OUT_OF_RANGE, ~relevance.between(0.0, 1.0), "relevance", given(layout, "relevance")),
    )
    typed = checked.select(*LINE, movie.alias("movie_id"), tag.alias("tag_id"), relevance.alias("relevance"))
    named = reject_unknown_movies(typed, movies).join(F.broadcast(tags), on="tag_id", how="left")
    unknown = Rule(Reason.UNKNOWN_TAG, F.col("tag").isNull(), "tagId", F.col("tag_id").cast("string"))
    return judged(also_rejected(named, unknown)).drop("tag_id")


def fitting_tags(scores: DataFrame, used: DataFrame) -> DataFrame:
    """Tags that the genome says fit a movie and that no user gave it: movie_id, tag, uses (0)."""
    fitting = scores.where(F.col("relevance") >= RELEVANT).select("movie_id", "tag", F.lit(0).alias("uses"))
    return fitting.join(used.select("movie_id", "tag"), on=["movie_id", "tag"], how="left_anti")
