"""Records of titles.csv and credits.csv: typed, each with the first reason why it is rejected."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType

from domain.cleaning.reasons import Reason
from domain.contract.catalogue import (
    HEADERS,
    HIGHEST_SCORE,
    MOST_NAME,
    MOST_TEXT,
    MOST_VALUE,
    MOST_VALUES,
    ROLES,
    SPACES,
    TENTHS,
    TYPES,
    list_literal,
)
from spark_jobs.frames.csv_lines import (
    also_rejected,
    decode_lines,
    field,
    is_decimal,
    is_id,
    is_whole,
    reject_duplicates,
    with_fields,
)

FIRST_YEAR, LAST_YEAR = 1870, 2100
MOST_MINUTES = 100_000  # the longest film ever shown has 51,420
MOST_SEASONS = 10_000
MOST_VOTES = 2**31 - 1

_names = F.udf(list_literal, ArrayType(StringType()), useArrow=True)


def classify_titles(records: DataFrame, partitions: int) -> DataFrame:
    """Records to the columns of the clean titles and reason; of records with the same id the first is kept.

    Args:
        records: position and value, as raw_files reads them.
        partitions: of the result.
    """
    rows = with_fields(decode_lines(records, records=True), len(HEADERS["titles"].split(",")))
    texts = rows.select("position", "text", "reason", *_texts("titles"))
    listed = texts.withColumn("genre_names", _names("genres")).withColumn(
        "country_names", _names("production_countries")
    )
    written = also_rejected(
        listed,
        (Reason.BAD_CATALOGUE_ID, ~F.col("id").rlike(r"^[A-Za-z0-9]{1,40}\z")),
        (Reason.EMPTY_TITLE, F.col("title") == ""),
        (Reason.UNKNOWN_TYPE, ~F.col("type").isin(*TYPES)),
        (Reason.NOT_A_NUMBER, ~_are_numbers()),
        (Reason.NOT_A_LIST, F.col("genre_names").isNull() | F.col("country_names").isNull()),
        (Reason.TOO_LONG, _is_too_long(title=MOST_NAME, age_certification=MOST_VALUE, description=MOST_TEXT)),
        (Reason.TOO_LONG, _are_too_long("genre_names") | _are_too_long("country_names")),
        (Reason.BAD_IMDB_ID, ~F.col("imdb_id").rlike(r"^(tt[0-9]{7,10})?\z")),
        (Reason.SCORE_OUT_OF_RANGE, _is_no_score("imdb_score") | _is_no_score("tmdb_score")),
    )
    typed = written.select("position", "text", "reason", *_title_columns())
    ranged = also_rejected(typed, (Reason.FIGURE_OUT_OF_RANGE, ~_are_plausible()))
    return _first_of_each(ranged, partitions, ["media_id"])


def _texts(file: str) -> list[Column]:
    """The fields under the names of the header, without spaces around them; a missing one is empty."""
    names = HEADERS[file].split(",")
    return [F.coalesce(F.btrim(field(index), F.lit(SPACES)), F.lit("")).alias(name) for index, name in enumerate(names)]


def _is_too_long(**most: int) -> Column:
    """Whether one of the texts has more characters than it may."""
    return F.greatest(*[F.length(name) > highest for name, highest in most.items()], F.lit(False))


def _are_too_long(names: str) -> Column:
    """Whether the names in a list are too many, or one of them is too long."""
    return (F.size(names) > MOST_VALUES) | F.exists(names, lambda name: F.length(name) > MOST_VALUE)


def _is_no_score(text: str) -> Column:
    """Whether it is a number that no score can be, as it is written: rounded, 10.04 would be one."""
    return F.coalesce(~F.col(text).cast("double").between(0, HIGHEST_SCORE / TENTHS), F.lit(False))


def _are_numbers() -> Column:
    wholes = [_is_whole_or_empty(F.col(name)) for name in ("runtime", "seasons", "imdb_votes")]
    decimals = [
        is_decimal(F.col(name)) | (F.col(name) == "") for name in ("imdb_score", "tmdb_popularity", "tmdb_score")
    ]
    every = _is_whole_or_empty(F.col("release_year")) & (F.col("release_year") != "")
    for condition in wholes + decimals:
        every = every & condition
    return every


def _is_whole_or_empty(text: Column) -> Column:
    """Whether it is a whole number, such as 48 or, as pandas writes it where some are missing, 48.0; or nothing."""
    return text.rlike(r"^(-?[0-9]+(\.0+)?)?\z")


def _whole(text: str, high: int) -> Column:
    """The number, null where there is none; one above `high` or below 0 as -1, which no rule lets pass."""
    number = F.col(text).cast("double")
    return F.when(number.between(0, high), number.cast("int")).when(number.isNotNull(), F.lit(-1))


def _title_columns() -> list[Column]:
    is_show = F.col("type") == "SHOW"
    return [
        F.col("id").alias("media_id"),
        F.col("title"),
        F.col("type"),
        _whole("release_year", LAST_YEAR).alias("year"),
        _or_null("age_certification").alias("certification"),
        _whole("runtime", MOST_MINUTES).alias("runtime"),
        F.when(is_show, _whole("seasons", MOST_SEASONS)).alias("seasons"),
        _or_null("imdb_id").alias("imdb_id"),
        F.round(F.col("imdb_score").cast("double"), 1).cast("float").alias("score"),
        _whole("imdb_votes", MOST_VOTES).alias("votes"),
        F.col("tmdb_popularity").cast("float").alias("tmdb_popularity"),
        F.col("tmdb_score").cast("float").alias("tmdb_score"),
        _or_null("description").alias("description"),
        F.col("genre_names").alias("genres"),
        F.col("country_names").alias("countries"),
    ]


def _or_null(text: str) -> Column:
    return F.when(F.col(text) != "", F.col(text)).alias(text)


def _are_plausible() -> Column:
    year = F.coalesce(F.col("year") >= FIRST_YEAR, F.lit(False))
    names = ("runtime", "seasons", "votes", "tmdb_popularity")
    others = [F.coalesce((F.col(name) >= 0) & (F.col(name) < float("inf")), F.lit(True)) for name in names]
    return reduce(Column.__and__, others, year)


def classify_credits(records: DataFrame, titles: DataFrame, partitions: int) -> DataFrame:
    """Records to the columns of the clean credits and reason.

    A person may be in a title in both roles and play several characters; of records that agree in title, person, role
    and character the first is kept. `position` gives the order of the credits.

    Args:
        records: position and value, as raw_files reads them.
        titles: the clean titles.
        partitions: of the result.
    """
    rows = with_fields(decode_lines(records, records=True), len(HEADERS["credits"].split(",")))
    texts = rows.select("position", "text", "reason", *_texts("credits"))
    written = also_rejected(
        texts,
        (Reason.NOT_A_NUMBER, ~is_whole(F.col("person_id"))),
        (Reason.ID_OUT_OF_RANGE, ~is_id(F.col("person_id").cast("int"))),
        (Reason.EMPTY_NAME, F.col("name") == ""),
        (Reason.UNKNOWN_ROLE, ~F.col("role").isin(*ROLES)),
        (Reason.TOO_LONG, _is_too_long(name=MOST_NAME, character=MOST_TEXT)),
    )
    typed = written.select(
        "position",
        "text",
        "reason",
        F.col("id").alias("media_id"),
        F.col("person_id").cast("int").alias("person_id"),
        "name",
        "role",
        "character",
    )
    known = titles.select("media_id", F.lit(True).alias("known"))
    joined = typed.join(known, on="media_id", how="left")
    checked = also_rejected(joined, (Reason.UNKNOWN_TITLE, F.col("known").isNull())).drop("known")
    kept = _first_of_each(checked, partitions, ["media_id", "person_id", "role", "character"])
    return kept.withColumn("character", _or_null("character"))


def _first_of_each(rows: DataFrame, partitions: int, keys: list[str]) -> DataFrame:
    hashed = rows.withColumn("hash", F.xxhash64(keys[0]))  # rows are grouped by a number
    return reject_duplicates(hashed, partitions, ["hash", *keys], [F.asc("position")]).drop("hash")
