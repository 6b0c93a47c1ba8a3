"""Records of CSV files with line ends in quoted fields."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cleaning.csv_fields import csv_fields
from domain.cleaning.csv_records import MOST_LINES, csv_records


def records(text: str) -> list[tuple[int, str]]:
    return [(line, value.decode()) for line, value in csv_records(io.BytesIO(text.encode()))]


def test_a_record_ends_where_its_quotes_are_closed_and_has_the_number_of_its_first_line() -> None:
    assert records('a,b\n1,"two\nlines ""quoted""\n"\n2,c\n') == [
        (1, "a,b"),
        (2, '1,"two\nlines ""quoted""\n"'),
        (5, "2,c"),
    ]
    assert records("") == []
    assert records("a") == [(1, "a")]


def test_a_quote_that_is_never_closed_costs_its_line_and_no_other() -> None:
    lines = [f"{number},fine" for number in range(MOST_LINES + 50)]
    found = records("\n".join(['0,"broken', *lines]))
    assert found == [(1, '0,"broken'), *((number + 2, line) for number, line in enumerate(lines))]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
@pytest.mark.parametrize(
    "broken", ['0,"Name,MOVIE,"The film', '0,"Name,MOVIE,plain', '0,5" disk', '0,"closed" late', '"']
)
@pytest.mark.parametrize("after", ['1,"two\nlines ""quoted""\n"', '"1","","a"', "1,plain"])
def test_a_stray_quote_costs_its_line(broken: str, after: str, end: str) -> None:
    found = [value.rstrip("\r") for _, value in records(end.join(["a,b", broken, after, after, ""]))]
    assert found == ["a,b", broken, after, after]
    assert csv_fields(broken) is None


def test_two_stray_quotes_take_no_lines_between_them_whose_fields_do_not_fit() -> None:
    lines = ["a,b,c,d", '0,"x,y,z', "1,2,3,4", '5,6",7,8,9', "7,8,9,10"]
    assert [value for _, value in records("\n".join(lines))] == lines


@given(st.lists(st.lists(st.text(alphabet='a",\n é'), min_size=2, max_size=2), min_size=1, max_size=8))
def test_records_and_fields_are_those_of_pythons_csv(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    assert [csv_fields(value) for _, value in records(text.getvalue())] == rows
