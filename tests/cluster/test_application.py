"""What a caller sees of an application: a job's output, its exit code, and the end of a process that is gone."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.application import Application, piped
from cluster.errors import Terminated
from cluster.native.process import birth
from domain.contract.runs import ENDED

JOBS = f"""
import json, os, sys
for line in sys.stdin:
    job, *args = json.loads(line)
    print(job, "in process", os.getpid(), "with", *args, flush=True)
    if job == "killed":
        os.kill(os.getpid(), 9)
    if job == "misspelt":
        sys.exit(2)
    print("{ENDED}" + args[0], flush=True)
    if args[0] != "0":
        sys.exit(1)
"""


def start() -> subprocess.Popen[str]:
    """A process that answers as an application does, without Spark."""
    return piped([sys.executable, "-c", JOBS], Path.cwd(), os.environ)


def submitted(application: Application, job: str, *args: str) -> tuple[int, str]:
    """The exit code of a job, and what it printed."""
    output = io.StringIO()
    return application.submit(job, args, output), output.getvalue()


def test_jobs_share_a_process_and_each_has_its_own_output() -> None:
    with Application(start) as application:
        first, second = submitted(application, "clean", "0"), submitted(application, "train", "0", "--rank=8")
    assert first[0] == second[0] == 0
    assert first[1].startswith("clean in process") and second[1].endswith("with 0 --rank=8\n")
    assert first[1].split()[3] == second[1].split()[3]
    assert "train" not in first[1]
    assert ENDED not in first[1] + second[1]


def test_after_a_failure_the_next_job_has_a_new_process() -> None:
    with Application(start) as application:
        code, said = submitted(application, "train", "3")
        assert code == 3
        code, again = submitted(application, "train", "0")
    assert code == 0
    assert said.split()[3] != again.split()[3]


def test_a_process_that_ends_without_an_answer_has_its_own_exit_code() -> None:
    with Application(start) as application:
        assert submitted(application, "misspelt")[0] == 2
        code, said = submitted(application, "killed")
    assert code == -9
    assert said.startswith("killed in process")


def test_arguments_are_told_as_the_jobs_see_them() -> None:
    with Application(start, lambda args: [arg.replace("/home/me", "/data") for arg in args]) as application:
        _, said = submitted(application, "clean", "0", "--movielens=/home/me/raw")
    assert said.endswith("--movielens=/data/raw\n")


COMMAND = """
import os, signal, sys
from pathlib import Path
from cluster import errors
from cluster.application import Application, piped
from cluster.native import spark
from cluster.settings import Settings

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background ignores it

def in_an_application():
    said = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with Application(lambda: piped([sys.executable, "-c", said], Path.cwd(), os.environ)) as application:
        return application.submit("report_drift", [], sys.stdout)

def by_spark_submit():
    spark.spark_home, spark._refuse_without_config = (lambda: Path(sys.argv[2])), (lambda settings: None)
    spark.environ_of_spark = lambda settings: os.environ
    return spark.submit(Settings.from_env(), "report_drift", [])

sys.exit(errors.exit_with_message(locals()[sys.argv[1]]))
"""


@pytest.mark.parametrize("way", ["in_an_application", "by_spark_submit"])
def test_who_ends_the_command_ends_its_job(tmp_path: Path, way: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "spark-submit").write_text("#!/bin/sh\necho $$\nexec sleep 60\n")
    (tmp_path / "bin" / "spark-submit").chmod(0o755)
    words = [sys.executable, "-c", COMMAND, way, tmp_path]
    command = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert command.stdout and command.stderr
    job = int(command.stdout.readline())
    assert birth(job)
    command.send_signal(signal.SIGTERM)
    assert command.wait(20) == 143 and command.stderr.read() == "Ended by SIGTERM.\n"
    assert not birth(job)


@pytest.mark.parametrize(
    ("raised", "stopped"), [(KeyboardInterrupt, ["stopped"]), (Terminated, ["stopped"]), (OSError, [])]
)
def test_ctrl_c_stops_the_job_that_it_does_not_reach(raised: type[BaseException], stopped: list[str]) -> None:
    told: list[str] = []
    with pytest.raises(raised), Application(start, interrupt=lambda: told.append("stopped")) as application:
        submitted(application, "clean", "0")
        raise raised
    assert told == stopped


def test_an_application_without_jobs_starts_nothing() -> None:
    def fail() -> subprocess.Popen[str]:
        raise AssertionError("started")

    with Application(fail):
        pass
