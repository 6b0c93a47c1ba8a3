"""Lines of CSV files."""

from __future__ import annotations

import csv

from hypothesis import given
from hypothesis import strategies as st

from domain.cleaning.csv_fields import csv_fields
from domain.generators.lines import csv_line


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2))
def test_any_fields_survive_as_one_csv_line(fields: list[str]) -> None:
    line = csv_line(*fields)
    assert csv_fields(line) == fields
    assert next(csv.reader([line])) == fields
