"""Records of titles.csv and credits.csv: typed, each with the first reason why it is rejected."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType

from domain.cleaning.layouts import Layout
from domain.cleaning.reasons import Reason
from domain.contract.catalogue import (
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
from spark_jobs.frames import written
from spark_jobs.frames.csv_lines import (
    Rule,
    also_rejected,
    decode_lines,
    field,
    judged,
    reject_duplicates,
    with_fields,
)

FIRST_YEAR, LAST_YEAR = 1870, 2100
LARGEST_ID = 2**31 - 1
HIGHEST = {
    "runtime": 100_000,  # minutes: the longest film ever shown has 51,420
    "seasons": 10_000,
    "imdb_votes": 2**31 - 1,
}
DECIMALS = ("imdb_score", "tmdb_popularity", "tmdb_score")
SCORES = ("imdb_score", "tmdb_score")
LISTS = {"genres": "genre_names", "production_countries": "country_names"}
# texts in which NA, NaN or null is nobody's name
OR_NONE = ("age_certification", "imdb_id")

_names = F.udf(list_literal, ArrayType(StringType()), useArrow=True)


def classify_titles(records: DataFrame, layout: Layout, partitions: int) -> DataFrame:
    """Records to the columns of the clean titles, reason, field and value; of those with one id the first is kept.

    Args:
        records: position and value, as raw_files reads them.
        layout: of the file.
        partitions: of the result.
    """
    texts = _with_texts(records, layout)
    for column, names in LISTS.items():
        texts = texts.withColumn(names, _names(column))
    plain = texts.withColumn("type", F.upper("type"))
    for name in OR_NONE:
        plain = plain.withColumn(name, F.when(written.is_missing(F.col(name)), F.lit("")).otherwise(F.col(name)))
    checked = also_rejected(
        plain,
        _rule(Reason.BAD_CATALOGUE_ID, "id", ~F.col("id").rlike(r"^[A-Za-z0-9]{1,40}\z")),
        _rule(Reason.EMPTY_TITLE, "title", F.col("title") == ""),
        _rule(Reason.UNKNOWN_TYPE, "type", ~F.col("type").isin(*TYPES)),
        *_no_numbers(layout),
        *[_rule(Reason.NOT_A_LIST, column, F.col(names).isNull()) for column, names in LISTS.items()],
        *_too_long(title=MOST_NAME, age_certification=MOST_VALUE, description=MOST_TEXT),
        *[_rule(Reason.TOO_LONG, column, _are_too_long(names)) for column, names in LISTS.items()],
        _rule(Reason.BAD_IMDB_ID, "imdb_id", ~F.col("imdb_id").rlike(r"^(tt[0-9]{7,10})?\z")),
        *[_rule(Reason.SCORE_OUT_OF_RANGE, name, _is_no_score(_number(name, layout))) for name in SCORES],
        *_implausible(layout),
    )
    typed = checked.select("position", "text", "fault", *_title_columns(layout))
    return judged(_first_of_each(typed, partitions, ["media_id"]))


def _with_texts(records: DataFrame, layout: Layout) -> DataFrame:
    """The fields under the names of the header, without spaces around them; a missing one is empty."""
    rows = with_fields(decode_lines(records, records=True), layout)
    texts = [
        F.coalesce(F.btrim(field(index), F.lit(SPACES)), F.lit("")).alias(name)
        for index, name in enumerate(layout.names)
    ]
    return rows.select("position", "text", "fault", *texts)


def _rule(reason: Reason, name: str, condition: Column) -> Rule:
    """Rejects a record for the text in a field."""
    return Rule(reason, condition, name, F.col(name))


def _no_numbers(layout: Layout) -> list[Rule]:
    """Reject what should be numbers and is none; all but the year may be missing."""
    fits = {name: written.is_whole(_pointed(name, layout)) for name in HIGHEST}
    fits |= {name: written.is_number(_pointed(name, layout)) for name in DECIMALS}
    optional = {name: written.is_missing(F.col(name)) | number for name, number in fits.items()}
    needed = {"release_year": written.is_whole(_pointed("release_year", layout))}
    return [_rule(Reason.NOT_A_NUMBER, name, ~number) for name, number in (needed | optional).items()]


def _pointed(name: str, layout: Layout) -> Column:
    return written.with_points(F.col(name)) if layout.may_have_decimal_commas else F.col(name)


def _whole(name: str, layout: Layout) -> Column:
    return written.whole(_pointed(name, layout))


def _number(name: str, layout: Layout) -> Column:
    return written.number(_pointed(name, layout))


def _too_long(**most: int) -> list[Rule]:
    """Reject texts that have more characters than they may."""
    return [_rule(Reason.TOO_LONG, name, F.length(name) > highest) for name, highest in most.items()]


def _are_too_long(names: str) -> Column:
    """Whether the names in a list are too many, or one of them is too long."""
    return (F.size(names) > MOST_VALUES) | F.exists(names, lambda name: F.length(name) > MOST_VALUE)


def _is_no_score(number: Column) -> Column:
    """Whether it is a number that no score can be, as it is written: rounded, 10.04 would be one."""
    return F.coalesce(~number.between(0, HIGHEST_SCORE / TENTHS), F.lit(False))


def _implausible(layout: Layout) -> list[Rule]:
    """Reject figures out of range; a whole number that does not fit 64 bits is null, and out of any."""
    is_outside = {"release_year": ~_is_within("release_year", layout, FIRST_YEAR, LAST_YEAR)}
    is_outside |= {name: ~_is_within(name, layout, 0, highest) for name, highest in HIGHEST.items()}
    is_outside["seasons"] = (F.col("type") == "SHOW") & is_outside["seasons"]  # of a movie they are not kept
    popularity = _number("tmdb_popularity", layout).cast("float")
    is_outside["tmdb_popularity"] = (popularity < 0) | (popularity == float("inf"))
    return [_rule(Reason.FIGURE_OUT_OF_RANGE, name, condition) for name, condition in is_outside.items()]


def _is_within(name: str, layout: Layout, low: int, high: int) -> Column:
    return F.coalesce(_whole(name, layout).between(low, high), written.is_missing(F.col(name)))


def _title_columns(layout: Layout) -> list[Column]:
    score, popularity, tmdb = (_number(name, layout) for name in DECIMALS)

    def whole(name: str, high: int) -> Column:
        number = _whole(name, layout)
        return F.when(number.between(0, high), number.cast("int"))

    return [
        F.col("id").alias("media_id"),
        F.col("title"),
        F.col("type"),
        whole("release_year", LAST_YEAR).alias("year"),
        _or_null("age_certification").alias("certification"),
        whole("runtime", HIGHEST["runtime"]).alias("runtime"),
        F.when(F.col("type") == "SHOW", whole("seasons", HIGHEST["seasons"])).alias("seasons"),
        _or_null("imdb_id").alias("imdb_id"),
        F.round(score, 1).cast("float").alias("score"),
        whole("imdb_votes", HIGHEST["imdb_votes"]).alias("votes"),
        popularity.cast("float").alias("tmdb_popularity"),
        tmdb.cast("float").alias("tmdb_score"),
        _or_null("description").alias("description"),
        F.col("genre_names").alias("genres"),
        F.col("country_names").alias("countries"),
    ]


def _or_null(text: str) -> Column:
    return F.when(F.col(text) != "", F.col(text)).alias(text)


def classify_credits(records: DataFrame, layout: Layout, titles: DataFrame, partitions: int) -> DataFrame:
    """Records to the columns of the clean credits, reason, field and value.

    A person may be in a title in both roles and play several characters; of records that agree in title, person, role
    and character the first is kept. `position` gives the order of the credits.

    Args:
        records: position and value, as raw_files reads them.
        layout: of the file.
        titles: the clean titles.
        partitions: of the result.
    """
    texts = _with_texts(records, layout).withColumn("role", F.upper("role"))
    person = _whole("person_id", layout)
    checked = also_rejected(
        texts,
        _rule(Reason.NOT_A_NUMBER, "person_id", ~written.is_whole(_pointed("person_id", layout))),
        _rule(Reason.ID_OUT_OF_RANGE, "person_id", ~F.coalesce(person.between(0, LARGEST_ID), F.lit(False))),
        _rule(Reason.EMPTY_NAME, "name", F.col("name") == ""),
        _rule(Reason.UNKNOWN_ROLE, "role", ~F.col("role").isin(*ROLES)),
        *_too_long(name=MOST_NAME, character=MOST_TEXT),
    )
    typed = checked.withColumns({"media_id": F.col("id"), "person_id": person.cast("int")})
    known = titles.select("media_id", F.lit(True).alias("known"))
    joined = typed.join(known, on="media_id", how="left")
    unknown = Rule(Reason.UNKNOWN_TITLE, F.col("known").isNull(), "id", F.col("id"))
    columns = ("position", "text", "fault", "media_id", "person_id", "name", "role", "character")
    kept = _first_of_each(
        also_rejected(joined, unknown).select(*columns), partitions, ["media_id", "person_id", "role", "character"]
    )
    return judged(kept.withColumn("character", _or_null("character")))


def _first_of_each(rows: DataFrame, partitions: int, keys: list[str]) -> DataFrame:
    hashed = rows.withColumn("hash", F.xxhash64(keys[0]))  # rows are grouped by a number
    return reject_duplicates(hashed, partitions, ["hash", *keys], [F.asc("position")]).drop("hash")
