"""Files of reports: tables that other programs read back, and a page in which data are never markup."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest

from domain.contract.report_files import csv_of, files_of, html_page

DRIFT = {
    **{"verdict": "act", "retrain": True, "because": "it moved", "months": [], "figures": [{"title": "a", "plot": {}}]},
    "features": [{"feature": "genre", "psi": 0.25}, {"feature": "volume", "sentence": 'with, comma and "quotes"'}],
}


def test_a_report_of_an_unknown_kind_is_an_error_and_no_report_on_outliers() -> None:
    with pytest.raises(ValueError, match="tags: nobody has said which files"):
        files_of("tags", {}, str)


def test_a_csv_has_every_column_that_any_row_has() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(DRIFT["features"]))))
    assert rows[0] == {"feature": "genre", "psi": "0.25", "sentence": ""}
    assert rows[1] == {"feature": "volume", "psi": "", "sentence": 'with, comma and "quotes"'}


def test_no_rows_are_an_empty_table() -> None:
    assert csv_of([]).strip() == ""


def test_a_page_shows_data_as_text_and_needs_no_network() -> None:
    evil = "</script><script>alert(1)</script>"
    page = html_page(evil, evil, {"t": [{evil: evil}]}, [{"title": evil, "plot": {"name": evil}}], "/* plotly */")
    assert "<script>alert(1)" not in page
    assert "src=" not in page
    assert "/* plotly */" in page


@pytest.mark.parametrize(
    ("subject", "report", "names"),
    [
        ("drift", DRIFT, ["drift.json", "drift.html", "drift_analysis.csv", "drift_by_month.csv"]),
        (
            "quality.titles",
            {"verdict": "good", "sentence": "x", "checks": [], "tables": []},
            ["quality.json", "quality.html", "quality_checks.csv", "summary_statistics.csv"],
        ),
        (
            "outliers.users",
            {"sentence": "x", "features": ["a"], "plot": None},
            ["outliers.json", "outliers.html", "outliers.csv"],
        ),
    ],
)
def test_each_kind_of_report_has_its_files(subject: str, report: dict, names: list[str]) -> None:
    files = files_of(subject, report, lambda: "")
    assert list(files) == names
    assert "figures" not in json.loads(files[names[0]]())


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"epsilon": "8.99e-05", "epsilon_by": "exact"}, "epsilon 8.99e-05 (exact, F1 0.875000 on labelled rows)"),
        ({"epsilon": "8.99e-05", "epsilon_by": "contamination"}, "epsilon 8.99e-05 (contamination). The score is ln p"),
        (
            {"epsilon": None, "epsilon_by": "contamination"},
            "below the score -0.610000 (contamination). The score is low",
        ),
    ],
)
def test_a_page_of_outliers_says_what_was_looked_at_and_how(found: dict, said: str) -> None:
    about = {"sentence": "3 of 300 rows", "source": "X.csv", "method": "diagonal", "features": ["a"], "run_id": "r1"}
    limits = {"log_epsilon": -0.61, "searches": {"exact": {"f1": 0.875}}, "plot": None}
    page = files_of("outliers.csv", {**about, **limits, **found}, lambda: "")["outliers.html"]()
    assert "3 of 300 rows. Source: X.csv; diagonal on a; " in page and said in page and "Run r1." in page


def test_a_page_of_unusual_users_needs_no_threshold() -> None:
    """Reports of detect_anomalous_users have none."""
    report = {"sentence": "2 of 619 users are flagged", "source": "ratings of s-1", "method": "choice of movies"}
    more = {"features": ["rating_count"], "explanation": "What that means.", "run_id": "r1"}
    page = files_of("outliers.fake-profiles", {**report, **more}, lambda: "")["outliers.html"]()
    assert "choice of movies on rating_count. What that means. Run r1." in page


def test_a_page_on_invented_data_says_so_first() -> None:
    report = {"sentence": "no checks", "checks": [], "tables": []}
    for generated in (True, False):
        page = files_of("quality", {**report, "generated": generated}, lambda: "")["quality.html"]()
        assert ("These data are invented, a generator has made them. no checks" in page) is generated


def test_a_list_without_rows_has_its_header() -> None:
    files = files_of("outliers.users", {"features": ["x", "y"]}, lambda: "")
    assert files["outliers.csv"]() == "place,row,score,x,y,reasons\r\n"


def test_numbers_that_json_does_not_have_are_null() -> None:
    report = {"features": ["x"], "log_epsilon": -math.inf, "searches": {"grid": {"f1": math.nan}}}
    listed = [{"place": 1, "row_id": "7", "score": -math.inf, "values": (1.0,), "reasons": []}]
    text = files_of("outliers.users", report, lambda: "", listed)["outliers.json"]()
    found = json.loads(text, parse_constant=pytest.fail)
    assert (found["log_epsilon"], found["searches"]["grid"]["f1"], found["listed"][0]["score"]) == (None, None, None)
    assert found["listed"][0]["values"] == [1.0]


def test_outliers_are_listed_with_their_values_by_feature() -> None:
    listed = [{"place": 1, "row_id": "7", "score": -9.5, "values": [1.0, 2.5], "reasons": ["a", "b"]}]
    files = files_of("outliers.users", {"features": ["x", "y"]}, lambda: "", listed)
    assert files["outliers.csv"]() == "place,row,score,x,y,reasons\r\n1,7,-9.5,1.0,2.5,a; b\r\n"
    assert json.loads(files["outliers.json"]())["listed"] == listed
