"""Write to `.env` what Compose needs to know of this machine: passwords, made once, and sizes, computed each time.

Compose can neither draw a password nor add two numbers, and reads no other file by itself.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cluster.env_file import read_env_file, written
from cluster.errors import ClusterError
from cluster.settings import Settings

HEAD = "# Computed by `make setup` and `make up` for Compose: change the variables above instead."
SIZES = "CONTAINER_"
DEFAULT_ID = 1000  # of the user in the containers when the caller is root, whom they must not run as
# MiB beside the heaps: Cassandra's memtables and caches; Spark's daemon, and the Python processes of driver or tasks
BESIDE_CASSANDRA, BESIDE_DRIVER, BESIDE_EXECUTOR = 2048, 2048, 2560


def write_env_file(settings: Settings) -> None:
    """Add the passwords that are missing, and replace the block of sizes; other lines stay as they are.

    Raises:
        ClusterError: the file cannot be written.
    """
    path = settings.root / ".env"
    values = read_env_file(path)
    try:
        lines = _lines(path)
        kept = [line for line in lines if line != HEAD and not line.startswith(SIZES)]
        while kept and not kept[-1].strip():
            kept.pop()
        made = [f"{name}={value}" for name, value in _passwords().items() if not values.get(name)]
        sizes = [f"{name}={written(value)}" for name, value in sizes_for(settings).items()]
        if [*kept, *made, "", HEAD, *sizes] != lines:
            _replace(path, "\n".join([*kept, *made, "", HEAD, *sizes]) + "\n")
    except OSError as error:
        raise ClusterError(f"{path} cannot be written ({error.strerror}).") from error


def _lines(path: Path) -> list[str]:
    """The lines of a file that may come from Windows, without their ends."""
    text = path.read_text(encoding="utf-8-sig") if path.exists() else ""  # \r\n is read as \n
    return text.removesuffix("\n").split("\n") if text else []


def _passwords() -> dict[str, object]:
    return {
        "APP_UID": os.getuid() or DEFAULT_ID,
        "APP_GID": os.getgid() or DEFAULT_ID,
        "CASSANDRA_USERNAME": "recommender",
        "CASSANDRA_PASSWORD": secrets.token_urlsafe(24),
        "CASSANDRA_ADMIN_PASSWORD": secrets.token_urlsafe(24),
        "API_KEY": secrets.token_urlsafe(24),
    }


def sizes_for(settings: Settings) -> dict[str, object]:
    """The variables of docker-compose.yml that follow from the settings."""
    memory, hosts = settings.memory, ["cassandra", *(f"cassandra-{n}" for n in range(2, settings.nodes + 1))]
    return {
        "CONTAINER_CPUS": os.cpu_count() or 1,
        "CONTAINER_DATA_DIR": settings.data_dir,
        "CONTAINER_CASSANDRA_HOSTS": ",".join(hosts),
        "CONTAINER_REPLICATION": settings.replication,
        "CONTAINER_CASSANDRA_HEAP": f"{memory.cassandra}m",
        "CONTAINER_CASSANDRA_LIMIT": f"{memory.cassandra + BESIDE_CASSANDRA}m",
        "CONTAINER_DRIVER_MEMORY": f"{memory.driver}m",
        "CONTAINER_MASTER_LIMIT": f"{memory.driver + BESIDE_DRIVER}m",
        "CONTAINER_EXECUTOR_MEMORY": f"{memory.executor}m",
        "CONTAINER_WORKER_LIMIT": f"{memory.executor + BESIDE_EXECUTOR}m",
        "CONTAINER_WORKER_CORES": settings.worker_cores,
        "CONTAINER_SHUFFLE_PARTITIONS": settings.shuffle_partitions,
    }


def _replace(path: Path, text: str) -> None:
    staged = path.with_name(".env.new")
    staged.touch(mode=0o600)  # before the passwords are in it
    staged.write_text(text, encoding="utf-8")
    staged.replace(path)
