"""What people did, at /metrics, also where it cannot be read."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from cql.kinds import Kind
from domain.contract.runs import Status
from web.app.errors import CassandraAway, SchemaMissing
from web.runs import figures
from web.runs.answers import figures_of


def test_where_cassandra_is_away_the_other_figures_are_still_there(away: FlaskClient) -> None:
    away.get("/health/live")
    answer = away.get("/metrics")
    assert answer.status_code == 200
    assert "http_requests_total" in answer.text
    assert "run_ratings" not in answer.text


@pytest.mark.parametrize("error", [CassandraAway("away"), SchemaMissing("no table")])
def test_figures_that_cannot_be_read_are_left_out(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(figures, "newest_runs", fail)
    assert list(figures.AnswersCollector().collect()) == []


def test_only_runs_that_were_shown_and_are_kept_have_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Kind.RECOMMENDATIONS.job
    runs = [SimpleNamespace(job=job, run_id=str(status), status=status) for status in Status]
    monkeypatch.setattr(figures, "newest_runs", lambda *_: runs)
    rated = figures_of([SimpleNamespace(rating=4.0, shown_place=1, popular_place=None)], 1.0)
    monkeypatch.setattr(figures, "answers", lambda: SimpleNamespace(of=lambda run_id: rated))
    found = {
        gauge.name: {tuple(s.labels.values()): s.value for s in gauge.samples}
        for gauge in figures.AnswersCollector().collect()
    }
    assert found["run_ratings"] == {("done",): 1.0, ("withdrawn",): 1.0}
    assert found["run_listed_mean_stars"]["done", "own", "10"] == 4.0
    assert ("done", "popular", "10") not in found["run_listed_mean_stars"], "there is no mean of nothing"
    assert found["run_listed_ratings"]["done", "popular", "10"] == 0.0
    assert found["run_other_mean_stars"]["done", "popular", "50"] == 4.0
