"""Lines are counted as clean or rejected, and too many rejected ones, or lost ones, end the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from domain.cleaning.reasons import Reason
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.rejects import Cleaning, account
from tests.support.parquet import save

CLEAN = 95
TEXT = f"{'a' * 99},x\x1b,900001001"
SHOWN = f"…{'a' * 64},x\\x1b,900001001"
REASONS = [Reason.BLANK_LINE, *[Reason.DUPLICATE] * 3, Reason.INVALID_ENCODING]


@pytest.fixture
def cleaning(tmp_path: Path) -> Cleaning:
    """100 lines, of which five are rejected for three reasons."""
    save(tmp_path / "clean", pa.table({"id": range(CLEAN)}), parts=2)
    rows = {"reason": list(map(str, REASONS)), "file": ["f.csv"] * 5, "line": range(11, 16), "text": [TEXT] * 5}
    rows |= {"field": [None, *["tag"] * 4], "value": [None, *["x\x1b"] * 4]}
    save(tmp_path / "rejected", pa.table(rows), parts=2)
    clean, rejected = Source(tmp_path / "clean"), Source(tmp_path / "rejected")
    return Cleaning("tags", Path("/data/mine"), CLEAN + len(REASONS), clean, rejected, 0.05)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run("job", Paths(tmp_path), {})


def test_every_line_is_counted_as_clean_or_under_its_reason(run: Run, cleaning: Cleaning) -> None:
    account(run, cleaning)
    assert run.counts == {
        "tags.in": 100,
        "tags.clean": 95,
        "tags.rejected": 5,
        f"tags.rejected.{Reason.INVALID_ENCODING}": 1,
        f"tags.rejected.{Reason.BLANK_LINE}": 1,
        f"tags.rejected.{Reason.DUPLICATE}": 3,
    }


def test_too_many_rejected_lines_are_told_with_the_first_of_the_commonest_reason(run: Run, cleaning: Cleaning) -> None:
    with pytest.raises(JobError) as told:
        account(run, replace(cleaning, highest_share=0.04))
    assert str(told.value) == (
        "/data/mine: 5 of 100 lines of tags are rejected (5.0%), more than --max-rejected-share 0.04. Most often:"
        rf" duplicate (3), first in f.csv line 12, tag «x\x1b» in '{SHOWN}'; f.csv line 13, tag «x\x1b» in '{SHOWN}';"
        rf" f.csv line 14, tag «x\x1b» in '{SHOWN}'. Mend these, or allow more."
    )


def test_the_summary_has_the_counts_and_the_first_line_of_the_commonest_fault(run: Run, cleaning: Cleaning) -> None:
    account(run, cleaning)
    assert run.summary == [
        "in: 100 tags · clean: 95 tags",
        "rejected: 5 of tags (3 duplicate, 1 blank_line, 1 invalid_encoding)",
        rf"first: f.csv line 12, tag «x\x1b» in '{SHOWN}' (duplicate)",
    ]


def test_a_line_that_is_wrong_as_a_whole_has_no_field(run: Run, cleaning: Cleaning) -> None:
    account(run, replace(cleaning, harmless=(Reason.DUPLICATE, Reason.INVALID_ENCODING)))
    assert run.summary[2] == f"first: f.csv line 11 in '{'a' * 80}…' (blank_line)"


def test_rows_of_a_table_are_in_no_line(run: Run, cleaning: Cleaning, tmp_path: Path) -> None:
    texts = ["7,9,4.0,2026-01-01 00:00:00", "5,9,,2026-01-01 00:00:00"]
    rows = {"reason": ["unknown_movie"] * 2, "file": ["t"] * 2, "text": texts, "field": ["movie_id"] * 2}
    rows |= {"line": pa.array([None] * 2, pa.int64()), "value": ["9"] * 2}
    save(tmp_path / "others", pa.table(rows))
    account(run, replace(cleaning, rejected=Source(tmp_path / "others"), read=CLEAN + 2))
    assert run.summary[2] == f"first: t, movie_id «9» in '{texts[1]}' (unknown_movie)"


def test_of_several_files_the_first_line_is_of_the_one_with_most_faults(run: Run, cleaning: Cleaning) -> None:
    account(run, replace(cleaning, harmless=REASONS))  # which are no faults
    account(run, replace(cleaning, name="links"))
    account(run, replace(cleaning, name="ratings", harmless=(Reason.DUPLICATE,)))
    assert run.facts["first_rejected"]["of"] == "links"


def test_harmless_reasons_do_not_count_and_blank_lines_are_none(run: Run, cleaning: Cleaning) -> None:
    harmless = replace(cleaning, harmless=(Reason.BLANK_LINE, Reason.DUPLICATE), highest_share=1 / 99)
    account(run, harmless)
    with pytest.raises(JobError, match="1 of 99 lines of tags are rejected"):
        account(run, replace(harmless, highest_share=0.01))


def test_lost_lines_end_the_run(run: Run, cleaning: Cleaning) -> None:
    with pytest.raises(JobError, match=r"/data/mine: 101 lines of tags, but 100 rows\. Did the files change"):
        account(run, replace(cleaning, read=101, highest_share=1.0))
