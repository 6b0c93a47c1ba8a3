"""Numbers, times and paths as pages write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from web.shown.formats import began, cell, moment, short_paths, with_code


def test_a_time_is_written_as_people_say_it() -> None:
    assert moment(datetime(2026, 11, 3, 9, 5, tzinfo=UTC)) == "3 Nov 2026, 09:05 UTC"
    assert began("20261130T205451.574Z-f9c981") == "30 Nov 2026, 20:54 UTC"
    assert began("run-1") == "run-1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/tmp/me/data/raw/servers/metrics.csv: no such file", "servers/metrics.csv: no such file"),
        ("ratings and tags in /tmp/me/data/clean", "ratings and tags in data/clean"),
        ("in '/data/x/y.csv', line 3", "in 'x/y.csv', line 3"),
        ("table:ratings_by_user", "table:ratings_by_user"),
        ("see http://127.0.0.1:5000/users/1", "see http://127.0.0.1:5000/users/1"),
        ("Wasserstein / std, and/or 1/2", "Wasserstein / std, and/or 1/2"),
    ],
)
def test_a_path_of_the_machine_is_cut_to_its_end(text: str, shown: str) -> None:
    assert short_paths(text) == shown


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *((1999, "1999"), (26818, "26,818"), (3.61423456, "3.61423"), (155872.55, "155,872.5"), (-1e7, "-10,000,000")),
        *((4.0, "4"), ("-5", "-5"), (None, ""), (0, "0")),
    ],
)
def test_a_cell_is_read_easily(value: Any, said: str) -> None:
    assert cell(value) == said


def test_what_is_to_be_run_is_code_and_the_rest_is_never_markup() -> None:
    assert with_code("<b>: run `make <x>`.") == "&lt;b&gt;: run <code>make &lt;x&gt;</code>."
