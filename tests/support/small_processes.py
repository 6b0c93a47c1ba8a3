"""Small processes that stand for services."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cluster.native.service import Service

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def service(tmp_path: Path, port: int, command: list[str], ready: Callable[[], bool] = lambda: True) -> Service:
    return Service("web", "web", command, dict(os.environ), tmp_path, "127.0.0.1", {"WEB_PORT": port}, ready, 20)


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")
