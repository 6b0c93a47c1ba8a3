"""Alerts against a real HTTP server: what it gets, how often, and what happens when it stumbles, dawdles or is away."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from domain.contract.runs import ExitCode
from spark_jobs.run import alerts, cli, session
from spark_jobs.run.alerts import Settings, tell
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

Judge = Callable[..., bool]


class Hook(ThreadingHTTPServer):
    """Keeps what it takes; first answers the codes in `stumbles`, each after `seconds`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.stumbles: list[int] = []
        self.tries = 0
        self.seconds = 0.0
        self.taken: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook/s3cret"


class Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.tries += 1
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(self.server.seconds)
        code = self.server.stumbles.pop(0) if self.server.stumbles else 200
        if code == 200:
            self.server.taken.append(body)
        self.send_response(code)
        self.send_header("Retry-After", "3600")  # which must not hold the job
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "RETRY", alerts.RETRY.new(backoff_factor=0.01))


@pytest.fixture
def judge(tmp_path: Path, hook: Hook) -> Judge:
    """A run of report_drift with the given verdict, told."""

    def run_with(verdict: str, mode: str = "send", settings: Settings | None = None, status: str = "done") -> bool:
        run = Run("report_drift", Paths(tmp_path), {}, dataset_id="data-1")
        run.finding("report.drift", verdict, "the stars have moved")
        run.end(status, None if status == "done" else "no such folder")
        return tell(run, settings or Settings(hook.url), mode)

    return run_with


def heard(hook: Hook) -> list[tuple[str, str]]:
    return [(alert["subject"], alert["verdict"]) for alert in hook.taken]


def test_an_alert_says_what_why_and_of_which_run(judge: Judge, hook: Hook) -> None:
    assert judge("act") is True
    (alert,) = hook.taken
    assert (alert["subject"], alert["verdict"], alert["sentence"]) == ("report.drift", "act", "the stars have moved")
    assert (alert["job"], alert["dataset_id"]) == ("report_drift", "data-1")
    assert alert["text"].startswith("report.drift: act, the stars have moved (report_drift, run 20")


def test_the_same_verdict_is_told_once_and_told_to_be_over_once(judge: Judge, hook: Hook) -> None:
    for verdict in ("good", "act", "act", "good", "good", "act"):
        judge(verdict)
    assert heard(hook) == [("report.drift", verdict) for verdict in ("act", "over", "act")]


def test_after_the_period_it_is_told_again(judge: Judge, hook: Hook) -> None:
    for _ in range(2):
        judge("act", settings=Settings(hook.url, repeat=timedelta(0)))
    assert len(hook.taken) == 2


def test_watch_is_told_when_asked_for_and_worse_is_another_verdict(judge: Judge, hook: Hook) -> None:
    assert judge("watch") is False
    both = Settings(hook.url, levels=alerts.LEVELS["watch"])
    assert judge("watch", settings=both) is True
    judge("act", settings=both)
    assert heard(hook) == [("report.drift", "watch"), ("report.drift", "act")]


def test_a_failed_job_is_told_until_it_is_done_again(judge: Judge, hook: Hook) -> None:
    for status in ("failed", "failed", "refused", "done"):
        judge("good", status=status)
    assert heard(hook) == [("job.report_drift", verdict) for verdict in ("failed", "refused", "over")]
    assert hook.taken[0]["sentence"] == "no such folder"


def test_a_server_that_stumbles_twice_gets_it_at_the_third_try(judge: Judge, hook: Hook) -> None:
    hook.stumbles = [503, 429]
    judge("act")
    assert (hook.tries, len(hook.taken)) == (3, 1)


def test_what_was_not_taken_is_sent_by_the_next_run(judge: Judge, hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    hook.stumbles = [404]  # which another try would not change
    assert judge("act") is True
    assert (hook.tries, hook.taken) == (1, [])
    assert "The webhook at 127.0.0.1 answers 404" in caplog.text
    assert "s3cret" not in caplog.text
    judge("act")
    assert heard(hook) == [("report.drift", "act")]


def test_a_slow_server_does_not_hold_the_job(
    judge: Judge, hook: Hook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(alerts, "SECONDS", 0.05)
    monkeypatch.setattr(alerts, "RETRY", alerts.RETRY.new(total=1))
    hook.seconds = 3.0
    began = time.monotonic()
    judge("act")
    assert time.monotonic() - began < 2.5
    assert "does not answer" in caplog.text


def test_a_dry_run_prints_and_neither_sends_nor_remembers(
    judge: Judge, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    judge("act", mode="dry-run")
    assert hook.tries == 0
    assert '"subject": "report.drift"' in caplog.text
    judge("act")
    assert len(hook.taken) == 1


@pytest.mark.parametrize("text", ["{", "[]", '{"verdict": "act"}', '{"verdict": "act", "sent_at": "today"}'])
def test_a_broken_memory_is_no_memory(
    judge: Judge, hook: Hook, tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    path = Paths(tmp_path).alert("report.drift")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    judge("act")
    judge("act")
    assert heard(hook) == [("report.drift", "act")]
    assert f"{path} was broken" in caplog.text
    path.write_text(text)
    judge("good")
    assert not path.exists()


def test_without_a_webhook_the_log_has_it_every_time(judge: Judge, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        judge("act", settings=Settings())
    assert caplog.text.count("ALERT report.drift: act (report_drift, run 20") == 2


def test_a_failed_job_has_no_line_more_and_is_told_to_the_webhook_without_its_sentence(
    judge: Judge, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    judge("good", status="failed", settings=Settings())
    assert caplog.text == ""
    judge("good", status="failed")
    assert "The webhook at 127.0.0.1 was told of job.report_drift: failed." in caplog.text
    assert "no such folder" not in caplog.text


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALERT_WEBHOOK", "ftp://x/s3cret"), ("ALERT_ON", "never"), ("ALERT_REPEAT_HOURS", "1d"), ("ALERT_EXIT", "yes")],
)
def test_a_wrong_setting_is_named_and_no_secret_told(name: str, value: str) -> None:
    with pytest.raises(JobError, match=name) as caught:
        Settings.from_env({name: value})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(("asked", "code"), [("1", ExitCode.ALARMED), ("0", ExitCode.DONE)])
def test_an_alarming_report_has_an_exit_code_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, code: int
) -> None:
    class NoSession:
        def stop(self) -> None:
            """No session."""

    monkeypatch.setattr(session, "begin", lambda job: NoSession())
    monkeypatch.setattr(session, "cluster", lambda spark: {})
    monkeypatch.setenv("CASSANDRA_PORT", "1")
    monkeypatch.setenv("ALERT_EXIT", asked)

    def main(spark: object, run: Run) -> None:
        run.finding("report.drift", "act", "the stars have moved")

    assert cli.execute("report_drift", "", lambda parser: None, main, ["--data-dir", str(tmp_path)]) == code
