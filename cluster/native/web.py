"""The Flask site under gunicorn, as a local process."""

from __future__ import annotations

import sys
import urllib.request

from cluster.native.service import Service
from cluster.settings import Settings

HOST = "127.0.0.1"
SECONDS = 60.0


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
        )
    ]


def answers(url: str) -> bool:
    """Whether a GET of the address is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
