"""Write to `.env` what Compose needs to know of this machine: passwords, made once, and sizes, computed each time.

Compose can neither draw a password nor add two numbers, and reads no other file by itself.
"""

from __future__ import annotations

import os

from cluster.env_file import written
from cluster.settings import Settings
from cluster.variables.drawn import complete, drawn

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
    sizes = [f"{name}={written(value)}" for name, value in sizes_for(settings).items()]
    complete(settings.root / ".env", _passwords(), [HEAD, *sizes], SIZES)


def _passwords() -> dict[str, object]:
    return {
        "APP_UID": os.getuid() or DEFAULT_ID,
        "APP_GID": os.getgid() or DEFAULT_ID,
        "CASSANDRA_USERNAME": "recommender",
        "CASSANDRA_PASSWORD": drawn(),
        "CASSANDRA_ADMIN_PASSWORD": drawn(),
        "API_KEY": drawn(),
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
