"""Numbers, times and paths as pages write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from web.app.formats import began, moment, short_paths


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
