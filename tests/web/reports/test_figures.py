"""What the figures of /insights say and draw."""

from __future__ import annotations

import pytest

from domain.contract.insights import Insight
from tests.support.figures import assert_is_told
from web.reports.figures import FIGURES, STILL_TO_COMPUTE, Figure, draw

COLUMNS: dict[str, dict[str, list]] = {
    "movies_by_rating_count": {"bucket": ["0–50", "50–100", "200+"], "movies": [75, 20, 5]},
    "rating_count_density": {"log10_count": [0.0, 1.0, 2.0], "density": [0.5, 0.9, 0.1]},
    "mean_against_count": {
        "rating_count": [1, 2, 100, 200],
        "mean_rating": [1.0, 5.0, 3.9, 4.1],
        "title": ["a", "b", "<b>c</b>", "d"],
    },
    "user_mean_against_count": {"rating_count": [20, 30, 500, 600], "mean_rating": [4.0, 4.0, 3.0, 3.0]},
    "user_segments": {
        "number": [1, 2],
        "name": ["more War than others", "<b>"],
        "users": [1500, 500],
        "share": [0.75, 0.25],
    },
    "tags_per_movie": {"tag_count": [0, 1, 1, 100], "title": ["none", "one", "uno", "<b>many</b>"]},
    "mean_against_tags": {"tag_count": [1, 1, 9], "mean_rating": [3.0, 3.0, 4.0], "title": ["a", "b", "c"]},
    "ratings_by_star": {"rating": [0.5, 1.0, 4.0], "ratings": [10, 30, 60]},
    "ratings_by_month": {"month": ["1996-03", "1996-04", "1996-05"], "ratings": [1, 1234, 7]},
    "run_time_by_nodes": {"nodes": [1, 2, 4], "seconds": [90.0, 60.0, 45.0], "kind": ["measured"] * 2 + ["predicted"]},
}


def drawn(name: str, columns: dict[str, list] | None = None) -> Figure:
    return next(figure for figure in draw({name: columns or COLUMNS[name]}) if figure.name == name)


def test_every_insight_but_the_example_users_has_a_figure() -> None:
    assert set(FIGURES) == set(Insight) - {Insight.EXAMPLE_USERS}


def test_titles_are_shown_as_people_say_them() -> None:
    columns = {**COLUMNS["tags_per_movie"], "title": ["none", "one", "uno", "Lake, The"]}
    figure = drawn("tags_per_movie", columns)
    assert "«The Lake» the most" in figure.sentence
    assert figure.plot is not None
    assert figure.plot["data"][0]["text"][0] == "The Lake"
    counted = drawn("mean_against_count", {**COLUMNS["mean_against_count"], "title": ["Lake, The"] * 4})
    assert counted.plot is not None
    assert counted.plot["data"][0]["text"] == ["The Lake"] * 4


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("movies_by_rating_count", "75 of 100 (75 %) have 0–50 ratings, only 5 have 200+"),
        ("rating_count_density", "highest near 10 ratings"),
        ("mean_against_count", "(standard deviation 2.00 stars); with 100 or more they lie closer together (0.10)"),
        ("user_mean_against_count", "a lot are stricter: the busier half of the users shown gives 3.00 stars"),
        (
            "user_segments",
            "grouped by what they rate and how: 1. more War than others (1,500 users, 75 %); 2. ",
        ),
        ("tags_per_movie", "have one tag; the outliers on the right have many times that, «<b>many</b>» the most, 100"),
        ("mean_against_tags", "People tag what they like: movies with more than one tag have a mean of 4.00 stars"),
        ("ratings_by_star", "4 stars are given most often, 60 % of 100 ratings"),
        ("run_time_by_nodes", "took 90 s on 1 node and 60 s on 2, 1.50 times as fast"),
        ("ratings_by_month", "From 1996-03 to 1996-05 ratings came in waves: 1,234 in 1996-04, 7 in the median month"),
    ],
)
def test_a_figure_says_what_its_numbers_show(name: str, finding: str) -> None:
    figure = drawn(name)
    assert finding in figure.sentence
    assert figure.plot is not None


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_told_in_words_and_numbers(name: str) -> None:
    figure = drawn(name)
    assert figure.plot is not None
    numbers = assert_is_told(figure.title, figure.sentence, figure.plot)
    assert numbers == figure.numbers
    for column, values in COLUMNS[name].items():
        if column not in ("log10_count", "share", "kind"):  # drawn as counts, said in the sentence, two lines
            shown = {str(value) for row in numbers.rows for value in row}
            assert {str(value) for value in values} - {"0", "none"} <= shown, column


def test_more_nodes_that_are_slower_are_said_to_be() -> None:
    slower = {"nodes": [1, 2], "seconds": [60.0, 90.0], "kind": ["measured"] * 2}
    assert "90 s on 2, which does not pay" in drawn("run_time_by_nodes", slower).sentence


@pytest.mark.parametrize("name", ["mean_against_count", "tags_per_movie", "user_segments"])
def test_a_title_is_never_markup_in_a_plot(name: str) -> None:
    assert "<b>" not in str(drawn(name).plot)


@pytest.mark.parametrize(
    "columns",
    [{}, {"bucket": []}, {"bucket": [], "movies": []}, {"bucket": ["a"], "movies": [1, 2]}, {"other": [1]}],
)
def test_columns_that_do_not_fit_are_a_sentence_in_place_of_a_figure(columns: dict[str, list]) -> None:
    figure = draw({"movies_by_rating_count": columns})[0]
    assert (figure.sentence, figure.plot) == (STILL_TO_COMPUTE, None)
