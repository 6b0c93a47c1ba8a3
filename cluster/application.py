"""Jobs one after the other in one Spark application, so that each but the first is spared the start of one."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Self

from cluster.errors import Terminated
from domain.contract.runs import ENDED

MODULE = "spark_jobs.run.application"  # the other end


def piped(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> subprocess.Popen[str]:
    """Begin a command with pipes for its input and its output, errors among it."""
    return subprocess.Popen(
        command,
        env=environ,
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


class Application:
    """Runs jobs as `submit` of a runtime does. It begins with the first one, and ends with one that fails or alarms.

    `start` begins MODULE as `piped` does, `inside` tells arguments as the jobs see them, and
    `interrupt` stops a job that Ctrl-C does not reach.
    """

    def __init__(
        self,
        start: Callable[[], subprocess.Popen[str]],
        inside: Callable[[Sequence[str]], Sequence[str]] = lambda args: args,
        interrupt: Callable[[], object] = lambda: None,
    ) -> None:
        self._start = start
        self._inside = inside
        self._interrupt = interrupt
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind and issubclass(kind, KeyboardInterrupt) and self._process is not None:
            if kind is Terminated:
                self._process.send_signal(signal.SIGINT)
            self._interrupt()
        self._end()

    def submit(self, job: str, args: Sequence[str], output: IO[str]) -> int:
        """Run a job, what it prints to `output`; returns its exit code."""
        if self._process is None:
            self._process = self._start()
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(json.dumps([job, *self._inside(args)]) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended; what it said comes first, then its exit code
        for line in self._process.stdout:
            if line.startswith(ENDED):
                if code := int(line.removeprefix(ENDED)):
                    self._end()
                return code
            output.write(line)
            output.flush()
        return self._end() or 1  # it was killed, or did not take the arguments

    def _end(self) -> int:
        """Let the application stop; returns the exit code of its process."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.communicate()
        return process.returncode
