"""What every light says, from rows as they are stored; no Cassandra is needed."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cql.active import ActiveRun
from web.operate.endings import first_sentence
from web.operate.looks import looks, summary
from web.operate.models import Look
from web.operate.store import Seen

WHEN = datetime(2026, 11, 30, 20, 58, tzinfo=UTC)
RUN = "20261130T205500.000Z-abcdef"
MONDAY, TUESDAY = "data-monday", "data-tuesday"
METRICS = {"ndcg@10.blend": 0.268, "ndcg@10.als": 0.248, "ndcg@10.popular": 0.121}


def run(job: str, status: str = "done", dataset_id: str | None = MONDAY, run_id: str = RUN, **record: Any) -> Any:
    """A row of runs_by_job; the driver's times do not say that they are UTC."""
    at = WHEN.replace(tzinfo=None)
    given = {"job": job, "run_id": run_id, "status": status, "dataset_id": dataset_id, "record": record}
    return SimpleNamespace(**given, started_at=at, finished_at=None if status == "running" else at)


def report(verdict: str = "good", dataset_id: str | None = MONDAY, **content: Any) -> Any:
    return SimpleNamespace(
        run_id=RUN, dataset_id=dataset_id, verdict=verdict, report={"sentence": "all good", **content}
    )


CLEANED = run(
    "preprocess_movielens",
    counts={"ratings.in": 200, "ratings.rejected": 1, "ratings.clean": 199, "users": 7},
    parameters={"max_rejected_share": 0.05},
)
PUBLISHED = run("publish_recommendations", metrics=METRICS)
OUTLIERS = ("users", "movies", "servers", "fake-profiles", "unusual-users")


def well(**other: Any) -> Seen:
    """Everything is as it should be, but for what is given."""
    drift = report(retrain=False, because="no feature has moved")
    found = {f"outliers.{subject}": report(outliers=0, rows=9) for subject in OUTLIERS}
    of_servers = {"outliers.servers": report(dataset_id=None, outliers=0, rows=9)}
    seen = {
        "runs": [PUBLISHED, run("train_als"), CLEANED],
        "reports": {"quality": report(), "drift": drift, **found, **of_servers},
        "active": ActiveRun(RUN, MONDAY, WHEN),
        "nodes": {"127.0.0.1": True},
        "model": RUN,
    }
    return Seen(**{**seen, **other})


def look(seen: Seen, subject: str) -> Look:
    return next(look for look in looks(seen) if look.subject == subject)


def test_where_all_is_well_nothing_is_to_be_run() -> None:
    found = looks(well())
    assert [look.subject for look in found] == ["data", "quality", "drift", "outliers", "model", "services"]
    assert {(look.light, look.command) for look in found} == {("good", None)}
    assert summary(found) == ("good", "All is well.")
    assert found[0].sentence.startswith("199 ratings of 0 movies by 7 users. 0.5% of the lines were rejected")
    assert found[4].sentence == "Its lists reach nDCG@10 0.268; it is 0.121 for «most popular» and 0.248 for ALS alone."
    assert [str(look.at) for look in found[:5]] == [str(WHEN)] + 3 * ["2026-11-30 20:55:00+00:00"] + [str(WHEN)]


def test_where_nothing_is_there_every_light_is_unknown_and_says_what_to_run() -> None:
    found = looks(Seen(nodes={"127.0.0.1": True}))
    assert {look.subject for look in found if look.light == "unknown" and look.command == "make preprocess"} == {
        *("data", "quality", "drift", "outliers", "model")
    }
    assert summary(found) == ("unknown", "Worth a look: data, quality, drift, outliers, model.")


def test_where_nobody_has_looked_at_the_data_yet_the_job_is_named() -> None:
    found = {look.subject: look.command for look in looks(well(reports={}))}
    assert found["quality"] == "make job JOB=report_quality"
    assert found["drift"] == "make job JOB=report_drift"
    assert found["outliers"] == 'make job JOB=detect_outliers ARGS="--subject users"'


@pytest.mark.parametrize(
    ("subject", "job", "command"),
    [
        ("data", "preprocess_movielens", "make preprocess"),
        ("quality", "report_quality", "make job JOB=report_quality"),
        ("drift", "report_drift", "make job JOB=report_drift"),
        ("outliers", "detect_anomalous_users", "make job JOB=detect_anomalous_users"),
        ("model", "train_als", "make preprocess"),
        ("model", "publish_recommendations", "make preprocess"),
    ],
)
@pytest.mark.parametrize(("status", "word"), [("failed", "failed"), ("refused", "was refused")])
def test_a_newest_run_that_did_not_end_well_is_told_with_its_reason(
    subject: str, job: str, command: str, status: str, word: str
) -> None:
    bad = run(job, status, run_id="20261201", error="/tmp/me/raw/servers/x.csv: no such file. Then it says more.")
    found = look(well(runs=[run(job, "running"), bad, *well().runs]), subject)
    assert (found.light, found.command) == ("act", command)
    assert found.sentence.endswith(f"{job} {word}: servers/x.csv: no such file.")
    again = look(well(runs=[run(job), bad, *well().runs]), subject)
    assert again.light != "act", "a later one ended well"


def test_errors_in_the_data_are_told_by_the_report_of_the_run_that_was_refused() -> None:
    refused = run("report_quality", "refused", error="2 checks failed.")
    found = look(well(runs=[refused, CLEANED], reports={"quality": report("act", sentence="2 errors")}), "quality")
    assert (found.light, found.sentence, found.page) == ("act", "2 errors.", "/quality")


def test_what_was_not_looked_at_since_newer_data_were_stored_is_to_be_watched() -> None:
    newer = well(runs=[PUBLISHED, run("preprocess_movielens", dataset_id=TUESDAY)])
    found = {each.subject: each for each in looks(newer)}
    for subject in ("quality", "drift", "outliers"):
        assert found[subject].light == "watch"
        assert "ot looked at since the data of 30 Nov 2026, 20:58 UTC were stored." in found[subject].sentence
        assert found[subject].command.startswith("make job JOB=")
    assert (found["model"].light, found["model"].command) == ("watch", "make preprocess")
    assert found["model"].sentence.startswith("Newer data are stored than the published model has learned from.")
    parts = {part.name: part.light for part in found["outliers"].parts}
    assert (parts["users"], parts["servers"]) == ("watch", "good"), "servers are not of the data set"


def test_drift_asks_for_training_until_the_model_has_learned_from_those_data() -> None:
    moved = {**well().reports, "drift": report("act", retrain=True, because="the stars have moved")}
    learned = look(well(reports=moved), "drift")
    assert (learned.light, learned.command) == ("good", None)
    asked = look(well(reports=moved, active=ActiveRun(RUN, TUESDAY, WHEN)), "drift")
    assert (asked.light, asked.command) == ("act", "make preprocess")
    assert asked.sentence.startswith("Train again: yes, because the stars have moved. This is of data set data-monday")


def test_the_gravest_subject_gives_outliers_their_light_and_all_are_parts() -> None:
    fakes = {**well().reports, "outliers.fake-profiles": report("act", outliers=3, rows=610, generated=True)}
    found = look(well(reports=fakes), "outliers")
    assert (found.light, found.sentence) == ("act", "Fake profiles: 3 of 610 look made up; none should.")
    assert [part.name for part in found.parts] == ["users", "movies", "servers", "fake profiles", "unusual users"]
    assert found.generated


def test_how_many_are_marked_whatever_they_are_like_is_said() -> None:
    counts = {"rows": 620, "outliers": 5}
    marked = {"outliers.users": report("watch", **counts, epsilon_by="contamination 0.01")}
    forest = {"outliers.unusual-users": report(**{**counts, "outliers": 31}, contamination=0.05)}
    labelled = {"outliers.servers": report(dataset_id=None, **counts, epsilon_by="exact")}
    parts = look(well(reports={**well().reports, **marked, **forest, **labelled}), "outliers").parts
    said = {part.name: part.sentence for part in parts}
    always = "always are, as the limit marks"
    assert said["users"] == f"5 of 620 are unlike the others; about 6 {always} 1% of any rows."
    assert said["unusual users"] == f"31 of 620 are unlike the others; about 31 {always} 5% of any rows."
    assert said["servers"] == "5 of 620 are unlike the others."


def test_figures_of_other_data_than_readers_see_say_so() -> None:
    back = looks(well(active=ActiveRun(RUN, TUESDAY, WHEN)))
    other = "This is of data set data-monday, and what readers see, as at /insights, of data-tuesday."
    assert [look.subject for look in back if look.sentence.endswith(other)] == ["data", "quality", "drift", "outliers"]
    assert not any("of data set" in look.sentence for look in looks(well()))


def test_a_job_that_died_leads_to_its_record() -> None:
    died = look(well(runs=[run("tune", "lost", run_id="2"), *well().runs]), "services")
    assert {died.page, next(part.page for part in died.parts if part.name == "Jobs")} == {"/runs/tune/2"}


def test_a_subject_whose_own_run_failed_is_not_hidden_by_that_of_another() -> None:
    failed = run("detect_outliers", "failed", parameters={"subject": "movies"}, error="no memory")
    found = look(well(runs=[run("detect_outliers", parameters={"subject": "users"}), failed, CLEANED]), "outliers")
    assert found.sentence == "Movies: detect_outliers failed: no memory."
    assert found.command == 'make job JOB=detect_outliers ARGS="--subject movies"'


def test_many_rejected_lines_and_lists_no_better_than_most_popular_are_to_be_watched() -> None:
    counts = {"tags.in": 100, "tags.rejected": 4, "ratings.in": 1000, "ratings.rejected": 1}
    bad = run("preprocess_movielens", counts=counts, parameters={"max_rejected_share": 0.05})
    assert look(well(runs=[bad]), "data").light == "watch"
    worse = run("publish_recommendations", metrics={**METRICS, "ndcg@10.popular": 0.3})
    assert look(well(runs=[worse]), "model").light == "watch"


def test_a_node_that_is_down_a_job_that_died_and_a_model_that_is_not_loaded_are_told() -> None:
    down = look(well(nodes={"127.0.0.1": True, "127.0.0.2": False}), "services")
    assert (down.light, down.command) == ("act", "make status")
    assert down.sentence == "Cassandra: 1 of 2 nodes down (127.0.0.2)."
    died = look(well(runs=[run("tune", "lost", run_id="2"), run("tune", run_id="1")]), "services")
    assert (died.light, died.sentence, died.command) == (
        "act",
        "Jobs: tune (its run of 2) ended without a word. Look at its record, then run it again.",
        "make job JOB=tune",
    )
    done = look(well(runs=[run("tune", run_id="2"), run("tune", "lost", run_id="1")]), "services")
    assert done.light == "good", "a later run ended well"
    assert look(well(model=None), "services").light == "watch"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("", ""),
        ("no memory", "no memory."),
        ("Version 3.5.1 is missing. Do this.", "Version 3.5.1 is missing."),
        ("One line\nand another", "One line."),
    ],
)
def test_the_first_sentence_of_an_error(text: str, first: str) -> None:
    assert first_sentence(text) == first
