"""The Flask site under gunicorn, as a local process."""

from __future__ import annotations

import sys

from cluster.native.service import Service
from cluster.probes import answers
from cluster.settings import Settings

HOST = "127.0.0.1"
SECONDS = 60.0
CONTACT = ("HOSTS", "PORT", "KEYSPACE", "USERNAME", "PASSWORD")
READS = ("API_KEY", "WEB_HOST", *(f"CASSANDRA_{name}" for name in CONTACT))


def services(settings: Settings) -> list[Service]:
    """The one web server; web/gunicorn.conf.py has its address, processes and threads."""
    command = [sys.executable, "-m", "gunicorn", "-c", "web/gunicorn.conf.py", "web:create_app()"]
    return [
        Service(
            name="web",
            group="web",
            command=command,
            environ=settings.child_environ(),
            folder=settings.root,
            host=HOST,
            ports={"WEB_PORT": settings.ports.web},
            ready=lambda: answers(f"{settings.web_address}/health/live"),
            seconds=SECONDS,
            reads=READS,
        )
    ]
