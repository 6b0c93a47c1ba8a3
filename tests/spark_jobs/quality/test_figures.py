"""Figures of a report on quality: titles, axes and sentences in words for columns of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from spark_jobs.quality.figures import quality_figures
from spark_jobs.quality.rules import Rules
from tests.support.figures import assert_is_told


def column(name: str, kind: str, by: str, of: list[Any], rows: list[int]) -> dict[str, Any]:
    figures = {"median": 15.0, "p05": 6.0, "p95": 23456.0}
    return {"column": name, "kind": kind, "distribution": {"by": by, "of": of, "rows": rows}, **figures}


def drawn(
    *columns: dict[str, Any], table: str = "movies", rejected: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    tables = [{"table": table, "rows": 9, "key": ["movie_id"], "columns": list(columns), "rejected": rejected}]
    return quality_figures({"tables": tables, "checks": [], "metrics": {}, "run_id": "r"}, [], Rules())


@pytest.mark.parametrize(
    ("of", "title", "x", "finding"),
    [
        (
            column("title", "text", "length", [1.0, 20.0, 40.0], [7, 2]),
            *("Movies by length of the title", "Length of the title (characters)"),
            "Half of the rows have at most 15 characters; nine in ten lie between 6 and 23,456.",
        ),
        (
            column("genres", "list", "length", [0.0, 1.0, 2.0], [3, 6]),
            *("Movies by number of genres", "Number of genres"),
            "Half of the rows have at most 15; nine in ten lie between 6 and 23,456.",
        ),
        (
            column("year", "number", "value", [1999, 2000], [3, 6]),
            *("Movies by year of release", "Year of release"),
            "The commonest is 2000: 6 of 9 (67 %).",
        ),
        (
            column("kind", "text", "value", ["<b>", "film"], [6, 3]),
            *("Movies by kind", "Kind"),
            "The commonest is <b>: 6 of 9 (67 %).",
        ),
        (
            column("rated_at", "time", "month", ["1999-01", "1999-02"], [3, 6]),
            *("Movies by month", "Month (UTC)"),
            "From 1999-01 to 1999-02: most in 1999-02, 6; 4 in the median month.",
        ),
        (
            column("added_at", "time", "month", ["1999-01"], [3]),
            *("Movies by month of added at", "Month of added at (UTC)"),
            "From 1999-01 to 1999-01: most in 1999-01, 3; 3 in the median month.",
        ),
    ],
)
def test_a_distribution_says_what_it_shows(of: dict[str, Any], title: str, x: str, finding: str) -> None:
    (figure,) = drawn(of)
    assert (figure["title"], figure["sentence"]) == (title, finding)
    assert figure["plot"]["layout"]["xaxis"]["title"]["text"] == x
    assert_is_told(figure["title"], figure["sentence"], figure["plot"])
    assert "<b>" not in str(figure["plot"])


def test_keys_and_columns_without_values_have_no_figure() -> None:
    assert (
        drawn(
            column("movie_id", "number", "value", [1], [1]), {**column("x", "text", "", [], []), "distribution": None}
        )
        == []
    )


def test_rejected_lines_are_told_by_reason() -> None:
    (figure,) = drawn(rejected={"reasons": {"invalid_year": 1, "duplicate_key": 3}})
    assert figure["title"] == "Movies: rejected lines by reason"
    assert figure["sentence"] == "Most often: duplicate key, 3 of 4 (75 %) rejected lines."
    assert_is_told(figure["title"], figure["sentence"], figure["plot"])


def test_history_has_a_line_a_table_and_a_trend_its_band() -> None:
    runs = [f"2026010{day}T030405.000Z-abcdef" for day in range(1, 7)]
    earlier = [
        {"run_id": run, "metrics": {"movies.rows": 9.0 + at, "movies.year.mean": 1999.0}} for at, run in enumerate(runs)
    ]
    check = {"check": "trend of mean", "table": "movies", "column": "year", "value": 2010.0}
    tables = [{"table": "movies", "rows": 9, "key": [], "columns": [], "rejected": None}]
    report = {
        "run_id": "20260109T000000.000Z-abcdef",
        "metrics": {"movies.rows": 9.0},
        "tables": tables,
        "checks": [check],
    }
    rows, trend = quality_figures(report, earlier, Rules())
    for figure in (rows, trend):
        assert_is_told(figure["title"], figure["sentence"], figure["plot"])
    assert (rows["title"], trend["title"]) == (
        "Rows of the tables by report",
        "Movies: year of release, mean by report",
    )
    assert rows["plot"]["data"][0]["x"][0] == "2026-01-01 03:04"
    assert trend["plot"]["data"][0]["y"] == [1999.0] * 6 + [2010.0]
    assert [line["y"][0] for line in trend["plot"]["data"][1:]] == pytest.approx([1999.0] * 2)
