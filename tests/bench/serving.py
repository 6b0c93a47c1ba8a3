"""Recommendations by the API beside a bare Flask answer, both under gunicorn with the same settings."""

from __future__ import annotations

import http.client
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from cluster.probes import answers
from cluster.settings import Settings
from tests.bench.side_by_side import Comparison, compare

CONNECTIONS, SECONDS = 16, 8.0


def bench(users: list[int], turns: int) -> list[Comparison]:
    """Milliseconds of wall time a request; the load generator, Cassandra and the site share the machine."""
    settings = Settings.from_env()
    draw = random.Random(1)
    with bare_flask(settings.ports.web + 900) as bare:
        api = settings.web_address
        return [
            compare(
                "serving: a request, our recommendations ÷ bare Flask",
                lambda: load(bare, lambda: "/"),
                lambda: load(api, lambda: f"/api/v1/users/{draw.choice(users)}/recommendations"),
                turns,
                "ms",
            )
        ]


def load(address: str, path: Callable[[], str]) -> float:
    """Milliseconds a request with CONNECTIONS kept open for SECONDS.

    Raises:
        RuntimeError: an answer is not 200.
    """
    host = urlsplit(address)
    done, wrong = [0] * CONNECTIONS, []
    end = time.monotonic() + SECONDS

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=30)
        while time.monotonic() < end:
            connection.request("GET", path())
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                wrong.append(answer.status)
                return
            done[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(f"{address} answered with {wrong[0]}")
    return 1000 * SECONDS / sum(done)


@contextmanager
def bare_flask(port: int) -> Iterator[str]:
    """The address of a Flask app that says hello."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-k",
        "gthread",
        "-w",
        "2",
        "--threads",
        "8",
        "-b",
        f"127.0.0.1:{port}",
    ]
    process = subprocess.Popen([*command, "tests.bench.hello:app"], env=dict(os.environ), stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        while not answers(address):
            if process.poll() is not None:
                raise RuntimeError(f"bare Flask did not start on port {port}")
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()
