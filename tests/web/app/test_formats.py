"""Numbers, times and texts as pages say them."""

from __future__ import annotations

from typing import Any

import pytest

from web.app.formats import cell, time_of_run, with_code, without_folders


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *((1999, "1999"), (26818, "26,818"), (3.61423456, "3.61423"), (155872.55, "155,872.5"), (-1e7, "-10,000,000")),
        *((4.0, "4"), ("-5", "-5"), (None, ""), (0, "0")),
    ],
)
def test_a_cell_is_read_easily(value: Any, said: str) -> None:
    assert cell(value) == said


@pytest.mark.parametrize(
    ("run_id", "said"),
    [("20261130T205249.595Z-360fff", "2026-11-30 20:52 UTC"), ("run-1", "run-1"), ("", "")],
)
def test_a_run_is_named_by_its_time(run_id: str, said: str) -> None:
    assert time_of_run(run_id) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/app/spark_jobs/quality.yaml", "quality.yaml"),
        ("ratings and tags in /tmp/site/main/data/clean", "ratings and tags in clean"),
        ("ratings of ml-latest/small", "ratings of ml-latest/small"),
        ("s3a://bucket/data/set", "s3a://bucket/data/set"),
        ("1/2", "1/2"),
        ("/", "/"),
    ],
)
def test_folders_of_the_machine_are_not_shown(text: str, said: str) -> None:
    assert without_folders(text) == said


def test_what_is_to_be_run_is_code_and_the_rest_is_never_markup() -> None:
    assert with_code("<b>: run `make <x>`.") == "&lt;b&gt;: run <code>make &lt;x&gt;</code>."
