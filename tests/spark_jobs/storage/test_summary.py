"""The last words of a run: at most three lines, and nothing that was lost is left out of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run("job", Paths(tmp_path), {})


def cleaned(run: Run, name: str, rows: int, **reasons: int) -> None:
    rejected = sum(reasons.values())
    counted = {"in": rows, "clean": rows - rejected, "rejected": rejected}
    counted |= {f"rejected.{reason}": count for reason, count in reasons.items()}
    for figure, count in counted.items():
        run.count(f"{name}.{figure}", count)


def test_a_cleaning_says_what_came_in_what_is_clean_what_was_rejected_and_the_first_of_it(run: Run) -> None:
    cleaned(run, "movies", 9742)
    cleaned(run, "ratings", 100836, not_a_number=2, rating_out_of_range=5)
    cleaned(run, "tags", 3683, empty_tag=1)
    run.fact("first_rejected", {"faults": 7, "line": "ratings.csv line 17, rating «7» in '1,2,7,9' (not_a_number)"})
    assert run.summary == [
        "in: 9,742 movies, 100,836 ratings, 3,683 tags · clean: 9,742 movies, 100,829 ratings, 3,682 tags",
        "rejected: 7 of ratings (5 rating_out_of_range, 2 not_a_number), 1 of tags (1 empty_tag)",
        "first: ratings.csv line 17, rating «7» in '1,2,7,9' (not_a_number)",
    ]
    assert run.record()["summary"] == run.summary


def test_where_nothing_is_lost_it_says_so(run: Run) -> None:
    cleaned(run, "titles", 20)
    cleaned(run, "credits", 0)
    run.count("titles.in.MOVIE", 12)
    assert run.summary == ["in: 20 titles, 0 credits · clean: all", "rejected: nothing"]


def test_many_reasons_are_summed_up_and_still_add_up(run: Run) -> None:
    cleaned(run, "ratings", 100, **{f"reason_{number}": number for number in range(1, 8)})
    assert run.summary[1] == (
        "rejected: 28 of ratings (7 reason_7, 6 reason_6, 5 reason_5, 4 reason_4, 6 for 3 other reasons)"
    )


def test_a_run_that_changed_nothing_says_so_and_repeats_the_counts(run: Run) -> None:
    cleaned(run, "ratings", 10, duplicate=1)
    run.fact("unchanged", True)
    lines = run.summary
    assert lines[:2] == ["in: 10 ratings · clean: 9 ratings", "rejected: 1 of ratings (1 duplicate)"]
    assert lines[2].startswith("unchanged: ")


def test_what_the_job_says_has_a_line_and_the_first_rejected_one_moves_up(run: Run) -> None:
    cleaned(run, "ratings", 10, duplicate=1)
    run.fact("first_rejected", {"faults": 1, "line": "ratings.csv line 4 (duplicate)"})
    run.say("ratings of the site: 3 added")
    assert run.summary == [
        "in: 10 ratings · clean: 9 ratings",
        "rejected: 1 of ratings (1 duplicate); first: ratings.csv line 4 (duplicate)",
        "ratings of the site: 3 added",
    ]


def test_files_that_are_absent_are_named(run: Run) -> None:
    cleaned(run, "ratings", 10)
    run.fact("absent", ["tags", "links"])
    assert run.summary[0] == "in: 10 ratings (no tags, no links) · clean: all"


@pytest.mark.parametrize("said", [0, 1, 2, 5])
@pytest.mark.parametrize("has_report", [False, True])
def test_never_more_than_three_lines_and_the_report_is_the_last(run: Run, said: int, has_report: bool) -> None:
    for number in range(said):
        run.say(f"line {number}")
    run.report = Path("/data/reports/x") if has_report else None
    assert len(run.summary) == min(3, said + has_report)
    assert (run.summary[-1:] == ["report: /data/reports/x"]) == has_report


def test_a_verdict_is_said_with_its_subject_and_light(run: Run) -> None:
    run.finding("report.drift", "act", "the stars have moved")
    assert run.summary == ["drift: act, the stars have moved"]


def test_what_is_said_is_one_line_without_control_characters(run: Run) -> None:
    run.say("a\nb\x1b[31mc")
    assert run.summary == [r"a\nb\x1b[31mc"]
