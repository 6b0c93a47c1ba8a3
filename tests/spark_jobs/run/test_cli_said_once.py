"""However a job ends badly, its log has the sentence once; the summary comes last, and a verdict is said once, too."""

from __future__ import annotations

import argparse
import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from spark_jobs.run import cli, session
from spark_jobs.storage.errors import JobError, Refused
from spark_jobs.storage.record import Run

Said = Callable[[], str]
SENTENCE = "the stars of user 7 have moved"


class NoSession:
    """Stands for a Spark session in jobs that need none."""

    def stop(self) -> None:
        """No session."""


@pytest.fixture(autouse=True)
def no_session(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(session, "begin", lambda job: NoSession())
    monkeypatch.setattr(session, "cluster", lambda spark: {})
    monkeypatch.setenv("CASSANDRA_PORT", "1")
    for name in ("ALERT_WEBHOOK", "ALERT_ON", "ALERT_EXIT"):
        monkeypatch.delenv(name, raising=False)
    caplog.set_level("INFO")


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Said:
    """All that the job has logged and printed."""

    def text() -> str:
        printed = capsys.readouterr()
        return caplog.text + printed.out + printed.err

    return text


def execute(main: Any, data_dir: Path, *arguments: str) -> int:
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--share", type=float, default=0.5)

    return cli.execute("try_out", "doc", add_arguments, main, ["--data-dir", str(data_dir), *arguments])


def failing(error: BaseException) -> Callable[..., None]:
    def main(spark: object, run: Run, share: float) -> None:
        raise error

    return main


ERRORS = [
    JobError(SENTENCE),
    Refused(SENTENCE),
    ValueError(SENTENCE),
    OSError(5, SENTENCE),
    PermissionError(13, SENTENCE, "/data/clean"),
    MemoryError(SENTENCE),
    PySparkException(SENTENCE),
    Py4JError(SENTENCE),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("mode", ["send", "off"])
def test_an_error_is_said_once(error: Exception, mode: str, tmp_path: Path, said: Said) -> None:
    assert execute(failing(error), tmp_path, "--alerts", mode) in (1, 3)
    text = said()
    assert text.count(SENTENCE) == 1
    assert "Traceback" not in text


def test_a_full_disk_is_said_once(tmp_path: Path, said: Said) -> None:
    execute(failing(OSError(28, "No space left on device")), tmp_path)
    assert said().count("is full") == 1


@pytest.mark.parametrize("error", [ValueError(f"one\n{SENTENCE}\x1b[31m"), JobError(f"one\n{SENTENCE}")])
def test_an_error_is_one_line_that_cannot_harm_a_terminal(error: Exception, tmp_path: Path, said: Said) -> None:
    execute(failing(error), tmp_path)
    (line,) = (line for line in said().splitlines() if SENTENCE in line)
    assert "one" in line
    assert "\x1b" not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALERT_ON", "never-ever"), ("ALERT_WEBHOOK", "ftp://never-ever"), ("CASSANDRA_PORT", "0x-ever")],
)
def test_a_wrong_setting_is_said_once(
    name: str, value: str, tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert execute(lambda spark, run, share: None, tmp_path) == 1
    assert said().count(name) == 1


def test_wrong_arguments_are_said_once(tmp_path: Path, said: Said) -> None:
    with pytest.raises(SystemExit):
        execute(lambda spark, run, share: None, tmp_path, "--share", "never-ever")
    assert said().count("never-ever") == 1


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path: Path, said: Said) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert execute(failing(JobError(SENTENCE)), tmp_path / "file") == 1
    assert said().count("Not a directory") == 1


def test_a_record_that_cannot_be_saved_does_not_repeat_the_error_nor_hide_it(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error in (JobError(SENTENCE), Refused(SENTENCE)):

        def main(spark: object, run: Run, share: float, error: Exception = error) -> None:
            monkeypatch.setattr(Run, "save", lambda self: (_ for _ in ()).throw(JobError(SENTENCE)))
            raise error

        execute(main, tmp_path)
        monkeypatch.undo()
        monkeypatch.setattr(session, "begin", lambda job: NoSession())
    assert said().count(SENTENCE) == 2


def test_a_job_that_is_stopped_by_hand_says_so_once_and_shows_no_traceback(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["try_out", "--data-dir", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        cli.run("doc", lambda parser: None, failing_without_flags(KeyboardInterrupt()))
    assert ended.value.code == 130
    assert said().count("topped by Ctrl-C") == 1


def test_ctrl_c_amid_a_call_of_spark_is_no_failure_of_spark(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handler that Spark installs calls Spark once more on the way that is in use, which ends in an error."""

    def handler(*_: object) -> None:
        raise Py4JError("An error occurred while calling o24.sc")

    def begin(job: str) -> NoSession:
        signal.signal(signal.SIGINT, handler)
        return NoSession()

    monkeypatch.setattr(session, "begin", begin)
    before = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(KeyboardInterrupt):
            execute(lambda spark, run, share: os.kill(os.getpid(), signal.SIGINT), tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    assert "o24" not in said()


def failing_without_flags(error: BaseException) -> Callable[..., None]:
    def main(spark: object, run: Run) -> None:
        raise error

    return main


@pytest.mark.parametrize("ends", [None, Refused("no")])
def test_an_alarming_verdict_is_said_once_and_an_alert_names_it(
    ends: Exception | None, tmp_path: Path, said: Said
) -> None:
    def main(spark: object, run: Run, share: float) -> None:
        run.finding("report.drift", "act", SENTENCE)
        run.report = tmp_path / "reports" / run.run_id
        if ends:
            raise ends

    execute(main, tmp_path)
    text = said()
    assert text.count(SENTENCE) == 1
    assert text.count("ALERT report.drift: act") == 1
    assert "ALERT job." not in text
    assert f"report: {tmp_path}/reports" in text


def test_the_summary_is_printed_last(tmp_path: Path, said: Said, capsys: pytest.CaptureFixture[str]) -> None:
    def main(spark: object, run: Run, share: float) -> None:
        print("a long table")
        run.say("610 users")

    assert execute(main, tmp_path) == 0
    assert capsys.readouterr().out.splitlines() == ["a long table", "610 users"]


class Closed(io.StringIO):
    """Stands for a pipe whose reader has gone, as `| head` does."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("out", [io.TextIOWrapper(io.BytesIO(), encoding="latin-1"), Closed()], ids=["latin", "closed"])
def test_a_terminal_that_cannot_show_the_summary_is_no_failure(
    out: Any, tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", out)
    assert execute(lambda spark, run, share: run.say("rank 64 → 32 «日本»"), tmp_path) == 0
    monkeypatch.undo()
    if isinstance(out, io.TextIOWrapper):
        assert b"rank 64 \\u2192 32 \xab\\u65e5" in out.buffer.getvalue()  # type: ignore[attr-defined]
    assert "ERROR" not in said()


def test_a_job_that_failed_has_no_summary_of_what_it_had_not_published(tmp_path: Path, said: Said) -> None:
    def main(spark: object, run: Run, share: float) -> None:
        run.say("610 users")
        raise JobError(SENTENCE)

    execute(main, tmp_path)
    assert "610 users" not in said()
