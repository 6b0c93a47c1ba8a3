"""The rules by which records of the catalogue are rejected, and the rows that tables get."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyspark.sql import DataFrame, SparkSession

from domain.cleaning.layouts import usual
from domain.cleaning.reasons import Reason
from domain.contract.catalogue import FILED, HEADERS
from spark_jobs.catalogue.transforms import table_rows
from spark_jobs.catalogue.transforms.records import classify_credits, classify_titles
from spark_jobs.storage.schemas import CATALOGUE

Records = list[tuple[str, Reason | None]]


def title(media_id: str = "tm1", **fields: str) -> str:
    """A record of titles.csv with what is special about it; text with commas or quotes is given as CSV."""
    fields_of_any = {
        "title": "Any",
        "type": "MOVIE",
        "description": "",
        "year": "1999",
        "certification": "R",
        "runtime": "90",
        "genres": "['drama']",
        "countries": "['US']",
        "seasons": "",
        "imdb_id": "tt0000001",
        "score": "7.0",
        "votes": "10.0",
        "popularity": "1.5",
        "tmdb": "6.0",
    }
    assert set(fields) <= set(fields_of_any)
    return ",".join([media_id, *{**fields_of_any, **fields}.values()])


TITLES: Records = [
    (title("tm1"), None),
    (title("tm1"), Reason.DUPLICATE),
    (title("ts2", type="SHOW", seasons="3.0", description='"Two\nlines, and ""quotes"""'), None),
    (title("tm3", score="", votes="", popularity="", tmdb="", imdb_id="", certification="", genres="[]"), None),
    (title("tm4", genres='"[\'drama\', ""children\'s""]"'), None),
    (title("", title="No id"), Reason.BAD_CATALOGUE_ID),
    (title("tm 5"), Reason.BAD_CATALOGUE_ID),
    (title("tm5", title=" "), Reason.EMPTY_TITLE),
    (title("tm5", type="SERIES"), Reason.UNKNOWN_TYPE),
    (title("tm5", year="199x"), Reason.NOT_A_NUMBER),
    (title("tm5", year=""), Reason.NOT_A_NUMBER),
    (title("tm5", runtime="90.5"), Reason.NOT_A_NUMBER),
    (title("tm5", votes="1.5e0"), Reason.NOT_A_NUMBER),
    (title("tm5", votes='"1,234"'), Reason.NOT_A_NUMBER),
    (title("tm5", score="good"), Reason.NOT_A_NUMBER),
    (title("tm6", year="1999.0", title="\u00a0Spaces\t", votes="10\n", description="d" * 20_000), None),
    (title("tm7", title="é" * 500, certification="c" * 50, genres=f"['{'g' * 50}']"), None),
    (title("tm5", title="\t\u00a0"), Reason.EMPTY_TITLE),
    (title("tm5", year="1999.5"), Reason.NOT_A_NUMBER),
    (title("tm5", runtime="90\u2028"), None),
    (title("tm8", genres="['dra' 'ma']"), Reason.NOT_A_LIST),
    (title("tm8", genres=r"['\ud800']"), Reason.NOT_A_LIST),
    (title("tm8", title="é" * 501), Reason.TOO_LONG),
    (title("tm8", certification="c" * 51), Reason.TOO_LONG),
    (title("tm8", description="d" * 20_001), Reason.TOO_LONG),
    (title("tm8", genres=f"['drama', '{'g' * 51}']".join('""')), Reason.TOO_LONG),
    (title("tm8", countries=f"{[str(number) for number in range(51)]}".join('""')), Reason.TOO_LONG),
    (title("tm8", imdb_id="tt0000001x"), Reason.BAD_IMDB_ID),
    (title("tm8", score="10.04"), Reason.SCORE_OUT_OF_RANGE),
    (title("tm8", score="-0.04"), Reason.SCORE_OUT_OF_RANGE),
    (title("tm8", popularity="-0.1"), Reason.FIGURE_OUT_OF_RANGE),
    (title("tm8", popularity="9" * 400), Reason.FIGURE_OUT_OF_RANGE),
    (title("tm5", genres="drama"), Reason.NOT_A_LIST),
    (title("tm5", countries="__import__('os')"), Reason.NOT_A_LIST),
    (title("tm5", imdb_id="0000001"), Reason.BAD_IMDB_ID),
    (title("tm5", score="10.1"), Reason.SCORE_OUT_OF_RANGE),
    (title("tm5", score="-1"), Reason.SCORE_OUT_OF_RANGE),
    (title("tm5", tmdb="11"), Reason.SCORE_OUT_OF_RANGE),
    (title("tm5", year="99999999999"), Reason.FIGURE_OUT_OF_RANGE),
    (title("tm5", year="1776"), Reason.FIGURE_OUT_OF_RANGE),
    (title("tm5", runtime="-5"), Reason.FIGURE_OUT_OF_RANGE),
    (title("tm5", votes="99999999999"), Reason.FIGURE_OUT_OF_RANGE),
    (title("tm5") + ",more", Reason.SURPLUS_FIELD),
    ("tm5,Any", Reason.MISSING_FIELD),
    ('tm5,"Any' + title("")[7:], Reason.BROKEN_QUOTES),
    (title("tm5", title="bell\x07"), Reason.CONTROL_CHARACTER),
    ("", Reason.BLANK_LINE),
]
CREDITS: Records = [
    ("7,tm1,Anna,Queen,ACTOR", None),
    ("7,tm1,Anna,Queen,ACTOR", Reason.DUPLICATE),
    ("7,tm1,Anna,King,ACTOR", None),
    ("7,tm1,Anna,,DIRECTOR", None),
    ('8,ts2,"O\'Brien ""Obi"" Ünal, Jr.",,ACTOR', None),
    ("8,tm99,Anna,Queen,ACTOR", Reason.UNKNOWN_TITLE),
    ("8,tm1,Anna,Queen,WRITER", Reason.UNKNOWN_ROLE),
    ("8,tm1, ,Queen,ACTOR", Reason.EMPTY_NAME),
    ("8,tm1,\t\u00a0,Queen,ACTOR", Reason.EMPTY_NAME),
    (f"8,tm1,{'x' * 501},Queen,ACTOR", Reason.TOO_LONG),
    (f"8,tm1,Anna,{'x' * 20_001},ACTOR", Reason.TOO_LONG),
    ("x,tm1,Anna,Queen,ACTOR", Reason.NOT_A_NUMBER),
    ("8.5,tm1,Anna,Queen,ACTOR", Reason.NOT_A_NUMBER),
    ("-1,tm1,Anna,Queen,ACTOR", Reason.ID_OUT_OF_RANGE),
    ("2147483648,tm1,Anna,Queen,ACTOR", Reason.ID_OUT_OF_RANGE),
    ("8,tm1,Anna,ACTOR", Reason.MISSING_FIELD),
]


LAYOUTS = {kind: usual(header.split(",")) for kind, header in HEADERS.items()}


def frame(spark: SparkSession, records: Records) -> DataFrame:
    rows = [(2 + number, bytearray(text.encode())) for number, (text, _) in enumerate(records)]
    return spark.createDataFrame(rows, "position long, value binary")


@pytest.fixture(scope="module")
def titles(spark: SparkSession) -> DataFrame:
    return classify_titles(frame(spark, TITLES), LAYOUTS["titles"], 2).cache()


@pytest.fixture(scope="module")
def clean_titles(titles: DataFrame) -> DataFrame:
    return titles.where("reason IS NULL").select(*CATALOGUE["titles"].names).cache()


@pytest.fixture(scope="module")
def credits(spark: SparkSession, clean_titles: DataFrame) -> DataFrame:
    return classify_credits(frame(spark, CREDITS), LAYOUTS["credits"], clean_titles, 2).cache()


def reasons(rows: DataFrame) -> list[str | None]:
    return [row.reason for row in sorted(rows.collect(), key=lambda row: row.position)]


def test_each_record_has_the_first_reason_that_applies(titles: DataFrame, credits: DataFrame) -> None:
    for rows, records in ((titles, TITLES), (credits, CREDITS)):
        assert reasons(rows) == [reason and str(reason) for _, reason in records]


def test_clean_titles_are_typed_and_what_is_missing_is_null(clean_titles: DataFrame) -> None:
    assert [(f.name, f.dataType) for f in clean_titles.schema] == [
        (f.name, f.dataType) for f in CATALOGUE["titles"].fields
    ]
    rows = {row.media_id: row for row in clean_titles.collect()}
    assert (rows["ts2"].seasons, rows["ts2"].description) == (3, 'Two\nlines, and "quotes"')
    nothing = rows["tm3"]
    assert (nothing.score, nothing.votes, nothing.imdb_id, nothing.certification) == (None, None, None, None)
    assert nothing.genres == []
    assert rows["tm4"].genres == ["drama", "children's"]
    assert (rows["tm1"].score, rows["tm1"].votes, rows["tm1"].runtime) == (7.0, 10, 90)
    assert (rows["tm6"].title, rows["tm6"].year, rows["tm6"].votes) == ("Spaces", 1999, 10)


# what is written in a field, and what it becomes
WRITTEN: dict[str, list[tuple[str, object]]] = {
    "year": [("1999.0", 1999), ("1.999e3", 1999), ("+1999", 1999)],
    "runtime": [("101.0", 101), ("1e2", 100), ("NaN", None), ("null", None), ("NA", None)],
    "votes": [("2034.0", 2034), ("1e3", 1000), ("1.0E+06", 1_000_000), ("<NA>", None), ("\\N", None)],
    "popularity": [("1.1e-05", 1.1e-05), (".5", 0.5), ("nan", None), ("None", None)],
    "score": [("7", 7.0), ("7.", 7.0), ("6.10", 6.1), ("NULL", None)],
    "genres": [("", []), ("NaN", []), ("null", []), ("[]", []), ('"[""war""]"', ["war"]), ("['war']", ["war"])],
    "countries": [
        ("\"['US', None]\"", ["US"]),
        ('"[""US"", null]"', ["US"]),
        ("\"['US', nan]\"", ["US"]),
        ("[None]", []),
    ],
    "certification": [("NaN", None), ("nan", None), ("R", "R")],
    "imdb_id": [("null", None), ("NA", None), ("tt1234567", "tt1234567")],
    "type": [("movie", "MOVIE"), ("Show", "SHOW")],
    "title": [("None", "None"), ("NA", "NA"), ("nan", "nan")],  # are titles
}
COLUMN = {"votes": "votes", "popularity": "tmdb_popularity"}


def test_numbers_lists_and_missing_values_are_read_as_programs_write_them(spark: SparkSession) -> None:
    cases = [(name, text, value) for name, of_name in WRITTEN.items() for text, value in of_name]
    records: Records = [(title(f"tm{at}", **{name: text}), None) for at, (name, text, _) in enumerate(cases)]
    rows = {row.media_id: row for row in classify_titles(frame(spark, records), LAYOUTS["titles"], 2).collect()}
    for at, (name, text, value) in enumerate(cases):
        row = rows[f"tm{at}"]
        assert row.reason is None, (name, text, row.reason)
        read = row[COLUMN.get(name, name)]
        assert read == (pytest.approx(value) if isinstance(value, float) else value), (name, text)


def test_a_rejected_record_names_the_field_and_what_is_written_there(titles: DataFrame, credits: DataFrame) -> None:
    of_titles = {(row.reason, row.field, row.value) for row in titles.where("reason IS NOT NULL").collect()}
    assert ("not_a_number", "imdb_votes", "1,234") in of_titles
    assert ("not_a_number", "runtime", "90.5") in of_titles
    assert ("not_a_list", "production_countries", "__import__('os')") in of_titles
    assert ("figure_out_of_range", "release_year", "1776") in of_titles
    assert ("too_long", "title", "é" * 200) in of_titles
    of_credits = {(row.reason, row.field, row.value) for row in credits.where("reason IS NOT NULL").collect()}
    assert ("unknown_title", "id", "tm99") in of_credits
    assert ("not_a_number", "person_id", "8.5") in of_credits
    about_fields = {reason for reason, field, _ in of_titles | of_credits if field is None}
    assert about_fields <= {
        *("blank_line", "broken_quotes", "missing_field", "surplus_field", "control_character", "duplicate"),
    }


@pytest.fixture(scope="module")
def tables(clean_titles: DataFrame, credits: DataFrame) -> Callable[[str], list[tuple[object, ...]]]:
    accepted = credits.where("reason IS NULL").select(*CATALOGUE["credits"].names)
    cards, people = table_rows.cards(clean_titles), table_rows.people(accepted)
    by_facet = table_rows.facet_cards(cards)
    made = {
        "people": people.select("person_id", "name", "acted", "directed"),
        "credits": table_rows.credits_by_title(accepted).select("media_id", "role", "place", "character"),
        "of_person": table_rows.titles_by_person(accepted, people, cards).select(
            "role", "name_key", "media_id", "score"
        ),
        "facets": table_rows.facets(by_facet).select(
            "facet", "value", "title_count", "scores", "score_counts", "years", "most_votes"
        ),
        "people_by_head": table_rows.people_by_head(people).select("head", "block", "person_ids", "acted", "directed"),
        "titles_by_head": table_rows.titles_by_head(cards).select("head", "block", "media_ids", "votes"),
    }
    return lambda name: sorted((tuple(row) for row in made[name].collect()), key=str)


def test_people_are_counted_by_title_not_by_character(tables: Callable[[str], list[tuple[object, ...]]]) -> None:
    assert tables("people") == [(7, "Anna", 1, 1), (8, 'O\'Brien "Obi" Ünal, Jr.', 1, 0)]
    assert tables("credits") == [
        ("tm1", "ACTOR", 1, "Queen"),
        ("tm1", "ACTOR", 2, "King"),
        ("tm1", "DIRECTOR", 1, None),
        ("ts2", "ACTOR", 1, None),
    ]
    assert tables("of_person") == [
        ("ACTOR", "anna", "tm1", 70),
        ("ACTOR", "o brien obi unal jr", "ts2", 70),
        ("DIRECTOR", "anna", "tm1", 70),
    ]


def test_facets_tell_how_many_titles_each_partition_has(tables: Callable[[str], list[tuple[object, ...]]]) -> None:
    facets = {row[:2]: row[2:] for row in tables("facets")}
    assert facets["all", "all"] == (7, [70, -1], [6, 1], [1999], [10, -1])
    assert facets["genre", "children's"] == (1, [70], [1], [1999], [10])
    assert facets["year", "1999"] == (7, [70, -1], [6, 1], [], [10, -1])
    assert ("certification", "None") not in facets


def test_names_are_filed_under_the_beginnings_of_their_words(
    tables: Callable[[str], list[tuple[object, ...]]],
) -> None:
    assert {head for head, _, people, *_ in tables("people_by_head") if 8 in people} == {
        "o",
        "bri",
        "obi",
        "una",
        "jr",
        "br ob",
        "br un",
        "br jr",
        "brien ob",
        "brien un",
        "brien jr",
        "ob un",
        "jr ob",
        "jr un",
    }
    assert [row[1:] for row in tables("people_by_head") if 7 in row[2]] == [(0, [7], [1], [1])]
    assert {row[0] for row in tables("titles_by_head") if "tm6" in row[2]} == {"spa", "spaces"}


def test_what_is_filed_is_in_blocks_most_votes_first_and_then_by_id(spark: SparkSession) -> None:
    count = 2 * FILED + 5
    same = ("Spring", "MOVIE", 2000, None, ["war"], [], None)
    titles = [(f"tm{number}", *same, number % 7 - 1) for number in range(count)]
    texts, lists = "media_id string, title string, type string", "genres array<string>, countries array<string>"
    schema = f"{texts}, year int, certification string, {lists}, score double, votes int"
    rows = table_rows.titles_by_head(table_rows.cards(spark.createDataFrame(titles, schema).repartition(4))).collect()
    best_first = sorted((-vote, media_id) for (media_id, *_, vote) in titles)
    for head in ("spr", "spring"):
        blocks = sorted((row for row in rows if row["head"] == head), key=lambda row: row.block)
        assert [(row.block, len(row.media_ids)) for row in blocks] == [(0, FILED), (1, FILED), (2, 5)]
        found = [pair for row in blocks for pair in zip(row.votes, row.media_ids, strict=True)]
        assert [(-vote, media_id) for vote, media_id in found] == best_first
    assert {row["head"] for row in rows} == {"spr", "spring"}
    assert (blocks[2].certifications, blocks[2].genres, blocks[2].countries) == ([""] * 5, [["war"]] * 5, [[]] * 5)
    assert blocks[2].scores == [-1] * 5
