"""Spark schemas: those of the clean Parquet, written here, and those of Cassandra's tables, derived from cql/tables."""

from __future__ import annotations

import re

from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from cql import TABLES

_SCALARS: dict[str, DataType] = {
    "text": StringType(),
    "int": IntegerType(),
    "bigint": LongType(),
    "float": FloatType(),
    "double": DoubleType(),
    "timestamp": TimestampType(),
    "boolean": BooleanType(),
    "blob": BinaryType(),
}

CLEAN: dict[str, StructType] = {
    "movies": StructType(
        [
            StructField("movie_id", IntegerType()),
            StructField("title", StringType()),
            StructField("year", IntegerType()),
            StructField("genres", ArrayType(StringType())),
        ]
    ),
    "ratings": StructType(
        [
            StructField("user_id", IntegerType()),
            StructField("movie_id", IntegerType()),
            StructField("rating", FloatType()),
            StructField("rated_at", TimestampType()),
        ]
    ),
    "tags": StructType(
        [
            StructField("user_id", IntegerType()),
            StructField("movie_id", IntegerType()),
            StructField("tag", StringType()),
            StructField("tagged_at", TimestampType()),
        ]
    ),
    "links": StructType(
        [
            StructField("movie_id", IntegerType()),
            StructField("imdb_id", StringType()),
            StructField("tmdb_id", IntegerType()),
        ]
    ),
}

GENOME: dict[str, StructType] = {  # of the releases that have it
    "genome-tags": StructType([StructField("tag_id", IntegerType()), StructField("tag", StringType())]),
    "genome-scores": StructType(
        [
            StructField("movie_id", IntegerType()),
            StructField("tag", StringType()),
            StructField("relevance", FloatType()),
        ]
    ),
}

CATALOGUE: dict[str, StructType] = {
    "titles": StructType(
        [
            StructField("media_id", StringType()),
            StructField("title", StringType()),
            StructField("type", StringType()),
            StructField("year", IntegerType()),
            StructField("certification", StringType()),
            StructField("runtime", IntegerType()),
            StructField("seasons", IntegerType()),
            StructField("imdb_id", StringType()),
            StructField("score", FloatType()),
            StructField("votes", IntegerType()),
            StructField("tmdb_popularity", FloatType()),
            StructField("tmdb_score", FloatType()),
            StructField("description", StringType()),
            StructField("genres", ArrayType(StringType())),
            StructField("countries", ArrayType(StringType())),
        ]
    ),
    "credits": StructType(
        [
            StructField("position", LongType()),
            StructField("media_id", StringType()),
            StructField("person_id", IntegerType()),
            StructField("name", StringType()),
            StructField("role", StringType()),
            StructField("character", StringType()),
        ]
    ),
}


def spark_type(cql_type: str) -> DataType:
    """The Spark type of a CQL type: `frozen<list<int>>` is an array of integers.

    Raises:
        KeyError: a type that no table of ours uses yet; add it to `_SCALARS`.
    """
    nested = re.fullmatch(r"(?:frozen<)?list<(.+?)>>?", cql_type)
    return ArrayType(spark_type(nested[1])) if nested else _SCALARS[cql_type]


def table_schema(name: str) -> StructType:
    """The Spark schema of a Cassandra table, columns in the order of its file."""
    return StructType([StructField(column.name, spark_type(column.type)) for column in TABLES[name].columns])
