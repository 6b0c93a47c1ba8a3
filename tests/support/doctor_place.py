"""A machine and a copy of the project in which the doctor finds nothing wrong, to plant faults in."""

from __future__ import annotations

import os
from pathlib import Path

from cluster.doctor.line import Place


def program(path: Path, script: str) -> Path:
    """A shell script that can be started."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def place(folder: Path, **environ: str) -> Place:
    """A copy in the folder `copy`, with Java 17, without Docker, and with no other variables than these."""
    root = folder / "copy"
    root.mkdir(exist_ok=True)
    program(folder / "java/bin/java", "echo 'openjdk version \"17.0.9\"' >&2")
    usual = {"HOME": str(folder), "PATH": f"{folder}/java/bin", "LANG": "C.UTF-8", **free_ports()}
    return Place(root, {**usual, **environ})


def free_ports() -> dict[str, str]:
    """Ports for all services, below those that tests and Linux take by chance."""
    first = 10000 + (os.getpid() % 400) * 20
    names = ("WEB_PORT", "CASSANDRA_PORT", "CASSANDRA_STORAGE_PORT", "CASSANDRA_JMX_PORT", "SPARK_MASTER_PORT")
    return {
        name: str(first + number)
        for number, name in enumerate((*names, "SPARK_MASTER_UI_PORT", "SPARK_WORKER_UI_PORT"))
    }
