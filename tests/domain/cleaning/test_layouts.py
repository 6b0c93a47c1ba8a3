"""The header compared with the rows: which column is where, however a program wrote the table."""

from __future__ import annotations

from itertools import permutations

import pytest

from domain.cleaning.layouts import NoLayout, layout_of, usual

COLUMNS = {"userId": ("user", "uid"), "movieId": ("item",), "rating": ("stars",), "timestamp": ("time",)}
NAMES = tuple(COLUMNS)


def places(*lines: str) -> dict[str, int]:
    layout = layout_of(lines, COLUMNS)
    return dict(zip(layout.names, layout.places, strict=True))


@pytest.mark.parametrize("order", permutations(NAMES))
def test_columns_are_found_in_any_order(order: tuple[str, ...]) -> None:
    found = places(",".join(order), "1,2,3,4")
    assert [name for name, _ in sorted(found.items(), key=lambda item: item[1])] == list(order)


@pytest.mark.parametrize(
    "header",
    [
        "userId,movieId,rating,timestamp",
        '"userId","movieId","rating","timestamp"',
        "user_id,movie_id,Rating,TIMESTAMP",
        "User ID, Item, stars ,time",
        "userId;movieId;rating;timestamp",
        "userId\tmovieId\trating\ttimestamp",
        "userId::movieId::rating::timestamp",
        "userId|movieId|rating|timestamp",
    ],
)
def test_names_count_without_case_blanks_quotes_and_separators(header: str) -> None:
    assert places(header) == dict(zip(NAMES, range(4), strict=True))
    assert layout_of([header], COLUMNS).first == 2


def test_the_separator_that_a_file_for_excel_names_is_above_the_header() -> None:
    found = layout_of(["sep=;", "userId;movieId;rating;timestamp", "1;2;3,5;4"], COLUMNS)
    assert (found.separator, found.first, found.places) == (";", 3, (0, 1, 2, 3))


def test_other_columns_are_passed_over() -> None:
    assert places(',userId,note,"a, b",movieId,rating,timestamp,') == {
        "userId": 1,
        "movieId": 4,
        "rating": 5,
        "timestamp": 6,
    }
    assert layout_of([",userId,movieId,rating,timestamp,"], COLUMNS).width == 6


def test_row_names_that_the_header_does_not_count_shift_the_columns() -> None:
    rows = [f'"{n}",7,8,3.5,900000000' for n in range(20)]
    assert places("userId,movieId,rating,timestamp", *rows) == dict(zip(NAMES, range(1, 5), strict=True))
    one_is_long = ["1,2,3,4,5", *["1,2,3,4"] * 5]
    assert places("userId,movieId,rating,timestamp", *one_is_long) == dict(zip(NAMES, range(4), strict=True))


@pytest.mark.parametrize(
    "line", ["1,2,3.5,900000000", "1::2::3.5::900000000", "1\t2\t3.5\t900000000", "1;2;3,5;900000000"]
)
def test_without_names_the_columns_are_in_their_usual_order(line: str) -> None:
    layout = layout_of([line, line], COLUMNS)
    assert (layout.places, layout.first, layout.width) == ((0, 1, 2, 3), 1, 4)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("userId,movieId,rating", "timestamp is missing"),
        ("userId", "movieId and rating and timestamp is missing"),
        ("userId,movieId,rating,timestamp,user_id", "userId is named twice"),
        ("a,b,c,d", "but must be «userId,movieId,rating,timestamp»"),
        ("", "but must be"),
        ("x" * 500, "but must be"),
    ],
)
def test_a_header_that_cannot_be_used_is_told(header: str, says: str) -> None:
    with pytest.raises(NoLayout, match=says) as told:
        layout_of([header, "1,2,3,4"], COLUMNS)
    assert len(str(told.value)) < 400


def test_an_optional_column_may_be_missing() -> None:
    layout = layout_of(["userId,movieId,rating"], COLUMNS, ("timestamp",))
    assert layout.places == (0, 1, 2, -1)


def test_the_usual_layout_quotes_between_single_signs_only() -> None:
    assert [usual(NAMES, sign).quoted for sign in (",", ";", "\t", "::", "|")] == [True, True, True, False, False]
