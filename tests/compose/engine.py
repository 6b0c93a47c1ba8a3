"""A Docker engine for the tests: the one that answers, else on a CI machine one that they start and stop by pid."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cluster.docker.engine import docker_problem

PACKAGES = ("docker.io", "docker-compose", "mmdebstrap", "iptables")
START_SECONDS = 90
STOP_SECONDS = 60


class NoEngine(RuntimeError):
    """No engine answers and none can be started here; the message says why."""


@contextmanager
def docker_engine() -> Iterator[Mapping[str, str]]:
    """The environment in which `docker` and Compose work.

    Raises:
        NoEngine: no engine answers, and this is no machine that a test may install one on.
    """
    environ = dict(os.environ)
    problem = docker_problem(environ)
    if problem is None:
        yield environ
        return
    if not os.environ.get("CI"):
        raise NoEngine(f"{problem} (With CI=true, as root on Debian, the tests install and start one themselves.)")
    install_engine(problem)
    with _daemon() as host:
        yield {**environ, "DOCKER_HOST": host}


def install_engine(problem: str) -> None:
    """Debian's packages of the engine, which does not run then; `problem` is why one is wanted.

    Raises:
        NoEngine: this is no Debian, or its user not root, or apt-get failed; the message has the end of what it said.
    """
    if os.getuid() != 0 or not shutil.which("apt-get"):
        raise NoEngine(f"{problem} Installing one needs root and apt-get.")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    missing = [name for name in PACKAGES if not _is_installed(name)]
    if not missing:
        return
    # the package would start an engine of its own where there is an init system
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    for command in (["apt-get", "update", "-q"], install):
        answer = subprocess.run(command, env=environ, capture_output=True, text=True)
        if answer.returncode:
            raise NoEngine(f"`{' '.join(command)}` failed: {answer.stderr[-500:]}")


def _is_installed(package: str) -> bool:
    """Not so when only the configuration of a removed package is left."""
    asked = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    return subprocess.run(asked, capture_output=True, text=True).stdout == "installed"


@contextmanager
def _daemon() -> Iterator[str]:
    """A dockerd with its own data, socket and pid file; gives its address."""
    folder = Path(tempfile.mkdtemp(prefix="engine-"))  # a short path: a socket's may have 107 letters
    host = f"unix://{folder}/socket"
    command = ["dockerd", "--host", host, "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"]
    log = folder / "log"
    with log.open("w") as output:
        daemon = subprocess.Popen(
            [*command, "--pidfile", f"{folder}/pid"], stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait_until_it_answers(daemon, host, log)
        yield host
    finally:
        daemon.send_signal(signal.SIGTERM)
        try:
            daemon.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_it_answers(daemon: subprocess.Popen[bytes], host: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run(["docker", "--host", host, "version"], capture_output=True).returncode:
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise NoEngine(f"dockerd does not come up:\n{log.read_text()[-2000:]}")
        time.sleep(0.5)
