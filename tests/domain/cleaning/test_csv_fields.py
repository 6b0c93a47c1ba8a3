"""Fields of a CSV line, broken quotes among them."""

from __future__ import annotations

import csv
import io
import random

import pytest

from domain.cleaning.csv_fields import csv_fields


@pytest.mark.parametrize("line", ['1,"abc', '1,ab"c', '1,"ab"c,2', '1,"', '"a""', '1, "a"'])
def test_a_broken_quote_is_seen(line: str) -> None:
    assert csv_fields(line) is None


def test_lines_of_python_s_csv_writer_are_read_back() -> None:
    source = random.Random(3)
    for _ in range(2000):
        fields = ["".join(source.choices('ab," é', k=source.randrange(6))) for _ in range(source.randrange(2, 5))]
        written = io.StringIO()
        csv.writer(written, lineterminator="").writerow(fields)
        assert csv_fields(written.getvalue()) == fields


def test_a_line_of_a_million_quotes_is_no_trouble() -> None:
    assert csv_fields('"' * 1_000_000) == ['"' * 499_999]
    assert csv_fields('"' * 1_000_001) is None
