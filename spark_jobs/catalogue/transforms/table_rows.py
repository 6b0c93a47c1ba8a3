"""Rows of the catalogue's tables, without their run_id, from clean titles and credits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
from pyarrow.compute import sort_indices
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, IntegerType, StringType, StructType

from domain.contract.catalogue import (
    ACTOR,
    ALL,
    DIRECTOR,
    FACETS,
    FILED,
    NONE,
    TENTHS,
    name_key,
    person_heads,
    title_heads,
)
from spark_jobs.frames.arrow_lists import in_blocks

_person_heads = F.udf(person_heads, ArrayType(StringType()), useArrow=True)
_title_heads = F.udf(title_heads, ArrayType(StringType()), useArrow=True)
_key = F.udf(name_key, StringType(), useArrow=True)

CARD = ("media_id", "title", "type", "year", "certification", "genres", "countries")
BATCH = 500  # rows of lists that a task hands over at once
# what the lists of titles_by_head are called where an «s» behind the column is not enough
TITLE_LISTS = {name: name for name in ("genres", "countries", "votes")}


def cards(titles: DataFrame) -> DataFrame:
    """What lists show and filter by: `CARD`, and score (tenths) and votes with `NONE` for what is not known."""
    score = F.round(F.col("score") * TENTHS).cast("int")
    unknown = F.lit(NONE)
    return titles.select(*CARD, F.coalesce(score, unknown).alias("score"), F.coalesce("votes", unknown).alias("votes"))


def facet_cards(of_titles: DataFrame) -> DataFrame:
    """A row for each title and each value of a facet that it has: `facet`, `value` and the columns of `cards`."""
    single = {name: F.array_compact(F.array(F.col(name).cast("string"))) for name in ("type", "certification", "year")}
    values = {"genre": F.col("genres"), "country": F.col("countries"), **single}
    entries = F.concat(_entries(ALL, F.array(F.lit(ALL))), *[_entries(facet, values[facet]) for facet in FACETS])
    exploded = of_titles.withColumn("entry", F.explode(entries))
    return exploded.select("entry.facet", "entry.value", *of_titles.columns)


def _entries(facet: str, values: Column) -> Column:
    return F.transform(values, lambda value: F.struct(F.lit(facet).alias("facet"), value.alias("value")))


def titles_by_year(of_facets: DataFrame) -> DataFrame:
    """The rows of titles_by_year: those of `facet_cards` but of the years themselves."""
    return of_facets.where(F.col("facet") != "year")


def facets(of_facets: DataFrame) -> DataFrame:
    """The rows of facets_by_run: of each value its titles by score and by year."""
    by_score = _listed(of_facets, "score")
    by_year = _listed(titles_by_year(of_facets), "year")
    joined = by_score.join(by_year, on=["facet", "value"], how="left")
    nothing = F.array().cast("array<int>")  # null, too, is read back from Cassandra as an empty list
    return joined.select(
        "facet",
        "value",
        F.aggregate("by_score.titles", F.lit(0), lambda total, titles: total + titles).alias("title_count"),
        F.col("by_score.score").alias("scores"),
        F.col("by_score.titles").alias("score_counts"),
        F.col("by_score.most_votes").alias("most_votes"),
        F.coalesce("by_year.year", nothing).alias("years"),
        F.coalesce("by_year.titles", nothing).alias("year_counts"),
    )


def _listed(of_facets: DataFrame, column: str) -> DataFrame:
    """For each facet and value the list `by_<column>`: its values, falling, with titles and their most votes."""
    counted = of_facets.groupBy("facet", "value", column).agg(
        F.count(F.lit(1)).cast("int").alias("titles"), F.max("votes").alias("most_votes")
    )
    entries = F.sort_array(F.collect_list(F.struct(column, "titles", "most_votes")), asc=False)
    return counted.groupBy("facet", "value").agg(entries.alias(f"by_{column}"))


def credits_by_title(credits: DataFrame) -> DataFrame:
    """The rows of credits_by_title: place 1, 2, … in the order of the file, for each role."""
    order = Window.partitionBy("media_id", "role").orderBy("position")
    return credits.withColumn("place", F.row_number().over(order)).drop("position")


def people(credits: DataFrame) -> DataFrame:
    """The rows of people_by_id; the name is that of the person's first credit."""
    titles_as = {role: F.countDistinct(F.when(F.col("role") == role, F.col("media_id"))) for role in (ACTOR, DIRECTOR)}
    return credits.groupBy("person_id").agg(
        F.min_by("name", "position").alias("name"),
        titles_as[ACTOR].cast("int").alias("acted"),
        titles_as[DIRECTOR].cast("int").alias("directed"),
    )


def titles_by_person(credits: DataFrame, of_people: DataFrame, of_titles: DataFrame) -> DataFrame:
    """The rows of titles_by_person: one for each person, role and title, however many characters they play in it."""
    roles = credits.select("person_id", "role", "media_id").distinct()
    named = of_people.select("person_id", "name", _key("name").alias("name_key"))
    return roles.join(named, on="person_id", how="inner").join(of_titles, on="media_id", how="inner")


def people_by_head(of_people: DataFrame) -> DataFrame:
    """The rows of people_by_head, from those of people_by_id."""
    heads = F.explode(_person_heads("name")).alias("head")
    rows = of_people.select("*", (F.col("acted") + F.col("directed")).alias("credits"), heads)
    order = [("credits", "descending"), ("person_id", "ascending")]
    return _filed(rows, order, {"person_ids": "person_id", "names": "name", "acted": "acted", "directed": "directed"})


def titles_by_head(of_titles: DataFrame) -> DataFrame:
    """The rows of titles_by_head, from those of `cards`."""
    rows = of_titles.select("*", F.explode(_title_heads("title")).alias("head")).fillna("", ["certification"])
    order = [("votes", "descending"), ("media_id", "ascending")]
    return _filed(rows, order, {TITLE_LISTS.get(name, f"{name}s"): name for name in (*CARD, "score", "votes")})


def _filed(rows: DataFrame, order: list[tuple[str, str]], columns: Mapping[str, str]) -> DataFrame:
    """For each head its rows in that order as lists, blocks of `FILED`; a task holds its rows in arrays."""
    schema = StructType().add("head", StringType()).add("block", IntegerType())
    for name, column in columns.items():
        schema.add(name, ArrayType(rows.schema[column].dataType))

    def filed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        if found := list(batches):
            table = pa.Table.from_batches(found)
            sorted_by = sort_indices(table, sort_keys=[("head", "ascending"), *order]).to_numpy()
            yield from in_blocks(table, "head", sorted_by, FILED, columns).to_batches(BATCH)

    needed = dict.fromkeys(["head", *(name for name, _ in order), *columns.values()])
    return rows.select(*needed).repartition("head").mapInArrow(filed, schema)


def link_movies(titles: DataFrame, links: DataFrame | None, dataset_id: str | None) -> DataFrame:
    """`titles` with movie_id and linked_dataset, null where MovieLens has no movie with the IMDb id.

    Of several titles, or several movies, with one IMDb id the one with the lowest id is linked.
    """
    if links is None:
        none = titles.withColumn("movie_id", F.lit(None).cast("int"))
        return none.withColumn("linked_dataset", F.lit(None).cast("string"))
    movies = links.groupBy("imdb_id").agg(F.min("movie_id").alias("movie_id"))
    firsts = titles.where(F.col("imdb_id").isNotNull()).groupBy("imdb_id").agg(F.min("media_id").alias("media_id"))
    linked = firsts.join(movies, on="imdb_id", how="inner").drop("imdb_id")
    joined = titles.join(linked, on="media_id", how="left")
    return joined.withColumn("linked_dataset", F.when(F.col("movie_id").isNotNull(), F.lit(dataset_id)))


def media_by_movie(linked: DataFrame) -> DataFrame:
    """The rows of media_by_movie, from what `link_movies` made."""
    return linked.where(F.col("movie_id").isNotNull()).select("linked_dataset", "movie_id", "media_id")
