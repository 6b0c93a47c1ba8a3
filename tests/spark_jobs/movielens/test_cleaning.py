"""The rules by which lines are rejected, a line for each, and the laws that hold for any lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from domain.cleaning.layouts import usual
from domain.cleaning.reasons import Reason
from domain.contract.movielens import SCALE
from spark_jobs.movielens.releases import COLUMNS
from spark_jobs.movielens.transforms.genome import classify_genome_scores, classify_genome_tags
from spark_jobs.movielens.transforms.links import classify_links
from spark_jobs.movielens.transforms.movies import classify_movies
from spark_jobs.movielens.transforms.ratings import classify_ratings
from spark_jobs.movielens.transforms.tags import classify_tags
from spark_jobs.storage.schemas import CLEAN, GENOME

NOW = 1_700_000_000
USUAL = {kind: usual(columns) for kind, columns in COLUMNS.items()}
KNOWN = (1, 2, 3)
Lines = list[tuple[bytes, Reason | None]]

ANY_FILE: Lines = [
    (b"", Reason.BLANK_LINE),
    (b"  \r", Reason.BLANK_LINE),
    (b"1,\xff,3,4", Reason.INVALID_ENCODING),
    (b"1,\xed\xa0\x80,3,4", Reason.INVALID_ENCODING),
    (b"1,2\x00,3,4", Reason.CONTROL_CHARACTER),
    (b"1,2\r,3,4", Reason.CONTROL_CHARACTER),
    (b"1", Reason.MISSING_FIELD),
    (b"1,2,3,4,5,6", Reason.SURPLUS_FIELD),
    (b"," * 100_000, Reason.SURPLUS_FIELD),
    (b'1,"2,3,4', Reason.BROKEN_QUOTES),
    (b'"' * 99_999, Reason.BROKEN_QUOTES),
]
RATINGS: Lines = [
    *ANY_FILE,
    (b"1,1,0.5,1000000000", None),
    (b"1,2,5,1000000000\r", None),
    (b'"2","1","3.50","1000000000"', None),
    (b"1,3,four,1000000000", Reason.NOT_A_NUMBER),
    (b"1,3,,1000000000", Reason.NOT_A_NUMBER),
    (b"1,3,NaN,1000000000", Reason.NOT_A_NUMBER),
    (b"1.5,3,4.0,1000000000", Reason.NOT_A_NUMBER),
    (b"1,3,4.0,03/04/2005", Reason.NOT_A_TIME),
    (b"1,3,4.0,", Reason.NOT_A_TIME),
    (b"4,1.0,4e0,1000000000.5", None),
    (b" 4 ,2,3.,2005-04-02 23:51:47", None),
    (b"4e0,3,+4.0,1000000000000", None),
    (b"0,1,4.0,1000000000", None),
    ("١,3,4.0,1000000000".encode(), Reason.NOT_A_NUMBER),
    (b"-1,3,4.0,1000000000", Reason.ID_OUT_OF_RANGE),
    (b"2147483648,3,4.0,1000000000", Reason.ID_OUT_OF_RANGE),
    (b"1,99999999999999999999999,4.0,1000000000", Reason.ID_OUT_OF_RANGE),
    (b"1,3,0,1000000000", Reason.RATING_OUT_OF_RANGE),
    (b"1,3,5.5,1000000000", Reason.RATING_OUT_OF_RANGE),
    (b"1,3,-1.0,1000000000", Reason.RATING_OUT_OF_RANGE),
    (b"1,3," + b"9" * 400 + b",1000000000", Reason.RATING_OUT_OF_RANGE),
    (b"1,3,3.7,1000000000", Reason.RATING_NOT_A_HALF_STEP),
    (b"1,3,4.0,788918399", Reason.TIME_OUT_OF_RANGE),
    (b"1,3,4.0,1700000001", Reason.TIME_OUT_OF_RANGE),
    (b"1,3,4.0,99999999999999999999999", Reason.TIME_OUT_OF_RANGE),
    (b"1,3,4.0,9223372036854775807", Reason.TIME_OUT_OF_RANGE),
    (b"1,4,4.0,1000000000", Reason.UNKNOWN_MOVIE),
    (b"3,1,4.0,788918400", Reason.DUPLICATE),
    (b"3,1,2.0,1700000000", None),
    (b"3,1,3.0,1600000000", Reason.DUPLICATE),
    (b"3,2,1.0,1000000000", Reason.DUPLICATE),
    (b"3,2,2.0,1000000000", None),
    (b"3,3,4.0,1000000000", None),
    (b"3,3,4.1,1000000001", Reason.RATING_NOT_A_HALF_STEP),
]
TAGS: Lines = [
    *ANY_FILE,
    (b"1,1,funny,1000000000", None),
    (b'1,1,"so, so ""funny""",1000000000\r', None),
    ("1,1,Größe 😀,1000000000".encode(), None),
    (b"1,1,a\ttab,1000000000", None),
    (b"1,1,fun,yesterday", Reason.NOT_A_TIME),
    (b"x,1,fun,1000000000", Reason.NOT_A_NUMBER),
    (b"-1,1,fun,1000000000", Reason.ID_OUT_OF_RANGE),
    (b"0,1.0,fun,2005-04-02T23:51:47Z", None),
    (b"1,1,  ,1000000000", Reason.EMPTY_TAG),
    (b'1,1,"",1000000000', Reason.EMPTY_TAG),
    (b"1,1,fun,788918399", Reason.TIME_OUT_OF_RANGE),
    (b"1,1,fun,-9223372036854775808", Reason.TIME_OUT_OF_RANGE),
    (b"1,4,fun,1000000000", Reason.UNKNOWN_MOVIE),
    (b"1,1, FUNNY ,1000000001", Reason.DUPLICATE),
    (b"1,2,funny,1000000000", None),
    (b"2,1,funny,1000000000", None),
]
MOVIES: Lines = [
    *ANY_FILE,
    (b"1,Toy Story (1995),Adventure|Comedy", None),
    (b'2,"Matrix, The (1999)",Action\r', None),
    ("3,Amélie,(no genres listed)".encode(), None),
    (b"4,Untitled,", None),
    (b"no. 5,Title (1999),Drama", Reason.NOT_A_NUMBER),
    (b"2147483648,Title (1999),Drama", Reason.ID_OUT_OF_RANGE),
    (b"5, ,Drama", Reason.EMPTY_TITLE),
    (b"5,(1999),Drama", Reason.EMPTY_TITLE),
    (b"1,Another (1999),Drama", Reason.DUPLICATE),
    (b"6,Clock, The (1999),Drama", Reason.SURPLUS_FIELD),
]
LINKS: Lines = [
    *ANY_FILE,
    (b"1,0114709,862\r", None),
    (b"2,12345678,", None),
    (b"3.0,0211915.0,none", None),
    (b"3,0114709,no", Reason.NOT_A_NUMBER),
    (b"3,,862", Reason.NOT_A_NUMBER),
    (b"3,0,862", Reason.ID_OUT_OF_RANGE),
    (b"3,0114709,2147483648", Reason.ID_OUT_OF_RANGE),
    (b"4,0114709,862", Reason.UNKNOWN_MOVIE),
    (b"1,0114710,863", Reason.DUPLICATE),
]
GENOME_TAGS: Lines = [
    (b"1,quiet", None),
    (b'2,"so, so"\r', None),
    (b"3.0,Foreign", None),
    (b"x,quiet", Reason.NOT_A_NUMBER),
    (b"-1,quiet", Reason.ID_OUT_OF_RANGE),
    (b"4, ", Reason.EMPTY_TAG),
    (b"1,loud", Reason.DUPLICATE),
]
GENOME_SCORES: Lines = [
    (b"1,1,0.02500000000000022", None),
    (b"2,1,2.5e-02", None),
    (b"1,2,1\r", None),
    (b"1,1,high", Reason.NOT_A_NUMBER),
    (b"-1,1,0.5", Reason.ID_OUT_OF_RANGE),
    (b"1,1,1.5", Reason.FIGURE_OUT_OF_RANGE),
    (b"9,1,0.5", Reason.UNKNOWN_MOVIE),
    (b"1,9,0.5", Reason.UNKNOWN_TAG),
]
FILES = {
    "ratings": RATINGS,
    "tags": TAGS,
    "movies": MOVIES,
    "links": LINKS,
    "genome-tags": GENOME_TAGS,
    "genome-scores": GENOME_SCORES,
}
Classify = Callable[[str, list[bytes]], DataFrame]


@pytest.fixture(scope="module")
def classify(spark: SparkSession) -> Classify:
    """A function that classifies the lines of a file, the first of which is line 2."""
    movies = spark.createDataFrame([(movie, "Title", 1999, []) for movie in KNOWN], CLEAN["movies"])
    of_genome = spark.createDataFrame([(1, "quiet"), (2, "loud")], GENOME["genome-tags"])
    functions: dict[str, Callable[[DataFrame], DataFrame]] = {
        "ratings": lambda lines: classify_ratings(lines, USUAL["ratings"], SCALE, movies, NOW, 2),
        "tags": lambda lines: classify_tags(lines, USUAL["tags"], movies, NOW, 2),
        "movies": lambda lines: classify_movies(lines, USUAL["movies"], {}, 2),
        "links": lambda lines: classify_links(lines, USUAL["links"], movies, 2),
        "genome-tags": lambda lines: classify_genome_tags(lines, USUAL["genome-tags"], 2),
        "genome-scores": lambda lines: classify_genome_scores(lines, USUAL["genome-scores"], of_genome, movies),
    }

    def run(file: str, lines: list[bytes]) -> DataFrame:
        rows = [(position, bytearray(line)) for position, line in enumerate(lines, start=2)]
        return functions[file](spark.createDataFrame(rows, "position long, value binary"))

    return run


@pytest.mark.parametrize("file", FILES)
def test_each_line_is_rejected_for_its_reason(file: str, classify: Classify) -> None:
    found = {row["position"]: row["reason"] for row in classify(file, [line for line, _ in FILES[file]]).collect()}
    expected = {position: reason for position, (_, reason) in enumerate(FILES[file], start=2)}
    assert found == expected


@pytest.mark.parametrize("file", FILES)
def test_clean_columns_have_the_schema_that_others_read(file: str, classify: Classify) -> None:
    schema = {**CLEAN, **GENOME}[file]
    rows = classify(file, [line for line, _ in FILES[file]]).where("reason is null").select(*schema.names)
    assert rows.dtypes == [(field.name, field.dataType.simpleString()) for field in schema]


@pytest.mark.parametrize("file", FILES)
def test_the_wrong_value_is_in_the_line(file: str, classify: Classify) -> None:
    whole_line = {None, "blank_line", "invalid_encoding", "control_character", "broken_quotes", "duplicate"}
    for row in classify(file, [line for line, _ in FILES[file]]).collect():
        told = row["reason"] not in {*whole_line, "missing_field", "surplus_field"}
        assert (row["field"] is not None) == told
        if told:
            assert row["value"] in row["text"].replace('""', '"')


def accepted(classify: Classify, file: str) -> list[tuple]:
    rows = classify(file, [line for line, reason in FILES[file] if reason is None])
    return [tuple(row) for row in rows.orderBy("position").select(*CLEAN[file].names).collect()]


def test_what_clean_movies_look_like(classify: Classify) -> None:
    assert accepted(classify, "movies") == [
        (1, "Toy Story", 1995, ["Adventure", "Comedy"]),
        (2, "Matrix, The", 1999, ["Action"]),
        (3, "Amélie", None, []),
        (4, "Untitled", None, []),
    ]


def test_what_clean_links_look_like(classify: Classify) -> None:
    assert accepted(classify, "links") == [
        (1, "tt0114709", 862),
        (2, "tt12345678", None),
        (3, "tt0211915", None),
    ]


def test_what_clean_tags_look_like(classify: Classify) -> None:
    tags = [tag for _, _, tag, _ in accepted(classify, "tags")]
    assert tags == ["funny", 'so, so "funny"', "grösse 😀", "a tab", "fun", "funny", "funny"]


def test_a_rejected_line_keeps_its_text(classify: Classify) -> None:
    texts = [row["text"] for row in classify("movies", [b'7,"A (1999),Drama\r', b"8,\xe9,Drama"]).collect()]
    assert sorted(texts) == ['7,"A (1999),Drama', "8,\ufffd,Drama"]


@pytest.mark.parametrize("partitions", [1, 3, 7])
def test_the_latest_rating_wins_and_of_equally_late_ones_the_last_line(
    partitions: int, spark: SparkSession, classify: Classify
) -> None:
    random = np.random.default_rng(11)
    table = pd.DataFrame(
        {
            "user": random.integers(1, 20, 1500),
            "movie": random.choice(KNOWN, 1500),
            "rating": random.integers(1, 11, 1500) / 2,
            "time": 1_000_000_000 + random.integers(0, 5, 1500),
        }
    )
    lines = [(number + 2, bytearray(",".join(map(str, row)).encode())) for number, row in enumerate(table.values)]
    whole = [(number, bytearray(line.replace(b".0,", b",").replace(b".0", b""))) for number, line in lines]
    movies = spark.createDataFrame([(movie, "Title", 1999, []) for movie in KNOWN], CLEAN["movies"])
    frame = spark.createDataFrame(whole, "position long, value binary").repartition(partitions)
    rows = classify_ratings(frame, USUAL["ratings"], SCALE, movies, NOW, partitions).toPandas()
    latest = table.sort_values("time", kind="stable").groupby(["user", "movie"]).tail(1)
    assert len(rows) == len(table)
    assert set(rows[rows["reason"].isna()]["position"]) == set(latest.index + 2)
    assert set(rows["reason"].dropna()) == {Reason.DUPLICATE}


def test_cleaning_twice_is_cleaning_once(classify: Classify) -> None:
    def line(user_id: int, movie_id: int, rating: float, rated_at: datetime) -> bytes:
        return f"{user_id},{movie_id},{rating},{int(rated_at.replace(tzinfo=UTC).timestamp())}".encode()

    once = classify("ratings", [line for line, _ in RATINGS]).where("reason is null").select(*CLEAN["ratings"].names)
    rows = sorted(tuple(row) for row in once.collect())
    again = classify("ratings", [line(*row) for row in rows])
    assert sorted(tuple(row) for row in again.where("reason is null").select(*CLEAN["ratings"].names).collect()) == rows
    assert again.where("reason is not null").count() == 0
